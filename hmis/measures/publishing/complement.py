"""Which further cells are hidden so that one cannot be computed: those of the cheapest other table.

The question is put to linear programming: make the cell as low (or as high) as it has to be able to be;
hidden cells move for nothing, shown ones at the price of their count, zeros not at all. Whatever moves is
hidden. So the least is lost, measured in counts that are not shown (the usual measure of statistical offices;
J. Castro, "Recent advances in optimization techniques for statistical tabular data protection", 2012, tells
the family of these methods).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hmis.measures.publishing.attack import Demand, Reader, solve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hmis.measures.publishing.ledger import Numbers, World

# A fraction of a count that is less than this has not moved.
_STILL = 1e-6


@dataclass(frozen=True, slots=True)
class Moved:
    """Shown columns that are to be hidden, and the sum of their counts."""

    lost: int
    columns: list[int]


class Movable:
    """What could be another table than `counts`: the shown cells may move as well, down to `floor`.

    Where `near` is given, only what it marks may move.
    """

    def __init__(
        self, reader: Reader, counts: World, floor: int, near: NDArray[np.bool_] | None = None
    ) -> None:
        import numpy as np
        from scipy.sparse import hstack

        self.ledger = reader.ledger
        movable = np.ones(len(counts), dtype=bool) if near is None else near
        self.hidden = np.flatnonzero(reader.hidden & movable)
        self.shown = np.flatnonzero(~reader.hidden & movable & (counts > 0))
        rows = np.unique(abs(self.ledger.matrix[:, movable]).tocoo().coords[0])
        matrix = self.ledger.matrix[rows]
        # Columns: hidden cells, then how far shown ones go up, then how far they go down.
        self.matrix = hstack(
            (matrix[:, self.hidden], matrix[:, self.shown], -matrix[:, self.shown]), format="csr"
        )
        still = counts.copy()
        still[self.hidden] = 0
        self.right = -(matrix @ still).astype(float)
        down = counts[self.shown] - floor
        self.lower = np.concatenate((reader.lower[self.hidden], np.zeros(2 * len(self.shown))))
        self.upper = np.concatenate(
            (reader.upper[self.hidden], np.full(len(self.shown), np.inf), np.maximum(down, 0))
        )
        price = counts[self.shown].astype(float)
        self.price = np.concatenate((np.zeros(len(self.hidden)), price, price))
        self.place = {int(column): at for at, column in enumerate(self.hidden)}
        self.counts = counts
        # The other tables that were found, where they are whole numbers.
        self.worlds: list[World] = []

    def cheapest(self, at: int, *, low: int | None = None, high: int | None = None) -> Moved | None:
        """What must move so that column `at` can be `low` or `high`; None: nothing helps."""
        lower, upper = self.lower.copy(), self.upper.copy()
        place = self.place[at]
        if low is not None:
            upper[place] = min(upper[place], low)
        if high is not None:
            lower[place] = max(lower[place], high)
        if lower[place] > upper[place]:
            return None
        found = solve(self.price, self.matrix, self.right, lower, upper)
        if found is None:
            return None
        first, count = len(self.hidden), len(self.shown)
        moves = found[first : first + count] - found[first + count :]
        self._keep(found[:first], moves)
        moved = self.shown[abs(moves) > _STILL]
        return Moved(int(self.counts[moved].sum()), [int(column) for column in moved])

    def _keep(self, hidden: Numbers, moves: Numbers) -> None:
        import numpy as np

        world = self.counts.copy()
        world[self.hidden] = np.rint(hidden)
        world[self.shown] += np.rint(moves).astype(np.int64)
        if not (self.ledger.matrix @ world).any():
            self.worlds.append(world)

    def lowest(self, at: int) -> int:
        """What the column is at least when every cell that is not 0 is hidden: what the zeros alone tell."""
        import numpy as np

        objective = np.zeros(len(self.lower))
        objective[self.place[at]] = 1
        found = solve(objective, self.matrix, self.right, self.lower, self.upper)
        return 0 if found is None else int(np.ceil(found[self.place[at]] - _STILL))


def more_to_hide(movable: Movable, demand: Demand, lowest: int, highest: int) -> list[int] | None:
    """What to hide so that the demand can be met; None where hiding cells that are not 0 does not help.

    Empty where nothing seems to be missing. `lowest` and `highest` are what the cell can be now.
    """
    if demand.low is None:
        up = movable.cheapest(demand.at, high=lowest + demand.spread - 1)
        if up and not up.lost:
            return up.columns
        down = movable.cheapest(demand.at, low=highest - demand.spread + 1)
        ways = [way for way in (up, down) if way]
        return min(ways, key=lambda way: way.lost).columns if ways else None
    more: set[int] = set()
    for low, high in ((demand.low, None), (None, demand.high)):
        if (low is not None and lowest <= low) or (high is not None and highest >= high):
            continue
        way = movable.cheapest(demand.at, low=low, high=high)
        if way is None:
            return None
        more.update(way.columns)
    return sorted(more)
