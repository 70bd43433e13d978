"""A client asks the agency they came to who else was told of them."""

from __future__ import annotations

from auth.categories import Category
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
