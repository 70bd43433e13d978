"""What a reader can find out: the tables that would look the same when published.

A world is one such table: whole numbers that fit all relations and all that is shown. A cell is safe when
there are worlds far enough apart in it. Linear programming (HiGHS) looks for them; what it finds is only
believed when it is a table of whole numbers, checked exactly, so the audit never takes for safe what only
fractions make safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hmis.measures.publishing.cells import (
    LARGEST_SMALL,
    SUPPRESSED,
    Hidden,
    Key,
    NotATable,
    Protected,
    Reason,
    Recoverable,
    Relation,
)
from hmis.measures.publishing.ledger import Ledger, is_printed, ledger

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hmis.measures.publishing.ledger import Numbers, World


# How many steps the search for whole numbers may take: a bound that is the same on every machine, as no
# time is.
_STEPS = 2000
# The least of no worlds; minus it, the most.
_NEVER = 1 << 60
# How near to exact somebody may come who knows which cells are small: it stays one of so many numbers.
FEWEST = 3


def solve(objective: Numbers, matrix: Any, right: Numbers, lower: Numbers, upper: Numbers) -> Numbers | None:
    """Where the objective is least, in fractions if need be; None where nothing fits."""
    import numpy as np
    from scipy.optimize import linprog

    equal = (matrix, right) if matrix.shape[0] else (None, None)
    found = linprog(
        objective, A_eq=equal[0], b_eq=equal[1], bounds=np.column_stack((lower, upper)), method="highs"
    )
    return found.x if found.status == 0 else None


def whole(objective: Numbers, matrix: Any, right: Numbers, lower: Numbers, upper: Numbers) -> World | None:
    """As `solve`, in whole numbers that fit exactly."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    def fits(numbers: World) -> bool:
        inside = (numbers >= lower).all() and (numbers <= upper).all()
        return bool(inside and (matrix @ numbers == right).all())

    fractions = solve(objective, matrix, right, lower, upper)
    if fractions is None:
        return None
    numbers: World = np.rint(fractions).astype(np.int64)
    if fits(numbers):
        return numbers
    found = milp(
        objective,
        constraints=LinearConstraint(matrix, right, right),
        bounds=Bounds(lower, upper),
        integrality=np.ones(len(objective)),
        options={"node_limit": _STEPS},
    )
    if found.x is None:
        return None
    numbers = np.rint(found.x).astype(np.int64)
    return numbers if fits(numbers) else None


@dataclass(frozen=True, slots=True)
class Demand:
    """Column `at` must be able to be `low` and `high`, or beyond; with no `low`, any of `spread` numbers."""

    at: int
    low: int | None
    high: int
    spread: int

    def met(self, least: World, most: World) -> bool:
        if self.low is None:
            return bool(most[self.at] - least[self.at] >= self.spread - 1)
        return bool(least[self.at] <= self.low and most[self.at] >= self.high)


@dataclass(slots=True)
class Reader:
    """Somebody who knows `values` where `hidden` is False, and bounds for the rest.

    `least` and `most` are, for each column, the extremes of the worlds found so far.
    """

    ledger: Ledger
    values: World
    hidden: NDArray[np.bool_]
    lower: Numbers
    upper: Numbers
    least: World
    most: World

    def unmet(self, demands: Iterable[Demand]) -> list[tuple[Demand, Recoverable]]:
        """The demands for which there are no worlds, each with what the cell can be."""
        open_ones = [demand for demand in demands if not demand.met(self.least, self.most)]
        found = []
        for columns, wanted in self._apart(open_ones):
            found += self._unmet_in(columns, wanted)
        return sorted(found, key=lambda pair: pair[0].at)

    def _apart(self, demands: Sequence[Demand]) -> list[tuple[NDArray[np.intp], list[Demand]]]:
        """Hidden columns that hang together through hidden columns, with the demands on them."""
        import numpy as np
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        if not demands:
            return []
        columns = np.flatnonzero(self.hidden)
        ties = abs(self.ledger.matrix[:, columns])
        _, label = connected_components(csr_array(ties.T @ ties), directed=False)
        of_column = dict(zip(columns.tolist(), label.tolist(), strict=True))
        by_label: dict[int, list[Demand]] = {}
        for demand in demands:
            by_label.setdefault(of_column[demand.at], []).append(demand)
        return [(columns[label == one], wanted) for one, wanted in by_label.items()]

    def _unmet_in(self, columns: NDArray[np.intp], wanted: list[Demand]) -> list[tuple[Demand, Recoverable]]:
        search = _Search(self, columns)
        if self.least[columns[0]] > self.most[columns[0]]:
            search.push({})
        if self.least[columns[0]] > self.most[columns[0]]:
            raise NotATable("no counts fit what is shown")
        for signs in ((1, 1), (-1, -1), (1, -1), (-1, 1)):
            wanted = [demand for demand in wanted if not demand.met(self.least, self.most)]
            if len(wanted) < 2:
                break
            # Many at once: where nothing forbids it, one world serves them all.
            search.push({demand: signs[at % 2] for at, demand in enumerate(wanted)})
        found = []
        for demand in wanted:
            if not demand.met(self.least, self.most):
                search.push({demand: 1})
            if not demand.met(self.least, self.most):
                search.push({demand: -1})
            if not demand.met(self.least, self.most):
                extremes = int(self.least[demand.at]), int(self.most[demand.at])
                found.append((demand, Recoverable(self.ledger.keys[demand.at], *extremes)))
        return found


