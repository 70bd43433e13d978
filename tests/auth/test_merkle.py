"""The Merkle log against RFC 6962's own definition, and against trees worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    extends,
    includes,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    root_of,
)

# The inputs and roots with which Certificate Transparency logs are tested.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(data) for data in INPUTS]


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """MTH as RFC 6962, 2.1 writes it down, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def defined_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH as RFC 6962, 2.1.1 writes it down."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*defined_path(m, leaves[:k]), defined_root(leaves[k:])]
    return [*defined_path(m - k, leaves[k:]), defined_root(leaves[:k])]


def defined_subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF as RFC 6962, 2.1.2 writes it down."""
    if m == len(leaves):
        return [] if whole else [defined_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*defined_subproof(m, leaves[:k], whole), defined_root(leaves[k:])]
    return [*defined_subproof(m - k, leaves[k:], False), defined_root(leaves[:k])]


def path(leaves: Sequence[bytes], ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    return [root_of(leaves[start:end]) for start, end in ranges]


def numbered(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_three_leaves_by_hand() -> None:
    a, b, c = (sha256(b"\x00" + text).digest() for text in (b"a", b"b", b"c"))
    assert leaf_hash(b"a") == a
    assert root_of([a, b, c]) == sha256(b"\x01" + sha256(b"\x01" + a + b).digest() + c).digest()
    assert path([a, b, c], inclusion_ranges(0, 3)) == [b, c]
    assert path([a, b, c], inclusion_ranges(2, 3)) == [node_hash(a, b)]
    assert path([a, b, c], consistency_ranges(1, 3)) == [b, c]
    assert path([a, b, c], consistency_ranges(2, 3)) == [c]


def test_nothing_has_the_root_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


def test_the_proofs_of_rfc_6962_for_seven_leaves() -> None:
    # 2.1.3: leaves d0..d6, nodes a..f are the leaf hashes, g h i j the pairs and so on.
    a, b, c, d, e, f, j = numbered(7)
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, last = node_hash(g, h), node_hash(i, j)
    seven = numbered(7)
    assert path(seven, inclusion_ranges(0, 7)) == [b, h, last]
    assert path(seven, inclusion_ranges(3, 7)) == [c, g, last]
    assert path(seven, inclusion_ranges(4, 7)) == [f, j, k]
    assert path(seven, inclusion_ranges(6, 7)) == [i, k]
    assert path(seven, consistency_ranges(3, 7)) == [c, d, g, last]
    assert path(seven, consistency_ranges(4, 7)) == [last]
    assert path(seven, consistency_ranges(6, 7)) == [i, j, k]


@given(size=st.integers(0, 300), split=st.integers(0, 300))
def test_a_frontier_gives_the_defined_root_wherever_it_was_put_down(size: int, split: int) -> None:
    leaves = numbered(size)
    first = Frontier()
    for leaf in leaves[:split]:
        first.append(leaf)
    again = Frontier.unpacked(first.size, first.packed)
    for leaf in leaves[split:]:
        again.append(leaf)
    assert again.root() == defined_root(leaves)
    assert len(again.peaks) == size.bit_count()


@given(st.data())
def test_every_leaf_is_proved_and_nothing_else_is(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    root = defined_root(leaves)
    proof = path(leaves, inclusion_ranges(index, size))
    assert proof == defined_path(index, leaves)
    assert includes(root, size, index, leaves[index], proof)
    other = data.draw(st.integers(0, size + 1).filter(lambda number: number != index))
    assert not includes(root, size, other, leaves[index], proof)
    assert not includes(root, size, index, leaf_hash(b"another"), proof)
    assert not includes(root, size, index, leaves[index], [*proof, EMPTY_ROOT])
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not includes(root, size, index, leaves[index], proof[:place] + proof[place + 1 :])
        assert not includes(
            root, size, index, leaves[index], [*proof[:place], EMPTY_ROOT, *proof[place + 1 :]]
        )


@given(st.data())
def test_a_log_extends_its_beginnings_and_no_other_log(data: st.DataObject) -> None:
    second = data.draw(st.integers(0, 200))
    first = data.draw(st.integers(0, second))
    leaves = numbered(second)
    old, new = defined_root(leaves[:first]), defined_root(leaves)
    proof = path(leaves, consistency_ranges(first, second))
    assert proof == (defined_subproof(first, leaves, True) if first else [])
    assert extends(first, old, second, new, proof)
    assert not extends(first, leaf_hash(b"another"), second, new, proof)
    assert not extends(first, old, second, new, [*proof, EMPTY_ROOT])
    assert not extends(second + 1, old, second, new, proof)
    if first:
        assert not extends(first, old, second, leaf_hash(b"another"), proof)
        changed = [*leaves[: first - 1], leaf_hash(b"another"), *leaves[first:]]
        rewritten = path(changed, consistency_ranges(first, second))
        assert not extends(first, old, second, defined_root(changed), rewritten)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not extends(first, old, second, new, proof[:place] + proof[place + 1 :])


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (3, bytes(32)), (2, bytes(31)), (1, bytes(33))])
def test_what_is_no_frontier_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="not the subtrees"):
        Frontier.unpacked(size, packed)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_path(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_ranges(index, size)
    assert not includes(EMPTY_ROOT, size, index, EMPTY_ROOT, [])


def test_a_larger_log_begins_no_smaller_one() -> None:
    with pytest.raises(ValueError, match="not the smaller"):
        consistency_ranges(4, 3)
