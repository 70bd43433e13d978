"""After a change of consent: what partners hold and nobody may see any more is forgotten at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from auth import withdrawing
from auth.categories import Category
from auth.viewer import Viewer
from connectors import registry
from connectors.base import Source
from resolvers.partners import together
from resolvers.request import Request


def categories(sources: Iterable[Source] = ()) -> dict[str, Category]:
    """Connector -> categories of what it supplies: of the sources, and of what is installed and switched off.

    What a partner that is switched off gave is still held.
    """
    return {**_installed(), **{source.name: together(source.offers) for source in sources}}


@cache
def _installed() -> Mapping[str, Category]:
    """Read once: manifests do not change while a hub runs, and a change of consent holds locks."""
    return {name: together(one.manifest.offers) for name, one in registry.installed().items()}


async def follow(request: Request, viewer: Viewer, connection: AsyncConnection, person: UUID) -> None:
    """To be called after each change of consent, within its transaction."""
    partners: Mapping[str, Category] = categories(request.partners.values())
    await withdrawing.follow(connection, person, partners, viewer.policy, request.as_of)
