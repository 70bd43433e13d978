"""A community in which every text says a word of its own, so that a word seen somewhere says where it was.

A stayed-at agency (A) with Ada, whom B may know in part, and Bo, who lives with her and whom B may not know;
a victim service provider with Eve; and B itself, with somebody of its own. `plant` fills every text column of
every table, and a test holds that none was forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Text, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.categories import NOTHING, Category
from auth.viewer import AgencyKind, Role
from hmis import labels
from hmis.spec import FILES
from hmis.tables import HMIS
from hmis.tables.metadata import metadata
from tests.journeys.asking import About
from tests.journeys.questions import Known
from tests.schema.declared import fields
from tests.schema.samples import is_key, values, whole_life
from tests.worlds import NOW, World

WORD = re.compile(r"zq\d+q", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

# Names of rows that others hang on cannot be planted later, so they are words from the beginning.
BO, EVE, REFUGE, SHELTER = "zq9001q", "zq9002q", "zq9003q", "zq9004q"
HOUSEHOLD = "zq9005q"

_FACTS = (
    "Exit",
    "IncomeBenefits",
    "HealthAndDV",
    "EmploymentEducation",
    "Disabilities",
    "Services",
    "CurrentLivingSituation",
    "Assessment",
    "Event",
    "YouthEducationStatus",
    "AssessmentQuestions",
    "AssessmentResults",
)
_PROJECT_FILES = ("Funder", "ProjectCoC", "Inventory", "HMISParticipation", "CEParticipation", "Affiliation")
_ADDRESS = {"address_1", "address_2", "city", "zip", "geocode"}

WORDS_OF_THE_HUB: Mapping[str, set[str]] = {
    "agency": {"kind", "purposes", "name", "organization_id"},
    "break_glass_review": {"outcome"},
    "client_distinct": {"personal_id", "other_personal_id"},
    "client_fact": {"personal_id", "method"},
    "client_link": {"personal_id", "method"},
    "consent_grant": {"effect", "purposes", "sources", "regime", "method"},
    "guardian": {"authority"},
    "landing_benefit": {"connector", "kind"},
    "landing_household_member": {"connector"},
    "landing_batch": {"connector"},
    "landing_peer_export": {"connector"},
    "landing_peer_project": {"connector", "project_id"},
    "landing_peer_stay": {"connector", "project_id"},
    "member": {"issuer", "role"},
    "partner_link": {"connector", "method", "status"},
    "policy_profile": {"notice_version", "combination"},
    "source": {"name", "kind"},
}
"""Texts that say nothing of anybody: codes, names of sources and agencies, keys that are words already."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a word stands."""

    table: str
    column: str
    row: Mapping[str, Any]


@dataclass
class Planted:
    """Every word, and every id of a row, with its place."""

    words: dict[str, Place] = field(default_factory=dict)
    ids: dict[str, Place] = field(default_factory=dict)

    def hidden(self, shared: Category) -> set[str]:
        """What somebody at B may not see, when Ada shares these categories with B."""
        every = {**self.words, **self.ids}
        return {word for word, place in every.items() if not _is_open(place, shared)}

    def entered_about_ada(self) -> set[str]:
        """Words that a field tells and that A entered about Ada."""
        return {
            word
            for word, place in self.words.items()
            if (place.table, place.column) in _TOLD and place.row.get("personal_id") == "ada"
        }

    def spoken(self, told: str, hidden: set[str]) -> dict[str, str]:
        """The hidden words and ids in a text, each with its column."""
        said = {word.lower() for word in WORD.findall(told)} | set(_UUID.findall(told))
        places = {**self.words, **self.ids}
        return {one: f"{places[one].table}.{places[one].column}" for one in said & hidden}


def texts(table: Table) -> list[str]:
    """The text columns of a table that people or programs fill."""
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, Text | ARRAY | JSONB) and column.computed is None
    ]


def to_plant(table: Table) -> list[str]:
    """Those of them that get a word. Keys on which other rows hang keep theirs."""
    file = next((name for name, one in HMIS.items() if one is table), None)
    if file is None:
        return [name for name in texts(table) if name not in WORDS_OF_THE_HUB.get(table.name, set())]
    keys = {column.attr for column in FILES[file].columns if is_key(column)}
    if file in {*_FACTS, *_PROJECT_FILES} - {"Assessment"}:
        keys.discard(FILES[file].key.attr)
    return [name for name in texts(table) if name not in keys | {"household_id"}]


def is_audit(table: Table) -> bool:
    return table.name.startswith("audit_")


