"""A remembered viewer holds only while the tables say the same of them, to the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth import viewers
from auth.membership import (
    STANDING,
    STANDING_TEXT,
    NoAccess,
    admitted,
    standing_arguments,
    standing_values,
    viewer_of,
)
from auth.tokens import Claims
from auth.viewer import AgencyKind, Purpose, Viewer
from auth.viewers import NotAsKnown, Viewers
from hmis.tables import agency, member, policy_profile, source
from tests.conftest import Statements
from tests.readers import reader_beside

TODAY = date(2026, 3, 2)
CLAIMS = Claims(
    issuer="https://id.example.org",
    subject="user-7",
    client_id="shelter-app",
    jti="token-1",
    expires_at=datetime(2026, 3, 2, 16, tzinfo=UTC),
    scopes=frozenset({"clients.read"}),
)
HARBOR, HILL = UUID(int=1), UUID(int=2)


@pytest.fixture
async def town(database: AsyncEngine) -> AsyncEngine:
    """User 7 works at Harbor. Somebody else works at Hill."""
    async with database.begin() as connection:
        await connection.execute(insert(source).values(id=1, name="demo"))
        for number, name in ((HARBOR, "Harbor"), (HILL, "Hill")):
            agreed = {"kind": "CHO", "purposes": ["CARE_COORDINATION"], "agreement_from": date(2025, 1, 1)}
            await connection.execute(insert(agency).values(id=number, name=name, **agreed))
        await connection.execute(insert(policy_profile).values(recorded_by="board"))
        for subject, at in (("user-7", HARBOR), ("user-8", HILL)):
            await connection.execute(_joins(subject, at))
    return database


def _joins(subject: str, at: UUID, **changes: Any) -> Any:
    usual = {"issuer": CLAIMS.issuer, "role": "CASE_MANAGER", "valid_from": date(2025, 1, 1)}
    return insert(member).values(subject=subject, agency_id=at, **{**usual, **changes})


async def standing(database: AsyncEngine, claims: Claims = CLAIMS, day: date = TODAY) -> str:
    async with database.connect() as connection:
        said: str = await connection.scalar(STANDING, standing_values(claims, day))
    return said


def _changed(table: Table, **values: Any) -> Any:
    return (
        update(table)
        .where(table.c.subject == "user-7" if table is member else table.c.id == HARBOR)
        .values(**values)
    )


RELEVANT = {
    "a membership that ends": _changed(member, valid_to=TODAY),
    "one that was deleted": delete(member).where(member.c.subject == "user-7"),
    "one that has not begun": _changed(member, valid_from=TODAY + timedelta(days=1)),
    "another role": _changed(member, role="PRIVACY_OFFICER"),
    "a move to another agency": _changed(member, agency_id=HILL),
    "one more membership": _joins("user-7", HILL),
    "somebody of another issuer": _changed(member, issuer="https://other.example.org"),
    "an agreement that ended": _changed(agency, agreement_to=TODAY),
    "one that has not begun yet": _changed(agency, agreement_from=TODAY + timedelta(days=1)),
    "other purposes": _changed(agency, purposes=["REPORTING"]),
    "another kind of agency": _changed(agency, kind="VSP"),
    "another name": _changed(agency, name="Harbor House"),
    "another HMIS": _changed(agency, source_id=1),
    "another organization": _changed(agency, organization_id="96"),
    "another notice": insert(policy_profile).values(
        recorded_by="board", notice_categories=2, notice_version="2"
    ),
    "another combination": insert(policy_profile).values(recorded_by="board", combination="LATEST"),
    "another age": insert(policy_profile).values(recorded_by="board", age_of_consent=16),
    "another term": insert(policy_profile).values(recorded_by="board", default_term_days=365),
    "another longest term": insert(policy_profile).values(recorded_by="board", max_term_days=730),
}
BESIDE = {
    "somebody else's membership": delete(member).where(member.c.subject == "user-8"),
    "another agency": update(agency).where(agency.c.id == HILL).values(name="Hill House", agreement_to=TODAY),
    "somebody new": _joins("user-9", HARBOR),
    "a membership that ended before": _joins("user-7", HILL, valid_to=TODAY),
}


@pytest.mark.parametrize("what", RELEVANT)
async def test_whatever_makes_another_viewer_makes_another_standing(town: AsyncEngine, what: str) -> None:
    before = await standing(town)
    known = admitted(CLAIMS, before, TODAY)
    assert isinstance(known, Viewer)
    async with town.begin() as connection:
        await connection.execute(RELEVANT[what])
    after = await standing(town)
    assert after != before
    assert admitted(CLAIMS, after, TODAY) != known


@pytest.mark.parametrize("what", BESIDE)
async def test_what_concerns_others_leaves_the_standing_as_it_is(town: AsyncEngine, what: str) -> None:
    before = await standing(town)
    async with town.begin() as connection:
        await connection.execute(BESIDE[what])
    assert await standing(town) == before


def test_no_column_that_a_viewer_comes_from_is_left_to_chance() -> None:
    """Whoever adds a column decides here whether it can make another viewer."""
    in_the_where = {"subject", "issuer", "valid_from", "valid_to", "agency_id"}
    numbers = {"id"}
    not_of_viewers = {"small_cell", "recorded_at", "recorded_by"}
    for table, prefix in ((member, ""), (agency, ""), (policy_profile, "policy_")):
        read = {name for name in table.c.keys() if f" AS {prefix}{name}" in STANDING_TEXT}  # noqa: SIM118
        assert set(table.c.keys()) - read - in_the_where - numbers - not_of_viewers == set(), table.name


async def test_the_standing_is_the_same_text_whichever_way_it_is_read(town: AsyncEngine) -> None:
    reader = reader_beside(town)
    [(alone,)] = await reader.rows(None, STANDING_TEXT, standing_arguments(CLAIMS, TODAY))
    async with town.connect() as connection:
        await connection.execute(text("set datestyle to 'German'"))
        within = await connection.scalar(select(STANDING.scalar_subquery()), standing_values(CLAIMS, TODAY))
        await connection.execute(text("reset datestyle"))
        by_connection = await viewer_of(connection, CLAIMS, TODAY)
    assert alone == within
    assert by_connection == admitted(CLAIMS, alone, TODAY)


async def _revoked(connection: AsyncConnection) -> None:
    await connection.execute(RELEVANT["a membership that ends"])


async def test_a_membership_that_ends_ends_at_the_next_request_of_every_worker(town: AsyncEngine) -> None:
    reader = reader_beside(town)
    workers = [Viewers(reader), Viewers(reader)]
    for worker in workers * 2:
        assert isinstance(await worker.of(CLAIMS, TODAY), Viewer)
    async with town.begin() as connection:
        await _revoked(connection)
    for worker in workers:
        assert await worker.of(CLAIMS, TODAY) == NoAccess("no live membership")
        assert worker.guess(CLAIMS, TODAY) is None


async def test_while_the_standing_is_the_same_the_viewer_is_the_same_object(
    town: AsyncEngine, statements: Statements
) -> None:
    known = Viewers(reader_beside(town))
    assert known.guess(CLAIMS, TODAY) is None
    first = await known.of(CLAIMS, TODAY)
    statements.forget()
    assert await known.of(replace(CLAIMS, jti="token-2"), TODAY) is first
    assert statements.count == 1
    guess = known.guess(CLAIMS, TODAY)
    assert guess is not None
    assert guess.viewer is first
    assert not guess.held
    guess.check(await standing(town))
    assert guess.held


async def test_a_guess_does_not_hold_for_another_standing(town: AsyncEngine) -> None:
    known = Viewers(reader_beside(town))
    await known.of(CLAIMS, TODAY)
    guess = known.guess(CLAIMS, TODAY)
    assert guess is not None
    async with town.begin() as connection:
        await connection.execute(RELEVANT["another kind of agency"])
    with pytest.raises(NotAsKnown):
        guess.check(await standing(town))
    assert not guess.held
    found = await known.of(CLAIMS, TODAY)
    assert isinstance(found, Viewer)
    assert (guess.viewer.agency.kind, found.agency.kind) == (AgencyKind.CHO, AgencyKind.VSP)
    again = known.guess(CLAIMS, TODAY)
    assert again is not None
    assert again.viewer is found


OTHERWISE: dict[str, dict[str, Any]] = {
    "scopes": {"scopes": frozenset()},
    "application": {"client_id": "another-app"},
    "purpose": {"purpose": Purpose.CARE_COORDINATION.value},
    "agency": {"agency": str(HILL)},
    "acr": {"acr": "aal2"},
    "login": {"auth_time": datetime(2026, 3, 2, 14, tzinfo=UTC)},
    "subject": {"subject": "user-8"},
    "issuer": {"issuer": "https://other.example.org"},
}


@pytest.mark.parametrize("what", OTHERWISE)
async def test_claims_that_say_anything_else_are_somebody_else(town: AsyncEngine, what: str) -> None:
    known = Viewers(reader_beside(town))
    await known.of(CLAIMS, TODAY)
    assert known.guess(replace(CLAIMS, **OTHERWISE[what]), TODAY) is None
    assert known.guess(CLAIMS, TODAY + timedelta(days=1)) is None


async def test_the_memory_is_bounded(town: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "REMEMBERED", 2)
    known = Viewers(reader_beside(town))
    apps = [replace(CLAIMS, client_id=f"app-{number}") for number in range(3)]
    for claims in (apps[0], apps[1], apps[0], apps[2]):
        await known.of(claims, TODAY)
    assert [known.guess(claims, TODAY) is not None for claims in apps] == [True, False, True]
