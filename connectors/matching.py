"""Looking people up: the rungs of the ladder that ask a partner, and what becomes of its answer.

The ladder, cheapest first, and who climbs it: a link in force -> an identifier that both know -> keyed tokens
-> names and birth dates that have come to us (`connectors/landed.py`; none of these discloses anybody) -> a
look-up by name and birth date, which does (here) -> a person, for what no rule may decide.

Whoever calls decides consent first: `partner_ids` is handed people who may be disclosed to that partner, and
only those. A Social Security number is no fact a look-up may name (`connectors.manifest.PERSON_FACTS`), and
neither is a hash in place of a name: HUD's hashed export has no key, so a hash identifies like the name does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors import crosswalk
from connectors.base import Failed, Match, Person, Source, Subject
from connectors.crosswalk import Doubt, InForce, Pair
from connectors.judging import Candidate, Link, Question, Verdict, judge
from connectors.runtime import Right, Runtime
from hmis.identity.forgetting import may_remember
from hmis.identity.names import is_hashed


async def partner_ids(
    runtime: Runtime,
    source: Source,
    engine: AsyncEngine,
    people: Mapping[UUID, Person],
    deadline: float,
    right: Right | None = None,
    said: InForce | None = None,
) -> dict[UUID, tuple[str, ...] | Failed]:
    """The partner's ids of each person: from links in force, else by asking the partner and remembering.

    people: hub id -> what may be disclosed of them to this partner. () = the partner knows nobody who is
    clearly this person. Failed = it could not be asked. right: as `Runtime.find`.
    said: what is in force of them; None = it is read here.
    """
    if said is None:
        said = (await crosswalk.in_force_at(engine, [source.name], people.keys()))[source.name]
    answers: dict[UUID, tuple[str, ...] | Failed] = {person: _ids(said, person) for person in people}
    unknown = [person for person in people if person not in said.links and not _is_hashed(people[person])]
    if "find" not in source.capabilities or not unknown:
        return answers
    subjects = tuple(Subject(str(person), person=people[person]) for person in unknown)
    found = await runtime.find(source, subjects, deadline, right)
    matches: dict[UUID, list[Match]] = {}
    for person in unknown:
        answer = found[str(person)]
        if isinstance(answer, Failed):
            answers[person] = answer
        elif answer:
            matches[person] = answer
    if matches:
        answers |= await _settle(source, engine, people, matches)
    return answers


async def _settle(
    source: Source,
    engine: AsyncEngine,
    people: Mapping[UUID, Person],
    matches: Mapping[UUID, list[Match]],
) -> dict[UUID, tuple[str, ...]]:
    """Judge what the partner answered, write links and questions, and say which ids there are now."""
    async with engine.begin() as connection:
        # While we asked, somebody else may have linked, rejected or forgotten the same person.
        known = await may_remember(connection, matches.keys(), source.name)
        said = await crosswalk.in_force(connection, source.name, matches.keys())
        verdicts = {
            person: judge(found, said.rejected.get(person, ()), source.acceptance, _births(people[person]))
            for person, found in matches.items()
            if person in known and person not in said.links
        }
        made = [pair for person, verdict in verdicts.items() if (pair := _link(source, person, verdict))]
        doubts = [doubt for person, verdict in verdicts.items() for doubt in _doubts(source, person, verdict)]
        await crosswalk.remember(connection, source.name, made)
        await crosswalk.ask(connection, source.name, doubts)
    linked = {pair.person: (pair.value,) for pair in made}
    return {person: linked.get(person) or _ids(said, person) for person in matches}


def _ids(said: InForce, person: UUID) -> tuple[str, ...]:
    return tuple(link.value for link in said.links.get(person, ()))


def _births(person: Person) -> Collection[date]:
    return () if person.dob is None else (person.dob,)


def _link(source: Source, person: UUID, verdict: Verdict) -> Pair | None:
    if not isinstance(verdict, Link):
        return None
    return Pair(person, verdict.value, "FIND", verdict.score, {"disclosed": sorted(source.discloses)})


def _doubts(source: Source, person: UUID, verdict: Verdict) -> list[Doubt]:
    if not isinstance(verdict, Question):
        return []
    return [
        Doubt(Pair(person, one.value, "FIND", one.score, _evidence(source, one)), verdict.reason, one.margin)
        for one in verdict.candidates
    ]


def _evidence(source: Source, candidate: Candidate) -> dict[str, object]:
    """Which facts agreed and which did not, as far as the partner says; its score speaks of the others."""
    known: dict[str, object] = {"disclosed": sorted(source.discloses)}
    if candidate.same_birth is not None:
        known["agreed" if candidate.same_birth else "differed"] = ["dob"]
    return known


def _is_hashed(person: Person) -> bool:
    return any(is_hashed(name) for name in (person.first_name, person.last_name))
