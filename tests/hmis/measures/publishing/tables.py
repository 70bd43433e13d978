"""Simulated communities and the tables a publisher would make of them. The same seed, the same tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from random import Random

from hmis.measures.publishing.cells import Cell, Key, Kind, Relation
from hmis.measures.publishing.cubes import key_of, relations_among

Tables = tuple[list[Cell], list[Relation]]
DIMENSIONS = ("agency", "household", "month")
# How many people a group of a table has at most: small programs beside big ones.
SIZES = (6, 12, 40, 150)


def _counted(
    dimensions: dict[str, int], rng: Random, cubes: Iterable[tuple[str, ...]]
) -> tuple[dict[Key, int], dict[tuple[str, str], Kind | None]]:
    """Everybody is in one value of each dimension; every cube with all its margins."""
    base = {
        values: 0 if rng.random() < 0.15 else rng.randint(1, rng.choice(SIZES))
        for values in product(*(range(size) for size in dimensions.values()))
    }
    counts: dict[Key, int] = {}
    for cube in cubes:
        for wanted in product(*((*range(dimensions[name]), None) for name in cube)):
            by = {name: value for name, value in zip(cube, wanted, strict=True) if value is not None}
            inside = (
                count
                for values, count in base.items()
                if by.items() <= dict(zip(dimensions, values, strict=True)).items()
            )
            counts[key_of("people", **{name: str(value) for name, value in by.items()})] = sum(inside)
    return counts, {("people", name): Kind.SUM for name in dimensions}


def two_way(rng: Random) -> Tables:
    sizes = {"agency": rng.randint(2, 4), "household": rng.randint(2, 3)}
    counts, kinds = _counted(sizes, rng, [tuple(sizes)])
    return [Cell(key, count) for key, count in counts.items()], relations_among(counts, kinds)


def three_way(rng: Random) -> Tables:
    sizes = dict(zip(DIMENSIONS, rng.choice(((2, 2, 2), (2, 2, 3))), strict=True))
    counts, kinds = _counted(sizes, rng, [DIMENSIONS])
    return [Cell(key, count) for key, count in counts.items()], relations_among(counts, kinds)


def linked(rng: Random) -> Tables:
    """Three cubes of two dimensions that share margins; what they are all cut from is not published."""
    sizes = {"agency": 2, "household": rng.randint(2, 3), "month": 2}
    pairs = [("agency", "household"), ("agency", "month"), ("household", "month")]
    counts, kinds = _counted(sizes, rng, pairs[: rng.randint(2, 3)])
    return [Cell(key, count) for key, count in counts.items()], relations_among(counts, kinds)


TYPES = ("ES", "SH", "TH", "RRH")
GROUPS = {"type": {"ES+SH+TH": ("ES", "SH", "TH")}}


def union(rng: Random) -> Tables:
    """People counted once at each total, who were in several project types; by household type or not."""
    weights = [rng.choice((1, 3, 10, 30)) for _ in TYPES]
    people = [
        (set(rng.choices(TYPES, weights, k=rng.choice((1, 1, 1, 2)))), str(rng.randint(1, 2)))
        for _ in range(rng.choice((15, 40, 120, 300)))
    ]
    of_type: dict[str | None, set[str]] = {**{name: {name} for name in TYPES}, None: set(TYPES)}
    of_type["ES+SH+TH"] = {"ES", "SH", "TH"}
    counts = {}
    for household in rng.choice(((None,), (None, "1", "2"))):
        for name, types in of_type.items():
            by = {"type": name, "household": household}
            counts[key_of("people", **{facet: value for facet, value in by.items() if value})] = sum(
                bool(theirs & types) and household in (None, home) for theirs, home in people
            )
    kinds: dict[tuple[str, str], Kind | None] = {
        ("people", "type"): Kind.UNION,
        ("people", "household"): Kind.SUM,
    }
    return [Cell(key, count) for key, count in counts.items()], relations_among(counts, kinds, GROUPS)


@dataclass(frozen=True)
class Family:
    make: Callable[[Random], Tables]
    seed: int

    def some(self, count: int, part: int) -> Iterator[Tables]:
        """`count` tables in which there is something to hide; those of another part are others."""
        at = 0
        while count:
            cells, relations = self.make(Random(f"{self.seed} {part} {at}"))
            at += 1
            if any(1 <= cell.count <= 10 for cell in cells):
                count -= 1
                yield cells, relations


FAMILIES = {
    "two-way": Family(two_way, 1),
    "three-way": Family(three_way, 2),
    "linked": Family(linked, 3),
    "union": Family(union, 4),
}
