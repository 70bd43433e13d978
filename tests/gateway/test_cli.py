"""The command line as a process: one line on standard error, an exit code, and never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.demo_issuer import DemoIssuer
from gateway.settings import DEMO_ISSUER
from tests.worlds import World

ROOT = Path(__file__).parents[2]
NOWHERE = "postgresql://hub:hunter2@127.0.0.1:1/hub"


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What was said on standard error: exactly one line of ours."""
        (line,) = self.err.splitlines()
        assert line.startswith("hmis-hub: ")
        return line.removeprefix("hmis-hub: ")


@dataclass
class Hub:
    home: Path

    def __call__(self, *arguments: str, **variables: str) -> Ran:
        """Run it with these arguments and HUB_ variables, and no others."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        environ = {**kept, "HUB_HOME": str(self.home), "COLUMNS": "200", **variables}
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *arguments],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "home")


def test_help_tells_of_every_command(hub: Hub) -> None:
    ran = hub("--help")
    assert ran.code == 0
    for command in ("demo", "serve", "migrate", "import", "token", "unlink", "match", "documents", "schema"):
        assert command in ran.out


@pytest.mark.parametrize("command", ["demo", "serve", "migrate", "import", "token", "unlink", "schema"])
def test_help_of_a_command_has_examples(hub: Hub, command: str) -> None:
    ran = hub(command, "--help")
    assert ran.code == 0
    assert "Example" in ran.out
    assert f"hmis-hub {command}" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("impot",),
        ("import",),
        ("import", "export.zip"),
        ("serve", "--port", "eighty"),
        ("token", "--source", "demo", "--organization", "6", "--role", "KING"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(hub: Hub, arguments: tuple[str, ...]) -> None:
    ran = hub(*arguments)
    assert ran.code == 2
    assert ran.line.endswith("Try --help.")


def test_a_setting_that_cannot_be_taken_is_one_line(hub: Hub) -> None:
    ran = hub("serve", HUB_PORT="eighty")
    assert (ran.code, ran.line) == (1, "HUB_PORT must be a port from 0 to 65535.")


def test_a_database_that_is_not_there_is_one_line_without_its_password(hub: Hub) -> None:
    ran = hub("migrate", HUB_DATABASE_URL=NOWHERE)
    assert ran.code == 1
    assert "HUB_DATABASE_URL" in ran.line
    assert "hunter2" not in ran.err


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_in_use_is_one_line_before_anything_is_started(hub: Hub, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = hub(command, "--port", port)
    assert ran.code == 1
    assert ran.line.startswith(f"Port {port} on 127.0.0.1 is in use.")
    assert not hub.home.exists()


@pytest.mark.parametrize("command", [("demo", "--port", "0"), ("serve", "--port", "0"), ("migrate",)])
def test_a_home_that_cannot_be_written_to_is_one_line(hub: Hub, command: tuple[str, ...]) -> None:
    hub.home.write_text("a file where a folder should be")
    ran = hub(*command)
    assert ran.code == 1
    assert ran.line.startswith(f"HUB_HOME {hub.home} cannot be written to")


def test_an_archive_that_is_not_there_is_one_line(hub: Hub, tmp_path: Path) -> None:
    ran = hub("import", str(tmp_path / "export.zip"), "--source", "demo")
    assert ran.code == 1
    assert "export.zip" in ran.line


def test_an_archive_with_structural_faults_is_refused_with_its_list(
    hub: Hub, tmp_path: Path, database: AsyncEngine, database_url: str
) -> None:
    (tmp_path / "Client.csv").write_text("PersonalID\n1\n")
    ran = hub("import", str(tmp_path), "--source", "demo", HUB_DATABASE_URL=database_url)
    assert ran.code == 1
    assert "Export.csv" in ran.err
    assert "Traceback" not in ran.err


async def test_a_token_is_the_only_thing_on_standard_output(
    hub: Hub, database: AsyncEngine, database_url: str
) -> None:
    await World(database).organization("6")
    said = ("token", "--source", "demo", "--role", "case_manager", "--organization")
    ran = hub(*said, "6", HUB_DATABASE_URL=database_url)
    assert ran.code == 0
    assert len(ran.out.strip().split(".")) == 3
    assert len(ran.out.splitlines()) == 1
    assert DemoIssuer.open(hub.home, DEMO_ISSUER).jwks()["keys"]
    unknown = hub(*said, "7", HUB_DATABASE_URL=database_url)
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.line.endswith("Known: 6.")


async def test_a_record_is_unlinked_and_becomes_a_person_of_its_own(
    hub: Hub, database: AsyncEngine, database_url: str
) -> None:
    world = World(database)
    await world.source()
    person = await world.client("1")
    await world.client("2", person_of="1")
    ran = hub("unlink", "2", "--source", "demo", HUB_DATABASE_URL=database_url)
    assert ran.code == 0
    assert uuid.UUID(ran.out.strip()) != person
    again = hub("unlink", "2", "--source", "demo", HUB_DATABASE_URL=database_url)
    assert (again.code, again.out) == (1, "")
    assert "nothing was undone" in again.line


def test_a_role_is_not_for_every_purpose(hub: Hub) -> None:
    ran = hub(
        *("token", "--source", "demo", "--organization", "6", "--role", "DASHBOARD"),
        *("--purpose", "CARE_COORDINATION"),
        HUB_DATABASE_URL=NOWHERE,
    )
    assert ran.code == 1
    assert "ELIGIBILITY, OPERATIONS, REPORTING" in ran.line


def test_the_schema_is_printed_alone(hub: Hub) -> None:
    ran = hub("schema")
    assert (ran.code, ran.err) == (0, "")
    assert "type Query {" in ran.out


def test_a_fault_of_ours_is_one_line_with_a_reference_into_the_log(hub: Hub, tmp_path: Path) -> None:
    program = """
import gateway.cli, gateway.sdl
gateway.sdl.differs = lambda: {}["Jane Doe"]
gateway.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "schema", "--check"],
        cwd=ROOT,
        env={**os.environ, "HUB_HOME": str(hub.home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = Ran(done.returncode, done.stdout, done.stderr).line
    assert done.returncode == 1
    assert line.startswith("Something went wrong on our side (reference ")
    assert str(hub.home / "hub.log") in line
    written = (hub.home / "hub.log").read_text()
    assert line.split()[8] in written
    assert "KeyError" in written
    assert "Jane Doe" not in line + written
