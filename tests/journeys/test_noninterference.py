"""What an answer depends on: what the viewer may see, and nothing else.

Two communities are made that differ only in what one viewer may not see. Every question of that viewer must
be answered alike in both: data, errors, what is withheld, notes on partners, what a partner is told, the
audit's lines, and how many statements and rows it took. `HUB_NONINTERFERENCE_WORLDS` makes more.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from sqlalchemy import Executable, RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth import audit
from auth.forms import template_of
from auth.viewer import Purpose, Role, Viewer
from gateway.answers import encoded, executed
from gateway.documents import Documents
from hmis.database import engine
from hmis.tables import audit_event, audit_subject
from resolvers.request import Request
from schema.build import schema
from tests.conftest import _database_from_template, _drop, _other_database
from tests.journeys.changes import WAYS, hidden_changes
from tests.journeys.communities import Community, load
from tests.journeys.lives import Maker
from tests.journeys.oracle import Oracle
from tests.journeys.questions import Asker, known
from tests.journeys.raw import viewer_at
from tests.journeys.rules import RULES, rules_used
from tests.readers import reader_beside
from tests.worlds import NOW, TODAY

WORLDS = int(os.environ.get("HUB_NONINTERFERENCE_WORLDS", "64"))
FIRST = int(os.environ.get("HUB_NONINTERFERENCE_FIRST", "0"))
BLOCKS = 4
QUESTIONS = 8
CHANGES = 80
_STEPS = 150  # more than the executor takes from a row to the last field that is loaded next
_DOCUMENTS = Documents(schema, max_cost=10**15)  # what a question may cost is not asked here
_TOKEN = re.compile(r"zq\d+q")
_ROLES = [
    *[(Role.CASE_MANAGER, Purpose.CARE_COORDINATION)] * 7,
    *[(Role.DASHBOARD, Purpose.REPORTING)] * 2,
    *[(Role.PRIVACY_OFFICER, Purpose.OPERATIONS)] * 2,
    (Role.INTEGRATOR, Purpose.OPERATIONS),
]


@pytest.fixture(scope="module")
async def elsewhere(admin_url: str) -> AsyncIterator[AsyncEngine]:
    """A second database, for the other one of two communities."""
    name = f"hub_test_other_{uuid.uuid4().hex[:12]}"
    await asyncio.to_thread(asyncio.run, _database_from_template(admin_url, name))
    other = engine(_other_database(admin_url, name))
    yield other
    await other.dispose()
    await asyncio.to_thread(asyncio.run, _drop(admin_url, name))


@dataclass
class Counting(Request):
    """A request that counts what it fetches, one statement after the other.

    How siblings' keys gather depends on when each of them comes back, so here nothing is fetched before
    everybody has said what they want to have next: then two equal answers cost the same to the statement.
    """

    statements: int = 0
    rows: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
        found: list[RowMapping] = list(await super().fetch(statement, values))
        self.statements += 1
        self.rows += len(found)
        return found

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self.turn:
            await self.everybody_has_spoken()
            async with super().reading() as connection:
                yield connection

    async def everybody_has_spoken(self) -> None:
        for _ in range(_STEPS):
            await asyncio.sleep(0)


@dataclass(frozen=True)
class Given:
    """Everything that came of one question."""

    answer: str
    told_to_partners: tuple[Any, ...]
    audited: tuple[Any, ...]
    cost: tuple[int, int]
    """Statements and rows."""


async def ask(viewer: Viewer, database: AsyncEngine, community: Community, document: str) -> Given:
    """What the gateway would answer this viewer, and what it would write down."""
    pantry = community.partner()
    request = Counting(
        now=NOW,
        as_of=TODAY,
        viewer=viewer,
        subject=viewer.subject,
        reader=reader_beside(database),
        writer=database,
        partners={"pantry": pantry},
        forms=(template_of("mn-hmis"),),
        deadline=asyncio.get_running_loop().time() + 30,
    )
    prepared = _DOCUMENTS.prepare(document)
    result = await _DOCUMENTS.run(prepared, {}, None, request)
    _, content = executed(result, request)
    await audit.write(
        database,
        audit.Operation("test", None, prepared.sha256, TODAY),
        request.trail,
        subject=viewer.subject,
        application="test",
        viewer=viewer,
        outcome="WITH_ERRORS" if "errors" in content else "ANSWERED",
    )
    people = sorted(map(str, request.trail.subjects.items()))
    told = (*map(_said, pantry.looked_up), *(len(one.subjects) for one in pantry.asked))
    return Given(
        encoded(content).decode(),
        tuple(sorted(map(str, told))),
        tuple(people),
        (request.statements, request.rows),
    )


def _said(person: Any) -> tuple[Any, ...]:
    return person.first_name, person.last_name, person.dob


def viewer_of(choose: Random, community: Community) -> Viewer:
    return viewer_at(choose.choice(community.tables["agency"]), community, *choose.choice(_ROLES))


@dataclass(frozen=True)
class Pair:
    """Two communities that one viewer cannot tell apart."""

    viewer: Viewer
    before: Community
    after: Community
    changes: Counter[str]
    """How often each way of changing was kept."""
    documents: tuple[str, ...]

    def canaries(self) -> set[str]:
        """Texts and ids that stand in a community and that the viewer may not see."""
        every = self.before.tables, self.after.tables
        seen = repr((Oracle(self.viewer, self.before).sight(), self.viewer))
        ids = {str(row["id"]) for tables in every for rows in tables.values() for row in rows if "id" in row}
        seen_ids = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", seen))
        return set(_TOKEN.findall(repr(every))) - set(_TOKEN.findall(seen)) | {
            one for one in ids - seen_ids if len(one) == 36
        }


def pair(seed: int) -> Pair:
    choose = Random(seed)
    make = Maker(choose)
    before = make.community()
    # Somebody with whom much is shared learns most from a leak; now and then it is anybody.
    viewers = [viewer_of(choose, before) for _ in range(choose.choice([1, 4, 4, 4]))]
    viewer = max(viewers, key=lambda one: Oracle(one, before).shared())
    after, changes = hidden_changes(make, viewer, before, CHANGES)
    there = [one for kind, one in Oracle(viewer, before).sight() if kind == "person"]
    asker = Asker(choose, known(there, before, after), viewer.role)
    return Pair(viewer, before, after, changes, tuple(asker.document() for _ in range(QUESTIONS)))


def test_a_run_puts_more_than_five_hundred_questions() -> None:
    """A case is one question, put to both of two communities; the blocks below share the worlds out."""
    assert WORLDS * QUESTIONS >= 500 or "HUB_NONINTERFERENCE_WORLDS" in os.environ


def test_what_is_made_up_uses_every_rule() -> None:
    used = Counter[str]()
    for seed in range(24):
        used += rules_used(Maker(Random(seed)).community())
    assert not set(RULES) - set(used)


def test_every_way_of_changing_is_kept_for_somebody() -> None:
    kept = Counter[str]()
    for seed in range(12):
        kept += pair(seed).changes
    assert not {way.__name__ for way in WAYS} - set(kept)


@pytest.mark.parametrize("block", range(BLOCKS))
async def test_answers_depend_on_nothing_the_viewer_may_not_see(
    database: AsyncEngine, elsewhere: AsyncEngine, caplog: pytest.LogCaptureFixture, block: int
) -> None:
    caplog.set_level(logging.DEBUG)
    cases = 0
    for seed in range(FIRST + block, FIRST + WORLDS, BLOCKS):
        one = pair(seed)
        await load(database, one.before)
        await load(elsewhere, one.after)
        canaries = one.canaries()
        for document in one.documents:
            caplog.clear()
            await _alike(one, database, elsewhere, document, canaries, f"seed {seed}")
            cases += 1
            _silent(canaries, caplog.text, f"log of seed {seed}")
        for place in (database, elsewhere):
            _silent(canaries, await _audit_of(place), f"audit of seed {seed}")
    assert cases == len(range(block, WORLDS, BLOCKS)) * QUESTIONS


async def _alike(
    one: Pair, database: AsyncEngine, elsewhere: AsyncEngine, document: str, canaries: set[str], where: str
) -> None:
    here = await ask(one.viewer, database, one.before, document)
    there = await ask(one.viewer, elsewhere, one.after, document)
    assert here == there, f"{where}\n{document}"
    assert '"INTERNAL"' not in here.answer, f"{where}\n{document}"
    _silent(canaries, here.answer, f"{where}\n{document}")


def _silent(canaries: set[str], text: str, where: str) -> None:
    said = {token for token in _TOKEN.findall(text) if token in canaries}
    said |= {one for one in re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", text) if one in canaries}
    assert not said, f"{where}: {said}"


async def _audit_of(database: AsyncEngine) -> str:
    async with database.connect() as connection:
        ours = audit_event.c.application == "test"
        events = (await connection.execute(select(audit_event).where(ours))).all()
        about = audit_subject.join(audit_event)
        subjects = (await connection.execute(select(audit_subject).select_from(about).where(ours))).all()
    return f"{events}{subjects}"
