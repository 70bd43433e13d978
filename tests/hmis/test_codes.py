"""HUD's lists, read straight from the specification, against the classes that put them in words."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

import hmis.codes
from hmis.codes import (
    BY_LIST,
    Code,
    DisabilityResponse,
    DisabilityType,
    LivingSituation,
    ServiceSubtype,
    ServiceType,
    Sex,
    StrCode,
    VamcStation,
    disability_response,
    service_subtype,
    service_type,
)

SPEC = Path(hmis.codes.__file__).parents[1] / "spec"
COC_CODES = "2.03.1"  # an open list, so it stays text
COMBINED = [ServiceType, ServiceSubtype, DisabilityResponse]

# conditions.csv, Services.TypeProvided and Services.SubTypeProvided: which list depends on which code.
TYPES_OF_RECORD = re.compile(r"(\d{3}) -> ([A-Z0-9.]+)")
SUBTYPES_OF_TYPE = re.compile(r"(\d) -> ([A-Z0-9.]+)")


def _lists() -> dict[str, dict[str, str]]:
    lists: dict[str, dict[str, str]] = defaultdict(dict)
    with (SPEC / "lists.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lists[row["list"]][row["code"]] = row["label"]
    del lists[COC_CODES]
    return dict(lists)


def _rule(column: str) -> str:
    with (SPEC / "conditions.csv").open(encoding="utf-8", newline="") as file:
        return next(
            row["rule"]
            for row in csv.DictReader(file)
            if row["column"] == column and row["kind"] == "list_by"
        )


def _name(number: str, code: str) -> str:
    return next(member.name for member in BY_LIST[number] if str(member.value) == code)


LISTS = _lists()
CLASSES: list[type[Code] | type[StrCode]] = [*BY_LIST.values(), *COMBINED]


def test_every_list_has_a_class_and_every_class_a_list() -> None:
    assert set(BY_LIST) == set(LISTS)
    assert len(set(BY_LIST.values())) == len(LISTS)


@pytest.mark.parametrize("number", LISTS)
def test_a_class_has_exactly_the_codes_and_labels_of_its_list(number: str) -> None:
    assert {str(member.value): member.label for member in BY_LIST[number]} == LISTS[number]
    assert BY_LIST[number].hud_list == number


@pytest.mark.parametrize("codes", CLASSES, ids=lambda codes: codes.__name__)
def test_names_are_short_and_fit_graphql(codes: type[Code] | type[StrCode]) -> None:
    for name in codes.__members__:
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name), name
        assert len(name) <= 45, name
        assert name.lower() not in {"true", "false", "null"}, name
        assert not re.fullmatch(r"(CODE|VALUE|ANSWER|OPTION)_\d+", name), name


@pytest.mark.parametrize("codes", CLASSES, ids=lambda codes: codes.__name__)
def test_no_code_has_two_names(codes: type[Code] | type[StrCode]) -> None:
    assert len(codes.__members__) == len(list(codes))


@pytest.mark.parametrize("codes", CLASSES, ids=lambda codes: codes.__name__)
def test_the_docstring_says_what_the_list_is_and_its_number(codes: type[Code] | type[StrCode]) -> None:
    assert codes.__doc__
    assert codes.__doc__.endswith(f". HUD list {codes.hud_list}." if codes.hud_list else ".")


def test_the_same_answer_has_the_same_name_everywhere() -> None:
    same = {
        "No": "NO",
        "Yes": "YES",
        "Client doesn't know": "CLIENT_DOES_NOT_KNOW",
        "Client prefers not to answer": "CLIENT_PREFERS_NOT_TO_ANSWER",
        "Data not collected": "DATA_NOT_COLLECTED",
        "Unknown / data not collected": "DATA_NOT_COLLECTED",
        "Deceased": "DECEASED",
    }
    answers = [member for codes in CLASSES for member in codes if member.label in same]
    assert len(answers) > 100
    assert {(member.label, member.name) for member in answers} <= set(same.items())


def test_everything_is_exported_and_no_two_classes_share_a_name() -> None:
    names = [codes.__name__ for codes in CLASSES]
    assert len(set(names)) == len(names)
    assert set(names) <= set(hmis.codes.__all__)
    assert all(getattr(hmis.codes, codes.__name__) is codes for codes in CLASSES)


def test_a_code_is_found_by_number_and_compares_as_one() -> None:
    assert Sex(0) is Sex.FEMALE
    assert LivingSituation(116) == 116
    assert VamcStation("589A5").label == "(589A5) Kansas City, MO"
    with pytest.raises(ValueError, match="7"):
        Sex(7)


def test_service_types_cover_every_pair_of_record_type_and_type_provided() -> None:
    by_record = dict(TYPES_OF_RECORD.findall(_rule("TypeProvided")))
    assert set(by_record) == set(LISTS["1.4"])
    pairs = {(int(record), int(code)) for record, number in by_record.items() for code in LISTS[number]}
    assert {(kind.record_type, kind.type_provided) for kind in ServiceType} == pairs
    assert len(ServiceType) == len(pairs)
    for record, number in by_record.items():
        for code, label in LISTS[number].items():
            kind = service_type(int(record), int(code))
            assert kind is not None
            whole = "Bed Night" if record == "200" else f"{LISTS['1.4'][record]}: {label}"
            assert kind.label == whole
            assert kind.name.endswith(_name(number, code))


def test_service_subtypes_cover_every_pair_of_type_and_subtype() -> None:
    by_type = dict(SUBTYPES_OF_TYPE.findall(_rule("SubTypeProvided")))
    assert set(by_type) == {"3", "4", "5"}
    pairs = {(int(kind), int(code)) for kind, number in by_type.items() for code in LISTS[number]}
    assert {(kind.type_provided, kind.sub_type) for kind in ServiceSubtype} == pairs
    assert len(ServiceSubtype) == len(pairs)
    for type_provided, number in by_type.items():
        for code, label in LISTS[number].items():
            subtype = service_subtype(int(type_provided), int(code))
            assert subtype is not None
            assert subtype.label == f"{LISTS['V2.2'][type_provided]}: {label}"
            assert subtype.name.endswith(_name(number, code))


def test_disability_responses_cover_both_lists_and_lead_back_to_the_code() -> None:
    found = set()
    for disability_type in DisabilityType:
        number = "4.10.2" if disability_type == 10 else "1.8"
        for code, label in LISTS[number].items():
            answer = disability_response(disability_type, int(code))
            assert answer is not None
            assert (answer.response, answer.label) == (int(code), label)
            found.add(answer)
    assert found == set(DisabilityResponse)


def test_one_means_yes_for_a_disability_and_alcohol_for_substance_use() -> None:
    assert disability_response(DisabilityType.HIV_AIDS, 1) is DisabilityResponse.YES
    assert (
        disability_response(DisabilityType.SUBSTANCE_USE_DISORDER, 1)
        is DisabilityResponse.ALCOHOL_USE_DISORDER
    )


def test_unknown_pairs_have_no_word() -> None:
    assert service_type(141, 13) is None
    assert service_type(141, 1006) is None
    assert service_type(999, 1) is None
    assert service_subtype(3, 5) is None
    assert service_subtype(1, 1) is None
    assert service_subtype(3, None) is None
    assert disability_response(5, 2) is None
    assert disability_response(11, 1) is None
    assert disability_response(10, None) is None
