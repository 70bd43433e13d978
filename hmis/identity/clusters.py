"""Joining records that share a fact, without ever joining two that somebody said are not one person."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Clusters(Generic[Node]):
    """Groups of nodes that are one person, grown pair by pair.

    `apart` are pairs that stay apart, whatever joins them: also the groups they have grown into. Of `alone`
    no two come into one group.
    """

    def __init__(self, apart: Iterable[tuple[Node, Node]], alone: Iterable[Node] = ()) -> None:
        self._alone = set(alone)
        """Tops of the groups that hold such a one."""
        self.kept_alone: set[tuple[Node, Node]] = set()
        """Pairs that were not joined because the group of each holds one."""
        self._above: dict[Node, Node] = {}
        self._members: dict[Node, list[Node]] = {}
        self._foes: dict[Node, set[Node]] = {}
        for one, other in apart:
            self._foes.setdefault(one, set()).add(other)
            self._foes.setdefault(other, set()).add(one)

    def _top(self, node: Node) -> Node:
        above = self._above
        while (higher := above.get(node, node)) != node:
            above[node] = above.get(higher, higher)
            node = higher
        return node

    def join(self, one: Node, other: Node) -> bool:
        """Make two nodes one person. False where they must stay apart; true where they are one by now."""
        high, low = self._top(one), self._top(other)
        if high == low:
            return True
        if high in self._alone and low in self._alone:
            self.kept_alone.add((one, other))
            return False
        if any(self._top(foe) == high for foe in self._foes.get(low, ())):
            return False
        if any(self._top(foe) == low for foe in self._foes.get(high, ())):
            return False
        if len(self._members.get(high, ())) < len(self._members.get(low, ())):
            high, low = low, high
        self._above[low] = high
        if low in self._alone:
            self._alone.add(high)
        self._members.setdefault(high, [high]).extend(self._members.pop(low, [low]))
        if low in self._foes:
            self._foes.setdefault(high, set()).update(self._foes.pop(low))
        return True

    def __iter__(self) -> Iterator[list[Node]]:
        """The groups of two nodes or more."""
        return iter(self._members.values())
