"""Shapes of the timeline: what goes into it, and what a template draws. Units as in `timeline.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from gateway.pages.living import Where

MANY = 40
"""So many things of a kind are drawn one by one."""
_POINTED, _POINTED_OF_MANY = 5, 24
"""Narrower parts of the strip have no words of their own in the picture."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that lasted, or (`end` None) happened on a day; `end` beyond the picture = goes on."""

    start: date
    end: date | None
    label: str
    words: str
    kind: str = ""
    """A class of the style sheet."""
    moved: date | None = None
    """The day from which the bar is full: before it they only looked for a home."""
    leads: Where | None = None
    """Where they went when it ended; None = it did not end."""


@dataclass(frozen=True, slots=True)
class Track:
    """What is drawn in one lane: things that last, moments too many to name, or amounts."""

    name: str
    items: Sequence[Item] = ()
    ticks: Sequence[tuple[date, str]] = ()
    amounts: Sequence[tuple[date, Decimal]] = ()
    """From that day on, oldest first."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    kind: str
    label: str
    label_x: int
    anchor: str
    words: str
    full_x: int | None
    """Where it begins to be full; None = it is full from its beginning."""
    leads: str | None
    is_dot: bool


@dataclass(frozen=True, slots=True)
class Tick:
    x: int
    y: int
    size: int
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    x: int
    y: int
    label: str


@dataclass(slots=True)
class Lane:
    name: tuple[str, ...]
    """In lines."""
    y: int
    height: int
    bars: list[Bar] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    line: str = ""
    """Points of a step line, up to the last amount that was told."""
    goes_on: str = ""
    """And from there to today."""
    steps: list[Step] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """Everything in it, oldest first."""
    left_out: int = 0
    """Things for which there was no room; the words have them."""


@dataclass(frozen=True, slots=True)
class Band:
    x: int
    width: int
    kind: str
    is_sure: bool
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    x: int
    label: str
    is_year: bool


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    top: int
    strip: int
    """Height of the strip that says where they lived."""
    today: int
    grid: list[Line]
    bands: list[Band]
    lanes: list[Lane]

    @property
    def grounds(self) -> dict[str, str]:
        """What is shaded behind everything, by kind of place: one path each."""
        paths: dict[str, str] = {}
        for band in self.bands:
            if band.kind != Where.UNKNOWN and band.width:
                piece = f"M{band.x} {self.top}h{band.width}V{self.height}h-{band.width}z"
                paths[band.kind] = paths.get(band.kind, "") + piece
        return paths

    @property
    def slivers(self) -> dict[str, str]:
        """Parts of the strip too narrow to be pointed at, in the same way."""
        paths: dict[str, str] = {}
        for band in self.bands:
            if 0 < band.width < self._pointed:
                piece = f"M{band.x} {self.top}h{band.width}v{self.strip}h-{band.width}z"
                paths[band.kind] = paths.get(band.kind, "") + piece
        return paths

    @property
    def parts(self) -> list[Band]:
        """The others."""
        return [band for band in self.bands if band.width >= self._pointed]

    @property
    def _pointed(self) -> int:
        return _POINTED if len(self.bands) <= MANY else _POINTED_OF_MANY

    @property
    def is_empty(self) -> bool:
        return not self.lanes and all(band.kind == Where.UNKNOWN for band in self.bands)
