"""Who is one person without asking anybody, what somebody has to look at, and why: data in, decision out.

A link is made where the records are alike enough *and* nothing speaks against it. Weight is not all: the twin
of somebody shares last name, birth date and nearly the SSN, and weighs as much as the person with a typing
error. So a link needs two facts that tell the people of one family apart, and a person whose records would
contradict each other is never made by rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hmis.identity.matching.known import one_slip, two_of_three
from hmis.identity.matching.model import COMPARISONS
from hmis.identity.matching.scoring import Pair
from hmis.identity.matching.telling_apart import AUTOMATIC, tells_apart

MOST = 20
"""People that may become one in one go; more are a fact that stands for no answer."""

_FIRST, _BORN, _SSN = (
    [comparison.name for comparison in COMPARISONS].index(name)
    for name in ("first_name", "birth_date", "ssn")
)


class Reason(StrEnum):
    """Why somebody has to look at two people."""

    UNSURE = "UNSURE"
    """Alike, and less than it takes."""
    FEW_FACTS = "FEW_FACTS"
    """Alike in what people of one family share."""
    BIRTH_DATE = "BIRTH_DATE"
    """They, or others who would be the same person, have birth dates of two people."""
    SSN = "SSN"
    """The same of SSNs."""
    NEAR_EQUAL = "NEAR_EQUAL"
    """Two candidates who cannot both be meant are about as alike."""
    SAID_APART = "SAID_APART"
    """Somebody said of others who would be the same person that they are not."""
    CONSENT = "CONSENT"
    """Each agreed to something or refused it (`links.link`)."""
    TOO_MANY = "TOO_MANY"
    """They would be one of very many records."""


class Facts(NamedTuple):
    """What of a record must not contradict the others of its person. None = missing."""

    ssn: str | None
    born: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """How sure is sure, in bits."""

    automatic: float = AUTOMATIC
    review: float = 6.0
    """Less is nobody's work. 6 bits: right in 98 of a hundred."""
    margin: float = 5.0
    """By so much the best candidate must lead over one who cannot also be meant."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two people of whom somebody has to say whether they are one."""

    pair: Pair
    """The most alike of their records."""
    reason: Reason
    margin: float | None
    """Bits above the next candidate of either; null = there is none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of it."""

    people: list[list[int]]
    """The people who are one, each group in order."""
    questions: list[Question]
    """The heaviest first; one for two people, however many of their records are alike."""
    remembered: int
    """Pairs of people that somebody has said are two."""


def decide(
    pairs: Iterable[Pair],
    person_of: Mapping[int, int] | Sequence[int],
    facts: Mapping[int, Iterable[Facts]],
    apart: Iterable[tuple[int, int]] = (),
    consenting: Collection[int] = (),
    terms: Terms = Terms(),
) -> Decision:
    """Decide about people, whatever the order of the pairs.

    person_of: record -> the person it is linked to. facts: person -> what their records say, all of them.
    apart: people of whom somebody said that they are two. consenting: people who agreed to something or
    refused it.
    """
    foes: dict[int, set[int]] = defaultdict(set)
    for one, other in apart:
        foes[one].add(other)
        foes[other].add(one)
    alike = _of_people(pairs, person_of, terms)
    remembered = [people for people in alike if people[1] in foes.get(people[0], ())]
    for people in remembered:
        del alike[people]
    able = [people for people, pair in alike.items() if pair.weight >= terms.automatic and _tells_apart(pair)]
    groups = _Groups(facts, foes, consenting)
    joined = [people for people in able if groups.join(*people)]
    unclear: set[People] = set()
    while more := _near_equal(alike, joined, groups, terms.margin):
        unclear |= more
        loose = groups.dissolve(person for people in more for person in people)
        again = [people for people in able if people not in unclear and not loose.isdisjoint(people)]
        joined = [people for people in joined if loose.isdisjoint(people)]
        joined += [people for people in again if groups.join(*people)]
    return Decision(groups.people(), _questions(alike, groups, unclear), len(remembered))


People = tuple[int, int]


def _of_people(
    pairs: Iterable[Pair], person_of: Mapping[int, int] | Sequence[int], terms: Terms
) -> dict[People, Pair]:
    """The most alike of the records of every two people, the heaviest first."""
    found: dict[People, Pair] = {}
    for pair in pairs:
        one, other = person_of[pair.one], person_of[pair.other]
        if one == other or pair.weight < terms.review:
            continue
        people = (one, other) if one < other else (other, one)
        known = found.get(people)
        if known is None or (-pair.weight, pair) < (-known.weight, known):
            found[people] = pair
    return dict(sorted(found.items(), key=lambda item: (-item[1].weight, item[0])))


def _tells_apart(pair: Pair) -> bool:
    return tells_apart(*(pair.levels[at] for at in (_FIRST, _BORN, _SSN)))


@dataclass(slots=True, eq=False)
class _Group:
    """People who are one by now, and all that their records say."""

    members: list[int]
    ssns: set[str]
    births: set[str]
    has_agreed: bool

    @classmethod
    def of(cls, members: list[int], facts: Iterable[Facts], *, has_agreed: bool) -> _Group:
        group = cls(members, set(), set(), has_agreed)
        for ssn, born in facts:
            if ssn:
                group.ssns.add(ssn)
            if born:
                group.births.add(born)
        return group

    def contradicts(self, other: _Group) -> Reason | None:
        """Whether what is said of the one cannot be meant for the other: it is more than a slip."""
        if not _fits(self.births, other.births, _same_day):
            return Reason.BIRTH_DATE
        return None if _fits(self.ssns, other.ssns, one_slip) else Reason.SSN


