"""Anybody can subtract two tables, so a later one takes a place only if the difference tells nothing."""

from __future__ import annotations

import pytest

from hmis.measures.publishing.attack import audit
from hmis.measures.publishing.cells import SUPPRESSED, Cell, Key, Kind, Relation
from hmis.measures.publishing.replacement import replacement
from hmis.measures.publishing.suppress import suppress

A, B, C, ALL = ("a",), ("b",), ("c",), ("all",)
SUM = [Relation(ALL, (A, B, C))]


def cells(*counts: int) -> list[Cell]:
    return [*(Cell(key, count) for key, count in zip((A, B, C), counts, strict=True)), Cell(ALL, sum(counts))]


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ((20, 30, 40), (20, 30, 40), True),
        ((20, 30, 40), (31, 30, 40), True),
        ((20, 30, 40), (23, 30, 40), False),
        # Each moved far, the total by one.
        ((20, 30, 40), (40, 11, 40), False),
        # Hidden ones may move by few, as long as what is shown does not.
        ((3, 30, 40), (4, 29, 40), True),
        ((3, 30, 40), (5, 30, 40), False),
        ((3, 30, 40), (5, 45, 40), True),
        # What is shown of the sum tells that the hidden two together grew by three.
        ((3, 30, 40), (4, 32, 52), False),
    ],
)
def test_a_later_table_takes_its_place_if_nothing_shown_changed_by_few(
    before: tuple[int, int, int], after: tuple[int, int, int], replaced: bool
) -> None:
    earlier = suppress(cells(*before), SUM).published

    assert (replacement(earlier, cells(*after), SUM) is not None) == replaced


def test_what_was_hidden_stays_hidden_though_it_is_zero_or_large_now() -> None:
    earlier = suppress(cells(3, 30, 40), SUM).published
    for now in ((0, 33, 40), (25, 30, 40)):
        later = replacement(earlier, cells(*now), SUM)

        assert later is not None
        assert [later.published[key] for key in (A, B)] == [SUPPRESSED, SUPPRESSED]
        assert audit(later, SUM) == []


def test_what_an_inequality_leaves_over_must_not_change_by_few_either() -> None:
    union = [Relation(ALL, (A, B), Kind.UNION)]

    def people(a: int, b: int, both: int) -> list[Cell]:
        return [Cell(A, a), Cell(B, b), Cell(ALL, a + b - both)]

    earlier = suppress(people(60, 70, 20), union).published
    assert replacement(earlier, people(80, 90, 40), union) is not None
    # Three more were in both.
    assert replacement(earlier, people(80, 90, 23), union) is None


def test_a_table_with_other_cells_is_another_table() -> None:
    earlier = suppress(cells(20, 30, 40), SUM).published
    more: Key = ("d",)

    assert replacement(earlier, [*cells(20, 30, 40), Cell(more, 50)], SUM) is None
