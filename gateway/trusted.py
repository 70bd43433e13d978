"""Trusted documents: the text behind a document's hash, and who may send any other text.

Documents are of nobody, so they are remembered; what is remembered is bounded, and looked up again after
`REMEMBERED_S`. So a document that was removed is refused at once by the process that removed it, and by every
other one within that time. Registering takes effect at once: what is not known is always looked up.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from auth.tokens import Claims
from gateway.body import Asked
from gateway.document_files import of_folder
from gateway.documents import DocumentRefused, Documents
from gateway.errors import NotFound, Refused, request_errors
from gateway.settings import Settings
from hmis import documents as stored
from hmis.database import Reader

REMEMBERED_S = 30.0
"""Seconds after which a registered document is looked up again."""
_MOST_CHARACTERS = 8_000_000
"""Of the texts one memory holds: some thousand ordinary documents."""

_NOT_TRUSTED = (
    "Here an application asks by documents that were registered for it, by documentId; see docs/documents.md."
)


@dataclass(frozen=True, slots=True)
class FreeText:
    """Who may send a document that nobody registered."""

    everybody: bool
    scopes: frozenset[str] = frozenset()
    """Whose token has one of these."""
    people: frozenset[tuple[str, str]] = frozenset()
    """By issuer and subject: a subject alone may be somebody else at another issuer."""

    def allowed(self, claims: Claims) -> bool:
        named = (claims.issuer, claims.subject) in self.people
        return self.everybody or named or not self.scopes.isdisjoint(claims.scopes)


class _Memory:
    """Texts by application and hash, the ones least lately asked for forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()
        self._characters = 0

    def get(self, application: str, sha256: str, not_before: float = 0.0) -> str | None:
        """The text, unless it was put here before that moment."""
        found = self._kept.get((application, sha256))
        if found is None or found[1] < not_before:
            return None
        self._kept.move_to_end((application, sha256))
        return found[0]

    def put(self, application: str, sha256: str, text: str, now: float) -> None:
        self.drop(application, sha256)
        self._kept[application, sha256] = (text, now)
        self._characters += len(text)
        while self._characters > _MOST_CHARACTERS:
            _, (oldest, _) = self._kept.popitem(last=False)
            self._characters -= len(oldest)

    def drop(self, application: str, sha256: str) -> None:
        if (gone := self._kept.pop((application, sha256), None)) is not None:
            self._characters -= len(gone[0])


@dataclass
class Trusted:
    """The documents of every application, for one process."""

    documents: Documents
    reader: Reader
    free_text: FreeText
    files: Mapping[tuple[str | None, str], str] = field(default_factory=dict)
    """Texts by application, None = of every one, and hash; read when the hub begins."""
    named: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    """The applications that somebody, by issuer and subject, registers documents for at the pages."""
    clock: Callable[[], float] = time.monotonic
    """Seconds; for how long something is remembered."""
    _registered: _Memory = field(default_factory=_Memory)
    _sent: _Memory = field(default_factory=_Memory)
    """What was sent in full with its hash by those who may send anything. Others never get from here."""

    async def text_of(self, asked: Asked, claims: Claims) -> str:
        """The document that is asked.

        Raises:
            NotFound: it is only named, and not known by that name.
            Refused: 403, it was not registered, and the caller may send nothing else.
        """
        application, free = claims.client_id, self.free_text.allowed(claims)
        if asked.document is None:
            assert asked.sha256 is not None
            found = await self._registered_as(application, asked.sha256)
            if found is None and free and asked.persisted_query:
                found = self._sent.get(application, asked.sha256)
            return found or _not_found(asked)
        if free:
            if asked.sha256 is not None:
                self._sent.put(application, asked.sha256, asked.document, self.clock())
            return asked.document
        sha256 = asked.sha256 or stored.sha256_of(asked.document)
        if await self._registered_as(application, sha256) is None:
            raise Refused(403, "DOCUMENT_NOT_TRUSTED", _NOT_TRUSTED)
        return asked.document

    async def _registered_as(self, application: str, sha256: str) -> str | None:
        in_file = self.files.get((application, sha256)) or self.files.get((None, sha256))
        if in_file is not None:
            return in_file
        now = self.clock()
        known = self._registered.get(application, sha256, now - REMEMBERED_S)
        if known is not None:
            return known
        async with self.reader.connect(None) as connection:
            found = await stored.text_of(connection, application, sha256)
        if found is None:
            self._registered.drop(application, sha256)
        else:
            self._registered.put(application, sha256, found, now)
        return found

    def faults(self, text: str) -> Sequence[str]:
        """Why a text cannot be registered: it is no document of this schema, or asks too much."""
        return faults(self.documents, text)

    def applications_of(self, issuer: str, subject: str) -> Sequence[str]:
        """For which applications an operator named this person."""
        return self.named.get((issuer, subject), ())

    def forget(self, application: str, hashes: Sequence[str]) -> None:
        """They were removed: look them up again."""
        for sha256 in hashes:
            self._registered.drop(application, sha256)


def trusted_by(settings: Settings, documents: Documents, reader: Reader) -> Trusted:
    """The documents that an operator's settings name.

    Raises:
        InputRefused: a file of HUB_DOCUMENTS cannot be taken.
    """
    named = [one.partition("#") for one in settings.free_text]
    free_text = FreeText(
        everybody=not settings.documents_only,
        scopes=frozenset(scope for scope, mark, _ in named if not mark),
        people=frozenset((issuer, subject) for issuer, mark, subject in named if mark),
    )
    files = of_folder(settings.documents, partial(faults, documents)) if settings.documents else {}
    return Trusted(documents, reader, free_text, files, _named(settings.applications))


def _named(settings: Sequence[str]) -> Mapping[tuple[str, str], Sequence[str]]:
    """`application=issuer#subject` -> applications by issuer and subject."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in settings:
        application, _, person = one.partition("=")
        issuer, _, subject = person.partition("#")
        found.setdefault((issuer, subject), []).append(application)
    return found


def faults(documents: Documents, text: str) -> Sequence[str]:
    """What is wrong with a text as a document of a schema; empty = it may be registered."""
    if "\0" in text:
        return ["A document cannot be kept with a NUL in it."]  # GraphQL allows one, PostgreSQL does not
    try:
        documents.prepare(text)
    except DocumentRefused as refused:
        return [str(entry["message"]) for entry in request_errors(refused.errors, refused.code)]
    return ()


def _not_found(asked: Asked) -> NoReturn:
    if asked.persisted_query:
        # Apollo's words: its clients then send the text along.
        raise NotFound("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    raise NotFound("DOCUMENT_NOT_FOUND", "No document of that id is registered for this application.")
