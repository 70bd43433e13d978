"""Yes, no or not known: how the parts of a rule are put together.

Every part asks for something that helps (an income at most so high, a benefit that is received), and no part
is ever turned round. So what is best for one part is best for all, and an outcome that is not known really
can end either way: tests/hmis/eligibility/test_completions.py holds that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from hmis.eligibility.facts import Fact


class Code(StrEnum):
    """Why a verdict is what it is."""

    ALREADY_RECEIVED = "ALREADY_RECEIVED"
    OTHER_BENEFIT = "OTHER_BENEFIT"
    INCOME_WITHIN_LIMIT = "INCOME_WITHIN_LIMIT"
    INCOME_ABOVE_LIMIT = "INCOME_ABOVE_LIMIT"
    ELDERLY_OR_DISABLED = "ELDERLY_OR_DISABLED"
    GROUP_SERVED = "GROUP_SERVED"
    GROUP_NOT_SERVED = "GROUP_NOT_SERVED"
    FACTS_MISSING = "FACTS_MISSING"
    HOUSEHOLD_AS_SEEN = "HOUSEHOLD_AS_SEEN"
    RULES_MAY_BE_OUTDATED = "RULES_MAY_BE_OUTDATED"
    RULES_NOT_LOADED = "RULES_NOT_LOADED"
    PROGRAM_DECIDES = "PROGRAM_DECIDES"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a code for machines, a sentence for people."""

    code: Code
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a part of a rule."""

    value: bool | None
    """None = not known."""
    reasons: tuple[Reason, ...] = ()
    needs: frozenset[Fact] = frozenset()
    """What would have to be known; empty unless the value is None."""


class Range(NamedTuple):
    """An amount that lies somewhere from low to high, both included."""

    low: Decimal
    high: Decimal


WITHOUT_END = Decimal("Infinity")


def known(
    value: bool | None, needs: Iterable[Fact], *, yes: Reason | None = None, no: Reason | None = None
) -> Outcome:
    """A part that is a fact by itself."""
    if value is None:
        return Outcome(None, (), frozenset(needs))
    reason = yes if value else no
    return Outcome(value, (reason,) if reason else ())


def at_most(amount: Range, limit: Range, needs: Iterable[Fact], *, yes: Reason, no: Reason) -> Outcome:
    """Whether an amount is within a limit, either of which may not be known to the cent."""
    value: bool | None = None
    if amount.high <= limit.low:
        value = True
    elif amount.low > limit.high:
        value = False
    return known(value, needs, yes=yes, no=no)


def any_of(*parts: Outcome) -> Outcome:
    """At least one part holds: the first that does is the reason."""
    for part in parts:
        if part.value:
            return part
    open_parts = [part for part in parts if part.value is None]
    return Outcome(None if open_parts else False, _reasons(parts), _needs(open_parts))


def all_of(*parts: Outcome) -> Outcome:
    """Every part holds; those that do not are the reason."""
    failed = [part for part in parts if part.value is False]
    if failed:
        return Outcome(False, _reasons(failed))
    open_parts = [part for part in parts if part.value is None]
    return Outcome(None if open_parts else True, _reasons(parts), _needs(open_parts))


def any_known(values: Iterable[bool | None]) -> bool | None:
    """Whether one of several is true."""
    given = list(values)
    return True if any(given) else None if None in given else False


def all_known(values: Iterable[bool | None]) -> bool | None:
    """Whether every one of several is true."""
    given = list(values)
    return False if any(one is False for one in given) else None if None in given else True


def _reasons(parts: Iterable[Outcome]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reason for part in parts for reason in part.reasons))


def _needs(parts: Iterable[Outcome]) -> frozenset[Fact]:
    return frozenset().union(*(part.needs for part in parts))
