"""Relay connections: a page of nodes, each with its cursor, and where the next one begins."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

from schema.fields import public

Node = TypeVar("Node")


@strawberry.type(description="Where a page ends. Relay cursor connections")
class PageInfo:
    has_next_page: bool = public("Whether there are more after this page", lambda root: root.has_next)
    has_previous_page: bool = public("Whether the page began behind a cursor", lambda root: root.has_previous)
    start_cursor: str | None = public(
        "Cursor of the first of the page; null on an empty page", lambda root: root.start_cursor
    )
    end_cursor: str | None = public(
        "Give it as `after` to get the next page; null on an empty page", lambda root: root.end_cursor
    )


@strawberry.type(description="One of a page, in its place")
class Edge(Generic[Node]):
    node: Node = public("What stands there", lambda root: root.node)
    cursor: str = public("Give it as `after` to begin behind this one", lambda root: root.cursor)


@strawberry.type(description="A page of a list")
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = public("What the page holds, each with its cursor", lambda root: root.edges)
    nodes: list[Node] = public("What the page holds", lambda root: root.rows)
    page_info: PageInfo = public("Where the page ends", lambda root: root)
