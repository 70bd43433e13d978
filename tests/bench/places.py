"""Whom the bench asks about: clients from all over the city, as the hub lists them, and places to begin a page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import httpx

from tests.bench.peers import Peer
from tests.bench.questions import MOST, Place

_LIST = """query($after: String) { clients(where: {}, first: 100, after: $after) {
  edges { cursor node { id } } pageInfo { hasNextPage } } }"""


def places_in(hub: Peer, wanted: int) -> tuple[list[str], list[Place]]:
    """Ids of so many clients whom the bench's viewer may see, and as many places behind which more follow.

    Pages from all over, since the ids of people are random: a large city is not asked about one corner of it.
    """
    chance = Random("places")
    found: dict[str, Place] = {}
    places: list[Place] = []
    with httpx.Client(headers=hub.headers, timeout=60, trust_env=False) as client:
        first = _page(client, hub.urls[0], None)
        template = first[0].cursor
        for _ in range(max(1, wanted // MOST) * 3):
            start = _moved(template, UUID(int=chance.getrandbits(128)))
            page = _page(client, hub.urls[0], start.cursor)
            found |= {place.after: place for place in page}
            # Behind the last ones there may be too few for a page.
            places += page[: MOST // 2] if len(page) == MOST else []
            if len(found) >= wanted:
                break
    ids = list(found)
    chance.shuffle(ids)
    chance.shuffle(places)
    return ids[:wanted], places[: wanted // 4]


def _page(client: httpx.Client, url: str, after: str | None) -> list[Place]:
    answer: Any = client.post(url, json={"query": _LIST, "variables": {"after": after}}).json()
    return list(_places(answer["data"]["clients"]["edges"]))


def _places(edges: Any) -> Iterator[Place]:
    for edge in edges:
        yield Place(edge["node"]["id"], edge["cursor"])


def _moved(cursor: str, person: UUID) -> Place:
    """The same cursor behind somebody else."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    *parts, _ = text.split("|")
    moved = base64.urlsafe_b64encode("|".join((*parts, str(person))).encode()).decode().rstrip("=")
    return Place(str(person), moved)
