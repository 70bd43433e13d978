"""Disclosure: what another agency was told of a client."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from auth.viewer import Purpose
from schema.fields import personal


@strawberry.type(description="One time another agency was told something of a client")
class Disclosure:
    at: datetime.datetime | None = personal(Category.EXISTENCE, "When", lambda root: root.at)
    agency: str | None = personal(Category.EXISTENCE, "Name of the agency told", lambda root: root.agency)
    purpose: Purpose | None = personal(Category.EXISTENCE, "What it asked for", lambda root: root.purpose)
    categories: list[Category] | None = personal(
        Category.EXISTENCE,
        "Which parts of a life it was shown; those the viewer may not see are left out",
        lambda root: root.categories,
    )
    emergency: bool | None = personal(
        Category.EXISTENCE,
        "Whether it was opened in an emergency, without asking the client",
        lambda root: root.emergency,
    )
