"""A connector set up to be proved: its manifest, its samples, and the partner it speaks to."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from connectors.base import FetchRequest, Found, Outcome, Source, Subject
from connectors.binding import Catalog
from connectors.config import Config, ConfigKey, read_config
from connectors.discovery import Installed, at
from connectors.kit.checks import Broken, NotSetUp, Skipped, cannot_be_seen, does_not_apply
from connectors.kit.door import TOKEN_PATH, guarded, pem_for, private_key_of, token_url_of
from connectors.kit.offered import ADA, BEN, SECRET, Builder, Offered
from connectors.kit.partner import ManifestPartner, NotDerivable
from connectors.kit.recording import Heard, Recorded, running
from connectors.kit.samples import Samples, read_samples
from connectors.kit.watching import Tap
from connectors.manifest import DECLARATIVE, Manifest, ManifestRefused
from connectors.registry import source_of
from connectors.toml import Problem
from connectors.wire import Act, Wire
from hmis.errors import InputRefused

Database = Callable[[], Awaitable[AsyncEngine]]
"""A migrated database of the kit's own, started when it is first wanted."""

PURPOSE = "CARE_COORDINATION"
_NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:9/none"


class Bench:
    """One connector and everything that checks look at.

    catalog: what of the schema partners can fill. database: None = there is none, and a connector that needs
    one cannot be proved. builder: in place of the folder's own `kit.py`.
    """

    def __init__(
        self,
        folder: Path | None,
        catalog: Catalog,
        *,
        database: Database | None = None,
        builder: Builder | None = None,
    ) -> None:
        self.folder = folder
        self.catalog = catalog
        self.tap = Tap()
        self.partner: Installed | None = None
        self.problems: tuple[Problem, ...] = ()
        self.samples = Samples({})
        self._database, self._builder = database, builder
        if folder is not None:
            self.samples = read_samples(folder)
            try:
                self.partner = at(folder)
            except ManifestRefused as refused:
                self.problems = refused.problems
                # Whoever mends it is told at once what the schema has no place for, too.
                try:
                    at(folder, catalog)
                except ManifestRefused as both:
                    self.problems = both.problems

    @property
    def name(self) -> str:
        return self.partner.manifest.id if self.partner else self.folder.name if self.folder else "-"

    @property
    def manifest(self) -> Manifest:
        """The checked manifest; without one there is nothing to look at."""
        if self.partner is None:
            self._nothing()
        return self.partner.manifest

    def _nothing(self) -> NoReturn:
        if self.problems:
            cannot_be_seen("the manifest is refused")
        does_not_apply("there is no manifest")

    @property
    def declarative(self) -> bool:
        return self.partner is not None and not self.partner.has_code

    @property
    def of_nobody(self) -> bool:
        """Whether it is of places and of no people: a directory."""
        supplies = self.partner.manifest.supplies.values() if self.partner else ()
        return bool(supplies) and all(supply.grain == "place" for supply in supplies)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Offered]:
        """The connector beside its partner, fresh."""
        builder, needs_database = self._build()
        engine = await self._engine(needs_database)
        async with AsyncExitStack() as stack:
            if not needs_database:
                stack.push_async_callback(engine.dispose)
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="connector-kit-")))
            try:
                offered = await builder(stack, home, engine)
            except NotDerivable as fault:
                cannot_be_seen(str(fault))
            except InputRefused as fault:
                raise NotSetUp(f"it cannot be set up: {' '.join(str(fault).split())}") from None
            stack.push_async_callback(offered.source.aclose)
            if offered.endless is not None:
                stack.push_async_callback(offered.endless.aclose)
            yield offered

    async def prepare(self) -> None:
        """Start what takes long once: the database, where the connector needs one."""
        with contextlib.suppress(Skipped):
            if self._build()[1]:
                await self._engine(True)

    def _build(self) -> tuple[Builder, bool]:
        if self._builder is not None:
            return self._builder, self._database is not None
        if self.partner is None:
            self._nothing()
        if not self.partner.has("kit"):
            if self.declarative:
                return self._declared, False
            raise NotSetUp("there is no kit.py")
        try:
            module = self.partner.module("kit")
            builder: Builder = module.offered
        except Exception as fault:  # whatever an integrator's module may raise
            raise NotSetUp(f"kit.py cannot be loaded ({type(fault).__name__})") from None
        return builder, bool(getattr(module, "DATABASE", False))

    async def _engine(self, needed: bool) -> AsyncEngine:
        if not needed:
            return create_async_engine(_NOWHERE)
        if self._database is None:
            cannot_be_seen("it needs a database, and there is none")
        return await self._database()

    async def _declared(self, stack: AsyncExitStack, home: Path, engine: AsyncEngine) -> Offered:
        assert self.partner is not None
        partner, manifest = self.partner, self.partner.manifest
        if manifest.protocol not in DECLARATIVE:
            raise NotSetUp(f"{manifest.protocol} needs a source.py")
        if manifest.protocol != "rest":
            raise NotSetUp(f"there is no kit.py, and no partner that speaks {manifest.protocol} is made here")
        app = ManifestPartner(manifest, self.samples, (ADA, BEN))
        heard: list[Heard] = []
        pem = pem_for(manifest.auth) if private_key_of(manifest.auth) else ""
        knocking = specimen(manifest, "http://127.0.0.1", home, pem=pem)
        # What the door itself is told, the request for a token, is nothing about people.
        address = await stack.enter_async_context(running(guarded(Recorded(app, heard), manifest, knocking)))

        # Waiting for our own rate would be all that a run does.
        limits = replace(manifest.limits, rate=1000.0, period_s=1.0)
        hurried = replace(partner, manifest=replace(manifest, limits=limits))

        def speaking_to(other: str) -> Source:
            # Tokens are given out where they always are, whoever answers with them.
            config = specimen(manifest, other, home, tokens=f"{address}{TOKEN_PATH}", pem=pem)
            source = source_of(hurried, config, engine)
            source.limits = manifest.limits
            return source

        one, other = app.known
        return Offered(
            speaking_to(address),
            (one, other),
            people=(ADA, BEN) if manifest.matching else None,
            at=speaking_to,
            heard=heard,
        )

    @asynccontextmanager
    async def facing(self, *says: bytes | Act) -> AsyncIterator[tuple[Source, Wire, Offered]]:
        """The connector at a partner that says exactly this."""
        async with self.opened() as offered, led(offered, *says) as (source, wire):
            yield source, wire, offered


