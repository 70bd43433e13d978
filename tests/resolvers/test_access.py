"""Access says on what ground a category is open, and what stands in the way where it is not."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.viewer import Purpose, Role
from tests.worlds import World

ACCESS = "query($id: ID!) { client(id: $id) { access { category granted basis } } }"


async def test_the_role_alone_closes_a_part_of_an_own_record(database: AsyncEngine) -> None:
    world = World(database)
    await world.organization("A")
    ada = str(await world.client("ada"))
    await world.stay("s", "ada", "A-p")
    for role, purpose, closed in (
        (Role.CASE_MANAGER, Purpose.CARE_COORDINATION, {"SSN_FULL"}),
        (
            Role.DASHBOARD,
            Purpose.REPORTING,
            {"NAME", "SSN_LAST4", "SSN_FULL", "CONTACT", "CURRENT_LOCATION", "NOTES", "FILES"},
        ),
    ):
        answer = await world.ask(world.viewer("A", role, purpose), ACCESS, id=ada)
        told = {one["category"]: (one["granted"], one["basis"]) for one in answer.data["client"]["access"]}
        assert {category for category, (_, basis) in told.items() if basis == "ROLE"} == closed
        assert told["EXISTENCE"] == (True, "OWN_RECORD")
        assert told[Category.FOOD.name] == (False, "NO_GRANT"), "nobody owns what partners hold"
