"""Sessions: who sits at which browser. After NIST SP 800-63B, 7.1 and 7.2.

The browser holds a random word and the table its SHA-256, so that a copy of the table lets nobody in. It
ends after `IDLE` without a request and after `ABSOLUTE` whatever happens, and gets another word whenever
somebody proves who they are. What they may do is read from the member table at every request, as for a token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Delete,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    false,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.signed import LEEWAY
from auth.tokens import Claims
from auth.viewer import Scope
from hmis.errors import Unauthenticated
from hmis.tables.logout_heard import logout_heard
from hmis.tables.web_session import web_session

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
CLIENT_ID = "hmis-hub-pages"
"""The application that asks on behalf of whoever is at a browser."""
CSRF = "csrf"
"""In `data`: the word of forms, where it is an earlier session's."""
_NOTED_EVERY = timedelta(seconds=30)
"""How exactly it is known when a session was last used: a page need not wait for a write."""
_WORD = 32
"""Random bytes in a cookie."""

_COLUMNS = web_session.c


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What an issuer said of somebody."""

    issuer: str
    subject: str
    sid: str | None = None
    """The issuer's name of the session; None = it gave none."""
    acr: str | None = None
    auth_time: datetime | None = None
    id_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What an issuer says has ended: a session by its name, all of somebody, or both of these in one."""

    issuer: str
    subject: str | None
    sid: str | None
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session that lasts."""

    word: str = field(repr=False)
    """What the cookie holds."""
    who: SignedIn | None
    """None = nobody has signed in yet."""
    agency: UUID | None
    data: Mapping[str, Any]
    """What the browser chose, such as a language; nothing of any client."""
    began_at: datetime

    @property
    def csrf(self) -> str:
        """What a form of this session has to say (OWASP: HMAC based token).

        A session that goes on under another word keeps it, so that a form open elsewhere can still be sent.
        """
        kept = self.data.get(CSRF)
        return kept if isinstance(kept, str) else hmac.new(self.word.encode(), b"csrf", "sha256").hexdigest()

    def is_csrf(self, given: str) -> bool:
        return hmac.compare_digest(self.csrf.encode(), given.encode(errors="replace"))

    @property
    def claims(self) -> Claims | None:
        """As a token would say it: who asks. None = nobody has signed in.

        The pages are the hub's own, so whatever the role allows they may do.
        """
        if self.who is None:
            return None
        return Claims(
            issuer=self.who.issuer,
            subject=self.who.subject,
            client_id=CLIENT_ID,
            jti=hashlib.sha256(self.word.encode()).hexdigest()[:32],
            expires_at=self.began_at + ABSOLUTE,
            scopes=frozenset(Scope),
            agency=None if self.agency is None else str(self.agency),
            acr=self.who.acr,
            auth_time=self.who.auth_time,
        )


def _found() -> Select[Any]:
    """One session, and that it was used, built once: every page begins with it."""
    found = (
        select(web_session)
        .where(
            _COLUMNS.id_hash == bindparam("of"),
            _COLUMNS.seen_at > bindparam("idle_since"),
            _COLUMNS.began_at > bindparam("absolute_since"),
        )
        .cte("found")
    )
    noted = (
        update(web_session)
        .values(seen_at=bindparam("at", type_=_COLUMNS.seen_at.type))
        .where(
            _COLUMNS.id_hash == found.c.id_hash,
            found.c.seen_at < bindparam("noted_since"),
            bindparam("attended", type_=Boolean()),
        )
        .returning(literal(1).label("noted"))
        .cte("noted")
    )
    return select(found).outerjoin(noted, literal(True))


_FOUND = _found()


def _ages(now: datetime) -> dict[str, datetime]:
    return {
        "idle_since": now - IDLE,
        "absolute_since": now - ABSOLUTE,
        "noted_since": now - _NOTED_EVERY,
    }