async def plant(world: World) -> Planted:
    """The community, with words in it. B's workers and grants are for the test to add."""
    await _people(world)
    await _papers(world)
    async with world.engine.begin() as connection:
        # Not a temporary one: its session goes back to the pool, and an import sets `temp_buffers`, which
        # PostgreSQL refuses once anything temporary was touched.
        await connection.execute(text("create sequence word"))
        for table in metadata.sorted_tables:
            if not is_audit(table) and (columns := to_plant(table)):
                said = {name: _word(table.c[name].type) for name in columns}
                await connection.execute(update(table).values(**said))
        await connection.execute(text("drop sequence word"))
    for source in world.sources:
        await world.renew_labels(source)  # keys of records, which hold no words
    planted = Planted()
    async with world.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in (await connection.execute(select(table))).mappings():
                _note(planted, table.name, dict(row))
    for name in ("own", "ada"):
        identifier = str(world.people[name])
        planted.ids[identifier] = Place("person", "id", {"of": name})
    return planted


def _word(kind: Any) -> Any:
    word = "'zq' || nextval('word') || 'q'"
    if isinstance(kind, JSONB):
        return text(f"jsonb_build_object('said', {word})")
    return text(f"array[{word}]" if isinstance(kind, ARRAY) else word)


def _note(planted: Planted, table: str, row: dict[str, Any]) -> None:
    for column, value in row.items():
        for word in WORD.findall(str(value)):
            planted.words.setdefault(word, Place(table, column, row))
    if "id" in row and _UUID.fullmatch(str(row["id"])):
        planted.ids[str(row["id"])] = Place(table, "id", row)


async def _people(world: World) -> None:
    """Who is there, with a row in every file for each of them."""
    await whole_life(world)
    stay = HMIS["Enrollment"]
    async with world.engine.begin() as connection:
        await connection.execute(update(stay).values(household_id=HOUSEHOLD))
    await world.organization("B")
    await world.organization(SHELTER, source=REFUGE, victim_services=True)
    await world.project("A-hopwa", "A")
    await world.row("Funder", "hopwa", project_id="A-hopwa", funder=13)
    await world.row("ProjectCoC", "hopwa", project_id="A-hopwa", **values("ProjectCoC"))
    await world.row("User", "User-1", **values("User"))
    await world.row("Export", "Export-1", source_type=1)
    await world.client(BO, **values("Client"))
    await world.client(EVE, source=REFUGE, **values("Client"))
    await world.client("own", first_name="Own", last_name="Client", dob=date(1990, 1, 1), ssn="900121212")
    await world.stay("own-stay", "own", "B-p")
    for client, key, project, source in (
        ("ada", "zq9006q", "A-hopwa", "demo"),
        (BO, "zq9007q", "A-p", "demo"),
        (EVE, "zq9008q", f"{SHELTER}-p", REFUGE),
    ):
        own = {**values("Enrollment"), "household_id": HOUSEHOLD}
        await world.row("Enrollment", key, source, personal_id=client, project_id=project, **own)
        held = {"personal_id": client, "enrollment_id": key}
        for file in _FACTS:
            more = {"assessment_id": f"Assessment{key}"} if file.startswith("AssessmentQ") else {}
            more = {"assessment_id": f"Assessment{key}"} if file == "AssessmentResults" else more
            await world.row(file, f"{file}{key}", source, **{**values(file), **held, **more})


async def _papers(world: World) -> None:
    """What is written about people beside their records: consent, guardians, emergencies, partners."""
    officer = world.viewer("A", Role.PRIVACY_OFFICER)
    for client in ("ada", BO, EVE):
        guardian = await world.guardian(client)
        await world.grant(client, "A", guardian=guardian, evidence="sha256:1", template="t", section="s")
        await world.revoke(await world.grant(client, "A", evidence="sha256:2", subject="somebody"))
        await world.bar(await world.guardian(client))
        opening = await world.broken_glass(client, officer)
        reviewed = {"break_glass_id": opening, "reviewer": "r", "outcome": "JUSTIFIED"}
        await world._insert(metadata.tables["break_glass_review"], **reviewed)
        link = {"person_id": world.people[client], "connector": "elsewhere", "value": "v", "method": "STAFF"}
        await world._insert(metadata.tables["partner_link"], evidence={}, **link)
    for name, row in _LANDED.items():
        await world._insert(metadata.tables[name], **row)
    member = {"issuer": "https://elsewhere.test", "role": "CASE_MANAGER", "valid_from": date(2020, 1, 1)}
    await world._insert(metadata.tables["member"], subject="s", agency_id=world.agencies["A"].id, **member)
    run = {"source_id": world.sources["demo"], "archive_sha256": "0", "report": {}}
    await world._insert(metadata.tables["import_run"], started_at=NOW, finished_at=NOW, **run)
    await world._insert(metadata.tables["policy_profile"], recorded_by="somebody")
    await world.group("Living", "A")


