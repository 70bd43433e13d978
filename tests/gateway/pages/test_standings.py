"""A preview as a table that fits on a page."""

from __future__ import annotations

from typing import Any

from gateway.pages.standings import grouped, table


def standing(
    agency: str, sees: list[str], would_see: list[str], *, own: bool = False, role: str = "CASE_MANAGER"
) -> dict[str, Any]:
    return {"agency": agency, "isViewers": own, "role": role, "sees": sees, "wouldSee": would_see}


def test_agencies_that_stand_alike_share_a_column_and_ones_own_comes_first() -> None:
    groups = grouped(
        [
            standing("C", [], []),
            standing("A", [], [], own=True),
            standing("B", ["EXISTENCE"], ["EXISTENCE", "NAME"]),
            standing("D", [], []),
        ]
    )
    assert [one.names for one in groups] == [("A",), ("B",), ("C", "D")]
    assert [groups[1].mark(one) for one in ("NAME", "EXISTENCE", "DOB")] == ["begins", "stays", "never"]


def test_what_changes_alike_for_several_is_one_sentence() -> None:
    told = table(
        [
            standing("B", ["EXISTENCE", "NAME", "DOB"], ["EXISTENCE", "NAME"]),
            standing("C", ["EXISTENCE", "DOB"], []),
        ],
        "en",
    )
    assert told.sentences == (("ends", "No longer seen by C and B: your birth date."),)
    assert told.rows == (("Name", ("never", "stays")), ("Birth date", ("ends", "ends")))
    assert "your birth date" in told.nobody
    assert "your name" not in told.nobody


def test_what_ones_own_agency_sees_of_others_is_not_what_others_see() -> None:
    told = table([standing("A", [], ["EXISTENCE", "FOOD"], own=True), standing("B", [], [])], "en")
    assert told.sentences == (
        ("begins", "New for A, of what others wrote down: help you had from food banks."),
    )
    assert "help you had from food banks" in told.nobody


def test_to_be_known_at_all_is_told_where_it_is_all_there_is() -> None:
    told = table([standing("B", [], ["EXISTENCE"])], "en")
    assert told.rows == (("That you are known here", ("begins",)),)
    assert told.sentences == (("begins", "New for B: that you are known here."),)


def test_many_agencies_are_counted_and_other_roles_are_told_apart() -> None:
    many = [standing(f"Agency {number}", [], ["EXISTENCE", "NAME"]) for number in range(30)]
    told = table([*many, standing("B", [], ["EXISTENCE"], role="DASHBOARD")], "en")
    assert told.heads == ("Agency 0, Agency 1, Agency 2, Agency 3, Agency 4, and 25 more agencies",)
    assert told.others == (("People who count and plan", ("B: that you are known here",)),)
