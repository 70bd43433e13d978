"""Which projects of a peer may be named, by the same table of labels as our own."""

from __future__ import annotations

import pytest

from connectors.hmis_peer.directory import UNCLEAR, labels_of
from hmis.labels import FUNDERS, NONE, TARGET_POPULATIONS, Label
from hmis.spec import LISTS


@pytest.mark.parametrize("code", sorted(map(int, LISTS["2.06.1"].codes)))
def test_every_funder_tells_what_it_tells_of_our_own_projects(code: int) -> None:
    assert labels_of(None, [code]) == FUNDERS.get(code, NONE)


@pytest.mark.parametrize("code", sorted(map(int, LISTS["2.02.7"].codes)))
def test_a_population_tells_too_and_survivors_are_never_told_of(code: int) -> None:
    told = TARGET_POPULATIONS.get(code, NONE)

    assert labels_of(code, []) == (None if told & Label.DV else told)


def test_what_several_tell_is_told_together() -> None:
    assert labels_of(3, [2, 22, 21]) == Label.HIV | Label.RHY | Label.MENTAL_HEALTH


@pytest.mark.parametrize(
    ("population", "funders"), [(UNCLEAR, [2]), (5, [2]), (None, [2, UNCLEAR]), (None, [None])]
)
def test_what_nobody_can_read_closes_the_project(population: int | None, funders: list[int | None]) -> None:
    assert labels_of(population, funders) is None
