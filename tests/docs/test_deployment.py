"""What docs/deployment.md tells an operator to type works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.membership import viewer_of
from auth.tokens import Claims
from auth.viewer import Role, Viewer
from gateway.settings import Settings, variable
from tests.worlds import NOW, TODAY, World

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
SQL = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def _statements(block: str) -> list[str]:
    return [one for one in re.sub(r"--.*", "", block).split(";") if one.strip()]


async def test_the_statements_for_an_agency_and_a_member_let_somebody_in(database: AsyncEngine) -> None:
    world = World(database)
    await world.source("riverside")
    await world.row(
        "Organization", "96", "riverside", organization_name="Riverside", victim_service_provider=0
    )
    async with world.engine.begin() as connection:
        for statement in _statements(SQL[1]):
            # The day of the test is not the day of the machine.
            await connection.execute(text(statement.replace("current_date", f"date '{TODAY}'")))
        claims = Claims("https://login.example.org", "the sub of the token", "an application", "1", NOW)
        viewer = await viewer_of(connection, claims, TODAY)

    assert isinstance(viewer, Viewer)
    assert (viewer.agency.name, viewer.role) == ("Riverside", Role.CASE_MANAGER)


async def test_the_role_that_serves_can_change_neither_consents_nor_the_audit(
    connection: AsyncConnection,
) -> None:
    name = "hub_of_the_docs"
    await connection.execute(text(f"create role {name}"))
    await connection.execute(text(_statements(SQL[0])[-1].replace("to hub", f"to {name}")))

    for table in _ONLY_ADDED_TO:
        assert await _rights(connection, name, table) == {"select", "insert"}, table
    assert await _rights(connection, name, "landing_benefit") == {"select", "insert", "update", "delete"}


_ONLY_ADDED_TO = (
    *("audit_event", "audit_subject", "audit_leaf", "audit_checkpoint"),
    *("consent_grant", "consent_recipient", "consent_revocation", "guardian", "guardian_bar"),
    *("break_glass", "break_glass_review", "policy_profile"),
    *("legal_order", "legal_order_approval", "legal_order_end"),
    *("referral_event", "outbox_attempt"),
)


async def _rights(connection: AsyncConnection, role: str, table: str) -> set[str]:
    asked = text("select has_table_privilege(:role, :table, :right)")
    return {
        right
        for right in ("select", "insert", "update", "delete")
        if await connection.scalar(asked, {"role": role, "table": table, "right": right})
    }


@pytest.mark.parametrize("name", re.findall(r"`(HUB_[A-Z_]+)`?", PAGE))
def test_every_setting_it_names_is_one(name: str) -> None:
    assert name in {variable(field) for field in Settings.model_fields}
