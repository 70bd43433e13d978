"""How stays follow each other: the usual ways through the four agencies, and back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import count

from hmis.community.agencies import (
    GARDEN_HOUSE,
    NIGHTS,
    OUTREACH,
    PREVENTION,
    RAPID,
    RAPID_SERVICES,
    SHELTER,
    SUPPORTIVE,
    Project,
)
from hmis.community.chance import chance, day_between, pick, stream
from hmis.community.days import AS_OF, PERIOD_START
from hmis.community.households import Household, Kind
from hmis.community.people import HIV
from hmis.community.stays import (
    DECEASED,
    RENTAL_SUBSIDIZED,
    RRH_SUBSIDY,
    SHELTERED,
    SUPPORTIVE_SUBSIDY,
    UNSHELTERED,
    VASH_SUBSIDY,
    VOUCHER,
    Destination,
    Journey,
    Stay,
)

Spans = tuple[tuple[tuple[int, int], int], ...]
"""Ranges of days, and how often each is drawn."""

_SHELTER_DAYS: Spans = (((2, 28), 32), ((29, 90), 36), ((91, 230), 26), ((231, 420), 6))
_NIGHT_DAYS: Spans = (((1, 9), 40), ((10, 45), 34), ((46, 160), 26))
_STREET_DAYS: Spans = (((14, 60), 40), ((61, 180), 40), ((181, 420), 20))
_RAPID_DAYS: Spans = (((90, 180), 30), ((181, 365), 45), ((366, 700), 25))
_RETURN_DAYS: Spans = (((18, 175), 42), ((186, 360), 30), ((372, 720), 28))

_FROM_SHELTER: tuple[tuple[Destination, int], ...] = (
    ((30, None), 22),
    ((410, None), 16),
    ((312, None), 11),
    ((313, None), 11),
    ((422, None), 9),
    ((116, None), 7),
    ((435, VOUCHER), 5),
    ((423, None), 4),
    ((302, None), 3),
    ((205, None), 2),
    ((206, None), 2),
    ((314, None), 2),
    ((207, None), 1),
    ((204, None), 1),
    ((17, None), 3),
    ((8, None), 1),
    ((9, None), 1),
    ((99, None), 1),
)
_FROM_NIGHTS: tuple[tuple[Destination, int], ...] = (
    ((30, None), 58),
    ((116, None), 14),
    ((101, None), 6),
    ((313, None), 6),
    ((312, None), 4),
    ((410, None), 4),
    ((207, None), 3),
    ((206, None), 3),
    ((99, None), 2),
)
_FROM_STREET: tuple[tuple[Destination, int], ...] = (
    ((30, None), 34),
    ((101, None), 30),
    ((116, None), 10),
    ((118, None), 3),
    ((302, None), 4),
    ((205, None), 4),
    ((206, None), 3),
    ((410, None), 5),
    ((422, None), 4),
    ((207, None), 3),
)
_FROM_RAPID: tuple[tuple[Destination, int], ...] = (
    ((410, None), 62),
    ((435, VOUCHER), 12),
    ((422, None), 6),
    ((313, None), 4),
    ((101, None), 4),
    ((30, None), 6),
    ((116, None), 3),
    ((411, None), 2),
    ((421, None), 1),
)
_FROM_SUPPORTIVE: tuple[tuple[Destination, int], ...] = (
    ((435, VOUCHER), 26),
    ((410, None), 20),
    ((24, None), 20),
    ((422, None), 10),
    ((225, None), 6),
    ((30, None), 8),
    ((116, None), 6),
    ((207, None), 4),
)
_FROM_PREVENTION: tuple[tuple[Destination, int], ...] = (
    ((410, None), 64),
    ((435, VOUCHER), 13),
    ((422, None), 8),
    ((312, None), 5),
    ((101, None), 4),
    ((30, None), 4),
    ((411, None), 2),
)


def make_stays(seed: int, households: Iterable[Household], keys: Iterator[int] | None = None) -> list[Stay]:
    """All stays of the households, in no particular order."""
    keys = keys or count(1)
    stays: list[Stay] = []
    for household in households:
        journey = Journey(stream(seed, f"journey/{household.key}"), household, keys)
        _road(journey.rng, household)(journey)
        stays += [stay for stay in journey.finished() if stay.presences and stay.lasts_to() >= PERIOD_START]
    return stays


Road = Callable[[Journey], None]


def _road(rng: random.Random, household: Household) -> Road:
    if HIV in household.head.disabilities and household.kind is Kind.ADULT and chance(rng, 75):
        return garden_house
    if household.kind is Kind.MINOR:
        return shelter
    if household.is_youth:
        return pick(rng, ((shelter, 34), (rapid, 36), (street, 16), (nights, 7), (prevention, 7)))
    if len(household.members) > 1:
        # Supportive housing is for households in which somebody lives with a disability.
        disabled = any(person.is_disabled for person, _ in household.members)
        return pick(
            rng, ((rapid, 40), (prevention, 28), (shelter, 20), (supportive if disabled else shelter, 14))
        )
    if household.head.is_disabled:
        return pick(
            rng, ((supportive, 24), (nights, 26), (street, 22), (shelter, 14), (rapid, 10), (prevention, 4))
        )
    return pick(rng, ((nights, 30), (shelter, 28), (rapid, 18), (prevention, 14), (street, 10)))


def shelter(journey: Journey) -> None:
    stay = journey.enter(SHELTER, journey.day, journey.prior_for_shelter())
    if stay and journey.leave(stay, _end(journey, stay, _SHELTER_DAYS), _destination(journey, _FROM_SHELTER)):
        come_back(journey)


def nights(journey: Journey) -> None:
    stay = journey.enter(NIGHTS, journey.day, journey.prior_for_shelter())
    if stay and journey.leave(stay, _end(journey, stay, _NIGHT_DAYS), _destination(journey, _FROM_NIGHTS)):
        if chance(journey.rng, 12):
            journey.through_coordinated_entry(stay.entry + timedelta(days=3), None, 10)
        come_back(journey)


def street(journey: Journey) -> None:
    """Outreach, for some a bed in between, and for the most ill a home in the end."""
    stay = journey.enter(OUTREACH, journey.day, UNSHELTERED)
    if stay is None:
        return
    home = journey.household.head.is_disabled and chance(journey.rng, 45)
    end = _end(journey, stay, _STREET_DAYS)
    if home:
        asked = stay.entry + timedelta(days=journey.rng.randint(10, 40))
        accepted = journey.through_coordinated_entry(asked, SUPPORTIVE, journey.rng.randint(40, 120))
        if accepted:
            moved = housed(journey, SUPPORTIVE, accepted, UNSHELTERED)
            journey.leave(
                stay, moved or accepted + timedelta(days=60), (RENTAL_SUBSIDIZED, SUPPORTIVE_SUBSIDY)
            )
            if moved:
                live_there(journey, _FROM_SUPPORTIVE)
            return
    if journey.leave(stay, end, _destination(journey, _FROM_STREET)):
        if journey.situation == SHELTERED:
            pick(journey.rng, ((shelter, 35), (nights, 65)))(journey)
        else:
            come_back(journey)


def rapid(journey: Journey) -> None:
    """Shelter, an assessment, a lease with help, and the help running out."""
    stay = journey.enter(SHELTER, journey.day, journey.prior_for_shelter())
    if stay is None:
        return
    asked = stay.entry + timedelta(days=journey.rng.randint(3, 21))
    accepted = journey.through_coordinated_entry(asked, RAPID, journey.rng.randint(15, 60))
    if accepted is None:
        journey.leave(stay, _end(journey, stay, _SHELTER_DAYS), _destination(journey, _FROM_SHELTER))
        return
    moved = housed(journey, RAPID, accepted, SHELTERED)
    if not journey.leave(stay, moved or AS_OF + timedelta(days=1), (RENTAL_SUBSIDIZED, RRH_SUBSIDY)):
        return
    if chance(journey.rng, 30):
        services = journey.enter(RAPID_SERVICES, moved or accepted, RENTAL_SUBSIDIZED)
        if services:
            services.move_in = moved
            journey.leave(services, _end(journey, services, _RAPID_DAYS), (410, None))
    live_there(journey, _FROM_RAPID)


def supportive(journey: Journey) -> None:
    """Many live there since long before the archive begins."""
    if chance(journey.rng, 55):
        journey.day = day_between(journey.rng, date(2016, 2, 1), date(2022, 6, 1))
    moved = housed(journey, SUPPORTIVE, journey.day, pick(journey.rng, ((116, 60), (101, 40))))
    if moved:
        live_there(journey, _FROM_SUPPORTIVE)


def garden_house(journey: Journey) -> None:
    if chance(journey.rng, 40):
        nights(journey)
        journey.wait(10, 60)
    if any(stay.exit is None for stay in journey.stays):
        return
    if housed(journey, GARDEN_HOUSE, journey.day, UNSHELTERED):
        live_there(journey, _FROM_SUPPORTIVE)


def prevention(journey: Journey) -> None:
    prior = pick(journey.rng, ((410, 74), (435, 12), (335, 8), (336, 4), (411, 2)))
    stay = journey.enter(PREVENTION, journey.day, prior)
    if stay and journey.leave(
        stay, _end(journey, stay, (((20, 90), 60), ((91, 210), 40))), _kept_home(journey)
    ):
        if journey.situation == SHELTERED:
            pick(journey.rng, ((shelter, 60), (rapid, 40)))(journey)
        elif chance(journey.rng, 14):
            journey.wait(60, 500)
            pick(journey.rng, ((prevention, 40), (rapid, 40), (shelter, 20)))(journey)


def come_back(journey: Journey) -> None:
    """Some return: after a home within six, twelve or twenty-four months, after anything else sooner."""
    journey.rounds += 1
    if journey.rounds > 4 or journey.situation in (DECEASED, 225):
        return
    permanent = 400 <= journey.situation < 500 or journey.stays[-1].presences[0].destination[0] in (422, 423)
    if not chance(journey.rng, 26 if permanent else 48):
        return
    journey.wait(
        *(
            pick(journey.rng, _RETURN_DAYS)
            if permanent
            else pick(journey.rng, (((4, 60), 50), ((61, 330), 50)))
        )
    )
    if len(journey.present) > 1:
        pick(journey.rng, ((shelter, 60), (rapid, 40)))(journey)
    else:
        pick(journey.rng, ((nights, 46), (shelter, 26), (street, 14), (rapid, 14)))(journey)


def housed(journey: Journey, project: Project, day: date, prior: int) -> date | None:
    """Enter a housing project and move in once a home is found; None when that lies beyond the archive."""
    stay = journey.enter(project, day, prior)
    if stay is None:
        return None
    moved = day + timedelta(
        days=journey.rng.randint(0, 21) if project.type == 3 else journey.rng.randint(10, 70)
    )
    if moved > AS_OF:
        journey.leave(stay, moved, (RENTAL_SUBSIDIZED, None))
        return None
    stay.move_in = moved
    return moved


def live_there(journey: Journey, ways_out: tuple[tuple[Destination, int], ...]) -> None:
    """The rest of the last housing stay, and what follows."""
    stay = next(
        stay for stay in reversed(journey.stays) if stay.project.is_permanent_housing and stay.exit is None
    )
    if stay.project.type == 13:
        end = _end(journey, stay, _RAPID_DAYS)
    elif chance(journey.rng, 62):
        end = AS_OF + timedelta(days=1)  # still at home there
    else:
        end = day_between(journey.rng, max(stay.entry, PERIOD_START) + timedelta(days=60), AS_OF)
    assert stay.move_in is not None
    destination = _destination(journey, ways_out)
    if destination == (RENTAL_SUBSIDIZED, VOUCHER) and journey.household.has_veteran:
        destination = (RENTAL_SUBSIDIZED, VASH_SUBSIDY)
    if journey.leave(stay, max(end, stay.move_in + timedelta(days=1)), destination):
        come_back(journey)


def _end(journey: Journey, stay: Stay, spans: Spans) -> date:
    return stay.entry + timedelta(days=journey.rng.randint(*pick(journey.rng, spans)))


def _destination(journey: Journey, ways_out: tuple[tuple[Destination, int], ...]) -> Destination:
    if journey.can_die and chance(journey.rng, 6):
        return DECEASED, None
    open_ways = ways_out if journey.can_die else [way for way in ways_out if way[0][0] != DECEASED]
    return pick(journey.rng, open_ways)


def _kept_home(journey: Journey) -> Destination:
    return _destination(journey, _FROM_PREVENTION)
