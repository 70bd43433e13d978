"""The check before the start, met with schemas that tell too much or explain too little."""

# No postponed annotations here: types made inside a test are known to that test alone.
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLObjectType

from auth.categories import Category
from hmis.errors import InputRefused
from resolvers.sought import needed
from schema.build import schema
from schema.check import check, consent_bearing
from schema.fields import argument, filtering, personal, public
from schema.paging import Connection
from schema.query import ClientWhere, DateFilterInput, IdentifierInput, TextFilterInput
from tests.schema.declared import CORE, declared


def _asking_for(kind: type, description: str = "What may be asked") -> strawberry.Schema:
    """A schema with one question, answered by this type."""

    class Query:
        answer: kind | None = public("The answer", lambda: None)  # type: ignore[valid-type]  # known at run time

    return strawberry.Schema(query=strawberry.type(Query, description=description))


@strawberry.type(description="A pet")
class Pet:
    name: str | None = public("What it listens to")


@strawberry.type(description="A good person")
class Good:
    name: str | None = personal(Category.NAME, "Name")


@strawberry.type(description="One field forgot to ask")
class Forgetful:
    name: str | None = personal(Category.NAME, "Name")
    nickname: str | None = public("What friends say")


@strawberry.type(description="One field is Strawberry's own")
class Plain:
    name: str | None = personal(Category.NAME, "Name")
    shoe_size: int | None = strawberry.field(description="Size of the shoes")


@strawberry.type(description="One field cannot be null")
class Rigid:
    name: str = personal(Category.NAME, "Name")


@strawberry.type(description="A pet is reached through a person only")
class Owner:
    pet: Pet | None = personal(Category.HOUSEHOLD, "The pet", lambda: None)


@strawberry.type(description="A field is not explained")
class Silent:
    name: str | None = personal(Category.NAME, "")


@strawberry.type
class Untitled:
    name: str | None = public("Name")


async def _greeting(word: str, who: Annotated[str, argument("Whom")]) -> str:
    return word + who


@strawberry.type(description="An argument is not explained")
class Greeter:
    greeting: str | None = public("A greeting", _greeting)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Forgetful, "Forgetful.nickname names no consent category"),
        (Plain, "Plain.shoeSize names no consent category"),
        (Rigid, "Rigid.name cannot be null"),
        (Owner, "Pet.name names no consent category"),
        (Silent, "Silent.name has no description"),
        (Untitled, "Untitled has no description"),
        (Greeter, "Greeter.greeting(word:) has no description"),
    ],
)
def test_a_schema_with_one_fault_is_refused_with_that_fault(kind: type, fault: str) -> None:
    with pytest.raises(InputRefused) as refused:
        check(_asking_for(kind))
    head, *faults = str(refused.value).splitlines()
    assert head == "This schema may not start:"
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_an_unexplained_enum_value_is_refused() -> None:
    @strawberry.enum(description="A colour")
    class Colour(Enum):
        RED = "RED"

    @strawberry.type(description="Something to see")
    class Thing:
        colour: Colour | None = public("Its colour")

    with pytest.raises(InputRefused, match=r"Colour\.RED has no description"):
        check(_asking_for(Thing))


def test_an_unexplained_input_is_refused() -> None:
    @strawberry.input(description="What to look for")
    class Where:
        name: str

    async def find(where: Annotated[Where, argument("What to look for")]) -> str:
        return where.name

    @strawberry.type(description="A place to look")
    class Place:
        found: str | None = public("What was found", find)

    with pytest.raises(InputRefused, match=r"Where\.name has no description"):
        check(_asking_for(Place))


def test_all_faults_are_told_at_once() -> None:
    @strawberry.type(description="Much is wrong")
    class Wrong:
        name: str = personal(Category.NAME, "")
        nickname: str | None = public("What friends say")

    with pytest.raises(InputRefused) as refused:
        check(_asking_for(Wrong, description=""))
    assert len(str(refused.value).splitlines()) == 1 + 4


@pytest.mark.parametrize("build", [lambda: _asking_for(Good), lambda: _asking_for(Pet), lambda: schema])
def test_a_schema_that_asks_and_explains_starts(build: Callable[[], strawberry.Schema]) -> None:
    check(build())


@strawberry.input(description="One condition forgot what it reads")
class CarelessWhere:
    name: str | None = filtering(Category.NAME, "Name")
    shoe_size: int | None = strawberry.field(default=None, description="Size of the shoes")


@strawberry.input(description="Every condition says what it reads")
class CarefulWhere:
    name: str | None = filtering(Category.NAME, "Name")


@strawberry.enum(description="In which order")
class Order(Enum):
    NAME = strawberry.enum_value("NAME", description="By name")


