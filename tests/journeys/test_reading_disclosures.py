"""A client asks the agency they came to who else was told of them."""

from __future__ import annotations

from datetime import UTC

from sqlalchemy import func, select

from auth.categories import Category
from hmis.tables import audit_event
from tests.worlds import World

LOOK = "query($id: ID!) { client(id: $id) { name { last } } }"
DISCLOSURES = "query($id: ID!) { client(id: $id) { disclosures { agency purpose categories } } }"


async def test_who_else_was_told_is_read_by_the_agency_that_entered_the_client(world: World) -> None:
    await world.organization("A")
    await world.organization("B")
    ada = str(await world.client("ada", last_name="Quill"))
    await world.stay("s1", "ada", "A-p")
    await world.grant("ada", "B", categories=Category.EXISTENCE | Category.NAME)
    own = await world.ask(world.viewer("A"), LOOK, audited=True, id=ada)
    assert own.data == (await world.ask(world.viewer("B"), LOOK, audited=True, id=ada)).data
    told = await world.ask(world.viewer("A"), DISCLOSURES, id=ada)
    assert told.errors == ()
    assert told.data["client"]["disclosures"] == [
        {"agency": "Agency B", "purpose": "CARE_COORDINATION", "categories": ["NAME"]}
    ]
    other = await world.ask(world.viewer("B"), DISCLOSURES, id=ada)
    assert other.data == {"client": {"disclosures": []}}


async def test_days_and_one_agency_may_be_asked_for(world: World) -> None:
    for name in "ABC":
        await world.organization(name)
    ada = str(await world.client("ada", last_name="Quill"))
    await world.stay("s1", "ada", "A-p")
    await world.grant("ada", "B", "C")
    for name in "BBC":
        await world.ask(world.viewer(name), LOOK, audited=True, id=ada)
    asked = """query($id: ID!) { client(id: $id) {
      on: disclosures(since: "%s", until: "%s") { agency } b: disclosures(agency: "Agency B") { agency }
      before: disclosures(until: "2020-01-01") { agency } after: disclosures(since: "9999-12-31") { agency }
      all: disclosures(since: "0001-01-01", until: "9999-12-31") { agency }
    } }"""
    async with world.engine.connect() as connection:
        today = (await connection.scalar(select(func.max(audit_event.c.at)))).astimezone(UTC).date()
    told = (await world.ask(world.viewer("A"), asked % (today, today), id=ada)).data["client"]
    everybody = ["Agency C", "Agency B", "Agency B"]
    assert {name: [one["agency"] for one in found] for name, found in told.items()} == {
        "on": everybody,
        "b": ["Agency B", "Agency B"],
        "before": [],
        "after": [],
        "all": everybody,
    }
