"""The demo as a visitor starts it, asked with what it printed, and ended."""

from __future__ import annotations

import json
import signal
import tempfile
from pathlib import Path

import psutil
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.tables import consent_grant, import_run, member
from tests.gateway.demo.running import demo


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
        begun = first.processes
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(timeout=30) == 0
        assert _gone(begun)

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
        begun = second.processes
        second.process.kill()
        second.process.wait()
        assert _gone(begun)  # however it ends
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
