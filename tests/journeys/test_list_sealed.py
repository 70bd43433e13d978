"""The list, 42: what was audited cannot be changed afterwards without `audit verify` saying where."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text

from gateway.settings import Settings
from tests.audits import Log
from tests.gateway.test_cli import Hub as Command
from tests.gateway.test_cli import Ran
from tests.journeys.conftest import Hub
from tests.telling import events, lines

CLIENT = "query($id: ID!) { client(id: $id) { id name { last } } }"

# Of six events at the indexes 0 to 5, the last two under a checkpoint of their own: what somebody with the
# database does, the first index that cannot be vouched for, and a word of why.
CHANGES: dict[str, tuple[list[str], int, str]] = {
    "nothing at all": ([], 6, ""),
    "an event edited": (["update audit_event set subject = 'eve' where id = 3"], 2, "was edited"),
    "what it says of a person edited": (
        ["update audit_subject set disclosed = 0, shared = 0 where event_id = 2"],
        1,
        "was edited",
    ),
    "a line about a person deleted": (["delete from audit_subject where event_id = 4"], 3, "was edited"),
    "an event deleted": (
        ["delete from audit_subject where event_id = 4", "delete from audit_event where id = 4"],
        3,
        "event 4 was deleted",
    ),
    "two events that changed places": (
        [
            "update audit_leaf set event_id = -1 where index = 1",
            "update audit_leaf set event_id = 2 where index = 4",
            "update audit_leaf set event_id = 5 where index = 1",
        ],
        1,
        "reordered",
    ),
    "the tail cut, and all that vouched for it in the database": (
        [
            "delete from audit_leaf where index >= 4",
            "delete from audit_checkpoint where size > 4",
            "delete from audit_subject where event_id > 4",
            "delete from audit_event where id > 4",
        ],
        4,
        "its tail was cut",
    ),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test seals by itself, in turns it can count on."""
    return settings.model_copy(update={"seal_every_s": 3_600.0})


async def a_sealed_day(hub: Hub) -> Log:
    """Six questions about people, five of them answered with somebody, sealed in two turns."""
    world = hub.world
    for name in "AB":
        await world.organization(name)
    cleo = str(await world.client("cleo", last_name="Stone"))
    await world.stay("s1", "cleo", "B-p")
    grant = await world.grant("cleo", "A")
    mia, noa = await hub.joins("mia", "A"), await hub.joins("noa", "B")
    log = Log(world.engine, hub.settings.home, hub.now)
    for number, (token, client) in enumerate(
        [(mia, cleo), (noa, cleo)] * 2 + [(mia, cleo), (mia, str(uuid4()))]
    ):
        await hub.ask(token, CLIENT, id=client)
        if number in (3, 5):
            await log.sealer().seal()
    written = await events(world.engine)
    assert [event["subject"] for event in written] == ["mia", "noa", "mia", "noa", "mia", "mia"]
    assert [len(await lines(world.engine, event["id"])) for event in written] == [1, 1, 1, 1, 1, 0]
    assert (await lines(world.engine, 5))[world.people["cleo"]].grants == (grant,)
    return log


def verified(hub: Hub) -> Ran:
    """`audit verify` as an operator runs it."""
    return Command(hub.settings.home)("audit", "verify", HUB_DATABASE_URL=str(hub.settings.database_url))


@pytest.mark.parametrize("how", CHANGES)
async def test_42_whatever_is_changed_in_the_audit_is_found_at_its_first_index(hub: Hub, how: str) -> None:
    log = await a_sealed_day(hub)
    statements, index, why = CHANGES[how]
    async with log.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    ran = verified(hub)
    if not statements:
        assert (ran.code, ran.out.splitlines()[0], ran.err) == (0, "size 6", "")
        return
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith(f"The audit is broken at index {index}: ")
    assert why in ran.line
    assert not any(word in ran.err for word in ("Stone", "mia", "noa"))
