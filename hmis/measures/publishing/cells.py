"""The words of publishing: cells, what ties them together, and what is left of them in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

# What a figure counts and what it is restricted to: ("people", "period=FY2026", "projectType=ES"). The
# total over project types is the same key without that part, so two tables that share a margin share its
# cell.
Key: TypeAlias = tuple[str, ...]

# CMS cell size suppression policy: no cell from 1 to 10 is shown, nor anything it can be derived from. 0 is
# shown.
LARGEST_SMALL = 10
# A hidden number must be able to be any of at least so many: as many as there are small ones.
SPREAD = LARGEST_SMALL
# The facet of what victim service providers count: only their own aggregates, never in a total with others.
VICTIM_SERVICES = "providers=victim services"
# What the keys of no cell begin with: see ledger.py.
RESERVED = ("left over", "room")


class Suppressed(Enum):
    """Stands where a count is not shown."""

    SUPPRESSED = "suppressed"


SUPPRESSED: Literal[Suppressed.SUPPRESSED] = Suppressed.SUPPRESSED
Published: TypeAlias = int | Literal[Suppressed.SUPPRESSED]


class NotATable(ValueError):
    """The cells and relations contradict each other, so nothing can be said about what they reveal."""


class Kind(Enum):
    SUM = "sum"  # nobody is in two parts, everybody is in one: total = sum of the parts
    UNION = (
        "union"  # one may be in several parts, everybody is in one: max(parts) <= total <= sum of the parts
    )
    WITHIN = "within"  # each part is some of the total: part <= times x total


@dataclass(frozen=True, slots=True)
class Cell:
    """One count before publishing.

    `people` is how many people are behind a count of something else (nights, entries); None when it counts
    them itself. `most` is how much one person can add to it: the nights of the period, else 1.
    """

    key: Key
    count: int
    people: int | None = None
    most: int = 1


@dataclass(frozen=True, slots=True)
class Relation:
    """What everybody knows about how counts hang together, without knowing any of them."""

    total: Key
    parts: tuple[Key, ...]
    kind: Kind = Kind.SUM
    times: int = 1


class Reason(Enum):
    """Why a cell is hidden. It never leaves the process: who knows it knows more about the cell."""

    PRIMARY = "it is 1 to 10"
    FEW_PEOPLE = "it tells about 1 to 10 people"
    COMPLEMENTARY = "another one could be computed from it"
    ZERO = "it is 0, and showing that would tell its neighbours"
    WITHHELD = "nothing that hangs together with it is shown"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a reader must not find out about one hidden cell.

    `least`: what everybody knows it is at least (1, because 0 would be shown; 0 where rows are withheld).
    `low`: it must be able to be as low as this; None for a cell that is no secret itself.
    `spread`: of how many numbers it must be able to be any.
    """

    reason: Reason
    least: int = 1
    low: int | None = None
    spread: int = SPREAD

    @property
    def high(self) -> int:
        """What a secret one must be able to be at least."""
        return max(self.spread, (self.low or 0) + self.spread - 1)


@dataclass(frozen=True, slots=True)
class Protected:
    """`published` may leave the process; `hidden` must not: it holds the reasons."""

    published: Mapping[Key, Published]
    hidden: Mapping[Key, Hidden] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recoverable:
    """A hidden cell that a reader can narrow down too far: to `lowest`..`highest`."""

    key: Key
    lowest: int
    highest: int


def is_small(cell: Cell) -> bool:
    return 1 <= cell.count <= LARGEST_SMALL


def is_about_few(cell: Cell) -> bool:
    return cell.people is not None and cell.count > 0 and cell.people <= LARGEST_SMALL


def check(cells: Iterable[Cell], relations: Iterable[Relation]) -> None:
    """Raises NotATable for what cannot be a table of counts, without naming a count."""
    keys: set[Key] = set()
    for cell in cells:
        if cell.key in keys:
            raise NotATable(f"the cell {cell.key} is there twice")
        if not cell.key or cell.key[0] in RESERVED:
            raise NotATable(f"no cell is called {cell.key}")
        if cell.count < 0 or cell.most < 1 or (cell.people is not None and cell.people < 0):
            raise NotATable(f"the cell {cell.key} is not a count")
        keys.add(cell.key)
    for relation in relations:
        named = {relation.total, *relation.parts}
        if not relation.parts or len(named) != len(relation.parts) + 1 or relation.times < 1:
            raise NotATable(f"the relation of {relation.total} repeats or lacks a part")
        if not named <= keys:
            raise NotATable(f"the relation of {relation.total} names a cell that is not there")
        if len({VICTIM_SERVICES in key for key in named}) > 1:
            raise NotATable(f"{relation.total}: victim service providers are counted apart from all others")
