"""Request: everything one operation needs to answer, handed from resolver to resolver as `info.context`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Executable, RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from strawberry.dataloader import DataLoader

from auth.audit import Trail
from auth.categories import SILENT, Category
from auth.consent import Reason
from auth.context import context_of
from auth.forms import Template
from auth.journal import Entry, Journal
from auth.obligations import Obligation, owed_for
from auth.parameters import VIEWER
from auth.viewer import Viewer
from auth.viewers import Guess
from connectors.base import Source
from connectors.runtime import Runtime
from hmis.database import Reader
from hmis.eligibility.pack import Pack, pack
from hmis.sentence import Sentence
from resolvers.ahead import Ahead
from resolvers.rows import ClientRow, PersonalRow

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Batch = Callable[["Request", list[Key]], Awaitable[Sequence[Value]]]
"""Answers many keys with one statement: as many values as keys, in the order of the keys."""


ReadAhead = Callable[["Request", list[UUID]], Awaitable[tuple[Sequence[Mapping[Any, Any]], Ahead]]]
"""The visible records of people, and what was read of them beside."""


class DocumentRegistry(Protocol):
    """What the gateway knows of documents that applications may ask by their hash."""

    def faults(self, text: str) -> Sequence[str]:
        """Why a text cannot be registered; empty = it can."""

    def forget(self, application: str, hashes: Sequence[str]) -> None:
        """They were removed."""

    def applications_of(self, issuer: str, subject: str) -> Sequence[str]:
        """For which applications an operator named this person."""


BREAK_GLASS = "BREAK_GLASS"
"""In the audit: what was read because somebody had opened the person in an emergency."""
LEGAL_ORDER = "LEGAL_ORDER"
"""In the audit, before the ids of the orders: what was read for law enforcement under them."""
UNVERSIONED = "UNVERSIONED"
"""In the audit: the notice relied on, where the community has given its edition no name."""


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A partner that did not give what was asked, or not of today: once for each partner and code."""

    source: str
    code: str
    """A failure code, or STALE: there was no failure, but what it laid out is older than it promises."""
    retryable: bool
    stale: bool = False
    """Something older is shown in its place."""
    as_of: str | None = None
    """The moment of what is shown, where it is stale."""


