"""Which cells are shown. Hides, attacks what is left as a reader could, hides more, until the attack fails."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hmis.measures.publishing.attack import Demand, Reader, insider, outsider, secrets, small_ones
from hmis.measures.publishing.cells import (
    LARGEST_SMALL,
    SPREAD,
    SUPPRESSED,
    Cell,
    Hidden,
    Key,
    Protected,
    Reason,
    Recoverable,
    Relation,
    check,
    is_about_few,
    is_small,
)
from hmis.measures.publishing.complement import Movable, more_to_hide
from hmis.measures.publishing.ledger import Ledger, is_left_over, is_printed, ledger

if TYPE_CHECKING:
    pass


def suppress(
    cells: Iterable[Cell], relations: Iterable[Relation], stay_hidden: Collection[Key] = ()
) -> Protected:
    """What may be shown of all cells of one snapshot together.

    `stay_hidden` are cells that an earlier publication of the same table hid. Give all tables that share a
    margin in one call: what two calls show may be put together by anybody. Raises NotATable where cells and
    relations contradict each other.
    """
    cells, relations = list(cells), list(relations)
    check(cells, relations)
    work = _Work(cells, relations, frozenset(stay_hidden))
    while failing := work.failing():
        work.hide_more(failing)
    return work.protected()


@dataclass(frozen=True, slots=True)
class _Failing:
    demand: Demand
    found: Recoverable
    to_insiders: bool


class _Work:
    """The state between two attacks: what is hidden so far."""

    def __init__(self, cells: list[Cell], relations: list[Relation], stay_hidden: frozenset[Key]) -> None:
        self.cells = {cell.key: cell for cell in cells}
        self.ledger: Ledger = ledger(self.cells, relations)
        self.counts = self.ledger.filled({key: cell.count for key, cell in self.cells.items()})
        self.withheld: set[Key] = set()
        self.hidden: dict[Key, Hidden] = {}
        for key, count in zip(self.ledger.keys, self.counts.tolist(), strict=True):
            if is_left_over(key) and 1 <= count <= LARGEST_SMALL:
                self.hidden[key] = Hidden(Reason.PRIMARY, least=0, low=1)
            elif key in self.cells and (is_small(self.cells[key]) or is_about_few(self.cells[key])):
                self.hidden[key] = self._secret(self.cells[key])
            elif key in stay_hidden:
                self.hidden[key] = self._cover(key)
        self.neighbours = self._neighbours()
        # The truth is the first world anybody can think of. A world that was found stays one when more is
        # hidden.
        self.worlds = [(self.counts.copy(), self.counts.copy()) for _ in ("outside", "inside")]

    def _secret(self, cell: Cell) -> Hidden:
        reason = Reason.PRIMARY if is_small(cell) else Reason.FEW_PEOPLE
        return Hidden(reason, low=1, spread=SPREAD * cell.most)

    def _cover(self, key: Key) -> Hidden:
        if self.cells[key].count:
            return Hidden(Reason.COMPLEMENTARY)
        return Hidden(Reason.ZERO, least=0)

    def _neighbours(self) -> dict[Key, set[Key]]:
        """Printed cells that stand in one equation."""
        found: dict[Key, set[Key]] = {}
        coordinates = self.ledger.matrix.tocoo().coords
        rows: dict[int, list[Key]] = {}
        for row, column in zip(*(one.tolist() for one in coordinates), strict=True):
            rows.setdefault(row, []).append(self.ledger.keys[column])
        for keys in rows.values():
            printed = {key for key in keys if is_printed(key)}
            for key in keys:
                found.setdefault(key, set()).update(printed - {key})
        return found

    def failing(self) -> list[_Failing]:
        outside, inside = self._readers()
        found = [_Failing(*pair, True) for pair in inside.unmet(small_ones(self.ledger, self.hidden))]
        if not found:
            found = [_Failing(*pair, False) for pair in outside.unmet(secrets(self.ledger, self.hidden))]
        return found

    def _readers(self) -> tuple[Reader, Reader]:
        shown = {key: cell.count for key, cell in self.cells.items() if key not in self.hidden}
        outside = outsider(self.ledger, shown, self.hidden)
        inside = insider(outside, self.hidden)
        for reader, (least, most) in zip((outside, inside), self.worlds, strict=True):
            reader.least, reader.most = least, most
        return outside, inside

    def hide_more(self, failing: list[_Failing]) -> None:
        for one in failing:
            outside, inside = self._readers()
            reader, floor = (inside, LARGEST_SMALL + 1) if one.to_insiders else (outside, 1)
            if not reader.unmet([one.demand]):
                continue
            movable = Movable(reader, self.counts, floor)
            columns = more_to_hide(movable, one.demand, one.found.lowest, one.found.highest)
            for column in columns or ():
                key = self.ledger.keys[column]
                self.hidden[key] = self._cover(key)
            if columns is None and not self._expect_less(movable, one):
                self._withhold(one.found.key)

    def _expect_less(self, movable: Movable, one: _Failing) -> bool:
        """A total of five parts that are not 0 is at least 5: where zeros alone tell that, it is no secret."""
        hidden = self.hidden[one.found.key]
        if one.to_insiders or hidden.low is None:
            return False
        lowest = movable.lowest(one.demand.at)
        if lowest <= hidden.low:
            return False
        self.hidden[one.found.key] = replace(hidden, low=lowest)
        return True

    def _withhold(self, key: Key) -> None:
        """Hides all that stands in a row with the cell, zeros too; then those rows' rows; at last the whole table."""
        ring = self._around({key})
        while ring <= self.withheld and (wider := self._around(ring)) != ring:
            ring = wider
        for one in ring:
            known = self.hidden.get(one) or self._cover(one)
            self.hidden[one] = replace(known, least=0, low=None if known.low is None else min(known.low, 1))
        if ring <= self.withheld:
            self._tell_nothing(ring)
        self.withheld |= ring

    def _around(self, keys: set[Key]) -> set[Key]:
        near = keys.union(*(self.neighbours.get(key, set()) for key in keys))
        return {key for key in near if is_printed(key)}

    def _tell_nothing(self, table: set[Key]) -> None:
        """Where nothing is shown there is nothing to compute from, whatever the attack makes of it."""
        for key in [one for one in self.hidden if not is_printed(one) and self.neighbours[one] <= table]:
            del self.hidden[key]
        for key in table:
            self.hidden[key] = Hidden(Reason.WITHHELD, least=0, spread=1)

    def protected(self) -> Protected:
        published = {
            key: SUPPRESSED if key in self.hidden else cell.count for key, cell in sorted(self.cells.items())
        }
        return Protected(published, dict(sorted(self.hidden.items())))
