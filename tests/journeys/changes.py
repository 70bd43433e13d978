"""Changes to a community that one viewer cannot see: any change, kept if their sight stays the same."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from auth.viewer import Viewer
from hmis.labels import of_column
from hmis.spec import FILES, Column
from hmis.tables import HMIS
from tests.journeys.communities import (
    ASSESSMENT_FILES,
    NEVER_SHOWN,
    PROJECT_FILES,
    STAY_FILES,
    Community,
    Row,
)
from tests.journeys.consent_changes import CONSENT_WAYS
from tests.journeys.lives import Maker
from tests.journeys.oracle import Oracle

_STRUCTURE = {
    "source_id",
    "id",
    "organization_id",
    "project_id",
    "enrollment_id",
    "personal_id",
    "assessment_id",
}


def hidden_changes(
    make: Maker, viewer: Viewer, before: Community, tries: int
) -> tuple[Community, Counter[str]]:
    """A community that the viewer cannot tell from `before`, and how often each way of changing made it."""
    sight = Oracle(viewer, before).sight()
    after, kept = before.copy(), Counter[str]()
    for _ in range(tries):
        changed, way = after.copy(), make.choose.choice(WAYS)
        way(make, changed)
        if changed != after and Oracle(viewer, changed).sight() == sight:
            after = changed
            kept[way.__name__] += 1
    kept["beneath"] = _beneath(make, viewer, after, sight)
    return after, kept


def _beneath(make: Maker, viewer: Viewer, after: Community, sight: dict[Any, Any]) -> int:
    """Change whatever the viewer may not see of the rows they do see."""
    kept = 0
    for file in ("Client", "Enrollment", *STAY_FILES, *ASSESSMENT_FILES):
        for row in after.tables[file]:
            if (file, row["id"]) not in sight or make.chance(0.3):
                continue
            before, facts = dict(row), sight[file, row["id"]][-1]
            row |= {
                column.attr: _unseen(make, file, column, facts)
                for column in FILES[file].columns
                if column.attr not in _STRUCTURE and column.key != "PK" and facts.get(column.attr) is None
            }
            if file == "Client":
                row["ssn"] = _unseen_ssn(make, facts)
            if Oracle(viewer, after).sight() == sight:
                kept += 1
            else:
                row.clear()
                row |= before
    return kept


def _unseen(make: Maker, file: str, column: Column, facts: Row) -> Any:
    """Anything where the column is not shown; where it is shown as null, what would be shown as null too."""
    if column.attr in facts:
        _, labelled = of_column(file, column.attr)
        return make.choose.choice([None, *labelled]) if labelled else None
    return make.value(file, column)


def _unseen_ssn(make: Maker, facts: Row) -> str | None:
    if "ssn" not in facts:
        return make.ssn()
    if facts["ssn"] is None:
        return make.choose.choice([None, f"{make.choose.getrandbits(240):060x}1234", "12345"])
    return f"{make.choose.randint(10000, 99999)}{facts['ssn']}"


def _any_row(make: Maker, of: Community, *files: str) -> tuple[str, Row] | None:
    every = [(file, row) for file in files or HMIS for row in of.tables[file]]
    return make.choose.choice(every) if every else None


def _columns(make: Maker, of: Community) -> None:
    """Some columns of one row say something else."""
    if found := _any_row(make, of):
        file, row = found
        free = [one for one in FILES[file].columns if one.attr not in _STRUCTURE and one.key != "PK"]
        for column in make.choose.sample(free, make.choose.choice([1, 1, 2, len(free)])):
            row[column.attr] = make.value(file, column)
        row["import_id"], row["set_aside"] = make.choose.randint(0, 9), {"x": make.token()}
        for attr in NEVER_SHOWN:
            if attr in row:
                row[attr] = make.value(file, FILES[file].by_attr[attr])


def _label(make: Maker, of: Community) -> None:
    """A labelled answer becomes another, or none."""
    columns = (
        ("Enrollment", "living_situation"),
        ("Exit", "destination"),
        ("HealthAndDV", "domestic_violence_survivor"),
        ("IncomeBenefits", "adap"),
        ("Disabilities", "disability_type"),
        ("Services", "record_type"),
        ("Client", "ssn"),
    )
    file, attr = make.choose.choice(columns)
    if found := _any_row(make, of, file):
        other = make.ssn() if attr == "ssn" else make.value(file, FILES[file].by_attr[attr])
        found[1][attr] = other


def _removal(make: Maker, of: Community) -> None:
    if found := _any_row(make, of):
        row = found[1]
        row["removed_at"] = None if row["removed_at"] else datetime(2026, 5, 1, tzinfo=UTC)


def _gone(make: Maker, of: Community) -> None:
    files = ["Client", "Enrollment", "Affiliation", "Project", *STAY_FILES, *ASSESSMENT_FILES, *PROJECT_FILES]
    if found := _any_row(make, of, *files):
        of.drop(*found)


def _client(make: Maker, of: Community) -> None:
    make.client(of, make.choose.choice(of.tables["person"])["id"])


def _stay(make: Maker, of: Community) -> None:
    """A new stay of somebody, often in a household that is there already."""
    if found := _any_row(make, of, "Client"):
        client = found[1]
        near = [row for row in of.tables["Enrollment"] if row["source_id"] == client["source_id"]]
        given: Row = {}
        if near and make.chance(0.6):
            like = make.choose.choice(near)
            given = {name: like[name] for name in ("project_id", "household_id")}
        make.stay(of, client, **given)


def _about_stay(make: Maker, of: Community) -> None:
    if found := _any_row(make, of, "Enrollment"):
        make.about_stay(of, make.choose.choice(STAY_FILES), found[1])


def _about_project(make: Maker, of: Community) -> None:
    if make.chance(0.5):
        make.add_affiliation(of)
    elif found := _any_row(make, of, "Project"):
        file = make.choose.choice([one for one in PROJECT_FILES if one != "Affiliation"])
        make.about_project(of, file, found[1])


def _organization(make: Maker, of: Community) -> None:
    make.organization(of, victim_services=make.choose.choice([1, 99, None]))


def _somebody(make: Maker, of: Community) -> None:
    make.somebody(of)


def _key(make: Maker, of: Community) -> None:
    """A source system calls a row something else."""
    if found := _any_row(make, of, "Enrollment", *STAY_FILES, *ASSESSMENT_FILES):
        file, row = found
        attr = FILES[file].key.attr
        old, row[attr] = row[attr], f"zq{make.choose.randint(0, 9)}{make.token()}"
        if file in ("Enrollment", "Assessment"):
            for rows in of.tables.values():
                for hanging in rows:
                    if hanging.get(attr) == old and hanging["source_id"] == row["source_id"]:
                        hanging[attr] = row[attr]


def _link(make: Maker, of: Community) -> None:
    """A record is said to be of somebody else, or of nobody."""
    link = make.choose.choice(of.tables["client_link"])
    live = [
        row
        for row in of.tables["client_link"]
        if row["undone_at"] is None
        and (row["source_id"], row["personal_id"]) == (link["source_id"], link["personal_id"])
    ]
    if link["undone_at"] is None and make.chance(0.3):
        link["undone_at"] = link["linked_at"]
    elif link["undone_at"] is None or not live:
        link |= {"person_id": make.choose.choice(of.tables["person"])["id"], "undone_at": None}
    link["linked_at"] = datetime(2026, 4, 1, make.choose.randint(0, 23), tzinfo=UTC)


def _partner(make: Maker, of: Community) -> None:
    if of.pantry and make.chance(0.5):
        key = make.choose.choice(list(of.pantry))
        if make.chance(0.5):
            make.partner_link(of, make.choose.choice(of.tables["person"])["id"], key)
        else:
            del of.pantry[key]
    elif of.tables["Client"]:
        make.pantry_record(of, f"h{make.choose.randint(10, 99)}")


WAYS: list[Any] = [
    *[_columns] * 6,
    *[_label] * 3,
    *[_stay] * 3,
    *[_about_stay] * 3,
    *[_key] * 3,
    *[_gone] * 2,
    _removal,
    _client,
    _about_project,
    _organization,
    _somebody,
    _link,
    *[_partner] * 3,
    *[way for way, often in CONSENT_WAYS for _ in range(often)],
]
