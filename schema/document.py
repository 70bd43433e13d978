"""Trusted documents: what an application may ask by its hash."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from hmis.documents import PREFIX
from resolvers import documents
from schema.consent import Problem
from schema.fields import Info, argument, public


@strawberry.type(description="A GraphQL document that was registered for an application")
class TrustedDocument:
    id: strawberry.ID = public(
        "What it is asked by, as `documentId`: `sha256:` and the hash of its text",
        lambda root: strawberry.ID(f"{PREFIX}{root.values['sha256']}"),
    )
    text: str = public("The document")
    registered_at: datetime.datetime = public("When it was registered")
    registered_by: str = public("Who registered it")


@strawberry.type(description="Documents that were registered or removed, or why nothing changed")
class TrustedDocumentPayload:
    documents: list[TrustedDocument] = public(
        "Those that were registered or removed", lambda root: list(root.documents), size=50
    )
    problems: list[Problem] = public(
        "What the sender can mend; empty = done", lambda root: root.problems, size=10
    )


_Application = Annotated[
    str | None, argument("For which application; null = that of the token. Others at the hub's pages alone")
]


async def of_application(info: Info, application: _Application = None) -> Any:
    return await documents.of_application(info.context, application)


async def register(
    info: Info,
    documents_: Annotated[
        list[str], strawberry.argument(name="documents", description="Texts; all are kept, or none")
    ],
    application: _Application = None,
) -> Any:
    return await documents.register(info.context, documents_, application)


async def remove(
    info: Info,
    ids: Annotated[list[strawberry.ID], argument("Their ids; one that is not there is no fault")],
    application: _Application = None,
) -> Any:
    return await documents.remove(info.context, ids, application)
