"""The timeline: somebody's years as a picture. Rows in, shapes out; a template draws them.

One unit is one pixel at the size the picture is made for. Every shape carries its words, which are its
tooltip and, in the list beside the picture, all that the picture says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gateway.pages.living import WHERE, Where
from gateway.pages.rendering import Speech
from gateway.pages.shapes import MANY, Band, Bar, Item, Lane, Line, Picture, Step, Tick, Track
from gateway.pages.whereabouts import Spell

WIDE, PRINTED = 1000, 610
"""Widths of the picture, without the names of its lanes: on a screen, and on letter paper."""
_CHARACTER = 6.8
"""Width of a character of a label, on average."""
_ROW, _BAR, _PAD, _TOP = 25, 18, 7, 30
_MOST_ROWS = 8
_BUCKET = 7
"""Ticks nearer than that become one."""
_INCOME = 58
_NEAR = 24
"""Of `MANY` things or more, those that begin so near each other are drawn as one."""


@dataclass(frozen=True, slots=True)
class _Frame:
    start: date
    today: date
    width: int
    speech: Speech

    def x(self, day: date) -> int:
        """Today stands a little before the right edge."""
        days = max(1, (self.today - self.start).days)
        at = (min(max(day, self.start), self.today) - self.start).days
        return round(at / days * (self.width - 14))


def drawn(
    tracks: Iterable[Track], spells: Sequence[Spell], start: date, today: date, speech: Speech, width: int
) -> Picture:
    """The picture of `[start, today]`. What lies outside of it is left out; a track without anything, too."""
    frame = _Frame(start, today, width, speech)
    strip = 26
    y = _TOP + strip + 8
    lanes = []
    for track in tracks:
        lane = _lane(track, frame, y)
        if lane is not None:
            lanes.append(lane)
            y += lane.height
    bands = [_band(spell, frame) for spell in spells]
    return Picture(width, y + 4, _TOP, strip, frame.x(today), _grid(frame), bands, lanes)


def start_of(today: date, years: int) -> date:
    """The first day of a picture of so many years."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - years, day=28)


def _grid(frame: _Frame) -> list[Line]:
    """A line for each year, and for each quarter where there is room for it."""
    years = frame.today.year - frame.start.year
    lines = []
    for year in range(frame.start.year, frame.today.year + 1):
        for month in (1, 4, 7, 10) if years <= 4 else (1,):
            day = date(year, month, 1)
            if frame.start <= day <= frame.today:
                quarter = f"Q{(month + 2) // 3}" if years <= 1 else ""
                x = frame.x(day)
                near_today = frame.x(frame.today) - x < 70
                label = "" if near_today else str(year) if month == 1 else quarter
                lines.append(Line(x, label, month == 1))
    if not any(line.is_year and line.x < 40 for line in lines):
        lines.insert(0, Line(0, str(frame.start.year), is_year=True))
    return lines


def _band(spell: Spell, frame: _Frame) -> Band:
    say, day = frame.speech.say, frame.speech.day
    x, width = frame.x(spell.start), frame.x(spell.end) - frame.x(spell.start)
    name = say(WHERE[spell.where])
    if not spell.is_sure and spell.where is not Where.UNKNOWN:
        name = say("{place}, as last heard").format(place=name)
    until = say("today") if spell.end >= frame.today else day(spell.end)
    words = say("{start} to {end}: {what}").format(start=day(spell.start), end=until, what=name)
    short = say(WHERE[spell.where])
    label = next((one for one in (name, short) if _long(one) <= width - 12), "")
    return Band(x, width, spell.where.value, spell.is_sure, label, words)


def _lane(track: Track, frame: _Frame, y: int) -> Lane | None:
    items = sorted(
        (one for one in track.items if one.start <= frame.today and (one.end or one.start) >= frame.start),
        key=lambda one: one.start,
    )
    ticks = sorted(one for one in track.ticks if frame.start <= one[0] <= frame.today)
    lane = Lane(_lines(track.name), y, 0)
    if items:
        lane.words = [item.words for item in items]
        _stack(lane, items if len(items) <= MANY else _together(items, frame), frame)
    elif ticks:
        _dots(lane, ticks, frame)
    elif track.amounts and _staircase(lane, track.amounts, frame):
        pass
    else:
        return None
    lane.height = max(lane.height, len(lane.name) * 14 + 4) + _PAD
    return lane


def _stack(lane: Lane, items: Sequence[Item], frame: _Frame) -> None:
    """Each in the first row where it is free, label and all; without labels where that is too many rows."""
    for labelled in (True, False):
        rows: list[int] = []
        bars: list[Bar] = []
        left_out = 0
        for item in items:
            bar, begins, ends = _bar(item, frame, labelled=labelled)
            row = next((number for number, taken in enumerate(rows) if taken <= begins), len(rows))
            if row == _MOST_ROWS:
                left_out += 1
                continue
            if row == len(rows):
                rows.append(0)
            rows[row] = ends + 4
            bars.append(replace(bar, y=lane.y + row * _ROW + 3))
        if not left_out and len(rows) <= _MOST_ROWS // 2:
            break
    lane.bars, lane.left_out, lane.height = bars, left_out, len(rows) * _ROW


