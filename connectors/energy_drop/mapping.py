"""From the drop's bytes to rows that can be landed, and findings about those that cannot."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import orjson

from connectors.energy_drop.layout import (
    BENEFIT_COLUMNS,
    BENEFITS,
    HOUSEHOLDS,
    KINDS,
    MANIFEST,
    MEMBER_COLUMNS,
    Benefit,
    Finding,
    Member,
)
from connectors.mapping import Unreadable, convert
from connectors.supply import Field

_NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
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
    return manifest if named and files.keys() == {HOUSEHOLDS, BENEFITS} else None


def not_a_manifest() -> Batch:
    return Batch((), (), (Finding(MANIFEST, "manifest"),), refused=True)


def safe_name(named: str) -> str:
    """A drop's name as it may stand in a file name and in our log."""
    return named if _NAMED.fullmatch(named) else "unnamed"


def read_batch(manifest: DropManifest, contents: Mapping[str, bytes | None], fuel: Field) -> Batch:
    """Check the files against the manifest, then each row. contents: file name -> bytes, None = not there.

    A file that is not what the manifest promised refuses the whole drop: half of a picture would make
    households vanish. A bad row is left out and reported.
    """
    findings = [
        finding for name, content in contents.items() for finding in _against(manifest, name, content)
    ]
    if findings:
        return Batch((), (), tuple(findings), refused=True)
    reading = _Reading(fuel)
    members = reading.rows(HOUSEHOLDS, contents[HOUSEHOLDS] or b"", MEMBER_COLUMNS, reading.member)
    reading.households = {member.household_id for member in members}
    benefits = reading.rows(BENEFITS, contents[BENEFITS] or b"", BENEFIT_COLUMNS, reading.benefit)
    if not reading.refused:
        for name, declared in manifest.files.items():
            if reading.counted[name] != declared.rows:
                reading.refuse(Finding(name, "row_count"))
    if reading.refused:
        return Batch((), (), tuple(reading.findings), refused=True)
    return Batch(tuple(members), tuple(benefits), tuple(reading.findings), refused=False)


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

    def __init__(self, fuel: Field) -> None:
        self.findings: list[Finding] = []
        self.counted: Counter[str] = Counter()
        self.households: set[str] = set()
        self.refused = False
        self._fuel = fuel

    def refuse(self, finding: Finding) -> None:
        self.findings.append(finding)
        self.refused = True

    def rows(
        self, file: str, content: bytes, columns: tuple[str, ...], read: Callable[[_Cells], Row]
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
                    good.append(read(_Cells(header, cells)))
                except _Bad as bad:
                    self.findings.append(Finding(file, bad.rule, number, bad.column))
        except UnicodeDecodeError:
            self.refuse(Finding(file, "encoding"))
        except csv.Error:
            self.refuse(Finding(file, "csv"))
        return good

    def member(self, cells: _Cells) -> Member:
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

    def benefit(self, cells: _Cells) -> Benefit:
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


class _Cells:
    """One row, cell by cell. Every reading either gives a value or names the rule that was broken."""

    def __init__(self, header: list[str], cells: list[str]) -> None:
        if len(cells) != len(header):
            raise _Bad("cells")
        self._cells = dict(zip(header, cells, strict=True))

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

    def mapped(self, column: str, field: Field) -> str | None:
        value = self.text(column)
        try:
            code = convert(field, value and value.upper().replace(" ", "_"))
        except Unreadable:
            raise _Bad("code", column) from None
        return None if code is None else str(code)

    def flag(self, column: str) -> bool | None:
        value = (self.text(column) or "").lower()
        if value not in _FLAGS:
            raise _Bad("flag", column)
        return _FLAGS[value]
