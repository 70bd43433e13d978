"""Whom the bench asks about: clients from all over the city, as the hub lists them, and places there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import httpx

from tests.bench.peers import Peer
from tests.bench.questions import MOST, Place

PAGES = 5
"""As many as one operation asks for at the most."""

_LIST = """query($after: String) { clients(where: {}, first: 100, after: $after) {
  edges { cursor node { id } } pageInfo { hasNextPage } } }"""


def places_in(hub: Peer, wanted: int) -> tuple[list[str], list[tuple[Place, ...]]]:
    """Ids of so many clients whom the viewer may see; and places, each with those of the pages after it.

    From all over, since the ids of people are random: a large city is not asked about one corner of it.
    """
    chance = Random("places")
    ids: dict[str, None] = {}
    places: list[tuple[Place, ...]] = []
    with httpx.Client(headers=hub.headers, timeout=60, trust_env=False) as client:
        template = _page(client, hub.urls[0], None)[0].cursor
        for _ in range(10 * (wanted // (PAGES * MOST) + 1)):
            walked = [_moved(template, UUID(int=chance.getrandbits(128)))]
            while len(walked) <= (PAGES + 1) * MOST:
                if not (page := _page(client, hub.urls[0], walked[-1].cursor)):
                    break
                walked += page
            ids |= dict.fromkeys(place.after for place in walked[1:])
            # Behind every one of them there are all pages, whole.
            for at in range(0, len(walked) - PAGES * MOST, 3):
                places.append(tuple(walked[at : at + PAGES * MOST : MOST]))
            if len(ids) >= wanted and places:
                break
    found = list(ids)
    chance.shuffle(found)
    chance.shuffle(places)
    return found[:wanted], places[: wanted // 4]


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
