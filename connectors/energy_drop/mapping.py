"""From the drop's bytes to rows that can be landed, and findings about those that cannot."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import orjson

from connectors.energy_drop.addresses import one_address
from connectors.energy_drop.layout import (
    BENEFIT_COLUMNS,
    BENEFITS,
    HOUSEHOLDS,
    KINDS,
    MANIFEST,
    MEMBER_COLUMNS,
    PAYMENT_COLUMNS,
    PAYMENTS,
    TENANT,
    TOKEN_COLUMNS,
    TOKENS,
    Benefit,
    Finding,
    Member,
    Payment,
    Token,
)
from connectors.mapping import Unreadable, convert
from connectors.supply import Field

_NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOKEN = re.compile(r"[0-9a-f]{64}")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_AMOUNT = re.compile(r"\d{1,10}(\.\d{1,2})?")
_FLAGS = {
    "": None,
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
}
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Declared:
    """What the manifest says of one file."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DropManifest:
    """manifest.json, read. content_sha256 tells drops apart by their day and files, not by their name."""

    batch: str
    day: date
    files: Mapping[str, Declared]

    @property
    def content_sha256(self) -> str:
        parts = [self.day.isoformat(), *(f"{name}:{self.files[name].sha256}" for name in sorted(self.files))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """A drop, read and checked. refused: nothing of it may be taken."""

    members: tuple[Member, ...]
    benefits: tuple[Benefit, ...]
    findings: tuple[Finding, ...]
    refused: bool
    payments: tuple[Payment, ...] = ()
    tokens: tuple[Token, ...] = ()

    @property
    def rules(self) -> dict[str, int]:
        return dict(Counter(finding.rule for finding in self.findings))


def read_drop_manifest(content: bytes) -> DropManifest | None:
    """None = it is not a manifest of a drop."""
    try:
        data: Any = orjson.loads(content)
        files = {one["name"]: Declared(int(one["rows"]), str(one["sha256"]).lower()) for one in data["files"]}
        manifest = DropManifest(str(data["batch"]), date.fromisoformat(data["date"]), files)
    except (ValueError, KeyError, TypeError):
        return None
    # The batch's name becomes a file name of ours on the partner's server.
    named = _NAMED.fullmatch(manifest.batch) is not None
    laid_out = files.keys() - {PAYMENTS, TOKENS} == {HOUSEHOLDS, BENEFITS}
    return manifest if named and laid_out else None


def not_a_manifest() -> Batch:
    return Batch((), (), (Finding(MANIFEST, "manifest"),), refused=True)


def safe_name(named: str) -> str:
    """A drop's name as it may stand in a file name and in our log."""
    return named if _NAMED.fullmatch(named) else "unnamed"


def read_batch(
    manifest: DropManifest, contents: Mapping[str, bytes | None], fuel: Field, payment: Field
) -> Batch:
    """Check the files against the manifest, then each row. contents: file name -> bytes, None = not there.

    A file that is not what the manifest promised refuses the whole drop: half of a picture would make
    households vanish. A bad row is left out and reported.
    """
    findings = [
        finding for name, content in contents.items() for finding in _against(manifest, name, content)
    ]
    if findings:
        return Batch((), (), tuple(findings), refused=True)
    reading = _Reading(fuel, payment)
    members = reading.rows(HOUSEHOLDS, contents[HOUSEHOLDS] or b"", MEMBER_COLUMNS, reading.member)
    reading.settle(members)
    benefits = reading.rows(BENEFITS, contents[BENEFITS] or b"", BENEFIT_COLUMNS, reading.benefit)
    payments: list[Payment] = []
    if PAYMENTS in contents:
        payments = reading.rows(PAYMENTS, contents[PAYMENTS] or b"", PAYMENT_COLUMNS, reading.payment)
    tokens: list[Token] = []
    if TOKENS in contents:
        tokens = reading.rows(TOKENS, contents[TOKENS] or b"", TOKEN_COLUMNS, reading.token)
    if not reading.refused:
        for name, declared in manifest.files.items():
            if reading.counted[name] != declared.rows:
                reading.refuse(Finding(name, "row_count"))
    if reading.refused:
        return Batch((), (), tuple(reading.findings), refused=True)
    return Batch(
        tuple(members), tuple(benefits), tuple(reading.findings), False, tuple(payments), tuple(tokens)
    )


def _against(manifest: DropManifest, name: str, content: bytes | None) -> list[Finding]:
    if content is None:
        return [Finding(name, "missing")]
    if hashlib.sha256(content).hexdigest() != manifest.files[name].sha256:
        return [Finding(name, "sha256")]
    return []


class _Bad(Exception):
    """A cell breaks a rule."""

    def __init__(self, rule: str, column: str | None = None) -> None:
        self.rule, self.column = rule, column


class _Reading:
    """One drop being read; collects findings as it goes."""

    def __init__(self, fuel: Field, payment: Field) -> None:
        self.findings: list[Finding] = []
        self.counted: Counter[str] = Counter()
        self.households: set[str] = set()
        self.refused = False
        self._homes: dict[str, set[str]] = {}
        self._fuel = fuel
        self._payment = payment

    def settle(self, members: Iterable[Member]) -> None:
        """Which households there are, and who lives where."""
        for member in members:
            self.households.add(member.household_id)
            if home := one_address(member.address, zip5=member.zip):
                self._homes.setdefault(home, set()).add(member.household_id)

    def refuse(self, finding: Finding) -> None:
        self.findings.append(finding)
        self.refused = True

    def rows(
        self, file: str, content: bytes, columns: tuple[str, ...], read: Callable[[Cells], Row]
    ) -> list[Row]:
        good: list[Row] = []
        try:
            lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
            header = [cell.strip().lower() for cell in next(lines, [])]
            for missing in (column for column in columns if column not in header):
                self.refuse(Finding(file, "column", 1, missing))
            if self.refused:
                return []
            for number, cells in enumerate(lines, 2):
                if not cells:
                    continue
                self.counted[file] += 1
                try:
                    good.append(read(Cells(header, cells, number)))
                except _Bad as bad:
                    self.findings.append(Finding(file, bad.rule, number, bad.column))
        except UnicodeDecodeError:
            self.refuse(Finding(file, "encoding"))
        except csv.Error:
            self.refuse(Finding(file, "csv"))
        return good

    def member(self, cells: Cells) -> Member:
        return Member(
            household_id=cells.required("household_id"),
            first_name=cells.text("first_name"),
            last_name=cells.text("last_name"),
            dob=cells.day("dob"),
            address=cells.text("address"),
            city=cells.text("city"),
            state=cells.text("state"),
            zip=cells.text("zip"),
        )

    def benefit(self, cells: Cells) -> Benefit:
        household = cells.required("household_id")
        if household not in self.households:
            raise _Bad("household", "household_id")
        day = cells.day("benefit_date")
        if day is None:
            raise _Bad("required", "benefit_date")
        return Benefit(
            household_id=household,
            benefit_date=day,
            kind=cells.code("kind", KINDS),
            amount=cells.amount("amount"),
            heating_fuel=cells.mapped("heating_fuel", self._fuel),
            vendor=cells.text("vendor"),
            account=cells.text("account"),
            restored=cells.flag("restored"),
            prevented=cells.flag("prevented"),
        )

    def token(self, cells: Cells) -> Token:
        household = cells.required("household_id")
        if household not in self.households:
            raise _Bad("household", "household_id")
        made = cells.required("token").lower()
        if _TOKEN.fullmatch(made) is None:
            raise _Bad("token", "token")
        return Token(household, made)

    def payment(self, cells: Cells) -> Payment:
        """Of a tenant who can only be one household's: an address is all that tells whose it is."""
        if cells.word("payee type") != TENANT:
            raise _Bad("payee", "payee type")
        lines = (cells.text(f"address line {number}") for number in (1, 2, 3))
        living = self._homes.get(one_address(*lines, zip5=cells.text("zip5")) or "", set())
        if len(living) != 1:
            raise _Bad("address", "address line 1")
        (household,) = living
        begins = cells.american_day("start date covered by the payment")
        ends = cells.american_day("end date covered by the payment")
        if ends < begins:
            raise _Bad("period", "end date covered by the payment")
        return Payment(
            household_id=household,
            number=cells.number,
            paid_on=cells.american_day("date of payment"),
            amount=cells.amount("amount of payment"),
            kind=cells.mapped("type of assistance covered by the payment", self._payment) or "OTHER",
            covers_from=begins,
            covers_to=ends,
        )


class Cells:
    """One row, cell by cell. Every reading either gives a value or names the rule that was broken."""

    def __init__(self, header: list[str], cells: list[str], number: int) -> None:
        if len(cells) != len(header):
            raise _Bad("cells")
        self._cells = dict(zip(header, cells, strict=True))
        self.number = number

    def text(self, column: str) -> str | None:
        value = self._cells[column].strip()
        if len(value) > 200 or any(ord(sign) < 32 for sign in value):
            raise _Bad("text", column)
        return value or None

    def required(self, column: str) -> str:
        value = self.text(column)
        if value is None:
            raise _Bad("required", column)
        return value

    def day(self, column: str) -> date | None:
        value = self.text(column)
        if value is None:
            return None
        try:
            return date.fromisoformat(value if len(value) == 10 else "")
        except ValueError:
            raise _Bad("date", column) from None

    def american_day(self, column: str) -> date:
        """As spreadsheets write it, 3/31/2026, or ISO."""
        value = self.required(column)
        parts = _AMERICAN.fullmatch(value)
        try:
            return date(int(parts[3]), int(parts[1]), int(parts[2])) if parts else date.fromisoformat(value)
        except ValueError:
            raise _Bad("date", column) from None

    def amount(self, column: str) -> Decimal:
        value = self.required(column)
        if _AMOUNT.fullmatch(value) is None:
            raise _Bad("amount", column)
        return Decimal(value)

    def code(self, column: str, codes: tuple[str, ...]) -> str:
        value = self.required(column).upper()
        if value not in codes:
            raise _Bad("code", column)
        return value

    def word(self, column: str) -> str | None:
        """A text as a code: `Financial Assistance: Rent` is RENT."""
        value = self.text(column)
        return value and re.sub(r"[^A-Z0-9]+", "_", value.rpartition(":")[2].strip().upper())

    def mapped(self, column: str, field: Field) -> str | None:
        try:
            code = convert(field, self.word(column))
        except Unreadable:
            raise _Bad("code", column) from None
        return None if code is None else str(code)

    def flag(self, column: str) -> bool | None:
        value = (self.text(column) or "").lower()
        if value not in _FLAGS:
            raise _Bad("flag", column)
        return _FLAGS[value]
