"""What is in an archive, settled before the first row is stored: its files, version and Export row.

Every structural fault is looked for before anything is refused, so that a data team mends them all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from hmis.csv import values
from hmis.csv.absence import FULL_REFRESH, REPORTING_PERIOD, Period
from hmis.csv.archive import Archive
from hmis.csv.checking import ExportFacts
from hmis.csv.reading import LINE, CsvFile
from hmis.csv.rules import Findings
from hmis.csv.versions import SUPPORTED, Header, place, version, version_of_text
from hmis.spec import FILES

_PLAIN = "1"
"""HashStatus 1: unhashed (HUD list 1.5)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An archive that may be imported."""

    version: int
    headers: dict[str, Header]
    """By HUD's file name, in HUD's order; only files that are there and not empty."""
    facts: ExportFacts
    full_refresh_of: Period | None
    """The period in which absence means removal. None where absence says nothing."""


def plan(archive: Archive, today: date, findings: Findings) -> Plan:
    """Look over the archive.

    Raises:
        ArchiveRefused: with every structural fault there is.
    """
    # Users first: every other file names them.
    files = sorted(archive.members, key=lambda file: file not in ("Export", "User"))
    names = {file: names for file in files if (names := _header(archive, file, findings))}
    for file in FILES:
        if file not in names and file != "Export":
            findings.add("file-missing", file)
    rows = _export_rows(archive, names.get("Export"), findings)
    latest = rows[-1] if rows else {}
    found = version(latest.get("csv_version"), dict(names), findings) if rows else SUPPORTED[-1]
    headers = {file: place(file, header, found, findings) for file, header in names.items()}
    if not rows:
        findings.add("export-missing", "Export")
    findings.refuse_if_faulty()
    _note_disagreement(rows, findings)
    facts = ExportFacts(
        exported_on=_day(latest.get("export_date")) or today.isoformat(),
        hashed=any(row.get("hash_status") not in (None, _PLAIN) for row in rows),
    )
    return Plan(found, headers, facts, _full_refresh(rows, findings))


def _header(archive: Archive, file: str, findings: Findings) -> Sequence[str]:
    # Noted again, with everything else, when the file is read whole.
    unheard = Findings()
    head = archive.head(file, findings)
    names = CsvFile([head], file, unheard).header if head else []
    if not names and head.strip():
        findings.add("header-missing", file)
    return names


def _export_rows(
    archive: Archive, names: Sequence[str] | None, findings: Findings
) -> list[dict[str, str | None]]:
    """The rows of Export.csv as text, the latest by ExportDate last."""
    if names is None:
        return []
    unheard = Findings()
    header = place("Export", names, SUPPORTED[-1], unheard)
    at = {attr: str(position) for position, attr in enumerate(header.fields) if attr is not None}
    reader = CsvFile(archive.read("Export", findings), "Export", unheard)
    frames = [frame.drop(LINE) for frame in reader.frames()]
    if not frames:
        return []
    table = pl.concat(frames).head(1_000)
    rows = [{attr: row[position] for attr, position in at.items()} for row in table.to_dicts()]
    return sorted(rows, key=lambda row: values.timestamp(row.get("export_date") or "") or "")


def _note_disagreement(rows: list[dict[str, str | None]], findings: Findings) -> None:
    if len(rows) > 1:
        findings.add("export-rows", "Export", count=len(rows))
    if len({version_of_text(row.get("csv_version")) for row in rows}) > 1:
        findings.add("version-disagrees", "Export", "CSVVersion")


def _full_refresh(rows: list[dict[str, str | None]], findings: Findings) -> Period | None:
    """The period of one full refresh. Several Export rows speak of several periods, so none is taken."""
    row = rows[-1]
    start, end = _day(row.get("export_start_date")), _day(row.get("export_end_date"))
    if (
        len(rows) == 1
        and start
        and end
        and values.integer(row.get("export_directive") or "") == str(FULL_REFRESH)
        and values.integer(row.get("export_period_type") or "") == str(REPORTING_PERIOD)
    ):
        return Period(date.fromisoformat(start), date.fromisoformat(end))
    findings.add("absence-not-applied", "Export")
    return None


def _day(text: str | None) -> str | None:
    return values.day(text) if text else None
