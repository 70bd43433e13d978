"""HUD's HMIS CSV format, FY2026, as data: 24 files, 519 columns, 1,166 codes, 124 row rules.

The CSV files beside this one are the single specification: it drives the tables, reading, checking and
writing. Sources: HUD's FY2026 machine-readable specification, as compared in `docs/hmis-format.md`.
FY2024 differs by 14 columns removed, 2 added and 1 renamed: `fy2024-columns.csv`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Literal

ColumnType = Literal["I", "S", "D", "T", "M"]
"""I integer, S text, D date (yyyy-mm-dd), T timestamp (yyyy-mm-dd hh:mm:ss), M money with two decimals."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one file, as HUD specifies it."""

    name: str
    """HUD's name, for example `RelationshipToHoH`."""
    attr: str
    """The same in snake case, as tables and rows call it: `relationship_to_hoh`."""
    type: ColumnType
    length: int | None
    """Most characters of a text column; None for other types."""
    not_negative: bool
    required: bool
    """True where HUD forbids null. Storage is nullable all the same: a real export breaks this often."""
    key: str
    """PK, GROUP, `FK->File.Column`, or empty."""
    lists: tuple[str, ...]
    """Numbers of the code lists; several when another column decides (conditions.csv, kind list_by)."""
    element: str
    """HUD data element number, for example `3.15.1`."""
    sensitive: str


@dataclass(frozen=True)
class File:
    """One of the 24 CSV files."""

    name: str
    table: str
    columns: tuple[Column, ...]

    @cached_property
    def key(self) -> Column:
        """The column that names a row within one source."""
        return next(column for column in self.columns if column.key == "PK")

    @cached_property
    def by_attr(self) -> dict[str, Column]:
        return {column.attr: column for column in self.columns}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


@dataclass(frozen=True, slots=True)
class CodeList:
    """One of HUD's numbered lists: code -> label."""

    number: str
    name: str
    codes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule on one column that looks at other columns or at the form of the value."""

    file: str
    column: str
    kind: str
    rule: str


@dataclass(frozen=True, slots=True)
class FormerColumn:
    """A column that FY2024 has and FY2026 does not, or calls differently."""

    file: str
    fy2024: str
    fy2026: str
    """The FY2026 name, empty where HUD removed the column."""


_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])")
# Where the plain rule would misread an abbreviation, or meet a name the hub needs for itself.
_READ_AS_ONE_WORD = {
    "HealthAndDVID": "HealthAndDvID",
    "HealthAndDV": "HealthAndDv",
    "User": "HmisUser",
    "SourceID": "HudSourceID",
}


def snake(name: str) -> str:
    """`RelationshipToHoH` -> `relationship_to_hoh`, `ProjectCoCID` -> `project_coc_id`."""
    words = _READ_AS_ONE_WORD.get(name, name).replace("CoC", "Coc").replace("HoH", "Hoh")
    return _WORD_STARTS.sub("_", words).lower()


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _column(row: dict[str, str]) -> Column:
    code = row["type"]
    kind: ColumnType = code[0]  # type: ignore[assignment]  # tests/hmis/test_spec.py holds the five letters
    return Column(
        name=row["column"],
        attr=snake(row["column"]),
        type=kind,
        length=int(code[1:]) if kind == "S" else None,
        not_negative=code == "M+",
        required=row["required"] == "yes",
        key=row["key"],
        lists=tuple(filter(None, row["list"].split("|"))),
        element=row["element"],
        sensitive=row["sensitive"],
    )


def _files() -> dict[str, File]:
    grouped: dict[str, list[Column]] = {}
    for row in _rows("tables.csv"):
        grouped.setdefault(row["file"], []).append(_column(row))
    return {name: File(name, snake(name), tuple(columns)) for name, columns in grouped.items()}


def _lists() -> dict[str, CodeList]:
    lists: dict[str, CodeList] = {}
    for row in _rows("lists.csv"):
        lists.setdefault(row["list"], CodeList(row["list"], row["name"], {})).codes[row["code"]] = row[
            "label"
        ]
    return lists


FILES: dict[str, File] = _files()
"""The 24 files by HUD's name, parents before children."""

LISTS: dict[str, CodeList] = _lists()
"""The code lists by HUD's number."""

CONDITIONS: tuple[Condition, ...] = tuple(
    Condition(row["file"], row["column"], row["kind"], row["rule"]) for row in _rows("conditions.csv")
)

FY2024: tuple[FormerColumn, ...] = tuple(
    FormerColumn(row["file"], row["fy2024"], row["fy2026"]) for row in _rows("fy2024-columns.csv")
)
