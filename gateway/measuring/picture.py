"""Picture: what is to be drawn, as plain values. Nothing here needs the library that draws, so whoever serves
pages may say what is to be drawn, and another process draws it (`gateway/measuring/drawing.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Value = int | float | None
Kind = Literal["bars", "columns", "moves", "lines"]
Ground = Literal["either", "light", "dark"]
Size = Literal["wide", "narrow", "small"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One number of a picture."""

    at: str
    """Which bar, month or night it stands for."""
    value: Value
    """None = not shown. It is drawn as such, and never as 0."""
    said: str
    """The number in words, beside the mark."""
    of: str = ""
    """Which of several kinds, of `Panel.kinds`."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing; a picture has them below each other."""

    kind: Kind
    """bars: lying, in the order given. columns: standing, over time. moves: the first kind up, the second
    down. lines: one for each kind."""
    marks: tuple[Mark, ...]
    title: str = ""
    kinds: tuple[str, ...] = ()
    """Two at most: they are told apart by colour, and by place or dashes."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Panels, and what somebody is told who does not see them."""

    title: str
    told: str
    panels: tuple[Panel, ...]
    ground: Ground = "either"
    size: Size = "wide"

    def plain(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Picture:
        """What `plain` gave."""
        panels = tuple(_panel(one) for one in plain["panels"])
        return cls(plain["title"], plain["told"], panels, plain["ground"], plain["size"])


def _panel(plain: Mapping[str, Any]) -> Panel:
    marks: Sequence[Mapping[str, Any]] = plain["marks"]
    return Panel(plain["kind"], tuple(Mark(**mark) for mark in marks), plain["title"], tuple(plain["kinds"]))
