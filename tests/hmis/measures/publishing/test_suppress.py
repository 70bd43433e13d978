"""Which cells of a table are shown, and which rules hold whatever the table."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmis.measures.publishing.attack import audit
from hmis.measures.publishing.cells import (
    SUPPRESSED,
    VICTIM_SERVICES,
    Cell,
    Key,
    Kind,
    NotATable,
    Protected,
    Reason,
    Relation,
)
from hmis.measures.publishing.suppress import suppress
from tests.hmis.measures.publishing.tables import FAMILIES


def table(rows: list[list[int]]) -> tuple[list[Cell], list[Relation]]:
    """A table with its totals. Cells are called by row and column, totals by *."""
    height, width = len(rows), len(rows[0])
    counts: dict[Key, int] = {}
    for row in range(height):
        counts |= {(str(row), str(column)): rows[row][column] for column in range(width)}
        counts[str(row), "*"] = sum(rows[row])
    for column in range(width):
        counts["*", str(column)] = sum(row[column] for row in rows)
    counts["*", "*"] = sum(map(sum, rows))
    across = [
        Relation((row, "*"), tuple((row, str(column)) for column in range(width)))
        for row in (*map(str, range(height)), "*")
    ]
    down = [
        Relation(("*", column), tuple((str(row), column) for row in range(height)))
        for column in (*map(str, range(width)), "*")
    ]
    return [Cell(key, count) for key, count in counts.items()], across + down


def hidden(protected: Protected) -> set[Key]:
    return {key for key, count in protected.published.items() if count is SUPPRESSED}


def test_one_small_count_takes_three_others_with_it() -> None:
    protected = suppress(*table([[3, 40, 50], [60, 35, 20], [70, 80, 90]]))

    # The cheapest rectangle: 40, 60 and 35 are the least that hides 3 in its row and its column.
    assert protected.published[("0", "0")] is SUPPRESSED
    assert len(hidden(protected)) == 4
    assert sum(count for count in protected.published.values() if count is not SUPPRESSED) == sum(
        cell.count for cell in table([[3, 40, 50], [60, 35, 20], [70, 80, 90]])[0]
    ) - (3 + 50 + 60 + 20)


def test_a_table_without_small_counts_is_shown_as_it_is() -> None:
    cells, relations = table([[0, 40], [11, 20]])

    assert suppress(cells, relations).published == {cell.key: cell.count for cell in cells}


def test_zero_is_shown_and_is_not_hidden_for_another_one() -> None:
    protected = suppress(*table([[0, 7, 30], [0, 20, 0], [50, 60, 70]]))

    assert [protected.published[key] for key in (("0", "0"), ("1", "0"), ("1", "2"))] == [0, 0, 0]


def test_two_small_counts_that_add_up_to_two_hide_a_third() -> None:
    # 1 + 1 = 2 has one solution: hiding both is not enough.
    cells = [Cell(("a",), 1), Cell(("b",), 1), Cell(("c",), 40), Cell(("d",), 50), Cell(("all",), 92)]
    protected = suppress(cells, [Relation(("all",), (("a",), ("b",), ("c",), ("d",)))])

    assert hidden(protected) == {("a",), ("b",), ("c",)}


def test_who_knows_which_ones_are_small_learns_not_which_number_they_are() -> None:
    # 20 is 10 and 10 for whoever knows that both are small.
    cells = [Cell(("a",), 10), Cell(("b",), 10), Cell(("c",), 40), Cell(("all",), 60)]
    protected = suppress(cells, [Relation(("all",), (("a",), ("b",), ("c",)))])

    assert len(hidden(protected)) > 2


def test_ten_ones_are_not_told_by_the_zeros_beside_them() -> None:
    # A small total with ten parts that are not 0 is ten ones.
    ones = [Cell((str(at),), 1) for at in range(10)]
    cells = [*ones, Cell(("none",), 0), Cell(("others",), 400), Cell(("total",), 10), Cell(("all",), 410)]
    relations = [
        Relation(("total",), (*(one.key for one in ones), ("none",))),
        Relation(("all",), (("total",), ("others",))),
    ]
    protected = suppress(cells, relations)

    assert protected.published[("none",)] is SUPPRESSED
    assert protected.hidden[("none",)].reason is Reason.ZERO
    assert audit(protected, relations) == []


def test_nights_of_few_people_are_hidden_however_many_they_are() -> None:
    cells = [
        Cell(("a",), 300, people=3, most=365),
        Cell(("b",), 9000, people=80, most=365),
        Cell(("c",), 20000, people=200, most=365),
        Cell(("d",), 0, people=0, most=365),
        Cell(("all",), 29300, people=283, most=365),
    ]
    relations = [Relation(("all",), (("a",), ("b",), ("c",), ("d",)))]
    protected = suppress(cells, relations)

    assert hidden(protected) == {("a",), ("b",)}
    assert protected.hidden[("a",)].reason is Reason.FEW_PEOPLE
    # Ten people could have stayed 3,650 nights.
    assert protected.hidden[("a",)].high == 3650
    assert audit(protected, relations) == []


def test_who_was_in_several_types_is_not_told_by_sum_and_total() -> None:
    # 200 + 50 - 245: five people were in both.
    cells = [Cell(("ES",), 200), Cell(("TH",), 50), Cell(("ES+TH",), 245)]
    protected = suppress(cells, [Relation(("ES+TH",), (("ES",), ("TH",)), Kind.UNION)])

    assert hidden(protected) == {("TH",)}


def test_a_part_and_its_whole_are_not_shown_when_few_are_left() -> None:
    # 50 left, 45 came back: five did not.
    cells = [Cell(("left",), 50), Cell(("came back",), 45)]
    relation = Relation(("left",), (("came back",),), Kind.WITHIN)

    assert hidden(suppress(cells, [relation])) == {("came back",)}


def test_people_tell_nothing_of_nights_but_how_many_there_can_be() -> None:
    # 12 people stay at most 360 nights of 30 days each; who knows that 355 were stayed knows there were 12.
    cells = [Cell(("people",), 12), Cell(("nights",), 355, people=12, most=30)]
    relation = Relation(("people",), (("nights",),), Kind.WITHIN, times=30)

    assert hidden(suppress(cells, [relation])) == set()


def test_cubes_that_share_a_margin_are_protected_together() -> None:
    # Each cube alone would hide 4 and one other; the other must not be what the second cube tells.
    parts = {"ES": (4, 30, 40), "TH": (25, 35, 45)}
    totals = [sum(month) for month in zip(*parts.values(), strict=True)]
    cells, relations = [], []
    for name, months in (*parts.items(), ("*", totals)):
        cells += [Cell((name, str(at)), count) for at, count in enumerate(months)]
        cells.append(Cell((name, "*"), sum(months)))
        relations.append(Relation((name, "*"), tuple((name, str(at)) for at in range(3))))
    relations += [Relation(("*", at), (("ES", at), ("TH", at))) for at in ("0", "1", "2", "*")]

    assert audit(suppress(cells, relations), relations) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_the_order_of_cells_and_relations_changes_nothing(family: str) -> None:
    for at, (cells, relations) in enumerate(FAMILIES[family].some(10, 0)):
        first = suppress(cells, relations)
        Random(at).shuffle(cells)
        relations = [
            replace(one, parts=tuple(sorted(one.parts, reverse=True))) for one in reversed(relations)
        ]

        assert suppress(cells, relations) == first


def test_what_was_hidden_stays_hidden_if_it_has_to() -> None:
    cells, relations = table([[30, 40, 0], [60, 35, 20]])
    protected = suppress(cells, relations, stay_hidden=[("0", "0"), ("0", "2")])

    assert {("0", "0"), ("0", "2")} <= hidden(protected)
    assert audit(protected, relations) == []


def test_no_reason_is_told_with_what_is_published() -> None:
    protected = suppress(*table([[3, 40], [60, 35]]))

    assert set(protected.published.values()) <= {SUPPRESSED, *range(1000)}
    assert "PRIMARY" not in repr(protected)


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_count_from_1_to_10_is_ever_shown(rows: list[list[int]]) -> None:
    cells, relations = table(rows)
    published = suppress(cells, relations).published

    assert published.keys() == {cell.key for cell in cells}
    for cell in cells:
        shown = published[cell.key]
        assert shown is SUPPRESSED or (shown == cell.count and shown not in range(1, 11))


@pytest.mark.parametrize(
    ("cells", "relations"),
    [
        ([Cell(("a",), -1)], []),
        ([Cell(("a",), 1), Cell(("a",), 1)], []),
        ([Cell(("left over", "a"), 1)], []),
        ([Cell(("a",), 20)], [Relation(("a",), (("b",),))]),
        ([Cell(("a",), 20)], [Relation(("a",), ())]),
        ([Cell(("a",), 20), Cell(("b",), 21)], [Relation(("a",), (("b",),))]),
        ([Cell(("a",), 20), Cell(("b",), 21)], [Relation(("a",), (("b",),), Kind.WITHIN)]),
        (
            [Cell(("a",), 50), Cell(("b",), 20), Cell(("c",), 20)],
            [Relation(("a",), (("b",), ("c",)), Kind.UNION)],
        ),
    ],
)
def test_what_cannot_be_a_table_is_refused(cells: list[Cell], relations: list[Relation]) -> None:
    with pytest.raises(NotATable):
        suppress(cells, relations)


def test_a_total_of_victim_service_providers_and_others_is_refused() -> None:
    theirs: Key = ("people", VICTIM_SERVICES)
    cells = [Cell(("people",), 50), Cell(theirs, 20), Cell(("people", "providers=others"), 30)]

    with pytest.raises(NotATable):
        suppress(cells, [Relation(("people",), (theirs, ("people", "providers=others")))])
