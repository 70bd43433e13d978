"""An exchange that cannot be taken, or not all of it: what is refused, what is reported, what stays."""

from __future__ import annotations

import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person
from connectors.energy_drop.kit import DAY
from connectors.hmis_peer import exchange
from connectors.hmis_peer.kit import Neighbour, community, person, stay
from hmis.csv.archive import Limits
from hmis.tables import landing_batch
from tests.connectors.peers import count, landed

EVE = Person("Eve", "Hidden", date(1991, 1, 1))


async def test_a_hashed_export_is_refused_and_says_so(next_door: Neighbour, database: AsyncEngine) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    next_door.lay_out(HashStatus=4)

    synced = await source.sync()

    assert (synced.state, synced.rules) == ("REFUSED", {"export-hashed": 1})
    assert next_door.errors()[0].startswith("Export.csv,,HashStatus,export-hashed,ERROR,1,")
    assert (await landed(database))["stays"] == ["E-1", "E-2"]


def _rewrite(path: Path, **files: bytes | None) -> None:
    """Put other bytes in place of files of the zip; None takes one out."""
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    for file, content in files.items():
        contents.pop(f"{file}.csv")
        if content is not None:
            contents[f"{file}.csv"] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            new.writestr(name, content)


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ("file-missing", {"Funder": None}),
        ("file-missing", {"Organization": None}),
        ("column-missing", {"Project": b"ProjectID,OrganizationID,ProjectName\nP1,O1,One\n"}),
        ("row-unreadable", {"Funder": b"FunderID,ProjectID,Funder\nF1,P1,2,13\n"}),
        ("row-unreadable", {"Funder": b"FunderID,ProjectID,Funder\nF1,,13\n"}),
        ("export-missing", {"Export": None}),
        ("key-differs", {"Organization": b"OrganizationID,VictimServiceProvider\nO1,0\nO1,1\n"}),
    ],
)
async def test_an_exchange_that_does_not_say_what_may_be_named_is_refused_whole(
    next_door: Neighbour, database: AsyncEngine, rule: str, files: dict[str, bytes | None]
) -> None:
    source = next_door.source(database)
    next_door.lay_out(day=DAY - timedelta(1))
    await source.sync()
    path = next_door.lay_out(community(Client=[person("H-3", EVE)], Enrollment=[stay("E-3", "H-3")]))
    _rewrite(path, **files)
    next_door.place(path)

    synced = await source.sync()

    assert synced.state == "REFUSED"
    assert rule in synced.rules
    assert (await landed(database))["stays"] == ["E-1", "E-2"]


@pytest.mark.parametrize("hostile", ["cut", "no zip", "bomb"])
async def test_a_hostile_archive_is_refused_within_bounds(
    next_door: Neighbour, database: AsyncEngine, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    path = next_door.lay_out()
    if hostile == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif hostile == "no zip":
        path.write_bytes(b"not a zip")
    else:
        small = Limits(total_bytes=1 << 20, ratio=10, ratio_floor=1 << 16)
        monkeypatch.setattr(exchange.read_exchange, "__defaults__", (small,))
        _rewrite(path, Client=b"PersonalID,FirstName\n" + b"A,B\n" * (1 << 19))
    next_door.place(path)

    synced = await next_door.source(database).sync()

    assert synced.state == "REFUSED"
    assert synced.rules.keys() == {"archive-too-large" if hostile == "bomb" else "archive-unreadable"}
    assert await count(database, landing_batch) == 0


async def test_a_refused_archive_is_fetched_again_only_when_another_lies_there(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    source = next_door.source(database)
    next_door.lay_out(HashStatus=4)
    await source.sync()
    (next_door.folder / "ERRORS-export.zip.csv").unlink()

    assert (await source.sync()).state == "REFUSED"
    assert not (next_door.folder / "ERRORS-export.zip.csv").exists()

    next_door.lay_out()
    assert (await source.sync()).state == "TAKEN"


async def test_a_stay_of_nobody_or_nowhere_is_reported_and_the_others_are_taken(
    next_door: Neighbour, database: AsyncEngine
) -> None:
    strays = [stay("E-3", "H-9"), stay("E-4", "H-1", "P9")]
    next_door.lay_out(community(Enrollment=strays))
    source = next_door.source(database)

    synced = await source.sync()

    assert (synced.state, synced.rules["parent-missing"]) == ("TAKEN", 2)
    assert any(line.startswith("Enrollment.csv,,,parent-missing,ERROR,2,") for line in next_door.errors())
    assert (await landed(database))["stays"] == ["E-1", "E-2"]


async def test_a_real_export_is_refused_because_its_names_are_hashed(
    next_door: Neighbour, database: AsyncEngine, reference: Any
) -> None:
    path = next_door.folder / "hmis-fy2026-demo.zip"
    path.write_bytes(reference("hmis-fy2026-demo.zip").read_bytes())

    synced = await next_door.source(database).sync()

    assert (synced.state, synced.rules) == ("REFUSED", {"export-hashed": 1})
