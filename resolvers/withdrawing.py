"""After a change of consent: what partners hold and nobody may see any more is forgotten at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from auth import withdrawing
from auth.categories import Category
from auth.viewer import Viewer
from connectors import registry
from connectors.base import Source
from resolvers.request import Request


def categories(sources: Iterable[Source] = ()) -> dict[str, Category]:
    """Connector -> category: of the sources, and of what is installed and switched off now.

    What a partner that is switched off gave is still held.
    """
    named = {name: one.manifest.category for name, one in registry.installed().items()}
    named |= {source.name: source.category for source in sources}
    return {
        name: Category[word.upper()] for name, word in named.items() if word.upper() in Category.__members__
    }


async def follow(request: Request, viewer: Viewer, connection: AsyncConnection, person: UUID) -> None:
    """To be called after each change of consent, within its transaction."""
    partners: Mapping[str, Category] = categories(request.partners.values())
    await withdrawing.follow(connection, person, partners, viewer.policy, request.as_of)
