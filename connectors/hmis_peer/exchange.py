"""Reading a peer's HMIS CSV exchange: seven of HUD's files, and of those the columns that a stay needs.

Everything else in the archive stays unread: no SSN, no health, no income ever reaches the hub this way. The
archive is distrusted as any import is (`hmis/csv/archive.py`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from connectors.hmis_peer.directory import UNCLEAR, Directory, directory
from hmis.csv.absence import Period
from hmis.csv.archive import Archive, Limits
from hmis.csv.checking import SET_ASIDE, Checker
from hmis.csv.plan import Plan, plan
from hmis.csv.reading import LINE, CsvFile
from hmis.csv.rules import Findings
from hmis.errors import ArchiveRefused
from hmis.findings import Finding, Severity
from hmis.identity.names import normalised_name, usable_name
from hmis.identity.ssn import usable_birth_date
from hmis.spec import FILES

LIMITS = Limits(total_bytes=8 << 30)
"""Of what is read of an archive. A large city's seven files are a fifth of its export."""

_COLUMNS: dict[str, tuple[str, ...]] = {
    "Organization": ("organization_id", "organization_name", "victim_service_provider"),
    "Project": ("project_id", "organization_id", "project_name", "project_type", "target_population"),
    "Funder": ("funder_id", "project_id", "funder"),
    "ProjectCoC": ("project_coc_id", "project_id", "coc_code"),
    "Client": ("personal_id", "first_name", "last_name", "name_data_quality", "dob", "dob_data_quality"),
    "Enrollment": ("enrollment_id", "personal_id", "project_id", "entry_date", "enrollment_coc"),
    "Exit": ("exit_id", "enrollment_id", "exit_date", "destination"),
}
_DECIDING = {
    "Organization": ("victim_service_provider",),
    "Project": ("target_population",),
    "Funder": ("funder",),
}
"""What says which projects may be named; without these columns nothing of the archive may be."""
HASHED = Finding(
    "Export.csv",
    None,
    "HashStatus",
    "export-hashed",
    Severity.ERROR,
    "Names are hashed. Equal hashes need not be equal names, and a hash still tells who knows the name.",
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an exchange says of stays that may be handed on.

    exported_on: the day it speaks of. period: the days in which absence means that there is no stay; None =
    absence says nothing. implementation_id: names the database that its ids are of. clients: personal_id,
    first_normal, last_normal, dob. stays: as `landing_peer_stay`. deleted_clients, deleted_stays: ids that
    the peer itself took back. findings: of what was read, never a value.
    """

    exported_on: date
    period: Period | None
    implementation_id: str | None
    directory: Directory
    clients: pl.DataFrame
    stays: pl.DataFrame
    deleted_clients: tuple[str, ...]
    deleted_stays: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_exchange(path: Path, today: date, limits: Limits = LIMITS) -> Exchange:
    """Read the archive at `path`. Runs in a thread.

    Raises:
        ArchiveRefused: structural faults, a file or column that decides what may be named is missing, or the
            names are hashed. `findings` say which; nothing of it may be taken.
    """
    findings = Findings()
    with Archive(path, limits, findings) as archive:
        found = plan(archive, today, findings)
        _refuse_unfit(found, findings)
        return _Reading(archive, found, findings, today).exchange()


def _refuse_unfit(found: Plan, findings: Findings) -> None:
    if found.facts.hashed:
        raise ArchiveRefused("The export is hashed.", (HASHED,))
    lacking = [_needed(file, None, "file-missing") for file in _COLUMNS if file not in found.headers]
    lacking += [
        _needed(file, FILES[file].by_attr[attr].name, "column-missing")
        for file, attrs in _DECIDING.items()
        for attr in attrs
        if file in found.headers and attr in found.headers[file].missing
    ]
    if lacking:
        raise ArchiveRefused("The export does not say which projects may be named.", tuple(lacking))
    findings.refuse_if_faulty()


def _needed(file: str, column: str | None, rule: str) -> Finding:
    says = "Needed to tell which stays may be handed on."
    return Finding(f"{file}.csv", None, column, rule, Severity.ERROR, says)


class _Reading:
    """One archive being read."""

    def __init__(self, archive: Archive, found: Plan, findings: Findings, today: date) -> None:
        self._archive = archive
        self._plan = found
        self._findings = findings
        self._today = today
        self._torn: set[str] = set()
        """Files of which some row could not be read."""
        self._deleted: dict[str, tuple[str, ...]] = {}

    def exchange(self) -> Exchange:
        export = self._frame("Export", ("export_date", "implementation_id")).sort("export_date")
        frames = {file: self._live(file) for file in _COLUMNS}
        self._findings.refuse_if_faulty()
        self._refuse_unknown_funders(frames["Funder"])
        peers = directory(
            frames["Organization"].to_dicts(),
            frames["Project"].to_dicts(),
            frames["Funder"].to_dicts(),
            frames["ProjectCoC"].to_dicts(),
        )
        stays = self._stays(frames, peers)
        # A day to come, by a slip of somebody's clock, would keep every later export out.
        exported_on = min(date.fromisoformat(self._plan.facts.exported_on), self._today)
        implementations = export["implementation_id"].drop_nulls()
        return Exchange(
            exported_on=exported_on,
            # Of rows that could not be read nobody knows whether they are absent.
            period=None if self._torn else self._plan.full_refresh_of,
            implementation_id=implementations[-1] if len(implementations) else None,
            directory=peers,
            clients=_clients(frames["Client"].join(stays, on="personal_id", how="semi"), exported_on),
            stays=stays,
            deleted_clients=self._deleted["Client"],
            deleted_stays=self._deleted["Enrollment"],
            findings=tuple(one for one in self._findings.all if _is_ours(one)),
        )

    def _refuse_unknown_funders(self, funders: pl.DataFrame) -> None:
        """A funder that cannot be read, or of no project, may be the one whose money tells of HIV."""
        if "Funder" in self._torn or funders.get_column("project_id").null_count():
            raise ArchiveRefused("A funder is unknown.", (_needed("Funder", None, "row-unreadable"),))

    def _live(self, file: str) -> pl.DataFrame:
        """The rows that the peer has not deleted, each key once."""
        key = FILES[file].key.attr
        frame = self._frame(file, _COLUMNS[file])
        # Also on a day that nobody can read: who asked to be forgotten stays forgotten.
        deleted = pl.col("date_deleted").is_not_null() | _aside("DateDeleted")
        gone = frame.filter(deleted).get_column(key).unique()
        self._deleted[file] = tuple(gone.to_list())
        for attr in _DECIDING.get(file, ()):
            unread = _aside(FILES[file].by_attr[attr].name)
            frame = frame.with_columns(pl.when(unread).then(UNCLEAR).otherwise(pl.col(attr)).alias(attr))
        kept = frame.filter(~pl.col(key).is_in(gone.implode())).drop("date_deleted", SET_ASIDE)
        once = kept.unique(subset=list(_COLUMNS[file]), keep="first", maintain_order=True)
        doubled = once.filter(pl.col(key).is_duplicated())
        if doubled.height:
            lines = doubled.get_column(LINE).to_list()
            self._findings.add("key-differs", file, FILES[file].key.name, lines=lines, count=len(lines))
        return once.drop(LINE)

    def _frame(self, file: str, attrs: Iterable[str]) -> pl.DataFrame:
        """Some columns of a file, typed, with what was set aside and the line of each row."""
        reader = CsvFile(self._archive.read(file, self._findings), file, self._findings)
        checker = Checker(file, self._plan.headers[file], self._plan.facts, self._findings)
        beside = ("date_deleted",) if file != "Export" else ()
        wanted = [*attrs, *beside, SET_ASIDE, LINE]
        texts = pl.Schema(dict.fromkeys(checker.columns, pl.String))
        pieces = [
            pl.read_csv(checked.csv, has_header=False, schema=texts).select(wanted)
            for frame in reader.frames()
            if (checked := checker.check(frame)).rows
        ]
        if reader.left_out + checker.left_out:
            self._torn.add(file)
        whole = pl.concat(pieces) if pieces else pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
        columns = FILES[file].by_attr
        whole_numbers = [LINE, *(name for name in attrs if columns[name].type == "I")]
        days = [name for name in attrs if columns[name].type == "D"]
        return whole.with_columns(
            pl.col(whole_numbers).cast(pl.Int32, strict=False),
            *(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in days),
        )

    def _stays(self, frames: dict[str, pl.DataFrame], peers: Directory) -> pl.DataFrame:
        """Stays that may be handed on: of a client in the archive, at a project that may be named."""
        exits = frames["Exit"].sort("exit_date", nulls_last=False)
        exits = exits.unique(subset="enrollment_id", keep="last")
        stays = frames["Enrollment"].filter(
            pl.col("entry_date").is_not_null(), ~pl.col("project_id").is_in(list(peers.closed))
        )
        known = stays.filter(pl.col("project_id").is_in(list(peers.projects)))
        known = known.join(frames["Client"], on="personal_id", how="semi")
        if orphans := stays.height - known.height:
            self._findings.add(
                "parent-missing", "Enrollment", None, count=orphans, parent="client or project"
            )
        return known.join(exits, on="enrollment_id", how="left").select(
            "enrollment_id",
            "personal_id",
            "project_id",
            pl.col("enrollment_coc").alias("coc_code"),
            "entry_date",
            "exit_date",
            "destination",
        )


def _aside(column: str) -> pl.Expr:
    """Whether a value of this column could not be read and was set aside."""
    return pl.col(SET_ASIDE).str.contains(f'"{column}":', literal=True).fill_null(value=False)


def _clients(clients: pl.DataFrame, today: date) -> pl.DataFrame:
    """Who the people are, by what can identify anybody: no estimated birth date, no name that is none."""
    rows = []
    for row in clients.iter_rows(named=True):
        first, last = row["first_name"], row["last_name"]
        named = usable_name(first, last, row["name_data_quality"]) is not None
        rows.append(
            {
                "personal_id": row["personal_id"],
                "first_normal": normalised_name(first) if named else "",
                "last_normal": normalised_name(last) if named else "",
                "dob": usable_birth_date(row["dob"], row["dob_data_quality"], today),
            }
        )
    text = {"personal_id": pl.String, "first_normal": pl.String, "last_normal": pl.String}
    return pl.DataFrame(rows, schema={**text, "dob": pl.Date})


def _is_ours(finding: Finding) -> bool:
    """Whether a finding is about something that was read for a stay."""
    file = finding.file.removesuffix(".csv")
    if not file or finding.column is None:
        return not file or file in _COLUMNS or file == "Export"
    if file == "Export":
        return True
    column = FILES[file].by_name.get(finding.column) if file in _COLUMNS else None
    return column is not None and column.attr in _COLUMNS[file]


def errors_file(findings: Iterable[Finding]) -> bytes:
    """What goes back to the peer. Only a header: there is nothing to mend."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("file", "line", "column", "rule", "severity", "count", "message"))
    writer.writerows(
        (one.file, one.line or "", one.column or "", one.rule, one.severity.value, one.count, one.message)
        for one in findings
    )
    return out.getvalue().encode()
