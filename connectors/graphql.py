"""A partner that speaks GraphQL: a subgraph of a federation asked by `_entities`, or by a declared document.

One POST for all subjects of a batch, and in it only the fields that may be shown. The document is the
manifest's own, with the partner's own proof of who we are: nothing of the caller's goes out, neither their
token nor their query (Apollo Federation subgraph specification; GraphQL over HTTP, draft).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from connectors.base import FetchRequest
from connectors.mapping import fill, pick
from connectors.operation import ENTITIES, Operation
from connectors.query import placeholders
from connectors.rest import Page, RestSource
from hmis.errors import FailureCode, SourceFailed

_FIELDS = "{fields}"
_NO_FIELD = "__typename"

# What servers put into `extensions.code` of an error; what is not listed is BAD_DATA.
_CODES = {
    "UNAUTHENTICATED": (FailureCode.AUTH, False),
    "FORBIDDEN": (FailureCode.AUTH, False),
    "RATE_LIMITED": (FailureCode.RATE_LIMITED, True),
    "INTERNAL_SERVER_ERROR": (FailureCode.UNAVAILABLE, True),
    "GRAPHQL_PARSE_FAILED": (FailureCode.CONFIG, False),
    "GRAPHQL_VALIDATION_FAILED": (FailureCode.CONFIG, False),
    "BAD_USER_INPUT": (FailureCode.CONFIG, False),
}


class GraphqlSource(RestSource):
    """Keeps the contract by the documents that `connector.toml` declares."""

    async def _page(self, ids: list[str], request: FetchRequest) -> Page:
        operation = self.manifest.operations["fetch"]
        fields = self.manifest.supplies[request.noun].fields
        entities = _entities(operation, ids)
        wanted = sorted(fields[name].select for name in request.fields)
        answer = await self._send(
            operation,
            fill(operation.body, {"subject_ids": ids} | entities),
            operation.document.replace(_FIELDS, " ".join(wanted) or _NO_FIELD),
            request.deadline,
        )
        listed = pick(operation.items, answer)
        if not isinstance(listed, list):
            self._refuse(answer)
        broken = self._broken(answer, len(listed))
        items = [item for place, item in enumerate(listed) if item is not None and place not in broken]
        if entities:  # answered by place
            if len(listed) != len(ids):
                raise SourceFailed(self.name, FailureCode.BAD_DATA)
            unread = frozenset(ids[place] for place in broken)
        else:
            # Whose item it is has to be readable, or nobody's answer can be trusted.
            unread = frozenset(key for key, _ in self.keyed(operation, [listed[place] for place in broken]))
        return Page(self.keyed(operation, items), unread)

    async def _ask(self, name: str, values: Mapping[str, object], deadline: float) -> object:
        operation = self.manifest.operations[name]
        answer = await self._send(operation, fill(operation.body, values), operation.document, deadline)
        if not isinstance(answer, Mapping) or answer.get("errors") or answer.get("data") is None:
            self._refuse(answer)
        return answer

    async def _send(self, operation: Operation, variables: object, document: str, deadline: float) -> object:
        body = {"query": document, "variables": variables}
        # Queries only read: asking twice does no harm.
        answer = await self.http.exchange(
            operation.method, operation.path, body, deadline=deadline, idempotent=True, errors_ok=True
        )
        return answer.json

    def _broken(self, answer: Any, count: int) -> set[int]:
        """The places of items that the partner could not read, by the errors' paths. An error that is of no
        single item is of them all."""
        broken = set()
        for error in answer.get("errors") or ():
            path = error.get("path") if isinstance(error, Mapping) else None
            place = path[1] if isinstance(path, list) and len(path) > 1 else None
            if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < count:
                self._refuse(answer)
            broken.add(place)
        return broken

    def _refuse(self, answer: Any) -> NoReturn:
        """By the first error's code; what the error says stays here."""
        errors = answer.get("errors") if isinstance(answer, Mapping) else None
        first = errors[0] if isinstance(errors, list) and errors else None
        extensions = first.get("extensions") if isinstance(first, Mapping) else None
        told = extensions.get("code") if isinstance(extensions, Mapping) else None
        code, retryable = _CODES.get(told if isinstance(told, str) else "", (FailureCode.BAD_DATA, False))
        raise SourceFailed(self.name, code, retryable=retryable)


def _entities(operation: Operation, ids: list[str]) -> dict[str, object]:
    """`{entities.Household}` -> references to its entities, in the order of the ids; empty = not asked so."""
    return {
        name: [{"__typename": name.removeprefix(ENTITIES), _key_name(operation): value} for value in ids]
        for name in placeholders(operation.body)
        if name.startswith(ENTITIES)
    }


def _key_name(operation: Operation) -> str:
    return operation.key.expression if operation.key is not None else "id"
