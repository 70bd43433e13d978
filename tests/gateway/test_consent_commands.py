"""`hmis-hub consent`: the operator is told the whole truth, and the audit knows that they asked."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Purpose, Role
from gateway import consenting
from gateway.settings import Settings
from hmis.errors import InputRefused
from hmis.tables import audit_event, audit_subject, consent_grant, member, policy_profile
from tests.gateway.test_cli import NOWHERE, Hub, Ran
from tests.worlds import World


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "home")


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Ada stayed at A; Mia works for B; Kit, a child, stayed at A too."""
    world = World(database)
    for name in "AB":
        await world.organization(name)
    await world.client("ada", last_name="Quill")
    await world.stay("s1", "ada", "A-p")
    await world.client("kit", dob=date(2020, 3, 1))
    await world.stay("s2", "kit", "A-p")
    async with database.begin() as connection:
        await connection.execute(
            insert(member).values(
                issuer="https://id.example.org",
                subject="mia",
                agency_id=world.agencies["B"].id,
                role=Role.CASE_MANAGER.value,
                valid_from=date(2020, 1, 1),
            )
        )
    return world


async def audited(engine: AsyncEngine) -> list[tuple[str, str, str, str | None]]:
    """Who, what, how it ended, about whom."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(audit_event, audit_subject.c.person_id)
            .outerjoin(audit_subject, audit_subject.c.event_id == audit_event.c.id)
            .order_by(audit_event.c.id)
        )
        return [
            (row.subject, row.operation_name, row.outcome, str(row.person_id) if row.person_id else None)
            for row in rows
        ]


def told(ran: Ran) -> dict[str, list[str]]:
    assert ran.code == 0, ran.err
    return {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line.startswith("  ")}


OPERATOR = f"operator:{getpass.getuser()}"


async def test_each_category_is_explained_with_reason_and_grant(
    hub: Hub, world: World, database_url: str
) -> None:
    permit = await world.grant("ada", "B", categories=Category.EXISTENCE | Category.NAME | Category.DOB)
    denial = await world.grant("ada", "B", categories=Category.DOB, effect=Effect.DENY)
    ada = str(world.people["ada"])
    for client in (ada, "demo:ada"):
        ran = hub("consent", "explain", client, "--viewer", "mia", HUB_DATABASE_URL=database_url)
        assert ran.out.splitlines()[0] == "Agency B, CASE_MANAGER, for CARE_COORDINATION"
        rows = told(ran)
        assert set(rows) == {category.name for category in Category}
        assert rows["NAME"] == ["open", "GRANT", str(permit)]
        assert rows["DOB"] == ["closed", "DENIED_BY_CLIENT", str(denial)]
        assert rows["SERVICES"] == ["closed", "NO_GRANT"]
        assert "Quill" not in ran.out + ran.err
    assert await audited(world.engine) == [(OPERATOR, "consent explain", "ANSWERED", ada)] * 2


async def test_the_operator_is_told_of_own_records_too(world: World, database_url: str) -> None:
    await world.stay("s3", "ada", "B-p")
    lines = await consenting.explain(Settings(), database_url, "demo:ada", "mia")
    assert ["NAME", "open", "OWN_RECORD"] in [line.split() for line in lines]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "demo:nobody", "mia"), "There is no such client."),
        (("explain", "nonsense", "mia"), "Name the client by hub id or as SOURCE:IDENTIFIER."),
        (
            ("explain", "demo:ada", "nobody"),
            "Nobody of that subject may ask for that purpose today.",
        ),
        (
            ("explain", "demo:ada", "mia", Purpose.RESEARCH),
            "Nobody of that subject may ask for that purpose today.",
        ),
        (
            ("simulate", "il-chicago", {"D": True}, "demo:ada"),
            "Form il-chicago has no such section. Its sections: A, B, C.",
        ),
        (
            ("simulate", "nc-ncceh", {"basic": True}, "demo:ada"),
            "Section basic needs a visibility group named NC basic.",
        ),
    ],
)
async def test_what_cannot_be_told_is_refused_and_audited(
    world: World, database_url: str, arguments: tuple[Any, ...], message: str
) -> None:
    command, *rest = arguments
    with pytest.raises(InputRefused) as refused:
        await getattr(consenting, command)(Settings(), database_url, *rest)
    assert str(refused.value) == message
    ((subject, operation, outcome, _),) = await audited(world.engine)
    assert (subject, operation, outcome) == (OPERATOR, f"consent {command}", "REFUSED")


async def test_a_refusal_is_one_line(hub: Hub, world: World, database_url: str) -> None:
    ran = hub("consent", "explain", "demo:nobody", "--viewer", "mia", HUB_DATABASE_URL=database_url)
    assert (ran.code, ran.out, ran.line) == (1, "", "There is no such client.")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (("share",), "--choice takes SECTION=yes or SECTION=no."),
        (("share=maybe",), "--choice takes SECTION=yes or SECTION=no."),
        (("share=yes", "share=no"), "--choice answers section share twice."),
    ],
)
def test_a_choice_is_yes_or_no(choices: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputRefused) as refused:
        consenting.choices_of(choices)
    assert str(refused.value) == message


def test_an_unknown_form_is_refused_with_those_there_are(hub: Hub) -> None:
    ran = hub(
        *("consent", "simulate", "--form", "x", "--choice", "a=yes", "--client", "demo:1"),
        HUB_DATABASE_URL=NOWHERE,
    )
    assert ran.code == 1
    assert "mn-hmis@1" in ran.line


async def simulate(url: str, form: str, *choices: str, client: str = "demo:ada") -> list[str]:
    """The same as the command prints, without a process of its own."""
    return await consenting.simulate(Settings(), url, form, consenting.choices_of(choices), client)


def changed(lines: list[str]) -> dict[tuple[str, str, str], str]:
    """What a line of the table says after (agency, role, category)."""
    rows: dict[tuple[str, str, str], str] = {}
    for line in lines:
        parts = line.split()
        if parts[0] == "Agency" and len(parts) == 9:
            rows[parts[1], parts[2], parts[4]] = " ".join(parts[5:])
    return rows


async def grants_there(engine: AsyncEngine) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(consent_grant))


async def test_a_form_is_simulated_for_every_agency_and_role_and_nothing_is_recorded(
    hub: Hub, world: World, database_url: str
) -> None:
    ran = hub(
        *("consent", "simulate", "--form", "ca-orange", "--choice", "yes=yes", "--client", "demo:ada"),
        HUB_DATABASE_URL=database_url,
    )
    assert ran.code == 0, ran.err
    rows = changed(ran.out.splitlines())
    assert rows["B", "CASE_MANAGER", "NAME"] == "closed NO_GRANT open GRANT"
    assert ("B", "DASHBOARD", "NAME") not in rows
    assert rows["B", "DASHBOARD", "ENROLLMENT"] == "closed NO_GRANT open GRANT"
    assert ("A", "CASE_MANAGER", "NAME") not in rows, "own records are open as they were"
    assert ran.out.splitlines()[-1].endswith("changes for 6 roles at agencies with an agreement in force.")
    assert await grants_there(world.engine) == 0
    assert await audited(world.engine) == [
        (OPERATOR, "consent simulate", "ANSWERED", str(world.people["ada"]))
    ]


async def test_a_no_closes_what_a_yes_had_opened(world: World, database_url: str) -> None:
    await world.grant("ada", "B")
    rows = changed(await simulate(database_url, "ca-orange", "no=yes"))
    assert rows["B", "CASE_MANAGER", "NAME"] == "open GRANT closed DENIED_BY_CLIENT"
    assert ("B", "CASE_MANAGER", "ENROLLMENT") not in rows


async def test_a_newer_form_is_simulated_by_what_the_community_decided(
    world: World, database_url: str
) -> None:
    said = (await simulate(database_url, "il-chicago", "A=yes"))[0]
    assert said.startswith("il-chicago@1 was made for communities where forms combine by LATEST")
    async with world.engine.begin() as connection:
        await connection.execute(insert(policy_profile).values(combination="LATEST", recorded_by="test"))
    await world.grant("ada", form=world.people["kit"])
    rows = changed(await simulate(database_url, "il-chicago", "C=yes"))
    assert rows["B", "CASE_MANAGER", "NAME"] == "open GRANT closed NO_GRANT"


async def test_a_childs_form_is_simulated_as_if_a_guardian_signed(world: World, database_url: str) -> None:
    rows = changed(await simulate(database_url, "il-chicago", "B=yes", client="demo:kit"))
    assert rows["B", "CASE_MANAGER", "NAME"] == "closed NO_GRANT open GRANT"


async def test_a_living_group_is_simulated_with_its_members_of_today(world: World, database_url: str) -> None:
    for name in ("NC basic", "NC services", "NC health"):
        await world.group(name, "B")
    rows = changed(await simulate(database_url, "nc-ncceh", "basic=yes", "health=no"))
    assert ("B", "CASE_MANAGER", "NAME") in rows
    assert ("B", "CASE_MANAGER", "HEALTH_DISABILITY") not in rows


@pytest.mark.parametrize("command", ["explain", "simulate", "replay"])
def test_help_has_examples(hub: Hub, command: str) -> None:
    ran = hub("consent", command, "--help")
    assert ran.code == 0
    assert f"hmis-hub consent {command}" in ran.out
