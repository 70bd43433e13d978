"""Both ways of answering: an operation compiled into its plan, and the same one executed by graphql-core.

Whatever comes of an operation is compared: status and bytes of the answer, the audit's event and its lines,
what partners were told, and what looking up wrote down. Where reading leaves something behind, it is taken
back, so that both find the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit import Shown
from auth.viewer import PURPOSES, Purpose, Role, Viewer
from connectors.memory import MemorySource
from connectors.runtime import Runtime
from gateway.answers import encoded, executed
from gateway.documents import DocumentRefused, Documents
from gateway.errors import request_errors
from gateway.plan.plans import ERROR
from schema.build import schema
from tests.journeys.agreements import SUBJECTS
from tests.journeys.communities import Community, load
from tests.journeys.operations import Operation
from tests.journeys.raw import viewer_at
from tests.journeys.whole_lives import Whole
from tests.worlds import NOW, World

_ROLES = (*[Role.CASE_MANAGER] * 8, *[Role.PRIVACY_OFFICER] * 4, Role.DASHBOARD, Role.INTEGRATOR, Role.SYSTEM)
_REFERENCE = re.compile(rb'"reference":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"(?=\}\})')
"""Under which a fault stands in the log: another one each time."""


@dataclass(frozen=True)
class Given:
    """All that came of one operation."""

    status: int
    body: bytes
    event: tuple[Any, ...]
    """What the audit is told of the whole: whether of people, searched by what, the outcome, the document."""
    lines: tuple[Any, ...]
    """What it is told of each person."""
    told_to_partners: frozenset[Any]
    written: tuple[Any, ...]
    """Links, questions and answers kept."""

    def differs(self, other: Given) -> str:
        """Where from another one, in words; empty = nowhere."""
        unlike = [one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name)]
        told = [
            f"{name}: {getattr(self, name)!r} {getattr(other, name)!r}" for name in unlike if name != "body"
        ]
        if "body" in unlike:
            said, expected = orjson.loads(self.body), orjson.loads(other.body)
            told += list(_unlike("", said, expected)) or ["body: the same in another order"]
        return "\n".join(told)


def _unlike(path: str, one: Any, other: Any) -> Iterator[str]:
    """Where two answers part, as deep down as they do."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        for name in one:
            yield from _unlike(f"{path}.{name}", one[name], other[name])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (each, like) in enumerate(zip(one, other, strict=True)):
            yield from _unlike(f"{path}.{place}", each, like)
    elif one != other or type(one) is not type(other):
        yield f"{path}: {one!r} {other!r}"


