"""Query: where a question begins."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from resolvers import clients
from schema.client import Client
from schema.fields import Info, argument, public


async def _client(info: Info, id: Annotated[strawberry.ID, argument("Hub id of the client")]) -> Any:
    return await clients.client(info.context, id)


@strawberry.type
class Query:
    client: Client | None = public(
        "One person by hub id. Null for an id that is unknown, malformed or not for this viewer", _client
    )
