"""Every field over real rows: what one agency entered, told to itself and to another with every grant."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from graphql import GraphQLObjectType, get_named_type

from hmis import labels
from hmis.codes import BY_LIST
from hmis.spec import FILES
from resolvers import records
from tests.schema.declared import CORE, fields
from tests.schema.samples import is_key, values, whole_life
from tests.worlds import Answer, World

BEYOND_THE_ROLE = {"SocialSecurityNumber.full"}


def _everything(kind: GraphQLObjectType, path: tuple[str, ...] = ()) -> str:
    """A selection of all there is below a type, each type once on the way down."""
    selected = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if not isinstance(below, GraphQLObjectType):
            selected.append(name)
        elif below.name not in (*path, kind.name):
            selected.append(f"{name} {_everything(below, (*path, kind.name))}")
        elif below.name != "Project":
            selected.append(f"{name} {{ __typename }}")
    return f"{{ {' '.join(['__typename', *selected])} }}"


def _leaves(answer: Any) -> Iterator[tuple[str, Any]]:
    """Every field of an answer as `Exit.destination` and what it said, lists and objects unfolded."""
    if isinstance(answer, list):
        for item in answer:
            yield from _leaves(item)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            yield f"{answer['__typename']}.{name}", value
            yield from _leaves(value)


def _client(name: str) -> GraphQLObjectType:
    kind = CORE.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


CLIENT = f"query($id: ID!) {{ client(id: $id) {_everything(_client('Client'))} }}"
# No partner is asked here, nobody was sent to one, nothing was agreed to: tests/journeys has that.
ELSEWHERE = {
    *("Client.foodAssistance", "Client.utilityAssistance", "Client.rentalAssistance", "Client.referrals"),
    *("Client.sdohConditions", "Client.sdohGoals", "Client.sdohReferrals", "Client.sdohScreenings"),
    *("Client.peerEnrollments", "Client.grants", "Client.disclosures"),
    *("Client.guardians", "Client.emergencyUntil"),
}


def _columns() -> Iterator[tuple[str, str, str]]:
    """Fields that say exactly one column, keys apart, as it is: (field, file, attr)."""
    for name, field in fields():
        if len(field.hud) == 1 and field.base_resolver is None and field.said is None:
            file, _, column_name = field.hud[0].partition(".")
            column = FILES[file].by_name[column_name]
            if not is_key(column):
                yield name, file, column.attr


def _as_said(file: str, attr: str, value: Any) -> Any:
    """A stored value as JSON says it."""
    column = FILES[file].by_attr[attr]
    if len(column.lists) == 1 and column.lists[0] in BY_LIST:
        return BY_LIST[column.lists[0]](value).name
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _said(answer: Answer) -> dict[str, Any]:
    assert answer.errors == ()
    assert answer.data is not None
    return dict(_leaves(answer.data["client"]))


async def test_an_agency_reads_every_fact_as_it_entered_it(world: World) -> None:
    ada = await whole_life(world)
    answer = await world.ask(world.viewer("A"), CLIENT, id=str(ada))
    said = _said(answer)
    silent = {name for name, value in said.items() if value is None or value == []}
    assert silent == BEYOND_THE_ROLE | ELSEWHERE
    for name, file, attr in _columns():
        if name not in BEYOND_THE_ROLE:
            assert said[name] == _as_said(file, attr, values(file)[attr]), name
    assert said["Service.type"] == "SSVF_HELP_OBTAINING_VA_BENEFITS"
    assert said["Service.subtype"] == "OBTAIN_VA_EMPLOYMENT_AND_TRAINING"
    assert said["Disability.response"] == "YES"
    assert said["SocialSecurityNumber.lastFour"] == "6789"


async def test_another_agency_that_may_see_everything_reads_all_but_what_labels_hide(world: World) -> None:
    ada = await whole_life(world)
    await world.organization("B")
    await world.grant("ada", "B")
    own, other = [_said(await world.ask(world.viewer(agency), CLIENT, id=str(ada))) for agency in ("A", "B")]
    # Systems count their rows, so what they call a row is told to nobody else; a client's identifier is.
    counted = {
        name
        for name, field in fields()
        if field.category and name.endswith(".identifier") and name != "Household.identifier"
    }
    labelled = counted | {
        name for name, file, attr in _columns() if labels.of_value(file, attr, values(file)[attr])
    }
    assert labelled > {"HealthAndDomesticViolence.currentlyFleeing", "IncomeAndBenefits.adap"}
    assert {name for name, value in other.items() if value is None} - ELSEWHERE == labelled | BEYOND_THE_ROLE
    differ = {
        name for name, value in other.items() if not isinstance(value, dict | list) and value != own[name]
    }
    assert differ - ELSEWHERE == labelled | {"Access.granted", "Access.basis"}


async def test_members_of_a_household_are_told_with_their_stays(world: World) -> None:
    await world.organization("A")
    ada = await world.client("ada", first_name="Ada")
    await world.client("bo", first_name="Bo")
    await world.stay("s1", "ada", "A-p", household_id="h1")
    await world.stay("s2", "bo", "A-p", household_id="h1", relationship_to_hoh=2)
    answer = await world.ask(
        world.viewer("A"),
        """query($id: ID!) { client(id: $id) { enrollments { nodes { household {
             id identifier members { relationshipToHeadOfHousehold client { name { first } } } } } } } }""",
        id=str(ada),
    )
    assert answer.errors == ()
    assert answer.data is not None
    [stay] = answer.data["client"]["enrollments"]["nodes"]
    assert stay["household"].pop("id")
    assert stay["household"] == {
        "identifier": "h1",
        "members": [
            {"relationshipToHeadOfHousehold": "SELF", "client": {"name": {"first": "Ada"}}},
            {"relationshipToHeadOfHousehold": "CHILD", "client": {"name": {"first": "Bo"}}},
        ],
    }


async def test_an_affiliation_to_a_project_of_a_victim_service_provider_is_not_even_counted(
    world: World,
) -> None:
    await world.organization("A")
    await world.organization("V", victim_services=True)
    await world.project("A-q", "A")
    for key, project in (("1", "A-q"), ("2", "V-p"), ("3", "nowhere")):
        await world.row("Affiliation", key, project_id="A-p", res_project_id=project)
    answer = await world.ask(
        world.viewer("A"),
        '{ projects(source: "demo") { nodes { name affiliations { residentialProject { name } } } } }',
    )
    assert answer.errors == ()
    assert answer.data is not None
    told = {node["name"]: node["affiliations"] for node in answer.data["projects"]["nodes"]}
    assert told == {"Project A-p": [{"residentialProject": {"name": "Project A-q"}}], "Project A-q": []}


async def test_the_address_of_a_project_that_tells_of_hiv_is_told_to_its_own_agency_alone(
    world: World,
) -> None:
    await world.organization("A")
    await world.organization("B")
    await world.row("Funder", "f1", project_id="A-p", funder=13)
    address = {"address_1": "1 Elm Street", "city": "Elm", "zip": "00001", "geocode": "000001", "state": "NC"}
    await world.row("ProjectCoC", "c1", project_id="A-p", coc_code="XX-500", **address)
    document = """{ projects { nodes { identifier
        cocParticipation { coc state addressLine1 city zip geocode } } } }"""
    told = {}
    for agency in "AB":
        answer = await world.ask(world.viewer(agency), document)
        assert answer.data is not None
        [told[agency]] = [
            participation
            for node in answer.data["projects"]["nodes"]
            for participation in node["cocParticipation"]
        ]
    assert told["A"] == {
        "coc": "XX-500",
        "state": "NC",
        "addressLine1": "1 Elm Street",
        "city": "Elm",
        "zip": "00001",
        "geocode": "000001",
    }
    hidden = dict.fromkeys(("addressLine1", "city", "zip", "geocode"))
    assert told["B"] == {"coc": "XX-500", "state": "NC", **hidden}


async def test_a_whole_life_costs_as_many_statements_as_it_has_kinds_of_record(
    world: World, statements: Any
) -> None:
    ada = await whole_life(world)
    statements.forget()
    await world.ask(world.viewer("A"), CLIENT, id=str(ada))
    of_people = 2 + 1 + 2  # the person with grants, the stays, who is in the household and their stays
    of_projects = 1 + 1 + 6  # of the stays, of the affiliations, and what hangs on them
    of_consent = 1 + 1 + 1  # the grants as they are read back, the disclosures, the guardians
    assert statements.count <= of_people + len(records.HANGS_ON) + of_projects + of_consent
