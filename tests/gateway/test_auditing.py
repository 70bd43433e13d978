"""Who searched for somebody can be asked with the hub's key; the audit alone does not say."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from typer.testing import CliRunner

from gateway.cli import app
from hmis.tables import audit_event
from tests.journeys.conftest import Hub, hub, settings, world  # noqa: F401  fixtures

FIND = """query Find($where: ClientWhere!) { clients(where: $where) { nodes { id } } }"""


async def test_a_search_without_a_hit_is_found_by_its_term(
    hub: Hub,  # noqa: F811
    tmp_path: Path,
) -> None:
    await hub.world.organization("A")
    token = await hub.joins("mia", "A")
    for where in (
        {"lastName": {"eq": "Stone"}},
        {"lastName": {"startsWith": "Sto"}, "dateOfBirth": {"eq": "1980-05-01"}},
        {"ssnLastFour": "1234"},
        {},
    ):
        assert (await hub.ask(token, FIND, where=where)).json()["data"]["clients"]["nodes"] == []
    async with hub.world.engine.connect() as connection:
        stored = (await connection.scalars(select(audit_event.c.searched).order_by(audit_event.c.id))).all()
    assert [[one.partition(":")[0] for one in row] for row in stored] == [
        ["lastName.eq"],
        ["dateOfBirth", "lastName.startsWith"],
        ["ssnLastFour"],
        [],
    ]
    from gateway.auditing import searches

    found = await searches(hub.world.engine, hub.app.state.hub.search_key, "lastName.eq", "stone")
    assert len(found) == 1
    assert "  mia  Agency A  ANSWERED  " in found[0]
    assert await searches(hub.world.engine, hub.app.state.hub.search_key, "lastName.eq", "sto") == []
    assert await searches(hub.world.engine, b"x" * 32, "lastName.eq", "stone") == []


async def test_all_that_one_operation_searched_by_is_kept(hub: Hub) -> None:  # noqa: F811
    await hub.world.organization("A")
    both = """query Both($one: ClientWhere!, $other: ClientWhere!) {
      one: clients(where: $one) { nodes { id } } other: clients(where: $other) { nodes { id } } }"""
    one, other = {"lastName": {"startsWith": "Sto"}}, {"lastName": {"startsWith": "Bri"}}
    assert (await hub.ask(await hub.joins("mia", "A"), both, one=one, other=other)).status_code == 200
    from gateway.auditing import searches

    for term in ("sto", "bri"):
        key = hub.app.state.hub.search_key
        assert len(await searches(hub.world.engine, key, "lastName.startsWith", term)) == 1


def test_the_term_is_asked_for_and_not_an_argument(tmp_path: Path, database_url: str) -> None:
    told = CliRunner().invoke(
        app,
        ["audit", "searched", "lastName.eq"],
        input="Stone\n",
        env={"HUB_HOME": str(tmp_path), "HUB_DATABASE_URL": database_url},
    )
    assert told.exit_code == 0, told.output
    assert "Stone" not in told.stdout
