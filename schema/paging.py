"""Relay connections: a page of nodes and where the next one begins."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

from schema.fields import public

Node = TypeVar("Node")


@strawberry.type(description="Where a page ends. Relay cursor connections")
class PageInfo:
    has_next_page: bool = public("Whether there are more after this page", lambda root: root.has_next)
    end_cursor: str | None = public(
        "Give it as `after` to get the next page; null on an empty page", lambda root: root.end_cursor
    )


@strawberry.type(description="A page of a list")
class Connection(Generic[Node]):
    nodes: list[Node] = public("What the page holds", lambda root: root.rows)
    page_info: PageInfo = public("Where the page ends", lambda root: root)
