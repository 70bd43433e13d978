"""Readers who try to get hidden counts back. Written apart from what they attack: they share no code with it.

`subtract` is a patient person with a pencil: bounds from one relation at a time, until nothing changes.
`Attacker` asks for the least and the most a count can be, in whole numbers, with inequalities as they are
published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from hmis.measures.publishing.cells import SUPPRESSED, Key, Kind, Published, Relation

FAR = 10**6
Expression = Mapping[Key, int]


def statements(relations: list[Relation]) -> Iterator[tuple[dict[Key, int], bool]]:
    """What relations say: an expression that is 0 (True), or at least 0 (False)."""
    for relation in relations:
        parts = dict.fromkeys(relation.parts, 1)
        if relation.kind is Kind.SUM:
            yield {relation.total: -1, **parts}, True
            continue
        for part in relation.parts:
            yield {relation.total: relation.times, part: -1}, False
        if relation.kind is Kind.UNION:
            yield {relation.total: -1, **parts}, False


def subtract(
    published: Mapping[Key, Published], relations: list[Relation], least: Mapping[Key, int]
) -> dict[Key, tuple[int, int]]:
    """The bounds of every hidden count by arithmetic on one relation after the other."""
    low = {key: least.get(key, 1) if count is SUPPRESSED else count for key, count in published.items()}
    high = {key: FAR if count is SUPPRESSED else count for key, count in published.items()}
    said = list(statements(relations))
    for _ in range(30):
        before = dict(low), dict(high)
        for expression, equal in said:
            for key, times in expression.items():
                # times x count >= -(the most the others can be), and where it is 0: <= -(the least they can
                # be).
                others = [(other, n) for other, n in expression.items() if other != key]
                most = sum(n * (high if n > 0 else low)[other] for other, n in others)
                fewest = sum(n * (low if n > 0 else high)[other] for other, n in others)
                if times > 0:
                    low[key] = max(low[key], -(most // times))
                    high[key] = min(high[key], -fewest // times) if equal else high[key]
                else:
                    high[key] = min(high[key], most // -times)
                    low[key] = max(low[key], -(-fewest // -times)) if equal else low[key]
        if (low, high) == before:
            break
    return {key: (low[key], high[key]) for key, count in published.items() if count is SUPPRESSED}


class Attacker:
    """Knows what is published, the relations, and that a hidden count is at least `least` (1 unless said)."""

    def __init__(
        self, published: Mapping[Key, Published], relations: list[Relation], least: Mapping[Key, int]
    ) -> None:
        self.unknown = [key for key, count in published.items() if count is SUPPRESSED]
        self.known = {key: count for key, count in published.items() if count is not SUPPRESSED}
        self.at = {key: at for at, key in enumerate(self.unknown)}
        self.least = np.array([float(least.get(key, 1)) for key in self.unknown])
        rows, self.right, upper = [], [], []
        for expression, equal in statements(relations):
            if any(key in self.at for key in expression):
                row, constant = self._row(expression)
                rows.append(row)
                self.right.append(-constant)
                upper.append(-constant if equal else np.inf)
        self.upper = np.array(upper)
        self.matrix = np.array(rows).reshape(len(rows), len(self.unknown))
        self.found: list[np.ndarray] = []

    def _row(self, expression: Expression) -> tuple[np.ndarray, int]:
        row, constant = np.zeros(len(self.unknown)), 0
        for key, times in expression.items():
            if key in self.at:
                row[self.at[key]] += times
            else:
                constant += times * self.known[key]
        return row, constant

    def _is_a_table(self, counts: np.ndarray) -> bool:
        values = self.matrix @ counts
        return bool(
            (counts >= self.least).all() and (values >= self.right).all() and (values <= self.upper).all()
        )

    def _extreme(self, row: np.ndarray, sign: int, least: np.ndarray, most: np.ndarray) -> float | None:
        constraints = [LinearConstraint(self.matrix, self.right, self.upper)] if len(self.matrix) else []
        for whole in (0, 1):
            found = milp(
                sign * row,
                constraints=constraints,
                bounds=Bounds(least, most),
                integrality=np.full(len(row), whole),
            )
            assert found.x is not None, found.message
            counts = np.rint(found.x)
            if self._is_a_table(counts):
                self.found.append(counts)
                return float(row @ counts)
        return None

    def reaches(self, expression: Expression, low: int | None, high: int | None) -> bool:
        """Whether the expression can be `low` or less and `high` or more, for all the reader knows."""
        row, constant = self._row(expression)
        most = np.full(len(row), float(FAR))
        for wanted, sign in ((low, 1), (high, -1)):
            if wanted is None or any(
                sign * (row @ counts + constant) <= sign * wanted for counts in self.found
            ):
                continue
            value = self._extreme(row, sign, self.least, most)
            assert value is not None
            if sign * (value + constant) > sign * wanted:
                return False
        return True

    def bounds(self, expression: Expression) -> tuple[int, int]:
        row, constant = self._row(expression)
        most = np.full(len(row), float(FAR))
        low, high = (self._extreme(row, sign, self.least, most) for sign in (1, -1))
        assert low is not None
        assert high is not None
        return int(low) + constant, int(high) + constant
