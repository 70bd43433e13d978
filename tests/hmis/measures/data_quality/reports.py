"""Small data quality reports: people without a fault, what a test changes in them, who is counted where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hmis.measures.asked import Asked
from hmis.measures.core import Core
from hmis.measures.data_quality.report import DATA_QUALITY
from tests.hmis.measures import tables

YEAR = Asked(date(2022, 10, 1), date(2023, 9, 30))
Row = Mapping[str, Any]


def client(key: str, **changed: object) -> dict[str, object]:
    """A grown-up of whom everything is known."""
    return {
        "PersonalID": key,
        "NameDataQuality": 1,
        "first_name_given": True,
        "last_name_given": True,
        "SSNDataQuality": 1,
        "ssn_given": True,
        "ssn_usable": True,
        "DOB": "1980-05-05",
        "DOBDataQuality": 1,
        "White": 1,
        "VeteranStatus": 0,
        "DateCreated": "2022-11-01",
        **changed,
    }


def stay(key: str, who: str | None = None, **changed: object) -> dict[str, object]:
    """A stay in a shelter since November, without a fault. who: the person, else named like the stay."""
    return {
        "EnrollmentID": key,
        "PersonalID": who or key,
        "EntryDate": "2022-11-01",
        "LivingSituation": 116,
        "LengthOfStay": 2,
        "DateToStreetESSH": "2022-10-15",
        "TimesHomelessPastThreeYears": 1,
        "MonthsHomelessPastThreeYears": 101,
        "DisablingCondition": 0,
        "DateCreated": "2022-11-01",
        **changed,
    }


def counted(core: Core, asked: Asked = YEAR, *, by: str = "personal_id") -> dict[str, set[str]]:
    """Figure -> the ids it counts (`personal_id` or `enrollment_id`), all of them at one go."""
    members = DATA_QUALITY.members(core, asked)
    stays = core.stay.select("enrollment", "client", "enrollment_id")
    clients = core.client.select("client", "personal_id")
    named = members.join(stays, "enrollment").join(clients, "client").select("figure", name=by)
    found: dict[str, set[str]] = defaultdict(set)
    for row in named.to_pyarrow().to_pylist():
        found[row["figure"]].add(row["name"])
    return found


def of_clients(folder: Path, *clients: Row, **files: Sequence[Row]) -> dict[str, set[str]]:
    """Who is counted where, when these people have a stay without a fault each."""
    stays = [stay(str(one["PersonalID"])) for one in clients]
    with tables.opened(folder, Client=clients, Enrollment=stays, **files) as core:
        return counted(core)


def of_stays(folder: Path, *stays: Row, **files: Sequence[Row]) -> dict[str, set[str]]:
    """Which stays are counted where, of people without a fault."""
    people = dict.fromkeys(str(one["PersonalID"]) for one in stays)
    given = {str(one["PersonalID"]) for one in files.get("Client", [])}
    clients = [*files.pop("Client", []), *(client(one) for one in people if one not in given)]
    with tables.opened(folder, Client=clients, Enrollment=stays, **files) as core:
        return counted(core, by="enrollment_id")


def row(found: Mapping[str, set[str]], name: str) -> dict[str, set[str]]:
    """The cells of one row of a question, `Q2/name`."""
    return {
        figure.removeprefix(f"{name}/"): who for figure, who in found.items() if figure.startswith(f"{name}/")
    }
