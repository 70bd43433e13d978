"""What is published survives whoever attacks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from hmis.measures.publishing import suppress as suppressing
from hmis.measures.publishing.attack import Demand, audit, outsider
from hmis.measures.publishing.cells import (
    SUPPRESSED,
    Cell,
    Hidden,
    Key,
    Kind,
    Protected,
    Published,
    Reason,
    Relation,
)
from hmis.measures.publishing.suppress import suppress
from tests.hmis.measures.publishing.attackers import Attacker, subtract
from tests.hmis.measures.publishing.tables import FAMILIES

# 4 families of 5 parts: 2,080 tables.
PARTS, EACH = 5, 104


def left_over(counts: Mapping[Key, int], relations: list[Relation]) -> list[tuple[dict[Key, int], int]]:
    """People whom an inequality leaves over: in the total and not in the part, or in several parts."""
    found: list[dict[Key, int]] = []
    for relation in relations:
        if relation.kind is Kind.SUM or (relation.kind is Kind.UNION and len(relation.parts) == 1):
            continue
        found += [{relation.total: 1, part: -1} for part in relation.parts]
        if relation.kind is Kind.UNION:
            found.append({relation.total: -1, **dict.fromkeys(relation.parts, 1)})
    return [(one, sum(times * counts[key] for key, times in one.items())) for one in found]


def recovered(cells: list[Cell], relations: list[Relation], protected: Protected) -> list[object]:
    """What an attacker learns that must not be learnt."""
    counts = {cell.key: cell.count for cell in cells}
    published = protected.published
    zeros_are_shown = all(published[key] == 0 for key, count in counts.items() if count == 0)
    least = {} if zeros_are_shown else {key: protected.hidden[key].least for key in protected.hidden}
    found: list[object] = [
        (key, bounds)
        for key, bounds in subtract(published, relations, least).items()
        if bounds[1] - bounds[0] < 9 and protected.hidden[key].reason is not Reason.WITHHELD
    ]
    reader = Attacker(published, relations, least)
    # Somebody to whom nothing but the zeros was shown: what that one knows is no secret.
    blank: dict[Key, Published] = {key: 0 if count == 0 else SUPPRESSED for key, count in published.items()}
    secrets = [({key: 1}, count) for key, count in counts.items()] + left_over(counts, relations)
    for expression, count in secrets:
        if 1 <= count <= 10 and not reader.reaches(expression, 1, 10):
            known_anyhow = Attacker(blank, relations, least).bounds(expression)[0]
            if known_anyhow <= 1 or not reader.reaches(expression, known_anyhow, known_anyhow + 9):
                found.append((expression, count))
    for key in reader.unknown:
        if counts[key] > 10:
            low, high = reader.bounds({key: 1}) if not _moves(reader, key) else (0, 9)
            if high - low < 9:
                found.append((key, low, high))
    return found


def _moves(reader: Attacker, key: Key) -> bool:
    """Whether the tables found so far already differ by nine in the cell."""
    values = [counts[reader.at[key]] for counts in reader.found]
    return bool(values) and max(values) - min(values) >= 9


def naive(cells: list[Cell]) -> Protected:
    """Hides the small ones and nothing else."""
    hidden = {cell.key: Hidden(Reason.PRIMARY, low=1) for cell in cells if 1 <= cell.count <= 10}
    return Protected({cell.key: SUPPRESSED if cell.key in hidden else cell.count for cell in cells}, hidden)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("family", FAMILIES)
def test_no_hidden_count_can_be_found_out(family: str, part: int) -> None:
    withheld = 0
    for cells, relations in FAMILIES[family].some(EACH, part):
        protected = suppress(cells, relations)
        for cell in cells:
            shown = protected.published[cell.key]
            assert shown is SUPPRESSED or (shown == cell.count and not 1 <= shown <= 10)
        assert recovered(cells, relations, protected) == []
        withheld += any(protected.published[cell.key] is SUPPRESSED for cell in cells if cell.count == 0)
    # A zero is hidden only where showing it would tell the rest, which is seldom.
    assert withheld <= EACH // 20


@pytest.mark.parametrize("family", FAMILIES)
def test_hiding_only_the_small_ones_can_be_undone_in_most_tables(family: str) -> None:
    undone = sum(
        bool(recovered(cells, relations, naive(cells))) for cells, relations in FAMILIES[family].some(EACH, 0)
    )
    assert undone > EACH * 0.6


@pytest.mark.parametrize("family", ["two-way", "three-way", "linked"])
def test_with_a_pencil_most_small_counts_come_back_to_the_last_digit(family: str) -> None:
    exact = sum(
        any(low == high for low, high in subtract(naive(cells).published, relations, {}).values())
        for cells, relations in FAMILIES[family].some(EACH, 0)
    )
    assert exact > EACH * 0.9


@pytest.mark.parametrize("family", FAMILIES)
def test_the_audit_finds_what_the_attackers_find(family: str) -> None:
    for cells, relations in FAMILIES[family].some(40, 0):
        assert audit(suppress(cells, relations), relations) == []
        one_way = {str(key) for key in audit(naive(cells), relations)}
        assert one_way or not any(
            low == high for low, high in subtract(naive(cells).published, relations, {}).values()
        )


def forgets_columns(cells: list[Cell], relations: list[Relation]) -> Protected:
    def dimension(relation: Relation) -> str:
        return next(facet for facet in relation.parts[0] if facet not in relation.total).split("=")[0]

    return suppress(cells, [one for one in relations if dimension(one) == "agency"])


def one_more_in_each_row(cells: list[Cell], relations: list[Relation]) -> Protected:
    """What is often done by hand: where a row hides one, the smallest other one is hidden as well."""
    counts = {cell.key: cell.count for cell in cells}
    hidden = {key for key, count in counts.items() if 1 <= count <= 10}
    for _ in range(len(relations)):
        for relation in relations:
            row = (relation.total, *relation.parts)
            if len(hidden.intersection(row)) == 1:
                others = [key for key in row if counts[key] and key not in hidden]
                hidden.update(sorted(others, key=lambda key: counts[key])[:1])
    published = {key: SUPPRESSED if key in hidden else count for key, count in counts.items()}
    return Protected(published, {key: Hidden(Reason.PRIMARY, low=1) for key in hidden})


def each_cube_by_itself(cells: list[Cell], relations: list[Relation]) -> Protected:
    """Tables that share a margin, protected one after the other."""
    hidden: dict[Key, Hidden] = {}
    for left_out in ("agency", "household", "month"):
        cube = [cell for cell in cells if not any(facet.startswith(left_out) for facet in cell.key)]
        keys = {cell.key for cell in cube}
        inside = [one for one in relations if {one.total, *one.parts} <= keys]
        hidden |= suppress(cube, inside).hidden
    published = {cell.key: SUPPRESSED if cell.key in hidden else cell.count for cell in cells}
    return Protected(published, hidden)


def takes_unions_for_apart(cells: list[Cell], relations: list[Relation]) -> Protected:
    """Forgets that a total bounds its parts, and the parts it, where people may be in several."""
    return suppress(cells, [one for one in relations if one.kind is Kind.SUM])


def is_content_when_it_is_not_exact(cells: list[Cell], relations: list[Relation]) -> Protected:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Demand, "met", lambda demand, least, most: most[demand.at] > least[demand.at])
        return suppress(cells, relations)


def forgets_that_zero_would_be_shown(cells: list[Cell], relations: list[Relation]) -> Protected:
    def lenient(*known: Any) -> Any:
        reader = outsider(*known)
        reader.lower[:] = 0
        return reader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppressing, "outsider", lenient)
        return suppress(cells, relations)


def forgets_what_is_left_over(cells: list[Cell], relations: list[Relation]) -> Protected:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppressing, "is_left_over", lambda key: False)
        return suppress(cells, relations)


def remembers_tables_that_do_not_fit(cells: list[Cell], relations: list[Relation]) -> Protected:
    def credulous(work: Any, worlds: Any, to_insiders: bool) -> None:
        for world in worlds:
            for least, most in work.worlds[: to_insiders + 1]:
                least[:], most[:] = np.minimum(least, world), np.maximum(most, world)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppressing._Work, "_remember", credulous)
        return suppress(cells, relations)


@pytest.mark.parametrize(
    ("mutant", "family"),
    [
        (forgets_columns, "two-way"),
        (forgets_columns, "three-way"),
        (one_more_in_each_row, "two-way"),
        (one_more_in_each_row, "three-way"),
        (each_cube_by_itself, "linked"),
        (takes_unions_for_apart, "union"),
        (is_content_when_it_is_not_exact, "two-way"),
        (forgets_that_zero_would_be_shown, "two-way"),
        (forgets_what_is_left_over, "union"),
        (remembers_tables_that_do_not_fit, "linked"),
    ],
)
def test_a_suppressor_with_a_fault_is_caught(
    mutant: Callable[[list[Cell], list[Relation]], Protected], family: str
) -> None:
    assert any(
        recovered(cells, relations, mutant(cells, relations))
        for cells, relations in FAMILIES[family].some(EACH, 0)
    )