def contradiction(some: Iterable[Facts], others: Iterable[Facts]) -> Reason | None:
    """Why these records and those cannot be of one person: BIRTH_DATE or SSN; None = they can."""
    one, other = (_Group.of([], facts, has_agreed=False) for facts in (some, others))
    return one.contradicts(other)


def _same_day(one: str, other: str) -> bool:
    return one_slip(one, other) or two_of_three(one, other)


def _fits(some: set[str], others: set[str], alike: Callable[[str, str], bool]) -> bool:
    """Whether all that is said of the one is at most a slip from something said of the other.

    Of the one or of the other: two slips in one number are two from each other, and one from what is right.
    """
    if not some or not others or some == others:
        return True
    return all(any(alike(a, b) for b in others) for a in some) or all(
        any(alike(a, b) for a in some) for b in others
    )


class _Groups:
    """People who are one, grown link by link; a link that would make a contradiction is not made."""

    def __init__(
        self,
        facts: Mapping[int, Iterable[Facts]],
        foes: Mapping[int, set[int]],
        consenting: Collection[int],
    ) -> None:
        self._facts, self._foes, self._consenting = facts, foes, frozenset(consenting)
        self._of: dict[int, _Group] = {}

    def of(self, person: int) -> _Group:
        found = self._of.get(person)
        return self._alone(person) if found is None else found

    def _alone(self, person: int) -> _Group:
        return _Group.of([person], self._facts.get(person, ()), has_agreed=person in self._consenting)

    def contradict(self, one: int, other: int) -> bool:
        """Whether two people do by themselves, without those they are one with."""
        if other in self._foes.get(one, _NOBODY):
            return True
        return self._alone(one).contradicts(self._alone(other)) is not None

    def apart(self, one: _Group, other: _Group) -> Reason | None:
        """Why two groups must not be one person by rule; None = nothing is against it."""
        if self._foes and any(
            not self._foes.get(who, _NOBODY).isdisjoint(other.members) for who in one.members
        ):
            return Reason.SAID_APART
        if reason := one.contradicts(other):
            return reason
        if one.has_agreed and other.has_agreed:
            return Reason.CONSENT
        return Reason.TOO_MANY if len(one.members) + len(other.members) > MOST else None

    def join(self, one: int, other: int) -> bool:
        """Make two people one. False where that must not be; true where they are one by now."""
        large, small = self.of(one), self.of(other)
        if large is small:
            return True
        if self.apart(large, small) is not None:
            return False
        large.members += small.members
        large.ssns |= small.ssns
        large.births |= small.births
        large.has_agreed |= small.has_agreed
        for person in (one, *small.members):
            self._of[person] = large
        return True

    def settled(self, one: int, other: int) -> bool:
        """Whether two people are one, or each is alone."""
        return self._of.get(one) is self._of.get(other)

    def dissolve(self, people: Iterable[int]) -> set[int]:
        """Part the groups of these people. Returns who is alone by that."""
        loose: set[int] = set()
        for person in people:
            if person not in loose:
                loose.update(self.of(person).members)
        for person in loose:
            self._of.pop(person, None)
        return loose

    def people(self) -> list[list[int]]:
        """The groups of two and more."""
        distinct = {id(group): group for group in self._of.values()}
        return sorted(sorted(group.members) for group in distinct.values())


_NOBODY: frozenset[int] = frozenset()
_EITHER_OR = frozenset({Reason.BIRTH_DATE, Reason.SSN, Reason.SAID_APART})


def _near_equal(
    alike: Mapping[People, Pair], joined: Iterable[People], groups: _Groups, margin: float
) -> set[People]:
    """The links in doubt: one of the two is about as much like somebody who cannot be the same person.

    Such a rival fits the one by what the one says, and contradicts others of the group the one was put into.
    """
    rivals: dict[int, float] = {}
    for people, pair in alike.items():
        if groups.settled(*people):
            continue
        one, other = (groups.of(person) for person in people)
        if groups.apart(one, other) not in _EITHER_OR:
            continue
        for person, mine, theirs in ((people[0], one, people[1]), (people[1], other, people[0])):
            if len(mine.members) > 1 and not groups.contradict(person, theirs):
                rivals[person] = max(rivals.get(person, pair.weight), pair.weight)
    return {
        people
        for people in joined
        if any(alike[people].weight < rivals[person] + margin for person in people if person in rivals)
    }


def _questions(alike: Mapping[People, Pair], groups: _Groups, unclear: Collection[People]) -> list[Question]:
    """What is left for somebody, once for every two groups."""
    asked: dict[frozenset[int], tuple[Pair, Reason]] = {}
    weights: dict[int, list[float]] = defaultdict(list)
    for people, pair in alike.items():
        one, other = (groups.of(person) for person in people)
        both = frozenset((one.members[0], other.members[0]))
        if one is other or both in asked:
            continue
        for group in both:
            weights[group].append(pair.weight)
        reason = groups.apart(one, other)
        if reason is None and people in unclear:
            reason = Reason.NEAR_EQUAL
        elif reason is None:
            reason = Reason.UNSURE if _tells_apart(pair) else Reason.FEW_FACTS
        asked[both] = (pair, reason)
    return [Question(pair, reason, _lead(pair, both, weights)) for both, (pair, reason) in asked.items()]


def _lead(pair: Pair, both: Iterable[int], weights: Mapping[int, list[float]]) -> float | None:
    """How far these two are ahead of the next best of either. weights: of each group's pairs, falling."""
    # The first of them may be this very pair.
    next_best = [weights[group][1 if weights[group][0] == pair.weight else 0 :][:1] for group in both]
    rivals = [weight for some in next_best for weight in some]
    return round(pair.weight - max(rivals), 2) if rivals else None
