"""Identifier: what a source system calls a client."""

from __future__ import annotations

import strawberry


@strawberry.input(description="What a source system calls a client")
class IdentifierInput:
    source: str | None = strawberry.field(
        default=None, description="Name of the source system; null = whichever calls a client so"
    )
    value: str = strawberry.field(description="Its identifier of the client")
