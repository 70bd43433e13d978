"""Groups grow pair by pair and never hold two that must stay apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hmis.identity.clusters import Clusters


def test_pairs_that_share_somebody_are_one_group() -> None:
    clusters: Clusters[str] = Clusters([])
    assert clusters.join("a", "b")
    assert clusters.join("c", "d")
    assert clusters.join("b", "c")
    assert [sorted(group) for group in clusters] == [["a", "b", "c", "d"]]


def test_those_said_distinct_are_not_joined_through_a_third() -> None:
    clusters = Clusters([("a", "c")])
    assert clusters.join("a", "b")
    assert not clusters.join("b", "c")
    assert [sorted(group) for group in clusters] == [["a", "b"]]


def test_of_those_who_stay_alone_no_two_come_into_one_group_through_a_third() -> None:
    clusters = Clusters([], alone=["a", "c"])
    assert clusters.join("a", "b")
    assert clusters.join("d", "c")
    assert not clusters.join("b", "d")
    assert clusters.kept_alone == {("b", "d")}
    assert sorted(sorted(group) for group in clusters) == [["a", "b"], ["c", "d"]]


_PAIRS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] != pair[1]), max_size=20
)


@given(_PAIRS, _PAIRS)
def test_no_group_ever_holds_two_said_distinct(
    joins: list[tuple[int, int]], apart: list[tuple[int, int]]
) -> None:
    clusters = Clusters(apart)
    joined = [pair for pair in joins if clusters.join(*pair)]
    groups = [set(group) for group in clusters]
    assert all(not {one, other} <= group for group in groups for one, other in apart)
    assert all(any({one, other} <= group for group in groups) for one, other in joined)
    assert sum(map(len, groups)) == len(set().union(*groups)) if groups else True
