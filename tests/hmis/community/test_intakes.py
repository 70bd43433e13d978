"""What desks wrote down: numbers that can be matched, gaps, and people taken in twice."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import combinations

from hmis.community import Community

Row = dict[str, object]


def plain(name: object) -> str:
    """A name as matching compares it: letters only, no accents, no case."""
    letters = unicodedata.normalize("NFD", str(name or ""))
    return "".join(filter(str.isalpha, letters)).casefold()


def usable(ssn: object) -> bool:
    """MEASURES, section 1: nine digits, no area 000, 666 or 9xx, no group 00, no serial 0000, no run."""
    text = str(ssn or "")
    runs = ("0123456789", "1234567890", "9876543210")
    return (
        len(text) == 9
        and text.isdigit()
        and text[:3] not in ("000", "666")
        and text[0] != "9"
        and text[3:5] != "00"
        and text[5:] != "0000"
        and len(set(text)) > 1
        and not any(text in run * 2 for run in runs)
    )


def agreements(one: Row, other: Row) -> int:
    names = (plain(one["FirstName"]), plain(one["LastName"]))
    return (
        (usable(one["SSN"]) and one["SSN"] == other["SSN"])
        + (all(names) and names == (plain(other["FirstName"]), plain(other["LastName"])))
        + (one["DOB"] is not None and one["DOB"] == other["DOB"])
    )


def test_exactly_the_linking_duplicates_agree_in_two_of_three(community: Community) -> None:
    agreeing = {
        frozenset((str(one["PersonalID"]), str(other["PersonalID"])))
        for one, other in combinations(community.rows["Client"], 2)
        if agreements(one, other) >= 2
    }
    assert agreeing == {frozenset((d.personal_id, d.again)) for d in community.duplicates if d.links}


def test_both_kinds_of_duplicates_occur_and_both_records_have_stays(community: Community) -> None:
    kinds = Counter(one.links for one in community.duplicates)
    enrolled = {row["PersonalID"] for row in community.rows["Enrollment"]}
    assert min(kinds[True], kinds[False]) >= 5
    for one in community.duplicates:
        assert {one.personal_id, one.again} <= enrolled
        assert community.intakes[one.personal_id].person is community.intakes[one.again].person


def test_full_numbers_are_usable_but_were_never_given_out(community: Community) -> None:
    for row in community.rows["Client"]:
        if row["SSNDataQuality"] == 1:
            area = int(str(row["SSN"])[:3])
            assert usable(row["SSN"])
            assert 734 <= area <= 749 or 773 <= area <= 799


def test_partial_numbers_keep_the_known_digits_and_missing_ones_are_empty(community: Community) -> None:
    quality = Counter(row["SSNDataQuality"] for row in community.rows["Client"])
    assert 0.6 < quality[1] / quality.total() < 0.85
    assert min(quality[2], quality[8], quality[9], quality[99]) >= 10
    for row in community.rows["Client"]:
        if row["SSNDataQuality"] == 2:
            assert len(str(row["SSN"])) == 9
            assert "x" in str(row["SSN"])
        elif row["SSNDataQuality"] != 1:
            assert row["SSN"] is None


def test_some_names_and_birth_dates_are_missing_or_approximate(community: Community) -> None:
    clients = community.rows["Client"]
    assert 3 <= sum(row["DOB"] is None for row in clients) <= 25
    assert 3 <= sum(row["DOBDataQuality"] == 2 for row in clients) <= 25
    assert 1 <= sum(row["LastName"] is None for row in clients) <= 15
    for row in clients:
        assert (row["DOB"] is None) == (row["DOBDataQuality"] in (8, 9, 99))
        assert (row["LastName"] is None) == (row["NameDataQuality"] in (8, 9, 99))


def test_names_carry_accents_apostrophes_hyphens_and_blanks(community: Community) -> None:
    names = " ".join(f"{person.first}{person.last}" for person in community.people)
    assert not names.isascii()
    assert "'" in names
    assert "-" in names
    assert any(" " in person.last for person in community.people)
