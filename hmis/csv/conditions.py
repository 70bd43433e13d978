"""HUD's row rules (`hmis/spec/conditions.csv`) as Polars expressions.

The rules are written for people: `(RecordType = 144 and TypeProvided = 6) Or (...)`. Those that a row can
answer by itself are read here; those that need another file are in `hmis/csv/crossfile.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import polars as pl

from hmis.spec import CONDITIONS, FILES, LISTS, Condition

_TOKEN = re.compile(r"\s*(\(|\)|,|<>|=|[A-Za-z][A-Za-z0-9_.]*|\d+)")

FORMATS = {
    "10 digits, no punctuation": r"^[0-9]{10}$",
    "1-5 digits": r"^[0-9]{1,5}$",
    "e-mail": r"^[^@\s]+@[^@\s]+$",
    "6 digits": r"^[0-9]{6}$",
    "5 digits": r"^[0-9]{5}$",
    "USPS two letters": r"^[A-Z]{2}$",
    "two letters, dash, 3 digits": r"^[A-Z]{2}-[0-9]{3}$",
}
_SSN = ("9 characters, digits or x", r"^[0-9xX]{9}$")

# Rules in prose, said again in the language of the others.
_SAID_AGAIN = {
    ("Client", "RaceNone"): " and ".join(
        f"{race} in (0, 99)"
        for race in (
            "AmIndAKNative", "Asian", "BlackAfAmerican", "HispanicLatinao", "MidEastNAfrican",
            "NativeHIPacific", "White",
        )
    ),
    ("Exit", "AftercareProvided"): "AftercareDate is not null",
}  # fmt: skip
NEEDS_PROJECT = {
    ("Inventory", "Availability"),
    ("Inventory", "ESBedType"),
    ("CurrentLivingSituation", "VerifiedBy"),
}
"""Rules about the type of the project, which stands in another file."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look for in every row of a file."""

    rule: str
    column: str
    """attr of the column the finding names"""
    broken: pl.Expr
    """True where the row breaks the rule. Null counts as false."""
    facts: dict[str, str]


class _Parser:
    """`A = 1 and (B in (1, 2) or C is not null)` over the columns of one file."""

    def __init__(self, rule: str, file: str) -> None:
        self._tokens = _TOKEN.findall(rule)
        self._file = FILES[file]
        self._at = 0

    def parse(self) -> pl.Expr:
        expression = self._either()
        if self._at != len(self._tokens):
            raise ValueError(f"unread: {self._tokens[self._at :]}")
        return expression

    def _peek(self) -> str:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token: str = self._tokens[self._at]
        if expected and token.lower() != expected:
            raise ValueError(f"{expected} expected, {token} found")
        self._at += 1
        return token

    def _either(self) -> pl.Expr:
        terms = [self._both()]
        while self._peek() == "or":
            self._take()
            terms.append(self._both())
        return reduce(or_, terms)

    def _both(self) -> pl.Expr:
        terms = [self._one()]
        while self._peek() == "and":
            self._take()
            terms.append(self._one())
        return reduce(and_, terms)

    def _one(self) -> pl.Expr:
        if self._peek() == "(":
            self._take("(")
            inner = self._either()
            self._take(")")
            return inner
        column = pl.col(self._file.by_name[self._take()].attr)
        word = self._take().lower()
        if word == "is":
            self._take("not")
            self._take("null")
            return column.is_not_null()
        if word == "in":
            return column.is_in(list(self._numbers()))
        if word in ("=", "<>"):
            number = int(self._take())
            return column == number if word == "=" else (column != number)
        raise ValueError(f"= or in expected, {word} found")

    def _numbers(self) -> Iterator[int]:
        self._take("(")
        while self._peek() != ")":
            yield int(self._take())
            if self._peek() == ",":
                self._take(",")
        self._take(")")


def holds(rule: str, file: str) -> pl.Expr:
    """True where the rule holds; false where it does not or a value it needs is missing."""
    return _Parser(rule, file).parse().fill_null(value=False)


def _codes(number: str) -> list[int]:
    return [int(code) for code in LISTS[number].codes]


