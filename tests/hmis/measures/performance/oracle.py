"""The system performance measures again, night by night and person by person, in plain Python.

Written from the definitions alone and as slowly as they read, so that it can be held against the queries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(1)
ES_SH, PH = (0, 1, 8), (3, 9, 10, 13)
LINES = {
    "1a/line1": (ES_SH, True, False),
    "1a/line2": ((*ES_SH, 2), False, False),
    "1b/line1": (ES_SH, True, True),
    "1b/line2": ((*ES_SH, 2), False, True),
}
"""Figure -> counted types, whether transitional nights are taken away, whether it is 1b."""


@dataclass(frozen=True)
class Stay:
    key: str
    kind: int
    entry: date
    exit: date | None = None
    moved_in: date | None = None
    began: date | None = None
    situation: int | None = None
    destination: int | None = None
    nights: tuple[date, ...] = field(default=())

    def was_homeless(self) -> bool:
        return self.kind in (*ES_SH, 4) or (self.situation is not None and 100 <= self.situation <= 199)

    def until(self, end: date) -> date:
        """The day after the last night of the stay, within the report."""
        return min(self.exit or end + DAY, end + DAY)

    def move_in(self, end: date) -> date | None:
        inside = self.moved_in is not None and self.entry <= self.moved_in <= min(self.exit or end, end)
        return self.moved_in if inside and self.kind in PH else None

    def bed_nights(self) -> list[date]:
        return [night for night in self.nights if self.entry <= night < (self.exit or date.max)]


def days(first: date, after: date) -> set[date]:
    return {first + timedelta(n) for n in range((after - first).days)}


def length_of_time(
    stays: list[Stay], figure: str, start: date, end: date, born: date | None
) -> tuple[int, date, date] | None:
    """Nights counted, the first and the last of them; None = not counted at all."""
    counted, transitional_taken, is_1b = LINES[figure]
    lookback = start.replace(year=start.year - 7)
    stays = [stay for stay in stays if stay.entry <= end]
    taken: set[date] = set()
    for stay in stays:
        if stay.kind == 2 and transitional_taken:
            taken |= days(stay.entry, stay.until(end))
        if (moved_in := stay.move_in(end)) is not None:
            taken |= days(moved_in, stay.until(end))
    if not any(_is_active(stay, counted, is_1b, start, end) for stay in stays):
        return None
    nights = {(night, stay.entry) for stay in stays for night in _spent(stay, counted, is_1b, start, end)}
    if not {night for night, _ in nights} - taken:
        return None
    if is_1b:
        nights |= {(night, stay.entry) for stay in stays for night in _told(stay, lookback, start, end)}
    kept = {
        night
        for night, entry in nights
        if night not in taken and (born is None or night >= born) and (night >= lookback or entry >= lookback)
    }
    last = max((night for night in kept if start <= night <= end), default=None)
    if last is None:
        return None
    since = max([last - timedelta(365), lookback, *([born] if born else [])])
    chosen = {night for night in kept if night >= since}
    edge = since
    while edge - DAY in kept:
        edge -= DAY
        chosen.add(edge)
    return len(chosen), min(chosen), last


def _is_active(stay: Stay, counted: tuple[int, ...], is_1b: bool, start: date, end: date) -> bool:
    by_dates = stay.exit is None or stay.exit > start
    if stay.kind == 1:
        return any(start <= night <= end for night in stay.bed_nights())
    if stay.kind in counted:
        return by_dates
    return is_1b and stay.kind in PH and stay.was_homeless() and by_dates


def _spent(stay: Stay, counted: tuple[int, ...], is_1b: bool, start: date, end: date) -> set[date]:
    if stay.kind == 1:
        return {night for night in stay.bed_nights() if night <= end}
    if stay.kind in counted:
        return days(stay.entry, stay.until(end))
    moved_in = stay.move_in(end)
    of_period = (
        start <= stay.entry <= end
        or (moved_in is not None and start <= moved_in <= end)
        or (moved_in is None and stay.exit is not None and start <= stay.exit <= end)
    )
    if is_1b and stay.kind in PH and stay.was_homeless() and of_period:
        return days(stay.entry, moved_in or stay.until(end))
    return set()


def _told(stay: Stay, lookback: date, start: date, end: date) -> set[date]:
    if stay.began is None or stay.kind == 4 or not stay.was_homeless():
        return set()
    if stay.kind == 1:
        first = min((night for night in stay.bed_nights() if start <= night <= end), default=None)
        return set() if first is None else days(stay.began, first + DAY)
    return days(stay.began, stay.entry + DAY) if stay.entry >= lookback else set()


def returned(stays: list[Stay], start: date, end: date) -> tuple[int, int | None] | None:
    """(type left, days until return or None); None = no exit to permanent housing two years before."""
    ago = timedelta(730)
    permanent = (410, 411, 421, 422, 423, 426, 435)
    stays = [stay for stay in stays if stay.entry <= end]
    exits = [
        stay
        for stay in stays
        if stay.exit and start - ago <= stay.exit <= end - ago and stay.destination in permanent
    ]
    if not exits:
        return None
    left = min(exits, key=lambda stay: (stay.exit, stay.entry, stay.key))
    assert left.exit is not None
    entries = []
    for stay in stays:
        if stay is left or stay.entry < left.exit:
            continue
        others = [other for other in stays if other is not stay and other.kind in PH]
        if stay.kind not in PH or (
            stay.entry > left.exit + timedelta(14)
            and not any(
                other.entry < stay.entry and (other.exit is None or stay.entry <= other.exit + timedelta(14))
                for other in others
            )
        ):
            entries.append(stay.entry)
    return left.kind, (min(entries) - left.exit).days if entries else None


def first_time(stays: list[Stay], kinds: tuple[int, ...], start: date, end: date) -> bool | None:
    """Whether somebody entered for the first time; None = did not enter."""
    entries = [stay.entry for stay in stays if stay.kind in kinds and start <= stay.entry <= end]
    if not entries:
        return None
    on = min(entries)
    return not any(
        stay.kind != 4 and stay.entry < on and (stay.exit is None or stay.exit >= on - timedelta(730))
        for stay in stays
    )
