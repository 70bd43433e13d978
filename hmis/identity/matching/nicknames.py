"""What people are called for short: which first names may be one person's."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files

from hmis.identity.clusters import Clusters


@cache
def _families() -> dict[str, tuple[str, str | None]]:
    lines = files(__package__).joinpath("nicknames.txt").read_text(encoding="utf-8").splitlines()
    formal = defaultdict(set)
    together: Clusters[str] = Clusters(())
    for line in lines:
        if line.startswith("#"):
            continue
        name, *short = line.split()
        for each in (name, *short):
            formal[each].add(name)
            together.join(name, each)
    family = {each: min(group) for group in together for each in group}
    return {
        name: (family.get(name, name), None if len(names) > 1 else next(iter(names)))
        for name, names in formal.items()
    }


def family(first: str) -> tuple[str, str | None]:
    """The family of a normalised first name, and the one formal name that it stands for.

    Names of one family may be one person's if neither stands for a formal name that the other does not:
    `chris` fits Christopher and Christina (its formal name is None), who do not fit each other.
    A name that nobody shortens is a family of its own.
    """
    return _families().get(first, (first, first))


def fit(one: str, other: str) -> bool:
    """Whether two normalised first names may be one person's: by these families, or as the same name."""
    (family_one, formal_one), (family_other, formal_other) = family(one), family(other)
    return family_one == family_other and (None in (formal_one, formal_other) or formal_one == formal_other)


@cache
def _by_family() -> dict[str, tuple[str, ...]]:
    found = defaultdict(list)
    for name, (group, _) in sorted(_families().items()):
        found[group].append(name)
    return {group: tuple(names) for group, names in found.items()}


def called(first: str) -> tuple[str, ...]:
    """The names that somebody may go by who goes by this normalised one, itself first."""
    return (
        first,
        *(name for name in _by_family().get(family(first)[0], ()) if name != first and fit(first, name)),
    )
