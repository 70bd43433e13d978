"""One family's story through all four agencies, told by hand, so that one profile is worth reading.

Marisol Vantreight works part-time and falls behind on rent; prevention carries her over the winter. In
spring the lease ends and she sleeps in the car with two children; outreach finds them, the shelter takes
them in, rapid re-housing finds a home and she earns more. An injury costs her the job: four months after
the help has ended they are back in the shelter. Since June 2025 they live at Cedar Court, on disability
insurance and a few hours of work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hmis.community.agencies import ENTRY, OUTREACH, PREVENTION, RAPID, SHELTER, SUPPORTIVE, Project
from hmis.community.chance import stream
from hmis.community.days import AS_OF
from hmis.community.households import CHILD, HEAD, Address, Household, Kind
from hmis.community.people import CHRONIC, FEMALE, MALE, PHYSICAL, Birth, Pay, Violence
from hmis.community.stays import (
    FAMILY_ROOM,
    RENTAL,
    RENTAL_SUBSIDIZED,
    RRH_SUBSIDY,
    SHELTERED,
    SUPPORTIVE_SUBSIDY,
    UNSHELTERED,
    Destination,
    Journey,
    Referral,
    Stay,
)


def _pay(**amounts: str) -> Pay:
    return tuple((source, Decimal(amount)) for source, amount in amounts.items())


_PAYS = (
    (date(2022, 11, 1), _pay(Earned="890.00")),
    (date(2023, 5, 1), _pay(TANF="412.00")),
    (date(2023, 8, 1), _pay(TANF="412.00", ChildSupport="150.00")),
    (date(2024, 6, 1), _pay(Earned="1480.50", ChildSupport="150.00")),
    (date(2025, 2, 1), _pay(ChildSupport="150.00")),
    (date(2025, 6, 1), _pay(SSDI="1128.00", ChildSupport="150.00")),
    (date(2026, 5, 1), _pay(SSDI="1156.00", Earned="520.00", ChildSupport="150.00")),
)


def showcase_household(birth: Birth, key: int) -> Household:
    races = ("HispanicLatinao", "White")
    born = date(1988, 3, 14)
    mother = birth.person(
        born, first="Marisol", last="Vantreight", sex=FEMALE, races=races, veteran_percent=0
    )
    mother = replace(
        mother,
        middle="Inés",
        disabilities={PHYSICAL: 1, CHRONIC: 1},
        lasting=frozenset({PHYSICAL, CHRONIC}),
        violence=Violence(when=4, fleeing=False),
        pays=_PAYS,
    )
    son = birth.person(date(2015, 9, 2), first="Mateo", last="Vantreight", sex=MALE, races=races)
    daughter = birth.person(date(2019, 1, 27), first="Malia", last="Vantreight", sex=FEMALE, races=races)
    members = ((mother, HEAD), (son, CHILD), (daughter, CHILD))
    return Household(key, Kind.FAMILY, date(2022, 11, 3), members, Address("77 Orchardway Ct Apt 9", "00103"))


def showcase_stays(seed: int, household: Household, keys: Iterator[int]) -> list[Stay]:
    journey = Journey(stream(seed, "showcase"), household, keys)

    def stay(
        project: Project, entry: date, prior: int, leaves: date, to: Destination, move_in: date | None = None
    ) -> Stay:
        made = journey.enter(project, entry, prior)
        assert made is not None
        made.move_in = move_in
        journey.leave(made, leaves, to)
        return made

    rapid_home: Destination = (RENTAL_SUBSIDIZED, RRH_SUBSIDY)
    cedar_home: Destination = (RENTAL_SUBSIDIZED, SUPPORTIVE_SUBSIDY)

    stay(PREVENTION, date(2022, 11, 3), RENTAL, date(2023, 2, 28), (RENTAL, None))
    journey.situation, journey.homeless_since = UNSHELTERED, date(2023, 5, 2)
    stay(OUTREACH, date(2023, 5, 9), UNSHELTERED, date(2023, 5, 22), (SHELTERED, None))
    entry = stay(ENTRY, date(2023, 6, 5), SHELTERED, date(2023, 9, 1), rapid_home)
    entry.referrals += _to_rapid()
    journey.situation, journey.homeless_since = UNSHELTERED, date(2023, 5, 2)
    stay(RAPID, date(2023, 8, 15), SHELTERED, date(2024, 9, 30), (RENTAL, None), date(2023, 10, 18))
    journey.situation, journey.homeless_since = UNSHELTERED, date(2023, 5, 2)
    stay(SHELTER, date(2023, 5, 22), UNSHELTERED, date(2023, 10, 18), rapid_home)

    journey.situation, journey.homeless_since = FAMILY_ROOM, date(2025, 2, 8)
    stay(SHELTER, date(2025, 2, 11), FAMILY_ROOM, date(2025, 6, 20), cedar_home)
    journey.situation, journey.homeless_since = SHELTERED, date(2025, 2, 8)
    entry = stay(ENTRY, date(2025, 3, 3), SHELTERED, date(2025, 6, 16), cedar_home)
    entry.referrals += _to_cedar_court()
    journey.situation, journey.homeless_since = SHELTERED, date(2025, 2, 8)
    still_there = AS_OF + timedelta(days=1)
    stay(SUPPORTIVE, date(2025, 6, 2), SHELTERED, still_there, cedar_home, date(2025, 6, 20))
    return journey.stays


def _to_rapid() -> list[Referral]:
    return [
        Referral(2, date(2023, 6, 5), rehoused=False),
        Referral(13, date(2023, 8, 7), 1, date(2023, 8, 15), RAPID),
        Referral(5, date(2023, 9, 1), case_managed=True),
    ]


def _to_cedar_court() -> list[Referral]:
    return [
        Referral(13, date(2025, 3, 20), 3, date(2025, 4, 2), RAPID),
        Referral(14, date(2025, 5, 22), 1, date(2025, 6, 2), SUPPORTIVE),
    ]
