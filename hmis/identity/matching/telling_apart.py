"""What of two records tells the people of one family apart, and how sure is sure. Plain words and numbers."""

from __future__ import annotations

AUTOMATIC = 12.0
"""Bits. Less is never linked without somebody: wrong once in four thousand."""

_SAME_FIRST = frozenset({"same", "swapped", "nickname"})
_LIKE_FIRST = _SAME_FIRST | {"one slip", "beginning"}
_LIKE_BORN = frozenset({"same", "day for month", "one slip"})


def tells_apart(first: str, born: str, ssn: str) -> bool:
    """Whether two facts agree that the people of one family do not share; and none is another's.

    What is given are levels of `hmis.identity.matching.model.COMPARISONS`.
    """
    if ssn == "same":
        return first in _LIKE_FIRST or born in _LIKE_BORN
    return first in _SAME_FIRST and born in _LIKE_BORN
