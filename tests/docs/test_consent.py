"""What docs/consent.md tells a privacy officer is what the code does, and what it says to type works."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.forms import template_of
from auth.viewer import Role
from hmis.labels import Label
from hmis.tables import member
from tests.docs.consent_tables import PAGE, placed
from tests.gateway.test_cli import Hub
from tests.worlds import World

TEXT = PAGE.read_text(encoding="utf-8")
ASKED_BY_OFFICERS = (
    *("explainAccess", "breakGlassOpenings"),
    *("legalOrders", "legalOrderApprove", "legalOrderWithdraw"),
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """The client of the page, known to Riverside; Ruth answers for privacy there, Mia works next door."""
    world = World(database)
    for organization in ("96", "97"):
        await world.organization(organization, source="riverside")
    await world.client("673501", source="riverside", last_name="Quill")
    await world.row(
        "Enrollment", "s1", "riverside", personal_id="673501", project_id="96-p", relationship_to_hoh=1
    )
    await world.member("ruth@riverside.example", "96", Role.PRIVACY_OFFICER)
    async with database.begin() as connection:
        await connection.execute(
            insert(member).values(
                issuer="https://id.example.org",
                subject="mia@shelter.example",
                agency_id=world.agencies["97"].id,
                role=Role.CASE_MANAGER.value,
                valid_from=date(2020, 1, 1),
            )
        )
    return world


def test_its_tables_are_those_of_the_code() -> None:
    assert placed(TEXT) == TEXT, "run `python -m tests.docs.consent_tables`"


def test_every_category_and_label_has_its_line() -> None:
    rows = re.findall(r"^\| ([A-Z0-9_]+) \|", TEXT, re.MULTILINE)
    assert rows == [each.name for each in (*Category, *Label)]


def test_every_form_it_names_is_there() -> None:
    named = re.search(r"`auth/forms/`: (.*?)\. A signed", TEXT)
    assert named
    forms = re.findall(r"`([\w-]+)`", named[1])
    assert sorted(forms) == sorted(path.stem for path in Path("auth/forms").resolve().glob("*.toml"))
    assert all(template_of(form) for form in forms)


async def test_every_command_runs(world: World, database_url: str, tmp_path: Path) -> None:
    hub = Hub(tmp_path / "home")
    assert COMMANDS
    for line in COMMANDS:
        program, *arguments = shlex.split(line)
        assert program == "hmis-hub"
        ran = hub(*arguments, HUB_DATABASE_URL=database_url)
        assert (ran.code, bool(ran.out)) == (0, True), (line, ran.err)


@pytest.mark.parametrize("document", blocks("graphql"))
async def test_every_question_is_answered(world: World, document: str) -> None:
    role = Role.PRIVACY_OFFICER if any(word in document for word in ASKED_BY_OFFICERS) else Role.CASE_MANAGER
    grant = await world.grant("673501", "97")
    ruth = replace(world.viewer("96", Role.PRIVACY_OFFICER), subject="ruth@riverside.example")
    order = await world.legal_order("673501", ruth)
    named = {"client": str(world.people["673501"]), "grant": str(grant), "order": str(order.id)}
    variables = {name: value for name, value in named.items() if f"${name}: ID!" in document}
    answer = await world.ask(world.viewer("96", role), document, **variables)
    assert answer.errors == ()
    assert answer.data is not None
    [(_, found)] = answer.data.items()
    assert found is not None
    if "problems" in document:
        assert found["problems"] == []


async def test_every_statement_runs_and_the_agreement_ends_today(world: World) -> None:
    async with world.engine.begin() as connection:
        for block in blocks("sql"):
            changed = await connection.execute(text(block))
            assert changed.rowcount == 1
        ended = text("select organization_id from agency where agreement_to = current_date")
        assert (await connection.scalars(ended)).all() == ["96"]


def test_every_page_it_leads_to_is_there() -> None:
    links = re.findall(r"\]\(([\w./-]+)\)", TEXT)
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
