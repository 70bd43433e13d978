"""Who asks is read in the statement that reads what they are shown, and holds from the very next request."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event, insert, text, update

from auth.viewer import Role
from hmis.tables import agency, member, policy_profile
from tests.journeys.conftest import Hub

DOCUMENT = "query($id: ID!) { client(id: $id) { name { first } enrollments { nodes { entryDate } } } }"
SHOWN = {"name": {"first": "Ada"}, "enrollments": {"nodes": [{"entryDate": "2026-01-15"}]}}


class Asked:
    """What the hub's connections for reading were asked, in order."""

    def __init__(self, hub: Hub) -> None:
        self.texts: list[str] = []
        engine = hub.app.state.hub.reader.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *given: self.texts.append(given[2]))


@pytest.fixture
async def ada(hub: Hub) -> str:
    """Ada, whom agency A knows."""
    await hub.world.organization("A")
    await hub.world.organization("B")
    person = await hub.world.client("ada", first_name="Ada")
    await hub.world.stay("s", "ada", "A-p", date(2026, 1, 15))
    return str(person)


async def test_who_is_known_is_shown_a_person_by_one_statement(hub: Hub, ada: str) -> None:
    token = await hub.joins("ann", "A")
    asked = Asked(hub)
    first = await hub.ask(token, DOCUMENT, id=ada)
    assert len(asked.texts) == 2
    again = await hub.ask(token, DOCUMENT, id=ada)
    assert len(asked.texts) == 3
    assert first.json()["data"] == again.json()["data"] == {"client": SHOWN}
    assert [(await hub.audited(one))[0]["outcome"] for one in (first, again)] == ["ANSWERED", "ANSWERED"]


async def test_a_membership_that_ended_shows_nobody_and_leaves_no_line_about_them(hub: Hub, ada: str) -> None:
    token = await hub.joins("ann", "A")
    await hub.ask(token, DOCUMENT, id=ada)
    async with hub.world.engine.begin() as connection:
        await connection.execute(update(member).values(valid_to=date(2020, 1, 2)))
    after = await hub.ask(token, DOCUMENT, id=ada)
    assert after.json() == {"data": {"client": None}}
    told, about = await hub.audited(after)
    assert told["outcome"] == "NO_ACCESS"
    assert about == {}


async def test_who_moved_to_another_agency_sees_as_that_one_does(hub: Hub, ada: str) -> None:
    token = await hub.joins("ann", "A")
    await hub.ask(token, DOCUMENT, id=ada)
    async with hub.world.engine.begin() as connection:
        await connection.execute(update(member).values(agency_id=hub.world.agencies["B"].id))
    after = await hub.ask(token, DOCUMENT, id=ada)
    assert after.json()["data"] == {"client": None}
    told, about = await hub.audited(after)
    assert told["agency_id"] == hub.world.agencies["B"].id
    assert about == {}


CHANGES = {
    "another role": update(member).values(role=Role.DASHBOARD.value),
    "an agreement that ended": update(agency).values(agreement_to=date(2025, 1, 2)),
    "another purpose of the agreement": update(agency).values(purposes=["REPORTING"]),
    "another policy": insert(policy_profile).values(recorded_by="board", age_of_consent=19),
    "another name of the agency": update(agency).values(name=text("name || '.'")),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_changes_about_who_asks_is_read_anew_at_the_next_request(
    hub: Hub, ada: str, change: str
) -> None:
    token = await hub.joins("ann", "A")
    await hub.ask(token, DOCUMENT, id=ada)
    async with hub.world.engine.begin() as connection:
        await connection.execute(CHANGES[change])
    asked = Asked(hub)
    after = await hub.ask(token, DOCUMENT, id=ada)
    told, _ = await hub.audited(after)
    assert "standing" in asked.texts[0]
    assert len(asked.texts) >= 2
    fresh = await hub.ask(hub.token("ann", client_id="another"), DOCUMENT, id=ada)
    assert after.json() == fresh.json()
    also, _ = await hub.audited(fresh)
    assert (told["role"], told["outcome"]) == (also["role"], also["outcome"])


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { role } }",
        "{ projects { nodes { name } } }",
        'query { client(id: "no id at all") { name { first } } }',
        'query($after: String = "x") { client(id: "%s") { enrollments(after: $after) { nodes { id } } } }',
        "mutation { documentRegister(text: %s) { __typename } }",
    ],
)
async def test_what_reads_nobody_ahead_is_answered_to_whom_the_tables_name(
    hub: Hub, ada: str, document: str
) -> None:
    token = await hub.joins("ann", "A")
    text_of_it = document.replace("%s", ada)
    first = await hub.ask(token, text_of_it)
    again = await hub.ask(token, text_of_it)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    async with hub.world.engine.begin() as connection:
        await connection.execute(update(member).values(valid_to=date(2020, 1, 2)))
    after = await hub.ask(token, text_of_it)
    other = await hub.ask(await hub.joins("nobody", "B", until=date(2020, 1, 2)), text_of_it)
    assert (after.status_code, after.json()) == (other.status_code, other.json())