@dataclass
class Request:
    """One operation of one viewer at one moment.

    `viewer` is None when a valid token speaks for nobody who may ask (rule 0): then nobody exists.
    """

    now: datetime
    as_of: date
    """The day of `now` in the community's time zone; one for the whole request."""
    viewer: Viewer | None
    subject: str
    reader: Reader
    """Reads: every loader takes a connection of its own, because siblings run side by side."""
    writer: AsyncEngine
    """Writes: one transaction a mutation."""
    journal: Journal | None = None
    """Where revocations are kept beside the database. None = nowhere: for a request that no hub makes."""
    partners: Mapping[str, Source] = field(default_factory=dict)
    lapsed: frozenset[str] = frozenset()
    """Names of partners without an agreement in force on this day: they are not asked."""
    runtime: Runtime = field(default_factory=Runtime)
    """What stands between us and the partners; one for the whole process."""
    issuer: str = ""
    """Who says that this is `subject`; two issuers may give two people the same one."""
    deadline: float = 0.0
    """Loop time by which partners must have answered. 0 = not known before the first of them is asked."""
    deadline_s: float = 0.0
    """Seconds that they have from then on."""
    away: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered while only a partner is waited for: others may use the place meanwhile."""
    rules: Pack = field(default_factory=pack)
    """By which people are screened for benefits."""
    forms: tuple[Template, ...] = ()
    """The forms by which clients of this community agree."""
    zone: tzinfo = UTC
    """The community's time zone: of moments and places that name none."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """The quality level that each partner's connector claims."""
    read_ahead: ReadAhead | None = None
    """Reads people with all that is going to be asked of them; for the first people that are asked for."""
    ahead: Ahead | None = None
    guess: Guess | None = None
    """The viewer is one, until a statement of this request has read that it holds. None = it is certain."""
    documents: DocumentRegistry | None = None
    """None = for a request that no hub makes."""
    trail: Trail = field(default_factory=Trail)
    withheld: dict[tuple[str, Category], set[UUID]] = field(default_factory=dict)
    obligations: set[Obligation] = field(default_factory=set)
    """What the recipient owes for what this answer shows."""
    source_notes: set[SourceNote] = field(default_factory=set)

    _loaders: dict[Any, DataLoader[Any, Any]] = field(default_factory=dict)
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)
    """What is being loaded."""
    _owing: set[UUID] = field(default_factory=set)
    """People of whom some grant asks something of its recipient; for others no field is looked at twice."""

    def __post_init__(self) -> None:
        self._context = context_of(self.viewer, self.as_of, self.now)
        self._asks = VIEWER.nobody() if self.viewer is None else VIEWER.of(self.viewer, self.as_of, self.now)

    @property
    def is_certain(self) -> bool:
        """Whether the viewer is who they were known as: before that nothing of the answer may leave."""
        return self.guess is None or self.guess.held

    def answer_by(self) -> float:
        """Loop time by which partners must have answered. What went before them, such as making a plan of a
        document nobody had asked before, costs them none of their time."""
        if not self.deadline:
            self.deadline = asyncio.get_running_loop().time() + self.deadline_s
        return self.deadline

    def load(self, batch: Batch[Key, Value], key: Key) -> Awaitable[Value]:
        """One of many: keys asked for by siblings are gathered and answered by `batch` at once.

        Loaders remember for this request only, so nothing one viewer saw can reach another.
        """
        loader = self._loaders.get(batch)
        if loader is None:

            async def answer(keys: list[Key]) -> Sequence[Value]:
                under_way = asyncio.current_task()
                assert under_way is not None
                self._under_way.add(under_way)
                try:
                    return await batch(self, keys)
                finally:
                    self._under_way.discard(under_way)

            loader = self._loaders[batch] = DataLoader(answer)
        return loader.load(key)

    async def fetch(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[RowMapping]:
        """Run one reading statement on a connection of its own: siblings run side by side.

        Its parameters are `values` and the viewer's own (`auth.parameters.VIEWER`). PostgreSQL is told for
        whom it is read, too: should a rule be missing in the statement, it holds there.
        """
        async with self.reading() as connection:
            found = await connection.execute(statement, {**self._asks, **(values or {})})
            return found.mappings().all()

    async def fetch_sentence(self, sentence: Sentence, values: Mapping[str, Any]) -> Sequence[Any]:
        """As `fetch`, for a statement that was read once for all; columns by their place, too."""
        given = sentence.arguments({**self._asks, **values})
        return await self.reader.rows(self._context, sentence.text, given)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that reads for this viewer, where one statement after another is needed."""
        return self.reader.connect(self._context)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction for one mutation: committed when the block ends, undone when it raises.

        Below this nobody commits.
        """
        return self.writer.begin()

    async def keep(self, entry: Entry) -> None:
        """Note in the journal what a client took back."""
        if self.journal is not None:
            await self.journal.keep(entry)

    def sees(self, row: PersonalRow, category: Category, field_name: str) -> bool:
        """Whether a field may speak; notes for audit and answer what was shown and what was withheld."""
        shown = self.trail.of(row.person)
        if row.allowed & category:
            shown.show(category, own=row.own_in(category))
            if row.person in self._owing:
                self.obligations |= owed_for(row.opened_by(category))
            return True
        self.withhold(row.person, category, field_name)
        return False

    def is_owed_for(self, person: UUID) -> bool:
        """Whether something is owed for what is shown of somebody, so that each field has to be asked."""
        return person in self._owing

    def shown(self, person: UUID, categories: int, shared: int) -> None:
        """Note what a row showed of somebody: categories as masks, of them those that others had entered."""
        shown = self.trail.of(person)
        if categories & ~shown.disclosed._value_:
            shown.disclosed |= categories
        if shared & ~shown.shared._value_:
            shown.shared |= shared

    async def settled(self) -> None:
        """Wait for what is being loaded though nobody waits for it any more: a sibling of it has failed."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def end(self) -> None:
        """Let go of what was loaded. Loaders hold the request that holds them, so that all rows of an answer
        would lie about until Python looks for garbage: half a millisecond of each answer."""
        self._loaders.clear()

    async def anew(self) -> None:
        """Forget what was answered so far: the operation begins again, for the same viewer and moment.

        What is still being loaded ends first, or it would note what it found in the new trail.
        """
        await self.settled()
        self.trail, self.withheld, self.obligations = Trail(), {}, set()
        self.source_notes, self._loaders, self._owing = set(), {}, set()
        self.read_ahead = self.ahead = None

    def withhold(self, person: UUID, category: Category, field_name: str) -> None:
        """Note for audit and answer that a field of somebody stays closed."""
        self.trail.of(person).withheld |= category
        if not category & SILENT:
            self.withheld.setdefault((field_name, category), set()).add(person)

    def relied_on(self, client: ClientRow) -> None:
        """Note for audit what a client's answer rests on: grants, the privacy notice, an opening."""
        shown, decision = self.trail.of(client.person), client.decision
        shown.grants = decision.grants
        if owed_for(decision.permits):
            self._owing.add(client.person)
        if decision.break_glass is not None:
            shown.exception = BREAK_GLASS
        elif decision.orders:
            shown.exception = " ".join((LEGAL_ORDER, *(str(order.id) for order in decision.orders)))
        elif (
            self.viewer is not None
            and decision.notice
            and any(decision.reason(category) is Reason.NOTICE for category in Category)
        ):
            shown.notice = self.viewer.policy.notice_version or UNVERSIONED
