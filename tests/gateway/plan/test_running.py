"""Running a plan: what is an error for graphql-core is one for a plan, too."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from gateway.documents import Documents
from schema.build import schema
from tests.worlds import World

STAYS = """query ($id: ID!, $first: Int = 1) {
  client(id: $id) { id enrollments(first: $first) { nodes { id } } }
}"""


@pytest.mark.parametrize("compiled", [True, False])
async def test_an_argument_that_may_not_be_null_is_refused_where_the_field_is_closed_too(
    database: AsyncEngine, compiled: bool
) -> None:
    """Else the same request would be right or wrong by what a client agreed to."""
    world = World(database)
    for agency in "AB":
        await world.organization(agency)
    ada = await world.client("ada", dob=date(1980, 5, 1))
    await world.stay("s", "ada", "A-p")
    await world.grant("ada", "B", categories=Category.EXISTENCE)
    documents = Documents(schema, compiled=compiled)

    request = world.request(world.viewer("B"))
    result = await documents.run(documents.prepare(STAYS), {"id": str(ada), "first": None}, None, request)

    assert result.data == {"client": {"id": str(ada), "enrollments": None}}
    assert [error.path for error in result.errors or ()] == [["client", "enrollments"]]
