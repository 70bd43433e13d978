"""The demo as a visitor starts it: a process with its partners, asked with what it printed, and ended."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.tables import consent_grant, import_run, member

ROOT = Path(__file__).parents[3]
_CURL = re.compile(
    r'curl -s (\S+) -H "Authorization: Bearer \$\(cat (\S+)\)" .* --data @(\S+) \| python3 -m json\.tool$'
)


@dataclass
class Demo:
    process: subprocess.Popen[str]
    printed: str

    @property
    def partners(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ask(self, viewer: str) -> Any:
        """What the printed line for this viewer answers."""
        (line,) = [line.strip() for line in self.printed.splitlines() if f"{viewer}.token" in line]
        found = _CURL.fullmatch(line)
        assert found is not None
        url, token, body = found.groups()
        response = httpx.post(
            url,
            content=Path(body).read_bytes(),
            headers={
                "authorization": f"Bearer {Path(token).read_text()}",
                "content-type": "application/json",
            },
            timeout=60,
            trust_env=False,
        )
        return response.raise_for_status().json()


@contextmanager
def demo(home: Path, database_url: str) -> Iterator[Demo]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--port", str(_free_port())],
        cwd=ROOT,
        env={**kept, "HUB_HOME": str(home), "HUB_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("The hub answers on"):
                break
        assert process.poll() is None, printed
        yield Demo(process, printed)
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


async def _kept(database: AsyncEngine) -> tuple[int, ...]:
    tables = (import_run, member, consent_grant)
    async with database.connect() as connection:
        return tuple(
            [await connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
        )


async def test_the_demo_shows_three_viewers_what_each_may_see_and_finds_it_all_again(
    tmp_path: Path, database: AsyncEngine, database_url: str
) -> None:
    with demo(tmp_path, database_url) as first:
        profile = first.ask("case-manager")
        dashboard = first.ask("dashboard")
        integrator = first.ask("integrator")
        assert len(first.partners) == 4
        partners = first.partners
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(timeout=30) == 0
        assert _gone(partners)

    client = profile["data"]["client"]
    assert client["name"]["first"] == "Marisol"
    assert len(client["enrollments"]["nodes"]) == 8
    assert client["foodAssistance"][0]["source"]["name"] == "Example Food Bank"
    assert client["foodAssistance"][0]["asOf"]
    assert client["utilityAssistance"][0]["totalBillAssistance"] == "1176.25"
    paid = {payment["provenance"]["source"]["name"] for payment in client["rentalAssistance"]}
    assert paid == {"Example Rent Fund", "Example Energy Assistance"}
    # The violence that her chart tells of, and the shelter she was sent to for it, are not among them.
    assert [need["categories"] for need in client["sdohConditions"]] == [["FOOD_INSECURITY"]]
    assert {need["provenance"]["source"]["name"] for need in client["sdohConditions"]} == {"Example Clinic"}
    assert "Emergency shelter" not in {referral["service"] for referral in client["sdohReferrals"]}
    assert "errors" not in profile

    assert len(dashboard["data"]["clients"]["nodes"]) == 5
    assert {node["name"] for node in dashboard["data"]["clients"]["nodes"]} == {None}
    assert "NAME" in {entry["category"] for entry in dashboard["extensions"]["consent"]["withheld"]}

    assert len(integrator["data"]["projects"]["nodes"]) == 9
    assert integrator["data"]["clients"]["nodes"] == []

    assert _only_its_owner_may_read(tmp_path / "demo")
    truth = json.loads((tmp_path / "demo" / "pantry.json").read_text())["households"][0]
    assert "personal_id" not in json.dumps(truth)

    kept = await _kept(database)
    with demo(tmp_path, database_url) as second:
        assert second.ask("case-manager")["data"] == profile["data"]
        partners = second.partners
        second.process.kill()
        second.process.wait()
        assert _gone(partners)  # however it ends
    assert await _kept(database) == kept


def _only_its_owner_may_read(folder: Path) -> bool:
    files = (
        folder / name
        for name in ("case-manager.token", "community.zip", "pantry.json", "energy-drop-hub.key")
    )
    return all(path.stat().st_mode & 0o077 == 0 for path in (folder, *files))


def test_the_embedded_database_ends_with_the_demo() -> None:
    # Not below pytest's own folder: as root the server runs as another user, who may not enter that.
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
        Path(folder).chmod(0o755)
        with demo(Path(folder) / "home", "") as running:
            mine = [
                one
                for one in psutil.process_iter(["cmdline"])
                if folder in " ".join(one.info["cmdline"] or [])
            ]
            assert any("postgres" in " ".join(one.info["cmdline"]) for one in mine)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(timeout=60) == 0
        assert _gone(mine)