def _together(items: Sequence[Item], frame: _Frame) -> list[Item]:
    """Those that begin near each other as one, from when the first began until the last ended."""
    groups: dict[int, list[Item]] = {}
    for item in items:
        groups.setdefault(frame.x(item.start) // _NEAR, []).append(item)
    return [group[0] if len(group) == 1 else _as_one(group, frame) for group in groups.values()]


def _as_one(group: Sequence[Item], frame: _Frame) -> Item:
    day = frame.speech.day
    end = max(item.end or item.start for item in group)
    last = frame.speech.say("today") if end >= frame.today else day(end)
    names = "; ".join(list(dict.fromkeys(item.label for item in group))[:3])
    words = frame.speech.say("{start} to {end}: {what}").format(
        start=day(group[0].start), end=last, what=f"{len(group)} × {names}"
    )
    kinds = {item.kind for item in group}
    return Item(group[0].start, end, f"{len(group)} ×", words, kinds.pop() if len(kinds) == 1 else "")


def _bar(item: Item, frame: _Frame, *, labelled: bool) -> tuple[Bar, int, int]:
    """The bar, and from where to where its row is taken."""
    x = frame.x(item.start)
    end = x if item.end is None else frame.x(item.end)
    width = max(end - x, 4)
    is_dot = item.end is None
    tail = 16 if item.leads is not None and item.start <= frame.today else 0
    begins, ends = x, x + width + (4 if is_dot else 0) + tail
    full = None
    if item.moved is not None and item.moved > max(item.start, frame.start):
        full = min(frame.x(item.moved), x + width)
    # A label stands in the full part of its bar, beside the sign of moving in.
    inside = x + 6 if full is None or full + 9 >= x + width else full + 9
    room = x + width - inside - 4 - tail // 2
    needed = _long(item.label)
    label, label_x, anchor = "", 0, "start"
    if labelled:
        if not is_dot and needed <= room:
            label, label_x = item.label, inside
        elif ends + 4 + needed <= frame.width:
            label, label_x = item.label, ends + 3
            ends = label_x + needed
        elif begins - 5 - needed >= 0:
            label, label_x, anchor = item.label, x - (7 if is_dot else 5), "end"
            begins = label_x - needed
        elif not is_dot and room >= 50:
            label, label_x = _cut(item.label, room), inside
    leads = item.leads.value if item.leads is not None else None
    bar = Bar(x, 0, width, item.kind, label, label_x, anchor, item.words, full, leads, is_dot)
    return bar, begins, ends


def _dots(lane: Lane, ticks: Sequence[tuple[date, str]], frame: _Frame) -> None:
    say, day = frame.speech.say, frame.speech.day
    buckets: dict[int, list[tuple[date, str]]] = {}
    for tick in ticks:
        buckets.setdefault(frame.x(tick[0]) // _BUCKET, []).append(tick)
    lane.height = _ROW
    for number, inside in buckets.items():
        kinds = list(dict.fromkeys(words for _, words in inside))
        told = "; ".join(kinds[:3]) + ("…" if len(kinds) > 3 else "")
        first, last = day(inside[0][0]), day(inside[-1][0])
        when = first if first == last else say("{start} to {end}").format(start=first, end=last)
        words = f"{when}: {told}" if len(inside) == 1 else f"{when}: {len(inside)} × {told}"
        x = number * _BUCKET + _BUCKET // 2
        size = min(18, 6 + 2 * len(inside))
        lane.ticks.append(Tick(x, lane.y + 3 + (18 - size) // 2, size, words))
        lane.words.append(words)


def _staircase(lane: Lane, amounts: Sequence[tuple[date, Decimal]], frame: _Frame) -> bool:
    """Whether there is anything to be drawn: an amount that holds within the picture."""
    before = [one for one in amounts if one[0] <= frame.start]
    inside = [one for one in amounts if frame.start < one[0] <= frame.today]
    if not before and not inside:
        return False
    steps = [(frame.start, before[-1][1]), *inside] if before else inside
    top = max(max(amount for _, amount in steps), Decimal(1))
    lane.height = _INCOME

    def height(amount: Decimal) -> int:
        return lane.y + _INCOME - 3 - round(max(amount, Decimal(0)) / top * (_INCOME - 22))

    points: list[str] = []
    taken = -1000
    for number, (since, amount) in enumerate(steps):
        x, y = frame.x(since), height(amount)
        points.append(f"H{x}V{y}" if points else f"M{x} {y}")
        label = frame.speech.dollars(amount)
        changed = number == 0 or steps[number - 1][1] != amount
        room = _long(label) + 6
        if changed and x >= taken and x + room <= frame.width:
            lane.steps.append(Step(x + 2, y - 4, label))
            taken = x + room
    last_x, last_y = frame.x(steps[-1][0]), height(steps[-1][1])
    lane.line = "".join(points)
    lane.goes_on = f"M{last_x} {last_y}H{frame.x(frame.today)}"
    say, day = frame.speech.say, frame.speech.day
    for since, amount in [*before[-1:], *inside]:
        told = frame.speech.money(amount)
        lane.words.append(say("{start}: {amount} a month").format(start=day(since), amount=told))
    return True


def _long(words: str) -> int:
    return round(len(words) * _CHARACTER)


def _cut(words: str, room: int) -> str:
    most = max(1, int(room / _CHARACTER) - 1)
    return words if len(words) <= most else f"{words[:most].rstrip()}…"


def _lines(name: str) -> tuple[str, ...]:
    """A lane's name in at most three short lines."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) > 17:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines[:3])
