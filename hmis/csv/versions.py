"""Which of HUD's versions a file follows, and where each of its columns belongs.

FY2024 and FY2026 have the same 24 files. Sixteen columns differ: `hmis/spec/fy2024-columns.csv`. There was
no FY2025 format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hmis.csv.rules import Findings
from hmis.spec import FILES, FY2024
from hmis.tables import PARENTS

SUPPORTED = (2024, 2026)

_FY2026_ONLY = {("Client", "sex"), ("Enrollment", "mentalhealthconsultation")}
_FY2024_ONLY = {(former.file, former.fy2024.lower()) for former in FY2024}
_RENAMED = {(former.file, former.fy2024.lower()): former.fy2026 for former in FY2024 if former.fy2026}
_RETIRED = {(former.file, former.fy2024.lower()): former.fy2024 for former in FY2024 if not former.fy2026}
_BY_LOWER = {(file.name, column.name.lower()): column for file in FILES.values() for column in file.columns}


@dataclass(frozen=True, slots=True)
class Header:
    """What stands where in one file. `fields` has an entry a column of the file."""

    fields: tuple[str | None, ...]
    """The attr of the column, `RETIRED + name` for a retired FY2024 one, None for one that is not stored."""
    missing: frozenset[str]
    """The attrs of HUD's columns that the file lacks."""


RETIRED = "retired "
"""Marks an element that HUD removed with FY2026; its value is kept in `set_aside`, never in a column."""


def version_of_text(text: str | None) -> int | None:
    """`2026 v1.0` -> 2026. None where the text holds no year."""
    found = re.search(r"\d{4}", text or "")
    return int(found.group()) if found else None


def version_of_headers(headers: dict[str, Sequence[str]]) -> int | None:
    """The version that the columns of Client and Enrollment show. None where they show neither or both."""
    seen = {(file, name.strip().lower()) for file, names in headers.items() for name in names}
    newer, older = bool(seen & _FY2026_ONLY), bool(seen & _FY2024_ONLY)
    if newer == older:
        return None
    return 2026 if newer else 2024


def version(csv_version: str | None, headers: dict[str, Sequence[str]], findings: Findings) -> int:
    """The version of an archive. CSVVersion decides; the headers where it is silent.

    What can be told only from a known version is refused elsewhere, so an unknown one reads as FY2026 here.
    """
    said, shown = version_of_text(csv_version), version_of_headers(headers)
    if said is None and shown is not None:
        return shown
    if said not in SUPPORTED:
        findings.add("version-unknown", "Export", "CSVVersion")
        return SUPPORTED[-1]
    if shown is not None and shown != said:
        findings.add("version-disagrees", "Export", "CSVVersion")
    return said


def place(file: str, names: Sequence[str], version: int, findings: Findings) -> Header:
    """Find the columns of one file by their headers, trimmed and whatever their case."""
    fields: list[str | None] = []
    unknown = 0
    for name in names:
        found = _place_one(file, name.strip().lower(), version)
        unknown += found is None and bool(name.strip())
        fields.append(found)
    for attr, count in Counter(fields).items():
        if attr is not None and count > 1:
            column = FILES[file].by_attr.get(attr)
            findings.add("column-twice", file, column.name if column else attr.removeprefix(RETIRED))
    if unknown:
        # Counted, not named: a header we do not know may be a value, and what it holds may be citizenship.
        findings.add("column-unknown", file, count=unknown)
    return Header(tuple(fields), _missing(file, fields, version, findings))


def _place_one(file: str, name: str, version: int) -> str | None:
    if (column := _BY_LOWER.get((file, name))) is not None:
        return column.attr
    if (renamed := _RENAMED.get((file, name))) is not None:
        return FILES[file].by_name[renamed].attr
    if version == 2024 and (retired := _RETIRED.get((file, name))) is not None:
        return RETIRED + retired
    return None


def _missing(file: str, fields: Sequence[str | None], version: int, findings: Findings) -> frozenset[str]:
    absent = [column for column in FILES[file].columns if column.attr not in fields]
    needed = {FILES[file].key.attr, *(attr for _, attr in PARENTS.get(file, ()))}
    for column in absent:
        if column.attr in needed:
            findings.add("key-column-missing", file, column.name)
        elif version == 2026 or (file, column.name.lower()) not in _FY2026_ONLY:
            findings.add("column-missing", file, column.name)
    return frozenset(column.attr for column in absent)
