"""From the answers of HUD's draft API to what the hub knows: matches, stays, projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.base import Match, Person
from connectors.hmis_peer.directory import UNCLEAR, Directory, directory
from connectors.mapping import Unreadable
from hmis.identity.names import normalised_name
from hmis.spec import FILES

SAME, SIMILAR = 100, 50
"""Of a match: the draft gives no score, and its search takes the beginning of a name for the name."""


@dataclass(frozen=True, slots=True)
class ApiStay:
    """A stay as `getClientEnrollments` tells it. coc_code: HUD 3.16."""

    project_id: str
    coc_code: str | None
    entry_date: date | None
    exit_date: date | None


def matches(answer: object, person: Person) -> list[Match]:
    """The clients of a search, SAME where both names and the birth date are the person's.

    Raises:
        Unreadable: the answer is not shaped as the draft says.
    """
    if answer is None:
        return []
    found: dict[str, int] = {}
    for result in _list(answer):
        for client in _list(_record(result).get("matchedClients")):
            record = _record(client)
            found[_text(record, "PersonalID")] = SAME if _is_same(record, person) else SIMILAR
    return [Match(personal_id, score) for personal_id, score in found.items()]


def _is_same(record: Mapping[str, Any], person: Person) -> bool:
    names = (("FirstName", person.first_name), ("LastName", person.last_name))
    alike = all(
        normalised_name(_optional(record, name)) == normalised_name(told) != "" for name, told in names
    )
    return alike and person.dob is not None and _day(record, "DOB") == person.dob


def stays(answer: object, personal_id: str) -> list[ApiStay]:
    """The stays of one client.

    Raises:
        Unreadable: the answer is not shaped as the draft says, or tells of somebody else.
    """
    if answer is None:
        return []
    found = []
    for item in _list(_record(answer).get("enrollments")):
        record = _record(item)
        if _optional(record, "PersonalID") not in (None, personal_id):
            raise Unreadable("a stay is somebody else's")
        found.append(
            ApiStay(
                project_id=_text(record, "ProjectID"),
                coc_code=_optional(record, "EnrollmentCoC"),
                entry_date=_day(record, "EntryDate"),
                exit_date=_day(record, "ExitDate"),
            )
        )
    return sorted(found, key=lambda stay: stay.entry_date or date.min, reverse=True)


def projects(answer: object) -> Directory:
    """A peer's projects, out of an export in the API's form: file -> rows.

    Raises:
        Unreadable: the answer is not shaped as the draft says, or lacks a file that decides.
    """
    export = _record(answer)
    return directory(
        _rows(export, "Organization", ("organization_id", "organization_name", "victim_service_provider")),
        _rows(
            export,
            "Project",
            ("project_id", "organization_id", "project_name", "project_type", "target_population"),
        ),
        _rows(export, "Funder", ("project_id", "funder")),
        _rows(export, "ProjectCoC", ("project_id", "coc_code")),
    )


def _rows(export: Mapping[str, Any], file: str, attrs: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    columns = [FILES[file].by_attr[attr] for attr in attrs]
    rows = []
    for item in _list(export.get(f"{file}.csv")):
        record = _record(item)
        if _optional(record, "DateDeleted") is not None:
            continue
        row: dict[str, Any] = {}
        for column in columns:
            if column.type == "I":
                row[column.attr] = _code(record.get(column.name))
            else:
                row[column.attr] = _optional(record, column.name)
        if row["project_id" if "project_id" in row else "organization_id"] is None:
            raise Unreadable(f"a row of {file} has no key")
        rows.append(row)
    return rows


def _code(raw: object) -> int | None:
    """A code as a number; partners also write it as text."""
    if raw is None or raw == "":
        return None
    text = str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else UNCLEAR


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Unreadable("there is no list where the draft has one")
    return value


def _record(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable("there is no object where the draft has one")
    return value


def _optional(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    return value or None


def _text(record: Mapping[str, Any], name: str) -> str:
    value = _optional(record, name)
    if value is None:
        raise Unreadable(f"{name} is missing")
    return value


def _day(record: Mapping[str, Any], name: str) -> date | None:
    value = _optional(record, name)
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise Unreadable(f"{name} is not a date") from None
