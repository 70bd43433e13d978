"""Pictures of an operator's answer: flow month by month, beds by night, returns; all others as bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.measuring.picture import Mark, Panel, Picture
from gateway.measuring.question import Answer

_MOST = 60
"""Bars of a picture; more cannot be read."""


def drawn(name: str, answer: Answer) -> str:
    """The picture of a measure's answer, as SVG. What is counted in groups is drawn as bars."""
    from gateway.measuring.charts import as_svg

    panels = PICTURES.get(name) if isinstance(answer.data, Mapping) else None
    where = f", {answer.coc}" if answer.coc else ""
    title = f"{answer.title}{where}, {answer.start} to {answer.end}"
    shown = panels(answer.data) if panels else (_bars(answer),)
    # The title is seen here, too: a file may be looked at by itself.
    first = Panel(shown[0].kind, shown[0].marks, f"{title}. {shown[0].title}".rstrip(". "), shown[0].kinds)
    return as_svg(Picture(title, description(answer), (first, *shown[1:])))


def description(answer: Answer) -> str:
    """What the picture says, for those who hear it."""
    said = "; ".join(f"{name} {value:,}" for name, value in _values(answer))
    return f"{answer.definition} {said}."


def _bars(answer: Answer) -> Panel:
    """What every measure can be drawn as: a bar for each figure, with its number at the end."""
    return Panel("bars", tuple(Mark(name, value, f"{value:,}") for name, value in _values(answer)))


def _values(answer: Answer) -> list[tuple[str, float]]:
    place = answer.columns.index("count" if "count" in answer.columns else answer.columns[-1])
    found = ((" / ".join(map(str, row[:place])), row[place]) for row in answer.rows)
    return [(name, value) for name, value in found if isinstance(value, int | float)][:_MOST]


def _flow(data: Mapping[str, Any]) -> tuple[Panel, ...]:
    """Who came and who left, month by month; and how many were without a home at its end."""
    moves = (("inflow", "came"), ("outflow", "left"))
    marks = _marks(data["monthly"], "month", moves)
    there = _marks(data["monthly"], "month", (("homeless_at_end", "homeless"),))
    return (
        Panel("moves", marks, "People who came, above; left, below", ("came", "left")),
        Panel("lines", there, "Homeless at the end of the month", ("homeless",)),
    )


def _utilization(data: Mapping[str, Any]) -> tuple[Panel, ...]:
    """Beds, and the people in them, on the last night of each month."""
    both = _marks(data["nights"], "night", (("beds", "beds"), ("people", "people")))
    return (Panel("lines", both, "Beds, and people in them", ("people", "beds")),)


def _marks(rows: list[dict[str, Any]], at: str, kinds: tuple[tuple[str, str], ...]) -> tuple[Mark, ...]:
    return tuple(Mark(row[at], row[name], f"{row[name]:,}", of) for row in rows for name, of in kinds)


_RETURNED = {
    "days_0_180": "within 180 days",
    "days_181_365": "in 181 to 365 days",
    "days_366_730": "in 366 to 730 days",
}


def _returns(data: Mapping[str, Any]) -> tuple[Panel, ...]:
    """Of those who left for a home of their own, how many came back, and when."""
    found = data["2"]
    exits = found["exits"]

    def said(people: int) -> str:
        return f"{people:,} ({100 * people / exits if exits else 0:.1f} %)"

    marks = tuple(Mark(words, found[name], said(found[name])) for name, words in _RETURNED.items())
    return (Panel("bars", marks, f"People who returned, of {exits:,} who left"),)


PICTURES: Mapping[str, Callable[[Mapping[str, Any]], tuple[Panel, ...]]] = {
    "flow": _flow,
    "utilization": _utilization,
    "spm": _returns,
    "spm-2": _returns,
}
