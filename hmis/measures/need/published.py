"""Published: what figures of need have to do with each other, and which are kept."""

from __future__ import annotations

from hmis.measures.need.rows import HOUSING, KINDS, OPEN, RESULTS, UNKNOWN
from hmis.measures.need.shape import ASSESSED

Part = str | tuple[str, ...]
_ACCEPTED = RESULTS[1]
_REFERRED = "gaps/referred"


def _of_kind(code: int, kind: str) -> tuple[Part, ...]:
    """Whoever was sent to something was accepted once or never."""
    both: tuple[Part, ...] = ((f"referrals/{kind}/{_ACCEPTED}", f"unmet/{kind}"),)
    # Those sent to housing are counted by their first stay: of a group they may be some of these.
    return (*both, _REFERRED) if code in HOUSING else both


PARTS: dict[str, tuple[Part, ...]] = {
    "assessed/all": tuple(
        tuple(f"assessed/{name}" for name in (*names.values(), f"no_{column}"))
        for column, names in ASSESSED.items()
    ),
    # The first assessment of each: the same people, by one stay.
    "assessed/prioritized": ("gaps/prioritized",),
    "gaps/prioritized": ("assessed/prioritized", "gaps/never_referred"),
    **{f"referred/{kind}": _of_kind(code, kind) for code, kind in KINDS.items()},
    _REFERRED: ("gaps/never_housed", tuple(f"referred/{KINDS[code]}" for code in HOUSING)),
}
WITHHELD = (
    "period/",
    "monthly/",
    "capacity/",
    "waits/",
    *(
        f"referrals/{kind}/{result}"
        for kind in KINDS.values()
        for result in (*RESULTS.values(), UNKNOWN, *OPEN)
        if result != _ACCEPTED
    ),
)
"""Not how else referrals ended: who was never accepted may have several of these, and who was may too. Not
who waited: they are some of those assessed and some of those housed, and all that are both in no figure."""
