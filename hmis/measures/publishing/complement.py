"""Which further cells are hidden so that one cannot be computed: the cheapest table that would be another one.

The question is put to linear programming: make the cell as low (or as high) as it has to be able to be;
hidden cells move for nothing, shown ones at the price of their count, zeros not at all. Whatever moves is
hidden. So the least is lost, measured in counts that are not shown (the usual measure of statistical offices;
J. Castro, "Recent advances in optimization techniques for statistical tabular data protection", 2012, tells
the family of these methods).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.publishing.attack import Demand, Reader, solve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    World = NDArray[np.int64]

# A fraction of a count that is less than this has not moved.
_STILL = 1e-6


class Movable:
    """What could be another table than `counts`: the shown cells may move as well, down to `floor`."""

    def __init__(self, reader: Reader, counts: World, floor: int) -> None:
        import numpy as np
        from scipy.sparse import hstack

        matrix = reader.ledger.matrix
        self.hidden = np.flatnonzero(reader.hidden)
        self.shown = np.flatnonzero(~reader.hidden & (counts > 0))
        # Columns: hidden cells, then how far shown ones go up, then how far they go down.
        self.matrix = hstack(
            (matrix[:, self.hidden], matrix[:, self.shown], -matrix[:, self.shown]), format="csr"
        )
        self.right = -(matrix[:, self.shown] @ counts[self.shown]).astype(float)
        down = counts[self.shown] - floor
        self.lower = np.concatenate((reader.lower[self.hidden], np.zeros(2 * len(self.shown))))
        self.upper = np.concatenate(
            (reader.upper[self.hidden], np.full(len(self.shown), np.inf), np.maximum(down, 0))
        )
        self.price = np.concatenate((np.zeros(len(self.hidden)), counts[self.shown], counts[self.shown]))
        self.place = {int(column): at for at, column in enumerate(self.hidden)}

    def cheapest(self, at: int, *, low: int | None = None, high: int | None = None) -> list[int] | None:
        """The shown columns that have to move so that column `at` can be `low` or `high`; None where nothing can."""
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
        moved = abs(found[first : first + count] - found[first + count :]) > _STILL
        return [int(column) for column in self.shown[moved]]

    def lowest(self, at: int) -> int:
        """What the column can be at least when every cell that is not 0 is hidden: what the zeros alone tell."""
        import numpy as np

        objective = np.zeros(len(self.lower))
        objective[self.place[at]] = 1
        found = solve(objective, self.matrix, self.right, self.lower, self.upper)
        return 0 if found is None else int(np.ceil(found[self.place[at]] - _STILL))


def more_to_hide(movable: Movable, demand: Demand, lowest: int, highest: int) -> list[int] | None:
    """What to hide so that the demand can be met; None where hiding cells that are not 0 does not help.

    `lowest` and `highest` are what the cell can be now.
    """
    if demand.low is None:
        up = movable.cheapest(demand.at, high=lowest + demand.spread - 1)
        return up or movable.cheapest(demand.at, low=highest - demand.spread + 1) or None
    more: set[int] = set()
    for low, high in ((demand.low, None), (None, demand.high)):
        if (low is not None and lowest <= low) or (high is not None and highest >= high):
            continue
        columns = movable.cheapest(demand.at, low=low, high=high)
        if columns is None:
            return None
        more.update(columns)
    return sorted(more) or None
