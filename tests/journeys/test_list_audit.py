"""The list, 35: an emergency is opened by who signed in just now, for one client, for a while, and loudly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from auth.accounting import PROFILES, Line, account
from auth.categories import Category
from auth.viewer import Role
from hmis.tables import break_glass
from tests.telling import tell
from tests.worlds import NOW, World

CLIENT = "query($id: ID!) { client(id: $id) { name { last } } }"
OPEN = """mutation($client: ID!, $reason: String!) {
  breakGlassOpen(client: $client, reason: $reason, minutes: 30) { closesAt problems { code } } }"""
REASON = "brought in unconscious"


async def told_of(world: World, person: UUID) -> tuple[list[Line], list[Line]]:
    """The accounting of a client under the HIPAA and the HUD rule; the audit's clock is the database's."""
    found = []
    async with world.engine.connect() as connection:
        for name in ("hipaa", "hud"):
            found.append(await account(connection, person, PROFILES[name], UTC, datetime.now(UTC).date()))
    return found[0], found[1]


async def test_35_an_emergency_takes_a_recent_login_and_a_reason_and_ends_by_itself(world: World) -> None:
    """The notices to the client, the privacy officer and the agency are not sent yet: the officer finds the
    opening in `breakGlassOpenings` (tests/journeys/test_break_glass.py)."""
    for name in "AB":
        await world.organization(name)
    for key in ("cleo", "dora"):
        await world.client(key, last_name=key.title())
        await world.stay(f"s-{key}", key, "B-p")
    cleo, dora = str(world.people["cleo"]), str(world.people["dora"])
    recent = replace(world.viewer("A"), auth_time=NOW - timedelta(minutes=1))
    stale = replace(recent, auth_time=NOW - timedelta(hours=1))

    for viewer, reason, code in [(stale, REASON, "STEP_UP"), (recent, " ", "REQUIRED")]:
        refused = await tell(world, viewer, OPEN, client=cleo, reason=reason)
        payload = refused.data["breakGlassOpen"]
        assert (payload["closesAt"], [one["code"] for one in payload["problems"]]) == (None, [code])
        assert refused.audit[world.people["cleo"]].exception == "BREAK_GLASS_ASKED"
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(break_glass)) == 0

    opened = await tell(world, recent, OPEN, client=cleo, reason=REASON)
    assert opened.data["breakGlassOpen"]["problems"] == []
    seen = await tell(world, recent, CLIENT, id=cleo)
    assert seen.data["client"]["name"] == {"last": "Cleo"}
    line = seen.audit[world.people["cleo"]]
    assert (line.exception, line.disclosed & Category.NAME) == ("BREAK_GLASS", Category.NAME)
    assert (await tell(world, recent, CLIENT, id=dora)).data == {"client": None}
    colleague = replace(recent, subject="somebody else at A")
    assert (await tell(world, colleague, CLIENT, id=cleo)).data == {"client": None}
    for minutes, open_still in [(29, True), (30, False)]:
        later = await tell(world, recent, CLIENT, id=cleo, now=NOW + timedelta(minutes=minutes))
        assert (later.data["client"] is not None) is open_still

    _, [line] = await told_of(world, world.people["cleo"])
    assert (line.recipient, line.basis) == ("Agency A", "exception BREAK_GLASS")
    assert line.categories & Category.NAME

    officer = replace(world.viewer("A", Role.PRIVACY_OFFICER), subject="officer")
    found = await tell(world, officer, "{ breakGlassOpenings { client reason } }")
    assert found.data == {"breakGlassOpenings": [{"client": cleo, "reason": REASON}]}
