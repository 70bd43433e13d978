"""Words: HUD's codes as enums, with HUD's numbers beside them."""

from __future__ import annotations

from graphql import GraphQLEnumType

from hmis import codes
from hmis.codes import BY_LIST
from hmis.spec import LISTS
from tests.schema.declared import CORE


def _enum(name: str) -> GraphQLEnumType:
    kind = CORE.type_map[name]
    assert isinstance(kind, GraphQLEnumType)
    return kind


def test_every_value_of_every_code_list_says_its_label_and_number() -> None:
    told = {number: kind for number, kind in BY_LIST.items() if kind.__name__ in CORE.type_map}
    assert len(told) > 50
    for number, kind in told.items():
        values = _enum(kind.__name__).values.values()
        numbers = {str(value.description).rpartition(" (")[2].rstrip(")") for value in values}
        assert numbers == set(LISTS[number].codes), number
        assert all((value.description or "").partition(" (")[0] for value in values)


def test_a_word_that_joins_columns_says_all_of_their_numbers() -> None:
    def said(kind: str, value: str) -> str:
        return str(_enum(kind).values[value].description)

    assert said("ServiceType", "PATH_SCREENING") == "PATH Service: Screening (RecordType 141, TypeProvided 2)"
    assert said("ServiceSubtype", "OBTAIN_VA_EDUCATIONAL_ASSISTANCE").endswith(
        "(TypeProvided 3, SubTypeProvided 3)"
    )
    assert said("DisabilityResponse", "DRUG_USE_DISORDER") == "Drug use disorder (2)"
    assert said("Race", "WHITE") == "White (White 1)"
    assert said("Race", "DATA_NOT_COLLECTED") == "Data not collected (99)"


def test_an_enum_answers_with_the_word_of_a_code_and_null_for_a_code_that_is_none() -> None:
    from schema.exit import Exit

    definition = Exit.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry.type
    destination = next(field for field in definition.fields if field.python_name == "destination")
    assert destination.say(116) is codes.LivingSituation.PLACE_NOT_MEANT_FOR_HABITATION
    assert destination.say(4711) is None
    assert destination.say(None) is None
