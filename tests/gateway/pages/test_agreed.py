"""Grants in plain sentences."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from auth.categories import Category
from auth.grant_state import State
from auth.viewer import Purpose
from gateway.pages.agreed import clock, details, what, why, yours
from gateway.pages.category_words import CATEGORY_WORDS, LABEL_WORDS, PURPOSE_WORDS, YOURS
from hmis.labels import Label

ZONE = ZoneInfo("America/Chicago")


def grant(**changes: Any) -> dict[str, Any]:
    """A release of name and stays to two agencies, as the API gives it."""
    said = {
        "id": "1",
        "state": "ACTIVE",
        "effect": "PERMIT",
        "categories": ["EXISTENCE", "NAME", "ENROLLMENT"],
        "labels": [],
        "purposes": ["CARE_COORDINATION"],
        "communityWide": False,
        "recipients": ["Cedar Street Housing", "Keys Home"],
        "group": None,
        "person": None,
        "sources": None,
        "dataFrom": None,
        "dataTo": None,
        "start": "2026-03-01",
        "end": None,
        "provisionalUntil": None,
        "method": "WRITTEN",
        "guardian": None,
        "revokedAt": None,
    }
    return {**said, **changes}


def said(**changes: Any) -> str:
    one = grant(**changes)
    return " ".join((what(one, "en"), *details(one, "en", ZONE)))


def test_a_release_says_who_sees_what_for_what_how_long_and_how_it_was_given() -> None:
    assert said() == (
        "You let Cedar Street Housing and Keys Home see: your name and your stays and where they led. "
        "They may use it only to coordinate your care. "
        "It began on March 1, 2026 and holds until you take it back. You signed it on paper."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"communityWide": True}, "You let every agency of this community see:"),
        ({"person": "mia@shelter.example"}, "You let one person, mia@shelter.example, see:"),
        ({"group": "Housing", "recipients": ["A"]}, "the group Housing (today A)"),
        ({"labels": ["HIV", "DV"]}, "This includes what tells of HIV or AIDS and violence in your home"),
        ({"sources": ["riverside"]}, "Only what stands in riverside."),
        ({"dataFrom": "2025-01-01"}, "Only what is dated from January 1, 2025 on."),
        ({"dataTo": "2025-01-01"}, "Only what is dated before January 1, 2025."),
        ({"end": "2027-03-01"}, "It began on March 1, 2026 and ends on March 1, 2027. You can take it back"),
        ({"state": "UPCOMING"}, "It begins on March 1, 2026."),
        ({"state": "ENDED", "end": "2026-04-01"}, "You had let Cedar Street Housing and Keys Home see:"),
        ({"state": "ENDED", "end": "2026-04-01"}, "It ended on April 1, 2026."),
        ({"state": "LAPSED"}, "It no longer counts"),
        ({"state": "SUPERSEDED"}, "A newer form of yours took its place."),
        ({"method": "VERBAL", "provisionalUntil": "2026-04-01"}, "without a signature it ends on April 1"),
        ({"guardian": "2"}, "A guardian signed it for you on paper."),
        ({"effect": "DENY"}, "You do not let Cedar Street Housing and Keys Home see: anything about you."),
        ({"effect": "DENY", "labels": ["HIV"]}, "Only what tells of HIV or AIDS."),
    ],
)
def test_what_else_it_says(changes: dict[str, Any], words: str) -> None:
    assert words in said(**changes)


def test_the_day_it_was_taken_back_is_that_of_the_community() -> None:
    assert "You took it back on February 28, 2026." in said(
        state="REVOKED", revokedAt="2026-03-01T03:00:00+00:00"
    )


def test_every_code_of_the_schema_has_words() -> None:
    assert set(YOURS) == set(CATEGORY_WORDS) == {category.name for category in Category}
    assert set(LABEL_WORDS) == {label.name for label in Label}
    assert set(PURPOSE_WORDS) == {purpose.value for purpose in Purpose}
    for state in State:
        assert said(state=state.value, end="2027-01-01", revokedAt="2026-04-01T00:00:00Z")


def test_parts_of_a_life_and_purposes_stand_within_a_sentence() -> None:
    assert yours(["EXISTENCE"], "en") == "that you are known here"
    assert (
        why(["PAYMENT", "ELIGIBILITY"], "en")
        == "to pay for services or to find out which services you can have"
    )
    assert what(grant(), "en").startswith("You let Cedar Street Housing")


def test_a_clock_says_the_hour_of_the_community() -> None:
    assert clock("2026-06-30T20:45:00+00:00", "en", ZONE).replace("\u202f", " ") == "3:45 PM"
