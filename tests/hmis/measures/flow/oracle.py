"""Flow told again: a list of what each person is on every single day, and what it reads like."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hmis.measures.asked import Asked
from hmis.measures.days import number
from tests.hmis.measures.flow.reading import NEVER, Rows, Stay, stays

Span = tuple[int, int, int, bool]
"""First day, last day of presence, last day known of, whether housed."""
_HOLDS = {1: 15, 4: 60, 6: 60, 7: 60, 11: 60, 14: 90}


def flow(world: Rows, asked: Asked) -> dict[str, Any]:
    """What the measure should say, without the period's block of sums."""
    inflow, outflow = Counter[str](), Counter[str]()
    months = _months(asked)
    came, went, left = Counter[str](), Counter[str](), Counter[str]()
    people: dict[str, list[Stay]] = {}
    for stay in stays(world, asked.re, asked.coc):
        if stay.kind != 12:
            people.setdefault(stay.who, []).append(stay)
    for whom in people.values():
        told = _Person(whom, asked)
        if any(told.on(one) for one in range(asked.rs, asked.re + 1)):
            inflow[told.inflow(asked.rs, asked.re, told.on(asked.rs))] += 1
            outflow[told.outflow(asked.re, asked.re)] += 1
        before = told.on(asked.rs)
        for name, first, last in months:
            homeless = before == 1 or any(told.on(one) == 1 for one in range(first, last + 1))
            if homeless and before != 1:
                came[f"{name} {told.inflow(max(first - 1, asked.rs), last, before)}"] += 1
            if homeless and told.on(last) != 1:
                went[f"{name} {told.outflow(last, last)}"] += 1
            before = told.on(last)
            left[name] += before == 1
    return {"inflow": inflow, "outflow": outflow, "came": came, "went": went, "left": left}


def _months(asked: Asked) -> list[tuple[str, int, int]]:
    found: dict[str, list[int]] = {}
    one = asked.start
    while one <= asked.end:
        found.setdefault(f"{one:%Y-%m}", []).append(number(one))
        one += timedelta(days=1)
    return [(name, days[0], days[-1]) for name, days in found.items()]


class _Person:
    """One person's days: 0 not there, 1 homeless, 2 housed."""

    def __init__(self, stays_of: list[Stay], asked: Asked) -> None:
        self.spans = [span for stay in stays_of for span in _spans(stay)]
        self.exits = [
            (until, until == stay.left and stay.destination is not None and 400 <= stay.destination < 500)
            for stay in stays_of
            for _, until in stay.spans
            if until < NEVER
        ]
        self.days = {
            one: max(
                (2 if housed else 1 for first, last, _, housed in self.spans if first <= one <= last),
                default=0,
            )
            for one in range(asked.rs - 900, asked.re + 20)
        }
        if any(last == asked.rs - 1 and known == asked.rs for _, last, known, _ in self.spans):
            self.days[asked.rs] = self.days[asked.rs] or self.days[asked.rs - 1]
        self._bridge()

    def _bridge(self) -> None:
        there = [one for one, status in self.days.items() if status]
        for one, following in pairwise(there):
            if following > one + 1 and following - self.known(one) <= 14:
                for between in range(one + 1, following):
                    self.days[between] = self.days[one]

    def on(self, one: int) -> int:
        return self.days[one]

    def known(self, one: int) -> int:
        """The last day known of, of what began by a day."""
        return max((known for first, _, known, _ in self.spans if first <= one), default=0)

    def inflow(self, start: int, end: int, before: int) -> str:
        """How somebody came who is there on a day after `start`, or was there on it."""
        if before:
            return "housed" if before == 2 else "homeless"
        began = next(one for one in range(start + 1, end + 1) if self.on(one))
        known = self.known(began - 1)
        left = max((exit for exit in self.exits if exit[0] <= began), default=(0, False))
        if began - max(known, left[0]) > 730:
            return "first_time"
        if left[1] and left[0] >= known and began - left[0] >= 15:
            return "returned_from_permanent"
        return "re_engaged_from_non_permanent"

    def outflow(self, end: int, judged: int) -> str:
        """How somebody left who was there on a day up to `end`, as it stood on `judged`."""
        if self.on(end):
            return "housed" if self.on(end) == 2 else "homeless"
        last = next(one for one in range(end, 0, -1) if self.on(one))
        known = self.known(last)
        left = max((exit for exit in self.exits if known <= exit[0] <= judged), default=None)
        if left is None:
            return "inactive"
        return "exited_permanent" if left[1] else "exited_non_permanent"


def _spans(stay: Stay) -> list[Span]:
    found: list[Span] = []
    for began, until in stay.spans:
        if stay.kind in (0, 2, 8):
            found.append((began, until - 1, until, False))
        elif stay.kind in (3, 9, 10, 13):
            moved = NEVER if stay.move_in is None else stay.move_in
            if began <= moved:
                found.append((began, min(moved, until - 1), min(moved + 1, until), False))
            if moved + 1 < until:
                found.append((max(moved + 1, began), until - 1, until, True))
        else:
            holds = _HOLDS[stay.kind]
            for seen in _evidence(stay, began):
                if began <= seen < until:
                    found.append((seen, min(seen + holds, until - 1), min(seen + holds, until), False))
    return found


def _evidence(stay: Stay, began: int) -> list[int]:
    situation = stay.situation or 0
    institution = 200 <= situation <= 299 and stay.from_street
    seen = [one for one, where in stay.seen if where is not None and (where == 302 or 100 <= where <= 199)]
    if stay.kind in (1, 4) or 100 <= situation <= 199 or situation == 302 or institution:
        seen.append(began)
    return seen + (stay.nights if stay.kind == 1 else [])


def as_told(said: dict[str, Any]) -> dict[str, Counter[str]]:
    """What the measure says, in the words of the oracle."""
    words = {"from_housed": "housed", "to_housed": "housed"}

    def of(block: str) -> Counter[str]:
        return Counter({
            f"{month['month']} {words.get(kind, kind)}": count
            for month in said["monthly"] for kind, count in month[block].items() if count
        })  # fmt: skip

    return {
        "inflow": +Counter(said["inflow"]), "outflow": +Counter(said["outflow"]),
        "came": of("inflow_by"), "went": of("outflow_by"),
        "left": Counter({month["month"]: month["homeless_at_end"] for month in said["monthly"]}),
    }  # fmt: skip
