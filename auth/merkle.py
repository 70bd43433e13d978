"""A Merkle log after RFC 6962, 2.1: append-only, with short proofs of what is in it and that it only grew.

Plain functions over SHA-256 hashes; no I/O. Proofs are checked as RFC 9162 writes it down (2.1.3.2 and
2.1.4.2), whose trees are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]
"""Leaves from the first index up to, and without, the second."""


def leaf_hash(leaf: bytes) -> bytes:
    """0x00 before a leaf and 0x01 before a node: neither can pass for the other."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The full subtrees of a log, largest first: all that appending and the root need, whatever its size."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count() or any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError("not the subtrees of a log of this size")

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> Frontier:
        """What `packed` gave; a ValueError when it is nothing of the kind."""
        starts = range(0, len(packed), HASH_BYTES)
        return cls(size, (packed[start : start + HASH_BYTES] for start in starts))

    @property
    def packed(self) -> bytes:
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> None:
        """Append a leaf by its hash."""
        self.peaks.append(leaf)
        full = self.size
        while full & 1:  # two subtrees of one size become one of twice the size
            right = self.peaks.pop()
            self.peaks[-1] = node_hash(self.peaks[-1], right)
            full >>= 1
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, each looked at once."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(start: int, end: int) -> int:
    """Where RFC 6962 divides leaves in two: after the largest power of two smaller than their number."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose roots are the audit path of a leaf, lowest first (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The subtrees whose roots prove that `first` leaves begin a log of `second` (RFC 6962, 2.1.2)."""
    if not 0 <= first <= second:
        raise ValueError("the first is not the smaller")
    if first in (0, second):
        return []
    start, end, path = 0, second, []
    while first < end:
        middle = _split(start, end)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    # Whoever checks knows the first root already when it is a subtree of its own.
    return [*([(start, end)] if start else []), *path[::-1]]


def includes(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that a leaf (by its hash) stands at `index` of the log with this root."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(sibling, found)
            here, last = _up_to_right_child(here, last)
        else:
            found = node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def extends(first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the log with the second root begins with the one of the first."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        return not path and first_root == (EMPTY_ROOT if first == 0 else second_root)
    nodes = [first_root, *path] if first.bit_count() == 1 else list(path)
    if not nodes:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(node, old), node_hash(node, new)
            here, last = _up_to_right_child(here, last)
        else:
            new = node_hash(new, node)
        here, last = here >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _up_to_right_child(here: int, last: int) -> tuple[int, int]:
    """Past the levels on which a last node has no sibling and is simply carried up."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last
