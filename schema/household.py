"""Household: people who enter a project together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from auth.categories import Category
from schema.fields import IDENTIFIER, personal

if TYPE_CHECKING:
    from schema.enrollment import Enrollment


@strawberry.type(
    description="People who entered a project together, as far as the viewer may see each of them. HUD 5.09"
)
class Household:
    id: strawberry.ID | None = personal(Category.HOUSEHOLD, "Hub id of the household")
    identifier: str | None = personal(Category.HOUSEHOLD, IDENTIFIER)
    members: list[Annotated[Enrollment, strawberry.lazy("schema.enrollment")]] | None = personal(
        Category.HOUSEHOLD,
        "The members' stays at the project, head of household first",
        lambda root: root.members,
        size=6,
    )
