"""Sessions of browsers: who sits there, for how long, and what the table gives away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.sessions import ABSOLUTE, CLIENT_ID, CSRF, IDLE, Sessions, SignedIn, SignedOut
from hmis.errors import Unauthenticated
from hmis.tables import logout_heard, web_session

NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
MIA = SignedIn("https://login.test", "mia", sid="s1", acr="mfa", auth_time=NOW)
SECOND = timedelta(seconds=1)


@pytest.fixture
def sessions(database: AsyncEngine) -> Sessions:
    return Sessions(database)


async def test_a_session_is_found_by_what_its_cookie_holds_and_by_nothing_else(sessions: Sessions) -> None:
    session = await sessions.begin(NOW, MIA)
    assert await sessions.find(session.word, NOW) == session
    assert await sessions.find(session.word + "x", NOW) is None
    assert await sessions.find("", NOW) is None
    assert await sessions.find("\udcff", NOW) is None


async def test_the_table_holds_nothing_that_lets_anybody_in(
    sessions: Sessions, database: AsyncEngine
) -> None:
    session = await sessions.begin(NOW, MIA)
    async with database.connect() as connection:
        [row] = (await connection.execute(select(web_session))).all()
    assert session.word not in repr(row)
    assert session.word.encode() not in row.id_hash


async def test_a_session_ends_when_nobody_used_it_for_a_while(sessions: Sessions) -> None:
    session = await sessions.begin(NOW, MIA)
    used = NOW + IDLE - SECOND
    assert await sessions.find(session.word, used)
    assert await sessions.find(session.word, used + IDLE - SECOND)
    assert await sessions.find(session.word, used + IDLE - SECOND + IDLE) is None


async def test_a_session_ends_after_half_a_day_however_busy_it_is(sessions: Sessions) -> None:
    session = await sessions.begin(NOW, MIA)
    moment = NOW
    while moment < NOW + ABSOLUTE:
        assert await sessions.find(session.word, moment)
        moment += IDLE - SECOND
    assert await sessions.find(session.word, NOW + ABSOLUTE) is None


async def test_who_signs_in_gets_another_word_and_the_old_one_is_worth_nothing(sessions: Sessions) -> None:
    planted = await sessions.begin(NOW, data={"language": "es"})
    session = await sessions.begin(NOW, MIA, instead_of=planted, data=planted.data)
    assert session.word != planted.word
    assert await sessions.find(planted.word, NOW) is None
    found = await sessions.find(session.word, NOW)
    assert found is not None
    assert found.who == MIA
    assert found.data == {"language": "es"}


async def test_a_session_speaks_as_a_token_would(sessions: Sessions) -> None:
    session = await sessions.begin(NOW, MIA)
    claims = session.claims
    assert claims is not None
    said = (claims.issuer, claims.subject, claims.client_id, claims.acr, claims.auth_time)
    assert said == ("https://login.test", "mia", CLIENT_ID, "mfa", NOW)
    assert session.word not in repr((session, claims))
    assert (await sessions.begin(NOW)).claims is None


async def test_a_form_has_to_say_what_this_session_says(sessions: Sessions) -> None:
    one, other = await sessions.begin(NOW, MIA), await sessions.begin(NOW, MIA)
    assert one.is_csrf(one.csrf)
    for given in ("", other.csrf, one.word, "\udcff", one.csrf.upper()):
        assert not one.is_csrf(given)


def said_out(**said: Any) -> SignedOut:
    usual = {"issuer": "https://login.test", "subject": None, "sid": None, "jti": "1", "expires_at": NOW}
    return SignedOut(**{**usual, **said})


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ({"sid": "s1"}, {"s2", "s3"}),
        ({"subject": "mia"}, {"s3"}),
        ({"subject": "mia", "sid": "s2"}, {"s1", "s3"}),
        ({"sid": "s9"}, {"s1", "s2", "s3"}),
        ({}, {"s1", "s2", "s3"}),
        ({"subject": "ben", "sid": "s1"}, {"s1", "s2", "s3"}),
    ],
)
async def test_an_issuer_ends_a_session_by_its_name_or_all_of_somebody(
    sessions: Sessions, named: dict[str, str], left: set[str]
) -> None:
    begun = {
        sid: await sessions.begin(NOW, SignedIn("https://login.test", subject, sid=sid))
        for sid, subject in (("s1", "mia"), ("s2", "mia"), ("s3", "ben"))
    }
    assert await sessions.end_said(said_out(issuer="https://other.test", subject="mia"), NOW) == 0
    assert await sessions.end_said(said_out(**named), NOW) == 3 - len(left)
    assert {sid for sid, one in begun.items() if await sessions.find(one.word, NOW)} == left


async def test_sessions_that_have_ended_are_deleted_when_others_begin(
    sessions: Sessions, database: AsyncEngine
) -> None:
    ended = await sessions.begin(NOW, MIA)
    await sessions.end(ended)
    assert await sessions.find(ended.word, NOW) is None
    await sessions.begin(NOW, MIA)
    await sessions.begin(NOW + IDLE + SECOND, MIA)
    async with database.connect() as connection:
        assert len((await connection.execute(select(web_session.c.id_hash))).all()) == 1


async def test_a_log_out_is_heard_once_and_forgotten_when_it_is_worth_nothing(
    sessions: Sessions, database: AsyncEngine
) -> None:
    said = said_out(subject="mia", expires_at=NOW + timedelta(minutes=2))
    await sessions.begin(NOW, MIA)
    assert await sessions.end_said(said, NOW) == 1
    mia = await sessions.begin(NOW, MIA)
    with pytest.raises(Unauthenticated, match="jti"):
        await sessions.end_said(said, NOW + timedelta(minutes=2))
    assert await sessions.find(mia.word, NOW)
    assert await sessions.end_said(replace(said, issuer="https://other.test"), NOW) == 0
    await sessions.end_said(replace(said, jti="2"), NOW + timedelta(minutes=4))
    async with database.connect() as connection:
        assert len((await connection.execute(select(logout_heard.c.issuer))).all()) == 1


async def test_what_waits_in_a_session_is_taken_once_however_many_ask(sessions: Sessions) -> None:
    session = await sessions.begin(NOW, data={"language": "es", "waits": {"a": [1]}})
    taken = await asyncio.gather(*(sessions.take(session, "waits") for _ in range(8)))
    assert [one for one in taken if one is not None] == [{"a": [1]}]
    assert await sessions.take(session, "nothing") is None
    found = await sessions.find(session.word, NOW)
    assert found is not None
    assert found.data == {"language": "es"}


async def test_two_tabs_keep_what_each_of_them_put(sessions: Sessions) -> None:
    session = await sessions.begin(NOW, data={"old": 1, "language": "es"})
    await asyncio.gather(
        sessions.put(session, first=1),
        sessions.put(session, second=2),
        sessions.put(session, without=["old"]),
    )
    found = await sessions.find(session.word, NOW)
    assert found is not None
    assert found.data == {"language": "es", "first": 1, "second": 2}


async def test_a_form_of_the_same_person_outlives_another_word(sessions: Sessions) -> None:
    first = await sessions.begin(NOW, MIA)
    second = await sessions.begin(NOW, MIA, instead_of=first, data={CSRF: first.csrf})
    assert second.is_csrf(first.csrf)
    assert not second.is_csrf((await sessions.begin(NOW, MIA)).csrf)
