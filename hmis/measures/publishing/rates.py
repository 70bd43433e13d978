"""Figures made of counts: shown only where the counts they are made of are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, TypeVar

from hmis.measures.publishing.cells import LARGEST_SMALL, SUPPRESSED, Key, Published, Suppressed

Figure = TypeVar("Figure", int, float)
Hideable: TypeAlias = Figure | Literal[Suppressed.SUPPRESSED]


def rate(published: Mapping[Key, Published], part: Key, whole: Key) -> Hideable[float]:
    """Percent, two decimals: where the part and the rest are 11 or more, and both counts are shown.

    A rate and its whole give the part, so a rate is no way around a hidden cell. 0 of 50 has no rate either,
    only its count: 0 percent and 100 percent say the same of everybody.
    """
    some, everybody = published[part], published[whole]
    if some is SUPPRESSED or everybody is SUPPRESSED:
        return SUPPRESSED
    if some <= LARGEST_SMALL or everybody - some <= LARGEST_SMALL:
        return SUPPRESSED
    return round(100 * some / everybody, 2)


def summary(published: Mapping[Key, Published], people: Key, figure: Figure) -> Hideable[Figure]:
    """A mean, a median or a sum over the people counted at `people`: where they are 11 or more, and shown.

    Only then: the means of everybody and of all but a few, with both counts, are the mean of the few.
    """
    count = published[people]
    return figure if count is not SUPPRESSED and count > LARGEST_SMALL else SUPPRESSED