class _Search:
    """Looks for worlds among the columns of one component; all others stay as they are."""

    def __init__(self, reader: Reader, columns: NDArray[np.intp]) -> None:
        import numpy as np

        rows = np.unique(abs(reader.ledger.matrix[:, columns]).tocoo().coords[0])
        part = reader.ledger.matrix[rows]
        shown = np.where(reader.hidden, 0, reader.values)
        self.reader, self.columns = reader, columns
        self.matrix = part[:, columns]
        self.right = -(part @ shown).astype(float)
        self.place = {int(column): at for at, column in enumerate(columns)}

    def push(self, signs: Mapping[Demand, int]) -> None:
        """One more world: cells with 1 as low as demanded, those with -1 as high."""
        import numpy as np

        reader, columns = self.reader, self.columns
        objective = np.zeros(len(columns))
        lower, upper = reader.lower[columns].copy(), reader.upper[columns].copy()
        for demand, sign in signs.items():
            at = self.place[demand.at]
            objective[at] = sign
            # No further than demanded, so that there always is an end; but never away from a world that is
            # known.
            least, most = reader.least[demand.at], reader.most[demand.at]
            low = most - demand.spread + 1 if demand.low is None else demand.low
            high = least + demand.spread - 1 if demand.low is None else demand.high
            lower[at] = max(lower[at], min(low, least))
            upper[at] = min(upper[at], max(high, most))
        world = whole(objective, self.matrix, self.right, lower, upper)
        if world is not None:
            reader.least[columns] = np.minimum(reader.least[columns], world)
            reader.most[columns] = np.maximum(reader.most[columns], world)


def outsider(book: Ledger, shown: Mapping[Key, int], hidden: Mapping[Key, Hidden]) -> Reader:
    """Who knows what is shown, all relations, and that a hidden number is at least what the rule says."""
    import numpy as np

    size = len(book.keys)
    veiled = np.array([key not in shown for key in book.keys], dtype=bool)
    lower = np.array(
        [hidden[key].least if is_printed(key) and key in hidden else 0 for key in book.keys], dtype=float
    )
    return Reader(
        ledger=book,
        values=np.array([shown.get(key, 0) for key in book.keys], dtype=np.int64),
        hidden=veiled,
        lower=lower,
        upper=np.full(size, np.inf),
        least=np.full(size, _NEVER),
        most=np.full(size, -_NEVER),
    )


def insider(reader: Reader, hidden: Mapping[Key, Hidden]) -> Reader:
    """An outsider who also knows which hidden numbers are small: how big a shelter is, is no secret."""
    import numpy as np

    lower, upper = reader.lower.copy(), reader.upper.copy()
    for key, one in hidden.items():
        at = reader.ledger.place[key]
        if not is_printed(key):
            continue
        if one.reason in (Reason.PRIMARY, Reason.ZERO):
            upper[at] = LARGEST_SMALL
        elif one.reason is Reason.COMPLEMENTARY:
            lower[at] = LARGEST_SMALL + 1
    return replace(
        reader,
        lower=lower,
        upper=upper,
        least=np.full(len(lower), _NEVER),
        most=np.full(len(lower), -_NEVER),
    )


def secrets(book: Ledger, hidden: Mapping[Key, Hidden]) -> list[Demand]:
    """What the outsider must not find out."""
    return [Demand(book.place[key], one.low, one.high, one.spread) for key, one in sorted(hidden.items())]


def small_ones(book: Ledger, hidden: Mapping[Key, Hidden]) -> list[Demand]:
    """What even the insider must not find out: which small number it is."""
    return [
        Demand(book.place[key], None, FEWEST, FEWEST)
        for key, one in sorted(hidden.items())
        if one.reason is Reason.PRIMARY and is_printed(key)
    ]


def audit(protected: Protected, relations: Iterable[Relation]) -> list[Recoverable]:
    """The hidden cells that a reader of what is published can narrow down too far; empty when it is safe."""
    book = ledger(protected.published, relations)
    shown = {key: count for key, count in protected.published.items() if count is not SUPPRESSED}
    reader = outsider(book, shown, protected.hidden)
    known_better = insider(reader, protected.hidden)
    found = known_better.unmet(small_ones(book, protected.hidden)) + reader.unmet(
        secrets(book, protected.hidden)
    )
    return [recoverable for _, recoverable in found]
