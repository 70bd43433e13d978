"""Stays: who was in which project from when to when, and the journey that leads from one to the next."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from hmis.community.agencies import ENTRY, NIGHTS, SHELTER, Project
from hmis.community.chance import chance, day_between, pick
from hmis.community.days import AS_OF
from hmis.community.households import CHILD, HEAD, Household
from hmis.community.people import Person

# HUD list 3.12.1, the codes the stories use by name
DECEASED, NO_INTERVIEW, SHELTERED, UNSHELTERED = 24, 30, 101, 116
FAMILY_ROOM = 335
RENTAL, RENTAL_SUBSIDIZED = 410, 435
# HUD list 3.12.A
RRH_SUBSIDY, VOUCHER, SUPPORTIVE_SUBSIDY, VASH_SUBSIDY = 431, 433, 439, 419

Destination = tuple[int, int | None]
"""Code of list 3.12.1, and for 435 the kind of subsidy (list 3.12.A)."""

# Somebody who left for one of these says at the next desk that they come from another: HUD asks the stay with
# family or friends by tenure when leaving, and by room or apartment when arriving.
_NEXT_PRIOR = {312: 335, 313: 336, 422: 335, 423: 336, 17: 116, 30: 116, 99: 116, 8: 116, 9: 116}


_FIRST_NIGHTS = ((116, 30), (335, 22), (336, 18), (410, 14), (314, 7), (207, 3), (206, 3), (204, 2), (101, 1))


@dataclass(frozen=True, slots=True)
class Referral:
    """A coordinated entry event (HUD 4.20). `event` is a code of list 4.20.2, `result` of 4.20.D."""

    event: int
    day: date
    result: int | None = None
    result_day: date | None = None
    location: Project | None = None
    rehoused: bool | None = None  # 4.20.A, asked of problem solving only
    case_managed: bool | None = None  # 4.20.B, asked of aftercare only


@dataclass(slots=True)
class Presence:
    """One person within a stay: what HUD calls an enrollment."""

    person: Person
    personal_id: str
    relationship: int
    entry: date
    exit: date | None = None  # None = never exited
    destination: Destination = (NO_INTERVIEW, None)

    @property
    def is_adult_or_head(self) -> bool:
        """HUD asks many questions of these only."""
        return self.relationship == HEAD or self.person.age(self.entry) >= 18


@dataclass(slots=True)
class Stay:
    """One household in one project."""

    key: int
    household: Household
    project: Project
    entry: date
    prior: int
    """Where they slept the night before (list 3.12.1)."""
    homeless_since: date
    """When this spell of homelessness began (HUD 3.917.3); the entry for those who still have a home."""
    exit: date | None = None
    move_in: date | None = None
    presences: list[Presence] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)

    def lasts_to(self) -> date:
        """The last day anything can be recorded."""
        return self.exit or AS_OF


class Journey:
    """Leads one household through the projects. A stay that would end after AS_OF stays open."""

    def __init__(self, rng: random.Random, household: Household, keys: Iterator[int]) -> None:
        self.rng = rng
        self.household = household
        self.present = list(household.members)
        self.day = household.begins
        self.situation = pick(rng, _FIRST_NIGHTS)
        self.homeless_since: date | None = None
        self.rounds = 0
        self.died: date | None = None
        self.stays: list[Stay] = []
        self._keys = keys

    @property
    def can_die(self) -> bool:
        """Deaths happen to people on their own here, so that no household is left without a head."""
        return len(self.present) == 1 and self.household.head.age(self.day) >= 38

    def enter(self, project: Project, day: date, prior: int | None = None) -> Stay | None:
        """Begin a stay; None when that day lies beyond the archive, or they are in that project already."""
        there = [stay for stay in self.stays if stay.project is project]
        if day > AS_OF or any(stay.exit is None or stay.exit > day for stay in there):
            return None
        since = self._since(project, day)
        stay = Stay(next(self._keys), self.household, project, day, prior or self.situation, since)
        stay.presences = [
            # A child born during the stay joins a few days after birth.
            Presence(person, person.personal_id, relation, max(day, person.born + timedelta(days=3)))
            for person, relation in self.present
        ]
        self.stays.append(stay)
        return stay

    def _since(self, project: Project, day: date) -> date:
        if project.type not in (0, 1, 4) and self.situation not in (SHELTERED, UNSHELTERED):
            return self.homeless_since or day
        if self.homeless_since is None:
            long = pick(self.rng, ((3, 25), (20, 30), (90, 20), (300, 15), (900, 10)))
            self.homeless_since = day - timedelta(days=self.rng.randint(0, long))
        return self.homeless_since

    def leave(self, stay: Stay, day: date, destination: Destination) -> bool:
        """End a stay for everybody still in it. False when it is still open at the end of the archive."""
        # Nobody is sent away in the weeks around a birth.
        day = max(day, max(one.person.born for one in stay.presences) + timedelta(days=10))
        left = day <= AS_OF
        if left:
            self._somebody_goes_first(stay, day)
        last = day if left else AS_OF
        stay.presences = [one for one in stay.presences if one.entry <= last]
        if not left:
            return False
        stay.exit = day
        for presence in stay.presences:
            if presence.exit is None:
                presence.exit, presence.destination = day, destination
        if destination[0] == DECEASED:
            self.died = day
        self.day = day
        self.situation = _NEXT_PRIOR.get(destination[0], destination[0])
        if destination[0] not in (SHELTERED, UNSHELTERED, NO_INTERVIEW):
            self.homeless_since = None
        return True

    def _somebody_goes_first(self, stay: Stay, day: date) -> None:
        others = [one for one in stay.presences if one.relationship not in (HEAD, CHILD) and one.exit is None]
        elsewhere = any(other is not stay and other.exit is None for other in self.stays)
        if not others or elsewhere or (day - stay.entry).days < 40 or not chance(self.rng, 14):
            return
        gone = others[0]
        gone.exit = day_between(self.rng, stay.entry + timedelta(days=10), day - timedelta(days=10))
        gone.destination = (pick(self.rng, ((30, 30), (313, 25), (312, 20), (116, 15), (410, 10))), None)
        self.present = [(person, relation) for person, relation in self.present if person is not gone.person]

    def finished(self) -> list[Stay]:
        """The stays as they were in the end: none begins after a death, and none outlasts it."""
        if self.died is None:
            return self.stays
        lived = [stay for stay in self.stays if stay.entry <= self.died]
        for stay in lived:
            if stay.exit is None or stay.exit > self.died:
                _cut_short(stay, self.died)
        return lived

    def wait(self, shortest: int, longest: int) -> None:
        self.day += timedelta(days=self.rng.randint(shortest, longest))

    def prior_for_shelter(self) -> int:
        """After some time away people come from the street or from somebody's sofa as often as from home."""
        others = ((116, 30), (336, 12), (335, 10), (314, 5), (207, 2), (205, 1))
        return pick(self.rng, ((self.situation, 40), *others))

    def through_coordinated_entry(self, day: date, wanted: Project | None, wait: int) -> date | None:
        """An assessment and its referrals. The day the wanted project accepts; None when it does not."""
        earlier = [stay for stay in self.stays if stay.project is ENTRY]
        if any(stay.exit is None for stay in earlier):
            return None  # still on the list from last time
        day = max([day, *(stay.exit for stay in earlier if stay.exit)])
        in_shelter = bool(self.stays) and self.stays[-1].project in _SHELTERS
        stay = self.enter(ENTRY, day, SHELTERED if in_shelter else UNSHELTERED)
        if stay is None:
            return None
        before = self.situation, self.homeless_since, self.day
        if chance(self.rng, 30):
            stay.referrals.append(_problem_solving(self.rng, day))
        if chance(self.rng, 20):
            stay.referrals.append(_bed_opening(self.rng, day))
        accepted = day + timedelta(days=wait)
        if wanted:
            accepted = self._refer(stay, wanted, accepted)
        subsidy = RRH_SUBSIDY if wanted and wanted.type == 13 else SUPPORTIVE_SUBSIDY
        destination = (RENTAL_SUBSIDIZED, subsidy) if wanted else (NO_INTERVIEW, None)
        over = self.leave(stay, accepted + timedelta(days=14 if wanted else 60), destination)
        self.situation, self.homeless_since, self.day = before
        if over and wanted and chance(self.rng, 50):
            _aftercare(self.rng, stay)
        return accepted if wanted and accepted <= AS_OF else None

    def _refer(self, stay: Stay, wanted: Project, accepted: date) -> date:
        event = 13 if wanted.type == 13 else 14
        if chance(self.rng, 22):
            refused = Referral(
                event, accepted, pick(self.rng, ((2, 50), (3, 50))), accepted + timedelta(6), wanted
            )
            if refused.day + timedelta(days=6) <= AS_OF:
                stay.referrals.append(refused)
            accepted += timedelta(days=self.rng.randint(20, 60))
        asked = accepted - timedelta(days=self.rng.randint(3, 10))
        if accepted <= AS_OF:
            stay.referrals.append(Referral(event, asked, 1, accepted, wanted))
        elif asked <= AS_OF:
            stay.referrals.append(Referral(event, asked, location=wanted))
        return accepted


