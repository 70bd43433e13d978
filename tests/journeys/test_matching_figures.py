"""How good matching is, against the truth: every partner, asked about everybody the hub knows.

The people are those of the seeded community: with slips, nicknames, swapped names, twins, juniors, shared
birth dates, moves, and strangers who look like clients. `pytest -s` prints the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from connectors.base import Limits, Person, Source, Subject
from connectors.graphql import GraphqlSource
from connectors.gravity_fhir.client import FhirClient
from connectors.gravity_fhir.source import MEDIA, GravityFhir
from connectors.gravity_fhir.standin import Server, as_resource
from connectors.gravity_fhir.store import Store
from connectors.http import Http
from connectors.judging import Link, judge
from connectors.landed import link_members
from connectors.pantry.standin import application as pantry_application
from connectors.rest import RestSource
from connectors.signing import Fixed
from connectors.subgraph.standin import application as rent_application
from gateway.demo.community import pantry_household, tenancy_record
from hmis.community import AS_OF, Community, PartnerMember, build
from hmis.identity.names import normalised_name
from hmis.tables import landing_batch, landing_household_member, partner_link, person
from tests.connectors.partners import manifest_of, soon

ADDRESS = "http://partner.example"
PRECISION, RECALL = 0.999, 0.70
Pairs = frozenset[tuple[str, str]]
"""PersonalID and the partner's id of a record that is said to be about them."""


@pytest.fixture(scope="module")
def community() -> Community:
    return build(700)


@dataclass(frozen=True)
class Figures:
    """Of the links made: how many, and how many are right. Of those there are: how many were made."""

    made: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.made

    @property
    def recall(self) -> float:
        return self.right / self.true


def figures(found: Pairs, truth: Mapping[str, frozenset[str]], asked: frozenset[str]) -> Figures:
    true = {(one, record) for record, people in truth.items() for one in people & asked}
    return Figures(len(found), len(found & true), len(true))


def known(community: Community) -> dict[str, Person]:
    """Everybody as HMIS wrote them down, slips and all; who has no birth date there is not looked up."""
    people = {}
    for one in community.people:
        intake = community.intakes[one.personal_id]
        if intake.dob is not None:
            people[one.personal_id] = Person(intake.first, intake.last, intake.dob)
    return people


def _http(folder: str, app: Starlette, media: str = "application/json") -> Http:
    limits: Limits = replace(manifest_of(folder).limits, rate=1e6)
    transport = httpx.ASGITransport(app=app)
    return Http(manifest_of(folder).id, ADDRESS, limits, Fixed({}), media=media, transport=transport)


def sources(community: Community) -> list[Source]:
    """The partners that are asked, each over the stand-in with its own list of people."""
    pantry = pantry_application([pantry_household(one) for one in community.pantry])
    rent = rent_application([tenancy_record(one) for one in community.tenancies])
    patients = [as_resource(one.key, _person(one.member)) for one in community.patients]
    clinic = Server(Store(patients)).application()
    fhir = FhirClient("gravity-fhir", _http("gravity_fhir", clinic, MEDIA), ADDRESS)
    return [
        RestSource(manifest_of("pantry"), _http("pantry", pantry)),
        GraphqlSource(manifest_of("subgraph"), _http("subgraph", rent)),
        GravityFhir(manifest_of("gravity_fhir"), fhir, "Organization/hub"),
    ]


def _person(member: PartnerMember) -> Person:
    return Person(member.first_name, member.last_name, member.dob)


async def looked_up(source: Source, people: Mapping[str, Person]) -> Pairs:
    found = set()
    for personal_id, who in people.items():
        matches = await source.find(Subject(personal_id, person=who), soon(60))
        verdict = judge(matches, (), source.acceptance, [who.dob] if who.dob else [])
        if isinstance(verdict, Link):
            found.add((personal_id, verdict.value))
    return frozenset(found)


async def landed(
    engine: AsyncEngine,
    connector: str,
    members: Sequence[tuple[str, PartnerMember]],
    people: Mapping[str, Person],
) -> Pairs:
    """Links made inside the hub, of people whom a partner's files name."""
    numbers = {personal_id: UUID(int=place) for place, personal_id in enumerate(people, 1)}
    names = {number: personal_id for personal_id, number in numbers.items()}
    async with engine.begin() as connection:
        await connection.execute(insert(person), [{"id": number} for number in numbers.values()])
        batch = {"connector": connector, "batch": "b", "content_sha256": "x", "as_of": AS_OF}
        counts = {"members": len(members), "benefits": 0, "rows_refused": 0}
        batch_id = await connection.scalar(
            insert(landing_batch).values(**batch, **counts).returning(landing_batch.c.id)
        )
        rows = [
            {
                "batch_id": batch_id,
                "connector": connector,
                "household_id": key,
                "first_normal": normalised_name(member.first_name),
                "last_normal": normalised_name(member.last_name),
                "dob": member.dob,
            }
            for key, member in members
        ]
        await connection.execute(insert(landing_household_member), rows)
        await link_members(connection, connector, [(numbers[one], who) for one, who in people.items()])
        link = partner_link.c
        made = await connection.execute(
            select(link.person_id, link.value).where(link.status == "CONFIRMED", link.valid_to.is_(None))
        )
        return frozenset((names[one], value) for one, value in made)


def _tell(title: str, counted: Figures, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(  # noqa: T201  figures are for whoever runs this
            f"\n{title:14} links {counted.made:5}  precision {counted.precision:.4f}"
            f"  recall {counted.recall:.3f}"
        )


async def test_links_made_with_nobody_looking_are_right(
    community: Community, database: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    people, truth = known(community), community.truth
    asked = frozenset(people)
    found = {source.name: await looked_up(source, people) for source in sources(community)}
    energy = [(household.key, member) for household in community.energy for member in household.members]
    found["energy-drop"] = await landed(database, "energy-drop", energy, people)
    async with database.begin() as connection:
        for table in (partner_link, landing_household_member, landing_batch, person):
            await connection.execute(table.delete())
    peers = [(client.key, client.member) for client in community.peers]
    found["hmis-peer"] = await landed(database, "hmis-peer", peers, people)

    counted = {name: figures(pairs, truth[name], asked) for name, pairs in found.items()}
    for name, one in counted.items():
        _tell(name, one, capsys)
    together = Figures(*(sum(parts) for parts in zip(*map(_parts, counted.values()), strict=True)))
    _tell("together", together, capsys)
    assert together.made >= 1_000
    assert together.precision >= PRECISION
    assert together.recall >= RECALL
    assert all(one.precision >= 0.99 for one in counted.values())


def _parts(counted: Figures) -> tuple[int, int, int]:
    return counted.made, counted.right, counted.true


def test_the_population_is_hard(community: Community) -> None:
    """Look-alikes are in every list that has any: matching by luck would be seen."""
    clients = {(one.last, one.born): one for one in community.people}
    strangers = [one.member for one in (*community.patients, *community.peers) if not one.member.personal_id]
    twins = [one for one in strangers if one.dob and (one.last_name, one.dob) in clients]
    names = {(one.first, one.last) for one in community.people}
    juniors = [one for one in strangers if (one.first_name, one.last_name) in names]
    born = {one.born for one in community.people}
    same_day = [one for one in strangers if one.dob in born]
    assert min(len(twins), len(juniors)) >= 5
    assert len(same_day) > len(twins)
