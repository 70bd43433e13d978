"""The commands of the sealed audit and of the accounting, as processes: what they print and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from auth.checkpoints import KEPT_FILE, KEY_FILE
from tests.audits import Log, Told
from tests.gateway.test_cli import NOWHERE, Hub, Ran
from tests.worlds import World


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    world = World(database)
    await world.organization("A")
    await world.organization("B")
    await world.client("c1")
    return world


@pytest.fixture
def log(world: World, home: Path) -> Log:
    return Log(world.engine, home)


@pytest.fixture
def hub(home: Path, database_url: str) -> object:
    def run(*arguments: str, **variables: str) -> Ran:
        return Hub(home)(*arguments, **{"HUB_DATABASE_URL": database_url, **variables})

    return run


async def test_from_sealing_to_a_proof_that_somebody_else_checks(hub: Hub, log: Log, tmp_path: Path) -> None:
    """The whole way: seal, verify, prove, check; then one edit, and what each says of it."""
    await log.events(3, Told(log_person := await _person(log), Category.NAME, Category.NAME))
    assert (ran := hub("audit", "seal")).code == 0
    assert ran.out == "3 events sealed\n"
    assert oct((log.home / KEY_FILE).stat().st_mode)[-3:] == "600"

    verified = hub("audit", "verify")
    assert (verified.code, verified.err) == (0, "")
    kept = json.loads((log.home / KEPT_FILE).read_text())
    assert verified.out == f"size 3\nroot {kept['root']}\ncheckpoints 2\n"

    proved = hub("audit", "prove", "1")
    assert proved.code == 0
    assert str(log_person) in json.loads(proved.out)["leaf"]
    (tmp_path / "proof.json").write_text(proved.out)
    (tmp_path / "hub.pub").write_text(hub("audit", "key").out)
    elsewhere = Hub(tmp_path / "elsewhere")
    check = ("audit", "check-proof", str(tmp_path / "proof.json"), "--key", str(tmp_path / "hub.pub"))
    checked = elsewhere(*check)
    assert checked.code == 0
    assert checked.out.startswith(f"The event is in the log of 3 events with root {kept['root']}")
    assert not elsewhere.home.exists()

    (tmp_path / "proof.json").write_text(proved.out.replace("mia", "eve"))
    refused = elsewhere(*check)
    assert (refused.code, refused.out) == (1, "")
    assert refused.line == "The audit is broken at index 1: the event is not in the log of 3 events."

    async with log.engine.begin() as connection:
        await connection.execute(text("update audit_event set purpose = 'RESEARCH' where id = 2"))
    broken = hub("audit", "verify")
    assert (broken.code, broken.out) == (1, "")
    assert broken.line == ("The audit is broken at index 1: event 2, or what it says of people, was edited.")
    assert hub("audit", "prove", "1").code == 1
    assert hub("audit", "prove", "0").code == 0


async def _person(log: Log) -> object:
    async with log.engine.connect() as connection:
        return await connection.scalar(text("select id from person"))


async def test_deleting_one_audit_row_is_named(hub: Hub, log: Log) -> None:
    await log.sealed(4)
    async with log.engine.begin() as connection:
        await connection.execute(text("delete from audit_event where id = 3"))
    ran = hub("audit", "verify")
    assert ran.code == 1
    assert ran.line == "The audit is broken at index 2: event 3 was deleted."


async def test_events_left_unsealed_are_told_and_sealing_them_mends_it(hub: Hub, log: Log) -> None:
    await log.events(1)  # of the past, as the tests' clock has it
    ran = hub("audit", "verify")
    assert ran.code == 1
    assert ran.line.startswith("The audit is broken at index 0: 1 events wait to be sealed since 2026-06-30")
    assert hub("audit", "verify", "--grace", str(10**7)).code == 0
    assert hub("audit", "seal").code == 0
    assert hub("audit", "verify").code == 0


async def test_an_empty_audit_is_whole(hub: Hub, log: Log) -> None:
    ran = hub("audit", "verify")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "size 0")
    assert not (log.home / KEY_FILE).exists()
    assert (
        hub("audit", "prove", "0").line == "The log has 0 events, numbered from 0: there is none at index 0."
    )


async def test_an_auditor_verifies_with_a_key_and_a_checkpoint_of_their_own(
    hub: Hub, log: Log, database_url: str, tmp_path: Path
) -> None:
    await log.sealed(2)
    (tmp_path / "hub.pub").write_text(log.key.public.pem)
    (tmp_path / "kept.json").write_text((log.home / KEPT_FILE).read_text())
    await log.sealed(1)
    auditor = Hub(tmp_path / "auditor")
    own = ("--key", str(tmp_path / "hub.pub"), "--checkpoint", str(tmp_path / "kept.json"))
    assert auditor("audit", "verify", *own, HUB_DATABASE_URL=database_url).code == 0
    without = auditor("audit", "verify", HUB_DATABASE_URL=database_url)
    assert without.code == 1
    assert without.line.endswith("and the key known here is none.")
    missing = hub("audit", "verify", "--checkpoint", str(tmp_path / "nothing.json"))
    assert (missing.code, missing.line.startswith("There is no checkpoint")) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "prove"),
        ("audit", "prove", "-1"),
        ("audit", "prove", "one"),
        ("audit", "check-proof", "proof.json"),
        ("audit", "mend"),
        ("accounting", "demo:c1"),
        ("accounting", "demo:c1", "--profile", "gdpr"),
        ("accounting", "demo:c1", "--profile", "hud", "--format", "pdf"),
        ("accounting", "--profile", "hud"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(home: Path, arguments: tuple[str, ...]) -> None:
    ran = Hub(home)(*arguments)
    assert ran.code == 2
    assert ran.line.endswith("Try --help.")


@pytest.mark.parametrize(
    "arguments", [("audit", "seal"), ("audit", "verify"), ("accounting", "demo:c1", "--profile", "hud")]
)
def test_a_database_that_is_not_there_is_one_line(home: Path, arguments: tuple[str, ...]) -> None:
    ran = Hub(home)(*arguments, HUB_DATABASE_URL=NOWHERE)
    assert ran.code == 1
    assert ran.line == "The database does not answer; is it running, and is HUB_DATABASE_URL right?"


def test_a_proof_or_key_that_cannot_be_read_is_one_line(home: Path, tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text("{}")
    missing = Hub(home)("audit", "check-proof", "nothing.json", "--key", "hub.pub")
    assert (missing.code, missing.line) == (
        1,
        "The proof nothing.json cannot be read (No such file or directory).",
    )
    keyless = Hub(home)("audit", "check-proof", str(tmp_path / "proof.json"), "--key", "hub.pub")
    assert (keyless.code, keyless.line) == (1, "The key hub.pub cannot be read (No such file or directory).")


async def test_the_accounting_is_printed_alone(hub: Hub, log: Log, world: World) -> None:
    told = Told(world.people["c1"], Category.NAME, Category.NAME)
    await log.events(1, told, agency_id=world.agencies["B"].id)
    by_id = hub("accounting", str(world.people["c1"]), "--profile", "rhy")
    assert (by_id.code, by_id.err) == (0, "")
    (line,) = json.loads(by_id.out)["disclosures"]
    assert (line["recipient"], line["individual"], line["categories"]) == ("Agency B", "mia", ["Names"])
    by_identifier = hub("accounting", "demo:c1", "--profile", "hud", "--format", "csv")
    assert by_identifier.out.splitlines()[1].startswith("2026-06-30,Agency B,Names,")
    unknown = hub("accounting", "demo:Jane Doe", "--profile", "hud")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.line.startswith("The hub knows no such client.")
    assert hub("accounting", "demo:c1", "--profile", "hipaa", "--uses").code == 1


@pytest.mark.parametrize(
    "command", ["audit seal", "audit verify", "audit prove", "audit check-proof", "audit key", "accounting"]
)
def test_help_of_a_command_has_examples(home: Path, command: str) -> None:
    ran = Hub(home)(*command.split(), "--help")
    assert ran.code == 0
    assert f"hmis-hub {command}" in ran.out
