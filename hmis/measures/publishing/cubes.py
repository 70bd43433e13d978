"""What ties the cells of cubes together, read off their keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from hmis.measures.publishing.cells import VICTIM_SERVICES, Key, Kind, NotATable, Relation

# How the counts of a figure make up those of a wider one, by figure and dimension: ("people",
# "projectType"): UNION. None: not at all (people present on one night and on another).
Kinds: TypeAlias = Mapping[tuple[str, str], Kind | None]
# Values of a dimension that stand for several: {"projectType": {"ES+SH+TH": ("ES", "SH", "TH")}}.
Groups: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]


def key_of(figure: str, **by: str) -> Key:
    """The cell of a figure where `by` holds. A dimension that is not named is a total over it."""
    return (figure, *sorted(f"{dimension}={value}" for dimension, value in by.items()))


def relations_among(keys: Collection[Key], kinds: Kinds, groups: Groups | None = None) -> list[Relation]:
    """All relations between cells of one figure. `keys` are all cells of all cubes of a snapshot, zeros too.

    A cell is part of the same cell without one dimension, and of the cell whose value is a group with its own
    in it. A group that lacks members holds those that are there within it.
    """
    there = frozenset(keys)
    found: dict[tuple[Key, str], list[Key]] = {}
    lacking: set[tuple[Key, str]] = set()
    for key in sorted(there):
        for facet in key[1:]:
            if facet == VICTIM_SERVICES:
                continue
            dimension, _, value = facet.partition("=")
            members = (groups or {}).get(dimension, {})
            above = [name for name, inside in members.items() if value in inside]
            totals = [_with(key, facet, f"{dimension}={name}") for name in above]
            present = [total for total in totals if total in there]
            if not present:
                # Only what is in no group that is shown is added up by itself.
                present = [total for total in (_with(key, facet, None),) if total in there]
            for total in present:
                found.setdefault((total, dimension), []).append(key)
    for (total, dimension), parts in found.items():
        own = next(
            (facet.partition("=")[2] for facet in total[1:] if facet.startswith(f"{dimension}=")), None
        )
        if own is not None and len(parts) < len((groups or {})[dimension][own]):
            lacking.add((total, dimension))
    return [
        Relation(total, tuple(parts), Kind.WITHIN if (total, dimension) in lacking else kind)
        for (total, dimension), parts in sorted(found.items())
        if (kind := _kind(kinds, total[0], dimension)) is not None
    ]


def _with(key: Key, facet: str, other: str | None) -> Key:
    facets = [one for one in key[1:] if one != facet]
    return (key[0], *sorted([*facets, other] if other else facets))


def _kind(kinds: Kinds, figure: str, dimension: str) -> Kind | None:
    if (figure, dimension) not in kinds:
        raise NotATable(f"how {figure} adds up over {dimension} is not said")
    return kinds[figure, dimension]