@asynccontextmanager
async def led(offered: Offered, *says: bytes | Act) -> AsyncIterator[tuple[Source, Wire]]:
    """The same connector, led to a partner that says exactly this."""
    if offered.at is None:
        cannot_be_seen("kit.py offers no `at`: the connector cannot be led to another address")
    wire = Wire(*says)
    async with wire.serving() as address:
        source = offered.at(address)
        try:
            yield source, wire
        finally:
            await source.aclose()


def specimen(manifest: Manifest, address: str, home: Path, *, tokens: str = "", pem: str = "") -> Config:
    """Settings of the declared types, good for the kit only. Secrets are canaries.

    tokens: where they are given out, if the manifest asks for them. pem: its private key, if it has one.
    """
    given = {name: _specimen(key, address, home) for name, key in manifest.config.items()}
    if name := token_url_of(manifest.auth):
        given[name] = tokens or f"{address}{TOKEN_PATH}"
    if name := private_key_of(manifest.auth):
        if manifest.config[name].type == "path":
            (home / name).write_text(pem, encoding="ascii")
        else:
            given[name] = "env:PEM"
    return read_config(manifest.id, manifest.config, given, {"CANARY": SECRET, "PEM": pem})


def _specimen(key: ConfigKey, address: str, home: Path) -> str | int:
    made: dict[str, str | int] = {"url": address, "secret": "env:CANARY", "path": str(home / key.name)}
    return made.get(key.type) or key.default or (1 if key.type == "int" else "example")


def soon(seconds: float = 3.0) -> float:
    """That long from now, in the running loop's time."""
    return asyncio.get_running_loop().time() + seconds


def asking(
    offered: Offered,
    *subjects: Subject,
    fields: frozenset[str] | None = None,
    noun: str | None = None,
    deadline: float,
) -> FetchRequest:
    noun = noun or offered.noun
    return FetchRequest(
        subjects, noun, offered.source.offers[noun].fields if fields is None else fields, PURPOSE, deadline
    )


async def fetched(
    offered: Offered, *subjects: Subject, source: Source | None = None, seconds: float = 3.0
) -> dict[str, Outcome]:
    """The outcomes as the source itself gives them."""
    request = asking(offered, *subjects, deadline=soon(seconds))
    answer = await (source or offered.source).fetch(request)
    if not hasattr(answer, "items"):
        raise Broken(f"fetch gave a {type(answer).__name__} in place of outcomes by key")
    return dict(answer)


def found(outcomes: dict[str, Outcome], key: str) -> Found:
    outcome = outcomes.get(key)
    if not isinstance(outcome, Found):
        raise Broken(f"a known record came back as {type(outcome).__name__}")
    if not outcome.rows:
        raise Broken("a known record was found without any row")
    return outcome
