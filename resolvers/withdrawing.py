"""After a change of consent: what partners hold and nobody may see any more is forgotten at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from auth import withdrawing
from auth.categories import NOTHING, Category
from auth.viewer import Viewer
from connectors import registry
from connectors.base import Source
from resolvers.request import Request


def categories(sources: Iterable[Source] = ()) -> dict[str, Category]:
    """Connector -> categories of what it supplies: of the sources, and of what is installed and switched off.

    What a partner that is switched off gave is still held.
    """
    named = {
        name: {supply.category for supply in one.manifest.supplies.values()}
        for name, one in registry.installed().items()
    }
    named |= {source.name: {offer.category for offer in source.offers.values()} for source in sources}
    return {name: _mask(words) for name, words in named.items()}


def _mask(words: Iterable[str]) -> Category:
    total = NOTHING
    for word in words:
        total |= Category.__members__.get(word.upper(), NOTHING)
    return total


async def follow(request: Request, viewer: Viewer, connection: AsyncConnection, person: UUID) -> None:
    """To be called after each change of consent, within its transaction."""
    partners: Mapping[str, Category] = categories(request.partners.values())
    await withdrawing.follow(connection, person, partners, viewer.policy, request.as_of)
