"""Which cells are shown. Hides some, attacks the rest as a reader could, hides more until that fails."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from hmis.measures.publishing.attack import Demand, insider, outsider, secrets, small_ones
from hmis.measures.publishing.cells import (
    LARGEST_SMALL,
    SPREAD,
    SUPPRESSED,
    Cell,
    Hidden,
    Key,
    Protected,
    Reason,
    Relation,
    check,
    is_about_few,
    is_small,
)
from hmis.measures.publishing.complement import Movable, more_to_hide
from hmis.measures.publishing.ledger import Ledger, is_left_over, is_printed, ledger
from hmis.measures.publishing.near import LARGE, near

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hmis.measures.publishing.ledger import World


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
    while work.hides_more():
        pass
    return work.protected()


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
        self.worlds = [(self.counts.copy(), self.counts.copy()) for _ in ("outsider", "insider")]

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

    def hides_more(self) -> bool:
        """Finds for each secret the tables that keep it, hiding what has to be; False: none was missing."""
        missing = False
        for to_insiders, demands_of in ((True, small_ones), (False, secrets)):
            for demand in demands_of(self.ledger, self.hidden):
                key = self.ledger.keys[demand.at]
                if key in self.hidden and not demand.met(*self.worlds[to_insiders]):
                    missing = True
                    self._keep_secret(key, demand, to_insiders)
        return missing

    def _keep_secret(self, key: Key, demand: Demand, to_insiders: bool) -> None:
        shown = {key: cell.count for key, cell in self.cells.items() if key not in self.hidden}
        reader = outsider(self.ledger, shown, self.hidden)
        if to_insiders:
            reader = insider(reader, self.hidden)
        reader.least, reader.most = self.worlds[to_insiders]
        extremes = int(reader.least[demand.at]), int(reader.most[demand.at])
        for around in (self._near(key), None) if len(self.ledger.keys) >= LARGE else (None,):
            movable = Movable(reader, self.counts, LARGEST_SMALL + 1 if to_insiders else 1, around)
            columns = more_to_hide(movable, demand, *extremes)
            for column in columns or ():
                self.hidden[self.ledger.keys[column]] = self._cover(self.ledger.keys[column])
            self._remember(movable.worlds, to_insiders)
            if columns or demand.met(reader.least, reader.most):
                return
        # Fractions may have hidden that there is a table of whole numbers, or that there is none.
        if columns is not None and not reader.unmet([demand]):
            return
        if not self._expect_less(key, movable, demand, to_insiders):
            self._withhold(key)

    def _near(self, key: Key) -> NDArray[np.bool_]:
        price = {
            one: 0 if one in self.hidden else cell.count for one, cell in self.cells.items() if cell.count
        }
        return near(key, self.ledger, self.neighbours, price)

    def _remember(self, worlds: Iterable[World], to_insiders: bool) -> None:
        import numpy as np

        open_to_doubt = np.array([not is_printed(key) or key in self.hidden for key in self.ledger.keys])
        for world in worlds:
            # One that was looked at on the way, and for which other cells would have to be hidden, is none.
            if (world != self.counts)[~open_to_doubt].any():
                continue
            # What an insider can think of, an outsider can.
            for least, most in self.worlds[: to_insiders + 1]:
                np.minimum(least, world, out=least)
                np.maximum(most, world, out=most)

    def _expect_less(self, key: Key, movable: Movable, demand: Demand, to_insiders: bool) -> bool:
        """A total of five parts that are not 0 is at least 5: what zeros alone tell is no secret."""
        if to_insiders or demand.low is None:
            return False
        lowest = movable.lowest(demand.at)
        if lowest <= demand.low:
            return False
        self.hidden[key] = replace(self.hidden[key], low=lowest)
        return True

    def _withhold(self, key: Key) -> None:
        """Hides what stands in a row with the cell, zeros too; then their rows; at last the whole table."""
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
