"""A world read once more, in plain Python and one row at a time: what the oracles of this folder count on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from hmis.measures.days import number

Rows = dict[str, list[dict[str, Any]]]
NEVER = 99_999


@dataclass
class Stay:
    """A stay as it is told, and `span` for each time its project took part while it lasted."""

    key: str
    who: str
    household: str
    project: str
    kind: int
    sub: int | None
    entry: int
    left: int | None
    destination: int | None
    move_in: int | None
    situation: int | None
    from_street: bool
    spans: list[tuple[int, int]]
    nights: list[int]
    seen: list[tuple[int, int | None]]


def days(value: str | None) -> int | None:
    return number(date.fromisoformat(value)) if value else None


def projects(world: Rows) -> dict[str, list[tuple[int, int]]]:
    """Project -> when it operated and took part, for those of the continuum. `until` is the morning after."""
    found: dict[str, list[tuple[int, int]]] = {}
    for project in world["Project"]:
        if project.get("ContinuumProject", 1) != 1:
            continue
        key = project["ProjectID"]
        took: list[list[int]] = []
        rows = [row for row in world["HMISParticipation"] if row["ProjectID"] == key]
        for row in sorted(rows, key=lambda row: row["HMISParticipationStatusStartDate"]):
            if row["HMISParticipationType"] != 1:
                continue
            began = days(row["HMISParticipationStatusStartDate"]) or 0
            ended = days(row.get("HMISParticipationStatusEndDate")) or NEVER
            if took and began <= took[-1][1] + 1:
                took[-1][1] = max(took[-1][1], ended)
            else:
                took.append([began, ended])
        opened, closed = (
            days(project["OperatingStartDate"]) or 0,
            days(project.get("OperatingEndDate")) or NEVER,
        )
        cut = [(max(began, opened), min(ended, closed)) for began, ended in took]
        found[key] = [(began, ended) for began, ended in cut if began < ended]
    return found


def stays(world: Rows, end: int, coc: str | None = None) -> Iterator[Stay]:
    """The stays that flow and utilization may count, for a period that ends on a day."""
    spans_of = projects(world)
    kinds = {row["ProjectID"]: row for row in world["Project"]}
    exits = {row["EnrollmentID"]: row for row in world["Exit"]}
    households = _by(world["Enrollment"], "HouseholdID")
    services, living = (_by(world[name], "EnrollmentID") for name in ("Services", "CurrentLivingSituation"))
    for row in world["Enrollment"]:
        key, project = row["EnrollmentID"], row["ProjectID"]
        head = _head(households[row["HouseholdID"]])
        if coc is not None and (head is None or head["EnrollmentCoC"] != coc):
            continue
        entry, left = days(row["EntryDate"]) or 0, _left(exits, key)
        spans = [
            (max(entry, began), min(left if left is not None else NEVER, ended))
            for began, ended in spans_of.get(project, [])
        ]
        situation = row.get("LivingSituation")
        yield Stay(
            key=key, who=row["PersonalID"], household=row["HouseholdID"], project=project,
            kind=kinds[project]["ProjectType"], sub=kinds[project].get("RRHSubType"), entry=entry, left=left,
            destination=exits.get(key, {}).get("Destination"), move_in=_moved_in(row, head, exits, end),
            situation=situation,
            from_street=row.get("LOSUnderThreshold") == 1 and row.get("PreviousStreetESSH") == 1,
            spans=[span for span in spans if span[0] < span[1]],
            nights=[days(one["DateProvided"]) or 0
                    for one in services.get(key, []) if one["RecordType"] == 200],
            seen=[(days(one["InformationDate"]) or 0, one["CurrentLivingSituation"])
                  for one in living.get(key, [])],
        )  # fmt: skip


def _left(exits: dict[str, Any], key: str) -> int | None:
    return days(exits[key]["ExitDate"]) if key in exits else None


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def _head(household: list[dict[str, Any]]) -> dict[str, Any] | None:
    heads = [one for one in household if one["RelationshipToHoH"] == 1]
    # Stays are numbered in the order of their keys, as texts.
    return min(heads, key=lambda one: (one["EntryDate"], one["EnrollmentID"]), default=None)


def _moved_in(
    row: dict[str, Any], head: dict[str, Any] | None, exits: dict[str, Any], end: int
) -> int | None:
    entry, left = days(row["EntryDate"]) or 0, _left(exits, row["EnrollmentID"])
    own = days(row.get("MoveInDate"))
    if own is not None and entry <= own <= min(end, NEVER if left is None else left):
        return own
    if head is None:
        return None
    moved, came = days(head.get("MoveInDate")), days(head["EntryDate"]) or 0
    gone = _left(exits, head["EnrollmentID"])
    if moved is None or not came <= moved <= min(end, NEVER if gone is None else gone):
        return None
    if entry <= moved:
        return moved if left is None or left >= moved else None
    return entry if entry <= end else None
