"""What a connector's `kit.py` hands to the conformance kit: itself beside a running partner, and what to ask.

    async def offered(stack: AsyncExitStack, home: Path, engine: AsyncEngine) -> Offered

stack: what is entered there is ended after the check. home: an empty folder. engine: where landing tables
live; it reaches a migrated database only where the module says `DATABASE = True`. It is called for every
check, so that none sees what another left behind. A declarative connector needs no `kit.py`: its partner is
made from manifest and samples (`connectors.kit.partner`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person, Source
from connectors.kit.checks import does_not_apply
from connectors.kit.recording import Heard
from connectors.runtime import Runtime

ADA = Person("Ada", "Sample", date(1984, 2, 29))
BEN = Person("Ben", "Muster", date(1990, 5, 5))
CANARY = Person("Zyxwvutsrq", "Qrstuvwxyz", date(1971, 3, 17))
"""Nobody: whoever says this name has said somebody's name."""
SECRET = "canary-1-secret-2-of-3-the-4-kit"  # noqa: S105  # a canary: no door opens to it
"""What secrets of [config] are set to; `kit.py` may use it too."""


@dataclass
class Offered:
    """A source beside its partner, ids of two records there (none, where it holds nobody), and an unknown id.

    people: whom `find` finds under the two known ids; None = the ids are never looked up.
    at: the same connector, set up to speak to another address: there the kit lets it meet partners that
    misbehave. heard: what the partner hears, as `Recorded` writes it down. endless: the connector at a
    partner whose pages never end, where it asks for pages. secrets: what it was set up with and may not show.
    calls: how many requests one batch takes, where the partner's protocol needs more than one. nobody_is_404:
    operations to which the partner's protocol answers 404 when it knows nobody.
    """

    source: Source
    records: tuple[()] | tuple[str, str]
    unknown: str = "no-such-record"
    people: tuple[Person, Person] | None = None
    at: Callable[[str], Source] | None = None
    heard: list[Heard] | None = None
    endless: Source | None = None
    secrets: tuple[str, ...] = (SECRET,)
    calls: int = 1
    nobody_is_404: frozenset[str] = frozenset()
    runtime: Runtime = field(default_factory=Runtime)

    @property
    def known(self) -> tuple[str, str]:
        """The two ids. Asking for them ends a check that is about people where there are none."""
        if len(self.records) != 2:
            does_not_apply("it holds records of nobody")
        return self.records

    @property
    def noun(self) -> str:
        return next(iter(self.source.offers))

    @property
    def fields(self) -> frozenset[str]:
        return self.source.offers[self.noun].fields


Builder = Callable[[AsyncExitStack, Path, AsyncEngine], Awaitable[Offered]]