class Sessions:
    """The sessions of one hub, in every process the same."""

    def __init__(self, writer: AsyncEngine) -> None:
        self._writer = writer
        self._alone = writer.execution_options(isolation_level="AUTOCOMMIT")
        """For what is one statement: it needs no way there and back to begin, nor to commit."""

    async def begin(
        self,
        now: datetime,
        who: SignedIn | None = None,
        *,
        instead_of: Session | None = None,
        agency: UUID | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Session:
        """A new session; `instead_of` ends with it, so that a word somebody planted is worth nothing."""
        session = Session(
            word=secrets.token_urlsafe(_WORD),
            who=who,
            agency=agency,
            data=dict(data or {}),
            began_at=now,
        )
        said = who or SignedIn("", "")
        async with self._writer.begin() as connection:
            if instead_of is not None:
                await connection.execute(
                    delete(web_session).where(_COLUMNS.id_hash == _hash(instead_of.word))
                )
            await connection.execute(delete(web_session).where(~_lasts(now)))
            await connection.execute(
                insert(web_session).values(
                    id_hash=_hash(session.word),
                    issuer=said.issuer or None,
                    subject=said.subject or None,
                    sid=said.sid,
                    agency=agency,
                    acr=said.acr,
                    auth_time=said.auth_time,
                    id_token=said.id_token,
                    data=session.data,
                    began_at=now,
                    seen_at=now,
                )
            )
        return session

    async def find(self, word: str, now: datetime, *, attended: bool = True) -> Session | None:
        """The session of a cookie; None = there is none, or it has ended. One statement.

        attended: False = a page asks by itself, nobody sits there: that does not keep a session going.
        """
        given = {"of": _hash(word), "at": now, "attended": attended, **_ages(now)}
        async with self._alone.connect() as connection:
            row = (await connection.execute(_FOUND, given)).one_or_none()
        return None if row is None else _session(word, row)

    async def ends(self, sessions: Sequence[Session], now: datetime) -> dict[str, datetime]:
        """When each of those that last will end, by its word, if nobody does anything."""
        words = {_hash(session.word): session.word for session in sessions}
        asked = select(_COLUMNS.id_hash, _COLUMNS.seen_at, _COLUMNS.began_at)
        async with self._writer.connect() as connection:
            rows = await connection.execute(asked.where(_COLUMNS.id_hash.in_(list(words)), _lasts(now)))
            return {words[row.id_hash]: min(row.seen_at + IDLE, row.began_at + ABSOLUTE) for row in rows}

    async def put(self, session: Session, *, without: Sequence[str] = (), **data: Any) -> None:
        """Keep what the browser chose, beside what it chose in another tab meanwhile; `without` goes."""
        kept = _COLUMNS.data.op("-")(cast(list(without), ARRAY(Text)))
        async with self._writer.begin() as connection:
            await connection.execute(
                update(web_session)
                .where(_COLUMNS.id_hash == _hash(session.word))
                .values(data=kept.op("||")(cast(data, JSONB)))
            )

    async def take(self, session: Session, name: str) -> Any | None:
        """What was put under a name, once: whoever asks again, or at the same time, gets None."""
        there = (
            select(_COLUMNS.id_hash, _COLUMNS.data[name].label("value"))
            .where(_COLUMNS.id_hash == _hash(session.word), _COLUMNS.data.has_key(name))
            .with_for_update()
            .cte("there")
        )
        taken = (
            update(web_session)
            .where(_COLUMNS.id_hash == there.c.id_hash)
            .values(data=_COLUMNS.data.op("-")(cast(name, Text)))
            .returning(there.c.value)
        )
        async with self._writer.begin() as connection:
            return (await connection.execute(taken)).scalar_one_or_none()

    async def choose(self, session: Session, agency: UUID) -> None:
        """Act for another of one's agencies. That they are a member there is asked at every request."""
        async with self._writer.begin() as connection:
            await connection.execute(
                update(web_session).where(_COLUMNS.id_hash == _hash(session.word)).values(agency=agency)
            )

    async def end(self, session: Session) -> None:
        """End it now."""
        async with self._writer.begin() as connection:
            await connection.execute(_ended(session))

    async def end_said(self, said: SignedOut, now: datetime) -> int:
        """End what a log-out token says, once. Returns how many sessions it were.

        Raises:
            Unauthenticated: it was heard before.
        """
        jti_hash = hashlib.sha256(said.jti.encode()).digest()
        heard = upsert(logout_heard).values(
            issuer=said.issuer, jti_hash=jti_hash, expires_at=said.expires_at + timedelta(seconds=LEEWAY)
        )
        async with self._writer.begin() as connection:
            await connection.execute(delete(logout_heard).where(logout_heard.c.expires_at < now))
            new = await connection.execute(heard.on_conflict_do_nothing().returning(literal(1)))
            if new.scalar_one_or_none() is None:
                raise Unauthenticated("jti: heard before")
            gone = await connection.execute(_ended_at(said.issuer, said.subject, said.sid))
        return int(gone.rowcount)


def _ended_at(issuer: str, subject: str | None, sid: str | None) -> Delete:
    """Sessions by the issuer's own name; where it gave none when it began, all of that person."""
    named: ColumnElement[bool] = false()
    if sid is not None:
        named = _COLUMNS.sid == sid
        if subject is not None:
            named = and_(or_(named, _COLUMNS.sid.is_(None)), _COLUMNS.subject == subject)
    elif subject is not None:
        named = _COLUMNS.subject == subject
    return delete(web_session).where(_COLUMNS.issuer == issuer, named)


def _ended(session: Session) -> Delete:
    return delete(web_session).where(_COLUMNS.id_hash == _hash(session.word))


def _hash(word: str) -> bytes:
    return hashlib.sha256(word.encode(errors="surrogatepass")).digest()


def _lasts(now: datetime) -> Any:
    return and_(_COLUMNS.seen_at > now - IDLE, _COLUMNS.began_at > now - ABSOLUTE)


def _session(word: str, row: Row[Any]) -> Session:
    who = None
    if row.subject is not None:
        who = SignedIn(
            issuer=row.issuer,
            subject=row.subject,
            sid=row.sid,
            acr=row.acr,
            auth_time=row.auth_time,
            id_token=row.id_token,
        )
    return Session(word=word, who=who, agency=row.agency, data=row.data, began_at=row.began_at)
