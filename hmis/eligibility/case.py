"""One client beside the rules of one program on one day: the parts that the programs' rules are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from hmis.eligibility.facts import Fact, Facts, Person
from hmis.eligibility.pack import (
    WHOLE_DOLLARS,
    AreaLimit,
    Edition,
    Pack,
    Program,
    Region,
    StateLimit,
    is_outdated,
)
from hmis.eligibility.reasoning import WITHOUT_END, Code, Outcome, Range, Reason, any_known, at_most

LARGEST = 20
"""The most people that an unknown household is thought to have."""
_NOBODY = Decimal(-1)
"""A limit that not even an income of nothing is within."""
_NOT_KNOWN = Range(_NOBODY, WITHOUT_END)


class Place(NamedTuple):
    """Where the household may live, as far as the rules tell places apart."""

    region: Region | None
    """None = a territory where the program runs by rules that are not loaded."""
    state: str | None
    """None = any state of the region whose own limits are not loaded."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The lowest and the highest limit there may be for a household of so many people, in dollars a month."""

    of: Callable[[int], Range]
    what: str
    needs: tuple[Fact, ...] = ()
    """What it hangs on besides the household's facts."""


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of one client and the edition of one program's rule."""

    facts: Facts
    day: date
    pack: Pack
    edition: Edition

    @property
    def program(self) -> Program:
        return self.edition.program

    @property
    def people(self) -> tuple[Person, ...]:
        return self.facts.people

    @property
    def unknown_people(self) -> tuple[Fact, ...]:
        return (Fact.HOUSEHOLD,) if self.facts.others is None else ()

    @property
    def area(self) -> AreaLimit | None:
        area = self.facts.area
        return self.pack.area_limit(self.program, area, self.day) if area else None

    @property
    def rules(self) -> tuple[str, date]:
        """Which edition speaks, and since when it has held."""
        if (area := self.area) is not None:
            return f"{self.edition.name}-{area.area}-{area.edition}", area.start
        return self.edition.name, self.edition.start

    @property
    def is_outdated(self) -> bool:
        own = self.pack.state_limit(self.program, self.facts.state, self.day)
        return any(is_outdated(one, self.day) for one in (self.edition, self.area, own) if one is not None)

    def places(self) -> list[Place]:
        """Where the household may live, lowest guidelines first. HUD goes by area and not by state."""
        state = self.facts.state
        if state is not None or self.edition.guidelines is None:
            return [Place(None if state is None else self.edition.regions.get(state), state)]
        loaded = [Place(self.edition.regions.get(one), one) for one in self.pack.with_limits(self.program)]
        return sorted([Place(region, None) for region in Region] + loaded, key=_lowest_first)

    def anybody(self, values: Iterable[bool | None]) -> bool | None:
        """Whether something is true of somebody in the household, who may not all be known."""
        value = any_known(values)
        return None if value is False and self.unknown_people else value

    def within(self, limit: Limit, one_more: bool | None = False) -> Outcome:
        """Whether the household's income is within a limit.

        Args:
            one_more: whether one more is counted than there are people; None = not known.
        """
        return self._compare(self._income(), limit, "The income", one_more)

    def net_within(self, limit: Limit) -> Outcome:
        """Whether what is left after deductions is within a limit. 7 CFR 273.9(a)(2), 273.9(d)."""
        gross, taken = self._income(), self.facts.deductions
        off = Range(Decimal(0), gross.high) if taken is None else Range(taken, taken)
        left = Range(max(gross.low - off.high, Decimal(0)), max(gross.high - off.low, Decimal(0)))
        missing = (Fact.DEDUCTIONS,) if taken is None else ()
        return self._compare(left, Limit(limit.of, limit.what, missing), "The income after deductions", False)

    def of_guidelines(self, place: Place, percent: int, what: str = "limit") -> Limit:
        """A percentage of the poverty guidelines where the household lives."""
        if place.region is None:
            return Limit(lambda size: _NOT_KNOWN, what, (Fact.RULES,))
        region, guidelines = place.region, self.edition.guidelines
        assert guidelines is not None  # HUD's rules have none and ask for none
        whole = self.program in WHOLE_DOLLARS

        def limit(size: int) -> Range:
            amount = guidelines.limit(region, size, percent, whole_dollars=whole)
            return Range(amount, amount)

        return Limit(limit, what)

    def of_state(self, place: Place, lowest: int | None, highest: int | None) -> Limit:
        """The state's own limit, or the range in which it may lie.

        Args:
            lowest: percentage of the guidelines; None = the state may have set none at all.
            highest: likewise; None = without end.
        """
        own = self.pack.state_limit(self.program, place.state, self.day)
        if own is not None:
            return self._set_by(own, place)

        def limit(size: int) -> Range:
            low = _NOBODY if lowest is None else self.of_guidelines(place, lowest).of(size).low
            high = WITHOUT_END if highest is None else self.of_guidelines(place, highest).of(size).high
            return Range(low, high)

        needs = (Fact.RULES,) if place.region is None else (Fact.STATE_LIMIT,)
        return Limit(limit, "limit that any state sets", needs)

    def _set_by(self, own: StateLimit, place: Place) -> Limit:
        what = "limit of the state"
        if own.percent is None:
            return Limit(lambda size: Range(own.by_median(size), own.by_median(size)), what)
        if own.percent == 0:
            return Limit(lambda size: Range(_NOBODY, _NOBODY), what)
        return self.of_guidelines(place, own.percent, what)

    def unknown_income(self) -> tuple[Fact, ...]:
        """What is missing of the household's income."""
        missing = (Fact.INCOME,) if any(one.income is None for one in self.people) else ()
        return (*missing, *self.unknown_people)

    def _income(self) -> Range:
        amounts = [one.income for one in self.people]
        least = sum((amount for amount in amounts if amount is not None), Decimal(0))
        return Range(least, WITHOUT_END if None in amounts or self.unknown_people else least)

    def _compare(self, amount: Range, limit: Limit, said: str, one_more: bool | None) -> Outcome:
        smallest, largest = len(self.people), LARGEST if self.unknown_people else len(self.people)
        smallest += one_more is True
        largest += one_more is not False
        low, high = limit.of(smallest).low, limit.of(largest).high
        within = f"{said} is within the {limit.what}, {_dollars(low, smallest)}."
        above = f"{said} is above the {limit.what}, {_dollars(high, largest)}."
        return at_most(
            amount,
            Range(low, high),
            (*self.unknown_income(), *limit.needs),
            yes=Reason(Code.INCOME_WITHIN_LIMIT, within),
            no=Reason(Code.INCOME_ABOVE_LIMIT, above),
        )


def _lowest_first(place: Place) -> tuple[int, str]:
    return (-1 if place.region is None else list(Region).index(place.region)), place.state or ""


def _dollars(amount: Decimal, size: int) -> str:
    told = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return f"${told} a month for {size} {'person' if size == 1 else 'people'}"
