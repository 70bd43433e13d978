"""What is published survives whoever attacks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from hmis.measures.publishing import attack, cells, suppress as suppressing
from hmis.measures.publishing.attack import audit
from hmis.measures.publishing.cells import SUPPRESSED, Cell, Key, Kind, Protected, Published, Reason, Relation
from hmis.measures.publishing.suppress import suppress
from tests.hmis.measures.publishing.attackers import Attacker, subtract
from tests.hmis.measures.publishing.tables import FAMILIES, Tables

EACH = 520


def left_over(counts: Mapping[Key, int], relations: list[Relation]) -> list[tuple[dict[Key, int], int]]:
    """People whom an inequality leaves over: in the total and not in the part, or in several parts."""
    found: list[tuple[dict[Key, int], int]] = []
    for relation in relations:
        if relation.kind is Kind.SUM or (relation.kind is Kind.UNION and len(relation.parts) == 1):
            continue
        found += [({relation.total: 1, part: -1}, 0) for part in relation.parts]
        if relation.kind is Kind.UNION:
            found.append(({relation.total: -1, **dict.fromkeys(relation.parts, 1)}, 0))
    return [(one, sum(times * counts[key] for key, times in one.items())) for one, _ in found]


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
    hidden = {cell.key: suppressing.Hidden(Reason.PRIMARY, low=1) for cell in cells if 1 <= cell.count <= 10}
    return Protected({cell.key: SUPPRESSED if cell.key in hidden else cell.count for cell in cells}, hidden)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_hidden_count_can_be_found_out(family: str) -> None:
    withheld = 0
    for cells, relations in FAMILIES[family].some(EACH):
        protected = suppress(cells, relations)
        counts = {cell.key: cell.count for cell in cells}
        for key, count in protected.published.items():
            assert count is SUPPRESSED or (count == counts[key] and not 1 <= count <= 10)
        assert recovered(cells, relations, protected) == []
        withheld += any(protected.published[key] is SUPPRESSED for key, count in counts.items() if not count)
    assert withheld < EACH / 20


@pytest.mark.parametrize("family", FAMILIES)
def test_hiding_only_the_small_ones_can_be_undone_in_most_tables(family: str) -> None:
    undone = sum(
        any(low == high for low, high in subtract(naive(cells).published, relations, {}).values())
        for cells, relations in FAMILIES[family].some(EACH)
    )
    assert undone > EACH * (0.5 if family == "union" else 0.8)