def _null_unless(condition: Condition, attr: str) -> Iterator[Check]:
    rule, _, rest = condition.rule.partition(";")
    rule = _SAID_AGAIN.get((condition.file, condition.column), rule)
    stated = {"condition": condition.rule.partition(";")[0]}
    yield Check("value-not-expected", attr, pl.col(attr).is_not_null() & ~holds(rule, condition.file), stated)
    if "> 0" in rest:
        yield Check("out-of-range", attr, pl.col(attr) <= 0, {"range": "more than 0"})


def _required_if(condition: Condition, attr: str) -> Iterator[Check]:
    rule = re.split(r"[:(]\s*(?=CoC|0 when)", condition.rule)[0].strip()
    yield Check(
        "value-expected", attr, pl.col(attr).is_null() & holds(rule, condition.file), {"condition": rule}
    )


def _not_in(condition: Condition, attr: str) -> Iterator[Check]:
    codes = [int(code) for code in condition.rule.split(",")]
    yield Check("code-not-allowed", attr, pl.col(attr).is_in(codes), {})


def _range(condition: Condition, attr: str) -> Iterator[Check]:
    column = pl.col(attr)
    facts = {"range": condition.rule}
    if condition.rule == "integer > 0":
        yield Check("out-of-range", attr, column <= 0, facts)
    elif condition.rule.startswith("1920"):
        # The current year is the export's, so that a file means the same whenever it is read.
        yield Check("out-of-range", attr, (column < 1920) | (column > pl.col("export_year")), facts)
    else:
        exit_day = pl.col("exit_date").str.to_date("%Y-%m-%d", strict=False)
        days = (column.str.to_date("%Y-%m-%d", strict=False) - exit_day).dt.total_days()
        yield Check("out-of-range", attr, (days < 0) | (days > 180), facts)


def _format(condition: Condition, attr: str) -> Iterator[Check]:
    form, pattern = (condition.rule, FORMATS.get(condition.rule, ""))
    if condition.column == "SSN":
        form, pattern = _SSN
    yield Check("format", attr, ~pl.col(attr).str.contains(pattern), {"form": form})


def _one_of(condition: Condition, attr: str) -> Iterator[Check]:
    """`(1,2) if A = 1; (11,12) if A = 2; null otherwise`"""
    allowed = [
        pl.col(attr).is_in([int(code) for code in codes.split(",")]) & holds(rule, condition.file)
        for codes, rule in re.findall(r"\(([\d,\s]+)\) if ([^;]+)", condition.rule)
    ]
    yield Check(
        "value-not-expected",
        attr,
        pl.col(attr).is_not_null() & ~reduce(or_, allowed),
        {"condition": condition.rule},
    )


def _list_by(condition: Condition, attr: str) -> Iterator[Check]:
    """`RecordType 141 -> P1.2; 142 -> R14.2`, `DisabilityType = 10 -> 4.10.2; otherwise 1.8`, or both."""
    column = pl.col(attr)
    always = pl.lit(value=True)
    decider = ""
    chosen = pl.lit(value=False)
    for part in condition.rule.split(";"):
        if found := re.fullmatch(r"\s*otherwise (\S+)\s*", part):
            unlisted = ~chosen & ~column.is_in(_codes(found[1]))
            yield Check("code-not-in-list", attr, unlisted, {"list": found[1]})
        elif found := re.fullmatch(r"\s*(?:(.*) and )?(?:(\w+) =? ?)?(\d+) -> (\S+)\s*", part):
            if found[1]:
                always = holds(found[1], condition.file)
            decider = found[2] or decider
            here = always & holds(f"{decider} = {found[3]}", condition.file)
            chosen = chosen | here
            yield Check("code-not-in-list", attr, here & ~column.is_in(_codes(found[4])), {"list": found[4]})
        else:
            stated = {"condition": "another column chooses a list for it"}
            yield Check("value-not-expected", attr, column.is_not_null() & ~chosen, stated)


_KINDS = {
    "null_unless": _null_unless,
    "required_if": _required_if,
    "not_in": _not_in,
    "range": _range,
    "format": _format,
    "one_of": _one_of,
    "list_by": _list_by,
}


def checks(file: str) -> Iterator[Check]:
    """What HUD's row rules ask of every row of a file, over columns of integers and ISO text."""
    for condition in CONDITIONS:
        if condition.file != file or (file, condition.column) in NEEDS_PROJECT:
            continue
        if kind := _KINDS.get(condition.kind):
            yield from kind(condition, FILES[file].by_name[condition.column].attr)
