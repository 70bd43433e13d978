"""Queues: pages of questions by the day they were raised, of which a viewer may know of some."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from resolvers import pages
from resolvers.rows import Edge

Question = TypeVar("Question")

_MOST = pages.MOST_ROWS + 1


async def known(
    size: int,
    start: tuple[date | None, UUID] | None,
    read: Callable[[Mapping[str, Any]], Awaitable[Iterable[tuple[Mapping[Any, Any], Question | None]]]],
) -> list[Edge[Question]]:
    """Questions that a viewer may know of, behind a day and an id: `size` and one more, as far as there are.

    Of those they may not know nothing is told, so as many rows are read as it takes to fill the page.

    read: the rows behind `day` and `identifier`, at most `most`, each with its question; None = not for them.
    """
    found: list[Edge[Question]] = []
    while len(found) <= size:
        day, identifier = start or (None, None)
        rows = list(await read({"day": day, "identifier": identifier, "most": _MOST}))
        for row, question in rows:
            start = row["day"], row["id"]
            if question is not None:
                found.append(Edge(question, pages.encode(*start)))
        if len(rows) < _MOST:
            break
    return found
