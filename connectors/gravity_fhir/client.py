"""The one place where the hub speaks FHIR: batches, paging, matching, transactions, versioned updates.

What is asked about persons travels in bodies. A search is an entry of a batch Bundle (R4 3.1.0.11) and so is
the next page of it, for the address of a page repeats what was searched for. Only tasks of referrals have
addresses of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from connectors.base import Failed
from connectors.gravity_fhir.terms import Resource, listed, table, text
from connectors.http import Http
from connectors.mapping import Unreadable
from hmis.errors import FailureCode, SourceFailed

PAGES = 20
"""How many pages of one search are read. More is no answer: half a picture may lack the row that hides."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What a search found. whole: there is no further page."""

    resources: list[Resource]
    whole: bool


Searched = list[Resource] | Failed
_BAD = Failed(FailureCode.BAD_DATA)


class FhirClient:
    """A FHIR R4 server. Everything raises SourceFailed when there is no answer at all."""

    def __init__(self, source: str, http: Http, base_url: str) -> None:
        self._source = source
        self._http = http
        self._base = base_url.rstrip("/") + "/"

    async def capabilities(self, deadline: float) -> Resource:
        """The server's CapabilityStatement. It says what the server can do to anybody who asks."""
        answer = await self._http.exchange("GET", "/metadata", deadline=deadline, idempotent=True)
        return self._of_type(answer.json, "CapabilityStatement")

    async def search(self, questions: Sequence[str], deadline: float) -> list[Searched]:
        """What each search finds, over all its pages, in the order of the questions: `Goal?patient=123`."""
        walked = await self.walk(questions, deadline)
        return [
            answer if isinstance(answer, Failed) else answer.resources if answer.whole else _BAD
            for answer in walked
        ]

    async def walk(self, questions: Sequence[str], deadline: float) -> list[Walked | Failed]:
        """What each search finds on its first pages, `PAGES` at most."""
        walked: list[Walked | Failed] = [Walked([], whole=False) for _ in questions]
        ahead = dict(enumerate(questions))
        seen = {number: {question} for number, question in ahead.items()}
        for _ in range(PAGES):
            if not ahead:
                break
            pages = await self._batch(list(ahead.values()), deadline)
            asked, ahead = list(ahead), {}
            for number, page in zip(asked, pages, strict=True):
                try:
                    resources, following = self._page(page, questions[number].partition("?")[0])
                    if following in seen[number]:
                        raise Unreadable("the pages go round")
                except SourceFailed as fault:
                    walked[number] = Failed(fault.code, fault.retryable)
                    continue
                except Unreadable:
                    walked[number] = _BAD
                    continue
                before = walked[number]
                held = before.resources if isinstance(before, Walked) else []
                walked[number] = Walked([*held, *resources], whole=following is None)
                if following is not None:
                    seen[number].add(following)
                    ahead[number] = following
        return walked

    async def _batch(self, questions: list[str], deadline: float) -> list[object]:
        bundle = {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{"request": {"method": "GET", "url": question}} for question in questions],
        }
        answer = await self._http.exchange("POST", "/", bundle, deadline=deadline, idempotent=True)
        return self._entries(answer.json, "batch-response", len(questions))

    def _page(self, entry: object, kind: str) -> tuple[list[Resource], str | None]:
        """The resources of one page, and where the next one is."""
        status = text(table(table(entry).get("response")).get("status")) or ""
        if not status.startswith("2"):
            raise self._refused(status)
        bundle = table(table(entry).get("resource"))
        if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "searchset":
            raise Unreadable("the answer to a search is no searchset")
        resources = []
        for one in map(table, listed(bundle.get("entry"))):
            resource = table(one.get("resource"))
            if table(one.get("search")).get("mode", "match") == "match":
                if resource.get("resourceType") != kind:
                    raise Unreadable("a search found what it did not look for")
                resources.append(resource)
        links = map(table, listed(bundle.get("link")))
        following = [text(link.get("url")) for link in links if link.get("relation") == "next"]
        return resources, self._own(following[0]) if following and following[0] else None

    def _own(self, address: str) -> str:
        """The address behind the server's base. What leads elsewhere is not followed."""
        whole = urljoin(self._base, address)
        for start in (self._base, self._base.rstrip("/") + "?"):
            if whole.startswith(start):
                return whole.removeprefix(self._base.rstrip("/")).removeprefix("/")
        raise Unreadable("the next page is elsewhere")

    async def match(self, patient: Resource, deadline: float) -> list[tuple[Resource, float | None]]:
        """Patient/$match: the server's own patients that may be this one, and its score, 0 to 1."""
        parameters = {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "resource", "resource": patient},
                {"name": "onlyCertainMatches", "valueBoolean": False},
                {"name": "count", "valueInteger": 10},
            ],
        }
        answer = await self._http.exchange(
            "POST", "/Patient/$match", parameters, deadline=deadline, idempotent=True
        )
        bundle = self._of_type(answer.json, "Bundle")
        matches = []
        for entry in map(table, listed(bundle.get("entry"))):
            resource = table(entry.get("resource"))
            if resource.get("resourceType") == "Patient":
                score = table(entry.get("search")).get("score")
                if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
                    raise Unreadable("a score is no number")
                matches.append((resource, score))
        return matches

    async def transact(self, entries: list[Resource], deadline: float) -> list[Resource]:
        """All or nothing; gives the `response` of each entry.

        Every entry creates only what is not there yet (`ifNoneExist`), so trying again does no harm.
        """
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        answer = await self._http.exchange("POST", "/", bundle, deadline=deadline, idempotent=True)
        answers = self._entries(answer.json, "transaction-response", len(entries))
        return [table(table(one).get("response")) for one in answers]

    async def read(self, name: str, deadline: float) -> tuple[Resource, str | None] | None:
        """The resource and its version as If-Match wants it. None = it is not there, or not any more."""
        answer = await self._http.exchange(
            "GET", f"/{name}", deadline=deadline, idempotent=True, missing_ok=True
        )
        if answer.missing:
            return None
        return self._of_type(answer.json, name.partition("/")[0]), answer.etag

    async def update(self, name: str, resource: Resource, version: str, deadline: float) -> str | None:
        """Replace exactly this version; gives the new one. CONFLICT = somebody else was quicker.

        Not retried: a second try would be told 412 because the first one came through.
        """
        answer = await self._http.exchange(
            "PUT",
            f"/{name}",
            resource,
            deadline=deadline,
            idempotent=False,
            headers={"If-Match": version, "Prefer": "return=minimal"},
        )
        return answer.etag

    @property
    def retries(self) -> int:
        return self._http.retries

    async def aclose(self) -> None:
        await self._http.aclose()

    def _entries(self, answer: object, kind: str, wanted: int) -> list[object]:
        bundle = self._of_type(answer, "Bundle")
        entries = bundle.get("entry")
        if bundle.get("type") != kind or not isinstance(entries, list) or len(entries) != wanted:
            raise SourceFailed(self._source, FailureCode.BAD_DATA)
        return entries

    def _of_type(self, answer: object, kind: str) -> Resource:
        if not isinstance(answer, dict) or answer.get("resourceType") != kind:
            raise SourceFailed(self._source, FailureCode.BAD_DATA)
        return answer

    def _refused(self, status: str) -> SourceFailed:
        """One entry's status line: `404 Not Found`. What it says beside is the server's words."""
        number = int(status[:3]) if status[:3].isdigit() else 0
        if number == 429:
            return SourceFailed(self._source, FailureCode.RATE_LIMITED, retryable=True)
        if number >= 500 and number != 501:
            return SourceFailed(self._source, FailureCode.UNAVAILABLE, retryable=True)
        return SourceFailed(self._source, _CODES.get(number, FailureCode.CONFIG))


_CODES = {
    0: FailureCode.BAD_DATA,
    401: FailureCode.AUTH,
    403: FailureCode.AUTH,
    501: FailureCode.NOT_SUPPORTED,
}