_LANDED: dict[str, dict[str, Any]] = {
    "landing_batch": {
        "id": 1,
        "connector": "elsewhere",
        "batch": "b",
        "content_sha256": "0",
        "as_of": date(2026, 1, 1),
        "members": 1,
        "benefits": 1,
        "rows_refused": 0,
    },
    "landing_household_member": {
        "batch_id": 1,
        "connector": "elsewhere",
        "household_id": "h",
        "first_normal": "",
        "last_normal": "",
    },
    "landing_peer_export": {"batch_id": 1, "connector": "elsewhere", "people_landed": True},
    "landing_peer_project": {"batch_id": 1, "connector": "elsewhere", "project_id": "p", "labels": 0},
    "landing_peer_stay": {
        "batch_id": 1,
        "connector": "elsewhere",
        "enrollment_id": "e",
        "personal_id": "h",
        "project_id": "p",
        "entry_date": date(2026, 1, 1),
    },
    "landing_benefit": {
        "batch_id": 1,
        "connector": "elsewhere",
        "household_id": "h",
        "benefit_date": date(2026, 1, 1),
        "kind": "HEATING",
        "amount": 1,
    },
}


def _told() -> Iterator[tuple[tuple[str, str], Category]]:
    """Every column that a field tells, with the category that the field needs."""
    for _, one in fields():
        for place in one.hud:
            file, _, name = place.partition(".")
            yield (FILES[file].table, FILES[file].by_name[name].attr), one.category or NOTHING


_TOLD: dict[tuple[str, str], set[Category]] = {}
for _column, _category in _told():
    _TOLD.setdefault(_column, set()).add(_category)
_FILE_OF = {FILES[name].table: name for name in FILES}


def _is_open(place: Place, shared: Category) -> bool:
    """Whether somebody at B may see it: of B itself, of projects, or of Ada as far as she shares."""
    table, column, row = place.table, place.column, place.row
    file = _FILE_OF.get(table)
    if (table, column) == ("agency", "id"):
        return row["kind"] == AgencyKind.CHO.value  # whom a client can name on a form
    if file is None:
        # B's own client is B's to know, and Ada is, once she is there.
        return row.get("of") == "own" or (row.get("of") == "ada" and bool(shared & Category.EXISTENCE))
    if row["source_id"] != 1:
        return False
    if file in {"Organization", "Project", *_PROJECT_FILES}:
        closed = column in _ADDRESS and row["project_id"] == "A-hopwa"
        return (NOTHING in _TOLD.get((table, column), ()) or column == "id") and not closed
    if row.get("personal_id") == "own":
        return True
    if row.get("personal_id") != "ada" or row.get("enrollment_id", "s1") != "s1":
        return False
    needed = _TOLD.get((table, column), set())
    if column == "id":
        needed = {category for (name, _), several in _TOLD.items() if name == table for category in several}
    if column == "household_id":
        needed = {Category.HOUSEHOLD}
    if column == FILES[file].key.attr and file != "Client":
        return False  # what a source calls a row is told to the agency that entered it
    labelled = labels.of_value(file, column, row[column]) if column in FILES[file].by_attr else None
    return not labelled and any(category & shared for category in needed)


def about(world: World, planted: Planted, client: str) -> About:
    """Somebody's own words and ids, as one who guesses everything would use them."""
    person = world.people[client]

    def first(table: str, column: str = "id", **equal: Any) -> str:
        for word, place in {**planted.words, **planted.ids}.items():
            alike = all(place.row.get(name) == value for name, value in equal.items())
            if alike and (place.table, place.column) == (table, column):
                return word
        return "00000000-0000-4000-8000-000000000000"

    grant = first("consent_grant", person_id=person)
    return About(
        client=str(person),
        grant=grant,
        guardian=first("guardian", person_id=person),
        form=grant,
        opening=first("break_glass", person_id=person),
        project=first("project", project_id="A-hopwa" if client == "ada" else f"{SHELTER}-p"),
        cursor="broken",
        subject=first("member", "subject"),
        source=REFUGE if client == EVE else "demo",
        identifier=client,
        first=first("client", "first_name", personal_id=client),
        last=first("client", "last_name", personal_id=client),
        born="1980-01-01",
        last_four="6789",
        organization="B",
        group=first("visibility_group", "name"),
    )


def known(planted: Planted) -> Known:
    """What one who guesses well would ask with: all of it."""

    def of(table: str, column: str = "id") -> list[str]:
        every = {**planted.words, **planted.ids}
        return sorted(word for word, one in every.items() if (one.table, one.column) == (table, column))

    stays = [(planted.ids[one].row["entry_date"], UUID(one)) for one in of("enrollment")]
    return Known(
        people=tuple(map(UUID, of("person"))),
        there=tuple(map(UUID, of("person"))),
        projects=tuple(map(UUID, of("project"))),
        stays=tuple(stays),
        names=(*of("client", "first_name"), *of("client", "last_name")),
        birth_dates=("1980-01-01",),
        last_fours=("6789", "1234", "5678"),
        identifiers=(("demo", "ada"), ("demo", BO), (REFUGE, EVE)),
        cocs=("XX-500", *of("project_coc", "coc_code")),
    )
