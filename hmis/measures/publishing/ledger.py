"""Everything that is published of one snapshot, as one system of equations over whole numbers.

An inequality becomes an equation by naming what it leaves over. Where people are counted, that is a count of
people as well, and anybody can compute it: who knows the people of all projects and those of shelters knows
how many never were in a shelter; the sum over project types less the total counts who was in several. So what
is left over is protected like a cell, although it is never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hmis.measures.publishing.cells import RESERVED, Key, Kind, NotATable, Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    # Whole numbers, one a column of a ledger: a table that could be the true one.
    World = NDArray[np.int64]

# Room is what is left of times x total: not a count of anybody.
_REST, _ROOM = RESERVED


def is_left_over(key: Key) -> bool:
    """Whether it counts people, but is never printed."""
    return key[0] == _REST


def is_printed(key: Key) -> bool:
    return key[0] not in (_REST, _ROOM)


def equations(relation: Relation) -> Iterator[dict[Key, int]]:
    """Sums of times x count that are 0; what is left over has -1."""
    total, parts = relation.total, relation.parts
    kind = Kind.SUM if relation.kind is Kind.UNION and len(parts) == 1 else relation.kind
    if kind is not Kind.WITHIN:
        everything = dict.fromkeys(parts, 1) | {total: -1}
        if kind is Kind.UNION:
            everything[
                (_REST, "in several", *total, "of", *(text for part in sorted(parts) for text in part))
            ] = -1
        yield everything
    if kind is not Kind.SUM:
        for part in parts:
            rest = (_REST, *total) if relation.times == 1 else (_ROOM, str(relation.times), *total)
            yield {total: relation.times, part: -1, (*rest, "without", *part): -1}


@dataclass(frozen=True, slots=True)
class Ledger:
    """`matrix` has a row an equation and a column a key; whatever the counts are, matrix @ counts is 0."""

    keys: tuple[Key, ...]
    place: Mapping[Key, int]
    matrix: Any
    _rows: Sequence[Mapping[Key, int]]

    def filled(self, counts: Mapping[Key, int]) -> World:
        """All counts, with what is left over. Raises NotATable where they contradict the relations."""
        import numpy as np

        known = dict(counts)
        for row in self._rows:
            value = sum(times * known[key] for key, times in row.items() if is_printed(key))
            rest = next((key for key in row if not is_printed(key)), None)
            if value < 0 or (rest is None and value):
                total = next(key for key, times in row.items() if is_printed(key))
                raise NotATable(f"what is counted at {total} does not fit together")
            if rest is not None:
                known[rest] = value
        return np.array([known[key] for key in self.keys], dtype=np.int64)


def ledger(keys: Iterable[Key], relations: Iterable[Relation]) -> Ledger:
    """In an order that does not depend on that of its arguments."""
    from scipy.sparse import csr_array

    rows = {tuple(sorted(row.items())): row for relation in relations for row in equations(relation)}
    ordered = [rows[name] for name in sorted(rows)]
    everything = tuple(sorted({*keys, *(key for row in ordered for key in row)}))
    place = {key: at for at, key in enumerate(everything)}
    ends, columns, values = [0], [], []
    for row in ordered:
        for key, times in sorted(row.items()):
            columns.append(place[key])
            values.append(times)
        ends.append(len(columns))
    matrix = csr_array((values, columns, ends), shape=(len(ordered), len(everything)), dtype=float)
    return Ledger(everything, place, matrix, ordered)
