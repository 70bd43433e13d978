"""Published: what figures of the system performance measures have to do with each other, for whoever could
put them together."""

from __future__ import annotations

_TYPES = ("es", "sh", "so", "th", "ph")
_DAYS = ("days_0_180", "days_181_365", "days_366_730")
_WHEN = ("exits", "days_0_730", *_DAYS)

Part = str | tuple[str, ...]


def _returns() -> dict[str, tuple[Part, ...]]:
    """Everybody's first exit is of one type, and they came back once or not."""
    found: dict[str, tuple[Part, ...]] = {}
    for of_type in ("", *(f"{name}/" for name in _TYPES)):
        found[f"2/{of_type}exits"] = (f"2/{of_type}days_0_730",)
        found[f"2/{of_type}days_0_730"] = (tuple(f"2/{of_type}{days}" for days in _DAYS),)
    for when in _WHEN:
        found[f"2/{when}"] = (*found.get(f"2/{when}", ()), tuple(f"2/{name}/{when}" for name in _TYPES))
    return found


PARTS: dict[str, tuple[Part, ...]] = {
    "1a/line2": ("1a/line1",),
    "1b/line1": ("1a/line1",),
    "1b/line2": ("1a/line2", "1b/line1"),
    **_returns(),
    "3.2/all": ("1a/line2", ("3.2/es", "3.2/sh", "3.2/th")),
    **{f"4.{one}/universe": (f"4.{one}/increased",) for one in range(1, 7)},
    "4.1/universe": ("4.1/increased", "4.2/universe", "4.3/universe"),
    "4.4/universe": ("4.4/increased", "4.5/universe", "4.6/universe"),
    "5.1/persons": (("5.1/first_time", "5.1/prior"),),
    "5.2/persons": ("5.1/persons", ("5.2/first_time", "5.2/prior")),
    "7b.1/universe": ("7b.1/permanent",),
}
WITHHELD = ("7a.1/", "7b.2/")
"""Two successes of one universe: who had neither are few at times, and no figure says how many."""
