"""Checking the rows of one file against HUD's specification, a frame at a time.

Nothing here decides that a row is not stored, except that it has no key. A value no column can hold is set
aside by its column's name, so that nothing the file said is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from hmis.csv import values
from hmis.csv.conditions import FORMATS, Check, checks
from hmis.csv.reading import LINE
from hmis.csv.rules import EXAMPLES, Findings
from hmis.csv.versions import RETIRED, Header
from hmis.spec import FILES, LISTS, Column

SET_ASIDE = "set_aside"

# An index entry of PostgreSQL holds 2,704 bytes, and some of ours hold two keys.
_KEY_BYTES = 500
_TEXT_BYTES = 2_000

_COC_LIST = "2.03.1"
_COC_FORM = "two letters, dash, 3 digits"
# Written by hand of the client's life or of the record's; the others may lie in the future.
_PAST = {
    "EntryDate", "ExitDate", "InformationDate", "DateProvided", "DOB", "DateCreated", "DateUpdated",
    "DateDeleted", "AssessmentDate", "EventDate", "ResultDate", "DateOfEngagement", "MoveInDate",
    "DateOfPATHStatus", "DateToStreetESSH",
}  # fmt: skip
_HASHED = {("Client", name) for name in ("FirstName", "MiddleName", "LastName", "NameSuffix", "SSN")}


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What Export.csv says that the checks of every other file need."""

    exported_on: str
    """The day of the export, ISO; nothing that has happened can be later."""
    hashed: bool
    """HashStatus other than 1: names and SSN are no names and no SSN."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows as COPY takes them, in the order of `Checker.columns`."""

    csv: bytes
    rows: int