_SHELTERS = (SHELTER, NIGHTS)


def _cut_short(stay: Stay, died: date) -> None:
    stay.exit = died
    stay.move_in = stay.move_in if stay.move_in and stay.move_in <= died else None
    stay.referrals = [
        one
        if one.result_day is None or one.result_day <= died
        else replace(one, result=None, result_day=None)
        for one in stay.referrals
        if one.day <= died
    ]
    for presence in stay.presences:
        if presence.exit is None or presence.exit > died:
            presence.exit, presence.destination = died, (DECEASED, None)


def _problem_solving(rng: random.Random, day: date) -> Referral:
    return Referral(2, day, rehoused=chance(rng, 15))


def _bed_opening(rng: random.Random, day: date) -> Referral:
    result = pick(rng, ((1, 70), (2, 15), (3, 15)))
    shelter = pick(rng, ((SHELTER, 50), (NIGHTS, 50)))
    return Referral(10, day, result, min(AS_OF, day + timedelta(days=1)), shelter)


def _aftercare(rng: random.Random, stay: Stay) -> None:
    assert stay.exit is not None
    event = pick(rng, ((5, 60), (7, 20), (16, 20)))
    if event == 5:
        stay.referrals.append(Referral(event, stay.exit, case_managed=chance(rng, 70)))
    else:
        stay.referrals.append(Referral(event, stay.exit, 1, stay.exit))