async def _careless(where: Annotated[CarelessWhere, argument("What is known")]) -> None: ...


async def _careful(
    where: Annotated[CarefulWhere, argument("What is known")],
    id: Annotated[strawberry.ID, argument("Hub id", reads=Category.EXISTENCE)],
    first: Annotated[int, argument("How many")],
    after: Annotated[str, argument("From where")],
) -> None: ...


async def _ordered(order: Annotated[Order, argument("In which order")]) -> None: ...


_FINDING: dict[str, Callable[..., Any]] = {"careless": _careless, "careful": _careful, "ordered": _ordered}


def _finding(how: str, kind: Any) -> strawberry.Schema:
    class Query:
        find: kind | None = public("Somebody", _FINDING[how])  # type: ignore[valid-type]  # known at run time

    return strawberry.Schema(query=strawberry.type(Query, description="What may be asked"))


@pytest.mark.parametrize("kind", [Good, list[Good], Connection[Good]])
@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ("careless", "CarelessWhere.shoeSize names no category of what it reads"),
        ("ordered", "Query.find(order:) names no category of what it reads"),
    ],
)
def test_a_filter_or_an_order_that_does_not_say_what_it_reads_is_refused(
    how: str, fault: str, kind: Any
) -> None:
    with pytest.raises(InputRefused) as refused:
        check(_finding(how, kind))
    _, *faults = str(refused.value).splitlines()
    assert len(faults) == 1
    assert faults[0].startswith(fault)


@pytest.mark.parametrize("kind", [Good, list[Good], Connection[Good]])
def test_a_filter_that_says_what_it_reads_starts(kind: Any) -> None:
    check(_finding("careful", kind))


def test_a_search_among_pets_reads_nothing_of_anybody() -> None:
    check(_finding("ordered", Pet))


def test_every_condition_on_clients_needs_the_very_category_it_names() -> None:
    given = {
        "identifier": IdentifierInput(source="demo", value="1"),
        "firstName": TextFilterInput(eq="a"),
        "lastName": TextFilterInput(eq="a"),
        "dateOfBirth": DateFilterInput(eq=date(2000, 1, 1)),
        "ssnLastFour": "1234",
    }
    where = CORE.type_map["ClientWhere"]
    assert isinstance(where, GraphQLInputObjectType)
    assert set(given) == set(where.fields)
    for name, field in where.fields.items():
        told = field.extensions["strawberry-definition"]
        facts = ClientWhere(**{told.python_name: given[name]}).as_filter().facts()
        assert needed(tuple(facts)) == told.metadata["category"] | Category.EXISTENCE, name
        assert f"needs {told.metadata['category'].name}" in (field.description or "")


def _nobody() -> Any: ...


def test_a_question_that_begins_in_a_url_does_not_lead_to_people() -> None:
    class Query:
        pet: Pet | None = public("A pet", lambda: None, by_get=True)
        people: Connection[Good] = public("People", lambda: None, by_get=True)

    with pytest.raises(InputRefused) as refused:
        check(strawberry.Schema(query=strawberry.type(Query, description="What may be asked")))
    _, fault = str(refused.value).splitlines()
    assert fault.startswith("Query.people leads to people")


def test_the_nouns_of_a_life_bear_consent_and_those_of_a_community_do_not() -> None:
    bearing = consent_bearing(schema)
    assert bearing >= {
        "Assessment",
        "AssessmentQuestion",
        "AssessmentResult",
        "Birth",
        "Client",
        "ClientIdentifier",
        "CurrentLivingSituation",
        "Disability",
        "EmploymentAndEducation",
        "Enrollment",
        "Event",
        "Exit",
        "FoodAssistance",
        "HealthAndDomesticViolence",
        "Household",
        "HousingOutcome",
        "IncomeAndBenefits",
        "Name",
        "Path",
        "RunawayAndHomelessYouth",
        "RunawayAndHomelessYouthExit",
        "Service",
        "SocialSecurityNumber",
        "UtilityAssistance",
        "VeteranHistory",
        "VeteranServices",
        "YouthEducation",
    }
    assert not bearing & {
        "Affiliation",
        "CocParticipation",
        "CoordinatedEntry",
        "Funder",
        "HmisParticipation",
        "Inventory",
        "Organization",
        "Project",
        "Query",
    }


def test_every_fact_about_a_person_may_be_null_and_names_its_category() -> None:
    for name in consent_bearing(schema):
        kind = CORE.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert set(declared(kind)) == set(kind.fields)
        for field, told in declared(kind).items():
            assert isinstance(told.category, Category), f"{name}.{field}"
            assert not isinstance(kind.fields[field].type, GraphQLNonNull), f"{name}.{field}"
