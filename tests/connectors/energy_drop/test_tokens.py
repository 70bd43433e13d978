"""A drop that names people by tokens: the partner never tells who they are, and the hub finds its own."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person
from connectors.energy_drop.kit import Agency
from connectors.energy_drop.layout import Member, Token
from connectors.kit.offered import ADA
from connectors.tokens import token
from gateway.linking import Linking
from hmis.tables import client_fact, landing_token, partner_link
from tests.worlds import World

KEY = b"k" * 32
UNNAMED = (Member("E-1"), Member("E-2"))


def _tokens(*people: tuple[str, Person], key: bytes = KEY) -> list[Token]:
    return [Token(household, token(key, facts) or "") for household, facts in people]


async def _ada(engine: AsyncEngine) -> UUID:
    """Somebody of the hub, by a record that may identify her."""
    world = World(engine)
    await world.source()
    ada = await world.client("ada", first_name="ADA", last_name="Sam-ple", dob=ADA.dob)
    fact = {"source_id": world.sources["demo"], "personal_id": "ada", "method": "NAME_DOB", "value": uuid4()}
    async with engine.begin() as connection:
        await connection.execute(insert(client_fact).values(**fact))
    return ada


async def _links(engine: AsyncEngine) -> list[tuple[UUID, str, str]]:
    link = partner_link.c
    async with engine.connect() as connection:
        rows = await connection.execute(select(link.person_id, link.value, link.method))
        return [(row[0], row[1], row[2]) for row in rows]


async def test_a_token_links_whom_the_partner_never_named(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    ada = await _ada(database)
    other = Person("Ada", "Sample", date(1950, 1, 1))
    energy_agency.lay_out(members=UNNAMED, benefits=(), tokens=_tokens(("E-1", ADA), ("E-2", other)))
    synced = await energy_agency.source(database).sync()
    assert (synced.state, synced.rows, energy_agency.errors()) == ("TAKEN", 4, [])

    await Linking(database, {"energy-drop": KEY}).renew("energy-drop")
    assert await _links(database) == [(ada, "E-1", "TOKEN")]


@pytest.mark.parametrize("keys", [{}, {"energy-drop": b"o" * 32}, {"pantry": KEY}])
async def test_without_the_key_of_the_agreement_a_token_names_nobody(
    energy_agency: Agency, database: AsyncEngine, keys: dict[str, bytes]
) -> None:
    await _ada(database)
    energy_agency.lay_out(members=UNNAMED, benefits=(), tokens=_tokens(("E-1", ADA)))
    await energy_agency.source(database).sync()
    await Linking(database, keys).renew("energy-drop")
    assert await _links(database) == []


async def test_the_next_drop_takes_the_place_of_the_tokens_too(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    ada = await _ada(database)
    source, linking = energy_agency.source(database), Linking(database, {"energy-drop": KEY})
    for batch, day, household in (("b1", date(2026, 3, 1), "E-1"), ("b2", date(2026, 4, 1), "E-2")):
        energy_agency.lay_out(batch, day, UNNAMED, (), tokens=_tokens((household, ADA)))
        await source.sync()
        await linking.renew("energy-drop")
    async with database.connect() as connection:
        assert (await connection.scalars(select(landing_token.c.record_id))).all() == ["E-2"]
        in_force = select(partner_link.c.person_id, partner_link.c.value).where(
            partner_link.c.valid_to.is_(None)
        )
        assert [tuple(row) for row in await connection.execute(in_force)] == [(ada, "E-2")]


async def test_what_is_no_token_is_reported_back_and_the_others_are_taken(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    good = _tokens(("E-1", ADA))
    energy_agency.lay_out(
        members=UNNAMED,
        benefits=(),
        tokens=[*good, Token("E-1", "Ada Sample"), Token("E-9", good[0].token), Token("", good[0].token)],
    )
    await energy_agency.source(database).sync()
    assert energy_agency.errors() == [
        "tokens.csv,3,token,token",
        "tokens.csv,4,household_id,household",
        "tokens.csv,5,household_id,required",
    ]
    async with database.connect() as connection:
        assert (await connection.scalars(select(landing_token.c.token))).all() == [good[0].token]