class BothWays:
    """One community in a database, and both ways of answering what is asked there.

    Documents are remembered from one question to the next, as a hub remembers them.
    """

    def __init__(self, engine: AsyncEngine, whole: Whole) -> None:
        self.engine = engine
        self.whole = whole
        self.compiled = Documents(schema, compiled=True)
        self.interpreted = Documents(schema, compiled=False)
        self._links = 0
        self._questions: list[Any] = []

    async def load(self) -> None:
        """Put the community into the database, in the place of what is there."""
        await load(self.engine, self.whole.community)
        self._questions = [row["id"] for row in self.whole.community.tables["match_candidate"]]
        async with self.engine.begin() as connection:
            self._links = await connection.scalar(text("select coalesce(max(id), 0) from partner_link")) or 0

    async def ask(self, viewer: Viewer | None, one: Operation, compiled_first: bool) -> tuple[Given, Given]:
        """Compiled and interpreted."""
        begun_again = self.answered[ERROR]
        ways = [self.compiled, self.interpreted] if compiled_first else [self.interpreted, self.compiled]
        given = {documents: await self._given(documents, viewer, one, kept=True) for documents in ways}
        if self.answered[ERROR] > begun_again:
            # The plan had failed and the operation began again: by then answers of partners were kept, and
            # said to be. So it is compared where none are.
            given = {documents: await self._given(documents, viewer, one, kept=False) for documents in ways}
            assert b'"errors"' in given[self.interpreted].body, f"a plan failed where nothing is wrong: {one}"
        return given[self.compiled], given[self.interpreted]

    async def _given(
        self, documents: Documents, viewer: Viewer | None, one: Operation, *, kept: bool
    ) -> Given:
        partners = self.whole.partners(kept=kept)
        world = World(self.engine, partners=partners, lapsed=self.whole.lapsed)
        world.runtime = Runtime(clock=lambda: 0.0, now=lambda: NOW)
        request = world.request(viewer)
        if viewer is None:
            request.subject = SUBJECTS[0]
        request.levels = {"pantry": "gold"}
        prepared = documents.prepare(one.document)
        result = await documents.run(prepared, one.variables, one.name, request)
        await world.runtime.keeper.settled()
        status, content = executed(result, request)
        trail, outcome = request.trail, "WITH_ERRORS" if "errors" in content else "ANSWERED"
        searched = tuple(sorted(trail.searched))
        name = prepared.operation_named(one.name)
        written = await self._taken_back() if any(map(_asked, partners.values())) else ()
        lines = tuple(sorted((str(person), *_line(shown)) for person, shown in trail.subjects.items()))
        told = frozenset(told for source in partners.values() for told in _told(source))
        if content.get("data", ...) is None:
            # A field that may not be null failed, and those beside it were called off: how far they had got
            # by then differs from one time to the next, and nothing of it is shown.
            content.pop("extensions", None)
            lines, told, written = (), frozenset(), ()
        return Given(
            status=status,
            body=_REFERENCE.sub(b'"reference":"-"', encoded(content)),
            event=(trail.about_people, searched, outcome, name, prepared.sha256, request.subject),
            lines=lines,
            told_to_partners=told,
            written=written,
        )

    async def _taken_back(self) -> tuple[Any, ...]:
        """What looking up wrote down; afterwards it is not there any more."""
        async with self.engine.begin() as connection:
            found = await connection.execute(_TAKE_BACK, {"links": self._links, "questions": self._questions})
            return tuple(sorted(map(str, found.scalars())))

    @property
    def answered(self) -> Counter[str]:
        """How often by a plan, and how often not, by the reason."""
        return self.compiled.answered


_TAKE_BACK = text("""
    with links as (delete from partner_link where id > :links returning to_jsonb(partner_link) as row),
    questions as (
        delete from match_candidate where not id = any(cast(:questions as uuid[]))
        returning to_jsonb(match_candidate) as row
    ),
    answers as (delete from partner_cache returning to_jsonb(partner_cache) as row)
    select (row - '{id, valid_from, raised_at}'::text[])::text
    from (table links union all table questions union all table answers) as every
""")


def _line(shown: Shown) -> tuple[Any, ...]:
    return tuple(str(getattr(shown, one.name)) for one in fields(shown))


def _asked(source: MemorySource) -> bool:
    return bool(source.asked or source.looked_up)


def _told(source: MemorySource) -> list[Any]:
    """Each question with all it tells. How many people were put into one call is nobody's concern."""
    looked_up = [(source.name, one.first_name, one.last_name, one.dob) for one in source.looked_up]
    asked = [
        (source.name, one.noun, one.fields, one.purpose, subject.key, tuple(subject.partner_ids))
        for one in source.asked
        for subject in one.subjects
    ]
    return [*looked_up, *asked]


def refused(documents: Documents, one: Operation) -> bytes | None:
    """Why a document is no valid one, as the caller is told; None = it is."""
    try:
        documents.prepare(one.document)
    except DocumentRefused as fault:
        return encoded({"errors": request_errors(fault.errors, fault.code)})
    return None


def somebody(choose: Random, community: Community) -> Viewer | None:
    """Anybody who might ask: of any agency, in any role, for any purpose of it; some tokens narrow it."""
    if choose.random() < 0.04:
        return None
    role = choose.choice(_ROLES)
    purpose = choose.choice(sorted(PURPOSES[role]))
    if choose.random() < 0.5 and Purpose.CARE_COORDINATION in PURPOSES[role]:
        purpose = Purpose.CARE_COORDINATION
    if role is Role.PRIVACY_OFFICER and choose.random() < 0.4:
        purpose = Purpose.LAW_ENFORCEMENT
    viewer = viewer_at(choose.choice(community.tables["agency"]), community, role, purpose)
    if choose.random() < 0.1:
        viewer = replace(viewer, subject=choose.choice(SUBJECTS))
    if choose.random() < 0.1:
        viewer = replace(
            viewer, scopes=frozenset(choose.sample(sorted(viewer.scopes), len(viewer.scopes) // 2))
        )
    return viewer
