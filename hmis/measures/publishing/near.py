"""In a large table: which cells are looked at first when something has to be hidden for one of them.

What hides a cell of a table with four dimensions is a box: the cell, some others in each of its directions,
and what lies between them. So a few cheap values of each dimension are enough to find one, and asking about
these alone is much faster than asking about all cells. Where there is no such box, all cells are asked about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from hmis.measures.publishing.cells import Key
from hmis.measures.publishing.ledger import Ledger, is_printed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# From so many columns on, it pays.
LARGE = 1000
# How many other values of each dimension are looked at.
_OTHERS = 3


def near(
    key: Key, book: Ledger, neighbours: Mapping[Key, Collection[Key]], price: Mapping[Key, int]
) -> NDArray[np.bool_]:
    """The columns near a cell. `price` has the cells that can be hidden and their price (0: they are)."""
    import numpy as np

    own = {facet for one in ({key} if is_printed(key) else neighbours[key]) for facet in one}
    others: dict[str, list[tuple[int, str]]] = {}
    for one in sorted(neighbours[key]):
        for facet in own.symmetric_difference(one).difference(own) if one in price else ():
            others.setdefault(facet.partition("=")[0], []).append((price[one], facet))
    values = own.union(*({facet for _, facet in sorted(some)[:_OTHERS]} for some in others.values()))
    inside = {one for one in book.keys if is_printed(one) and values.issuperset(one)}
    return np.array(
        [one in inside if is_printed(one) else not inside.isdisjoint(neighbours[one]) for one in book.keys]
    )