class Checker:
    """Checks and types the frames of one file."""

    def __init__(self, file: str, header: Header, facts: ExportFacts, findings: Findings) -> None:
        self._file = FILES[file]
        self._header = header
        self._findings = findings
        self._year = int(facts.exported_on[:4])
        self._present = [column for column in self._file.columns if column.attr not in header.missing]
        self._checks = [
            check
            for check in self._all_checks(facts)
            if check.column not in header.missing
            and not (facts.hashed and (file, self._file.by_attr[check.column].name) in _HASHED)
        ]
        self.columns = [*(column.attr for column in self._file.columns), SET_ASIDE, LINE]
        self.left_out = 0
        """Rows without a key."""

    def check(self, raw: pl.DataFrame) -> Checked:
        """Type the values of a frame, note what is wrong with it, and hand back what to store."""
        aside = [
            _fragment(name.removeprefix(RETIRED), pl.col(name))
            for name in self._header.fields
            if name is not None and name.startswith(RETIRED)
        ]
        frame = self._with_keys(self._of_storable_size(self._named(raw), aside))
        frame = self._typed(frame, aside)
        self._look_for_faults(frame)
        if aside:
            inner = pl.concat_str(aside, separator=",", ignore_nulls=True)
            whole = pl.when(inner != "").then(pl.concat_str(pl.lit("{"), inner, pl.lit("}")))
            frame = frame.with_columns(whole.alias(SET_ASIDE))
        else:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(SET_ASIDE))
        out = BytesIO()
        frame.select(self.columns).write_csv(out, include_header=False)
        return Checked(out.getvalue(), frame.height)

    def _named(self, raw: pl.DataFrame) -> pl.DataFrame:
        named = [
            pl.col(str(at)).alias(attr) for at, attr in enumerate(self._header.fields) if attr is not None
        ]
        absent = [pl.lit(None, pl.String).alias(attr) for attr in sorted(self._header.missing)]
        return raw.select(*named, *absent, LINE)

    def _of_storable_size(self, frame: pl.DataFrame, aside: list[pl.Expr]) -> pl.DataFrame:
        """Texts that no index of PostgreSQL could hold are set aside. HUD's longest has 500 characters."""
        texts = [column for column in self._present if column.type == "S"]
        huge = {
            column.attr: pl.col(column.attr).str.len_bytes() > (_KEY_BYTES if column.key else _TEXT_BYTES)
            for column in texts
        }
        counts = frame.lazy().select(expr.sum().alias(attr) for attr, expr in huge.items()).collect()
        for column in texts:
            if counts[column.attr].item():
                self._note("text-oversized", column, frame, huge[column.attr])
                frame = self._set_aside(frame, column, huge[column.attr], aside)
        return frame

    def _set_aside(
        self, frame: pl.DataFrame, column: Column, where: pl.Expr, aside: list[pl.Expr]
    ) -> pl.DataFrame:
        """Take values out of a column and keep them beside the row."""
        kept, own = f"{RETIRED}{column.name}", pl.col(column.attr)
        aside.append(_fragment(column.name, pl.col(kept)))
        return frame.with_columns(
            pl.when(where).then(own).alias(kept),
            pl.when(where.not_().fill_null(value=False)).then(own).alias(column.attr),
        )

    def _with_keys(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Keys without blanks around them, and no row without its own."""
        keys = [column for column in self._present if column.key and column.type == "S"]
        bare = {column.attr: pl.col(column.attr).str.strip_chars() for column in keys}
        for column in keys:
            self._note("key-trimmed", column, frame, pl.col(column.attr) != bare[column.attr])
        frame = frame.with_columns(pl.when(text != "").then(text).alias(attr) for attr, text in bare.items())
        key = pl.col(self._file.key.attr)
        keyless = frame.select(key.is_null().sum()).item()
        if keyless:
            self._note("key-missing", self._file.key, frame, key.is_null())
            self.left_out += keyless
            frame = frame.filter(key.is_not_null())
        return frame

    def _typed(self, frame: pl.DataFrame, aside: list[pl.Expr]) -> pl.DataFrame:
        typed = [column for column in self._present if column.type != "S"]
        odd = {
            column.attr: pl.col(column.attr).is_not_null()
            & ~values.is_strict(column.type, pl.col(column.attr))
            for column in typed
        }
        counts = frame.lazy().select(expr.sum().alias(attr) for attr, expr in odd.items()).collect()
        for column in typed:
            if counts[column.attr].item():
                frame = self._read_odd(frame, column, odd[column.attr], aside)
        whole = [column.attr for column in self._file.columns if column.type == "I"]
        return frame.with_columns(pl.col(whole).cast(pl.Int32, strict=False))

    def _read_odd(
        self, frame: pl.DataFrame, column: Column, odd: pl.Expr, aside: list[pl.Expr]
    ) -> pl.DataFrame:
        """Read what is not as HUD asks: in another form, or not at all."""
        family, read = values.READ[column.type]
        texts: list[str] = frame.filter(odd).get_column(column.attr).unique().to_list()
        readings = {raw: read(raw) for raw in texts}
        unreadable = [raw for raw, reading in readings.items() if reading is None and raw.strip()]
        own = pl.col(column.attr)
        self._note(f"{family}-unreadable", column, frame, own.is_in(unreadable))
        self._note(
            f"{family}-form", column, frame, own.is_in([r for r, v in readings.items() if v is not None])
        )
        if unreadable:
            frame = self._set_aside(frame, column, own.is_in(unreadable), aside)
        understood = own.replace_strict(
            list(readings), list(readings.values()), default=None, return_dtype=pl.String
        )
        return frame.with_columns(pl.when(odd).then(understood).otherwise(own).alias(column.attr))

    def _look_for_faults(self, frame: pl.DataFrame) -> None:
        frame = frame.with_columns(pl.lit(self._year, pl.Int32).alias("export_year"))
        broken = [self._broken(check, frame) for check in self._checks]
        counts = (
            frame.lazy().select(expr.sum().alias(str(at)) for at, expr in enumerate(broken)).collect().row(0)
        )
        for check, expr, count in zip(self._checks, broken, counts, strict=True):
            if count:
                lines = frame.lazy().filter(expr).select(LINE).head(EXAMPLES).collect()[LINE].to_list()
                name = self._file.by_attr[check.column].name
                self._findings.add(check.rule, self._file.name, name, lines=lines, count=count, **check.facts)

    def _broken(self, check: Check, frame: pl.DataFrame) -> pl.Expr:
        aside = f"{RETIRED}{self._file.by_attr[check.column].name}"
        broken = check.broken.fill_null(value=False)
        if check.rule in ("value-missing", "value-expected") and aside in frame.columns:
            # What could not be read is not missing; one finding is enough.
            return broken & pl.col(aside).is_null()
        return broken

    def _note(self, rule: str, column: Column, frame: pl.DataFrame, where: pl.Expr) -> None:
        lines = frame.lazy().filter(where.fill_null(value=False)).select(LINE).collect()[LINE]
        if lines.len():
            self._findings.add(
                rule, self._file.name, column.name, lines=lines.head(EXAMPLES).to_list(), count=lines.len()
            )

    def _all_checks(self, facts: ExportFacts) -> Iterator[Check]:
        for column in self._file.columns:
            yield from self._column_checks(column, facts)
        yield from checks(self._file.name)

    def _column_checks(self, column: Column, facts: ExportFacts) -> Iterator[Check]:
        own = pl.col(column.attr)
        if column.required and column.key != "PK":
            yield Check("value-missing", column.attr, self._missing(column), {})
        if column.length is not None:
            too_long = own.str.len_chars() > column.length
            yield Check("text-too-long", column.attr, too_long, {"length": str(column.length)})
        if column.not_negative:
            yield Check("money-negative", column.attr, own.str.starts_with("-"), {})
        if column.name in _PAST:
            # As text: a timestamp on the day of the export begins with that day and is no later than `~`.
            late = own > (facts.exported_on if column.type == "D" else f"{facts.exported_on}~")
            yield Check("date-after-export", column.attr, late, {})
        if len(column.lists) == 1:
            yield from _code_checks(column, column.lists[0])

    def _missing(self, column: Column) -> pl.Expr:
        own = pl.col(column.attr).is_null()
        if column.name == "EnrollmentCoC":
            # HUD's own sample leaves it blank for everybody but the head of the household.
            return own & (pl.col("relationship_to_hoh") == 1)
        return own


def _code_checks(column: Column, number: str) -> Iterator[Check]:
    own = pl.col(column.attr)
    codes = LISTS[number].codes
    if column.type == "I":
        unlisted = ~own.is_in([int(code) for code in codes])
        yield Check("code-not-in-list", column.attr, unlisted, {"list": number})
        return
    unlisted = ~own.is_in(list(codes))
    if number != _COC_LIST:
        yield Check("code-not-in-list", column.attr, unlisted, {"list": number})
        return
    formed = own.str.contains(FORMATS[_COC_FORM])
    yield Check("coc-not-in-list", column.attr, unlisted & formed, {})
    if column.name != "CoCCode" or column.key:
        yield Check("format", column.attr, ~formed, {"form": _COC_FORM})


def _fragment(name: str, text: pl.Expr) -> pl.Expr:
    """`"DateUpdated":"03-11-21"` where there is something to set aside, null elsewhere."""
    json = pl.struct(text.alias(name)).struct.json_encode()
    return pl.when(text.is_not_null()).then(json.str.strip_prefix("{").str.strip_suffix("}"))
