"""Reading a directory that changes while it is read: pages, who is listed, and single services.

Pages are counted by number, so a service that is added or deleted moves others across the border of a page:
one pass may miss a service and see another twice. Whatever a pass says is therefore held against another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from connectors.hsds.mapping import Json, identifier, modified
from connectors.http import Http
from hmis.errors import FailureCode, SourceFailed

PASSES = 5
MOST_PAGES = 10_000
_NOTHING_NEW = 2
"""Pages in a row without anything new that end a pass. One may be a page that insertions pushed along."""


@dataclass(slots=True)
class Pass:
    """What one pass saw: the last word of each id. nameless: records without an id. total: as last told."""

    records: dict[str, Json] = field(default_factory=dict)
    nameless: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Who is listed: id -> when it was changed, None = not said. nameless: how many more, without an id.

    agreed: two passes saw the same, so what is not in it is gone. Else it may only have been missed.
    """

    changed: Mapping[str, datetime | None]
    nameless: int
    agreed: bool


class Client:
    """A directory's API. Every method raises SourceFailed when it does not answer as HSDS says."""

    def __init__(self, source: str, http: Http, per_page: int, concurrency: int, timeout_s: float) -> None:
        self._source = source
        self._http = http
        self._per_page = per_page
        self._concurrency = concurrency
        self._timeout_s = timeout_s

    async def check(self) -> None:
        """Return when a page can be read."""
        _contents(self._source, await self._get("/services", page="1", per_page="1"))

    async def services(self, modified_after: datetime | None) -> Pass:
        """Services with all that is nested in them, changed at a moment or later; None = all."""
        asked = {"full": "true"}
        if modified_after is not None:
            asked["modified_after"] = modified_after.isoformat()
        seen = await self._pass(asked)
        # Not every directory nests in its lists, whatever it is asked: those are fetched one by one.
        flat = [one for one, record in seen.records.items() if "service_at_locations" not in record]
        seen.records.update(await self.each(flat))
        return seen

    async def listing(self, expected: Collection[str]) -> Listing:
        """Who is listed. expected: what is known so far; a first pass that sees just that needs no other."""
        before, alike = set(expected), 0
        seen = Pass()
        for _ in range(PASSES):
            seen = await self._pass({"minimal": "true"})
            alike = alike + 1 if seen.records.keys() == before else 0
            # A total that does not fit means that one was missed, or that the directory lists one twice. It
            # does so each time, while one that moved is met sooner or later.
            enough = 1 if seen.total in (None, len(seen.records) + seen.nameless) else 2
            if alike >= enough:
                return Listing(_changed(seen), seen.nameless, agreed=True)
            before = set(seen.records)
        return Listing(_changed(seen), seen.nameless, agreed=False)

    async def each(self, ids: Collection[str]) -> dict[str, Json]:
        """Single services with all that is nested in them. One that is not there any more is left out."""
        found: dict[str, Json] = {}
        waiting = iter(ids)

        async def work() -> None:
            for one in waiting:
                try:
                    record = await self._get(f"/services/{quote(one, safe='')}")
                except SourceFailed as failed:
                    if failed.code is not FailureCode.CONFIG:  # as which a 404 arrives
                        raise
                    continue
                if isinstance(record, Mapping) and identifier(record) == one:
                    found[one] = record

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._concurrency, len(ids))):
                    group.create_task(work())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return found

    async def _pass(self, asked: Mapping[str, str]) -> Pass:
        seen = Pass()
        nothing_new = 0
        for number in range(1, MOST_PAGES + 1):
            page = await self._get("/services", page=str(number), per_page=str(self._per_page), **asked)
            contents = _contents(self._source, page)
            known = len(seen.records) + seen.nameless
            for record in contents:
                if isinstance(record, Mapping) and (one := identifier(record)) is not None:
                    seen.records[one] = record
                else:
                    seen.nameless += 1
            new = len(seen.records) + seen.nameless > known
            nothing_new = 0 if new else nothing_new + 1
            told = page if isinstance(page, Mapping) else {}
            seen.total = _number(told, "total_items", "totalElements")
            last = told.get("last_page", told.get("last"))
            pages = _number(told, "total_pages", "totalPages")
            if not contents or last is True or not told or nothing_new == _NOTHING_NEW:
                return seen
            if last is None and pages is not None and number >= pages:
                return seen
        raise SourceFailed(self._source, FailureCode.BAD_DATA)

    async def _get(self, path: str, **query: str) -> object:
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        asked = f"{path}?{urlencode(query)}" if query else path
        return await self._http.send("GET", asked, deadline=deadline, idempotent=True)


def _contents(source: str, page: object) -> list[object]:
    """The records of a page: `contents` in 3.0, `content` in 2.x, or the list itself."""
    given = page.get("contents", page.get("content")) if isinstance(page, Mapping) else page
    if not isinstance(given, list):
        raise SourceFailed(source, FailureCode.BAD_DATA)
    return given


def _number(told: Mapping[str, object], *names: str) -> int | None:
    values = (told.get(name) for name in names)
    return next((one for one in values if isinstance(one, int) and not isinstance(one, bool)), None)


def _changed(seen: Pass) -> dict[str, datetime | None]:
    return {one: modified(record) for one, record in seen.records.items()}
