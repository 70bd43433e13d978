"""Explaining: why somebody sees what they see of a client."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from auth.categories import Category
from auth.consent import Reason
from auth.viewer import Purpose, Role
from resolvers import explaining
from schema.consent import Problem
from schema.fields import Info, argument, personal, public


@strawberry.input(description="Whose access is to be explained")
class ExplainViewerInput:
    subject: str = strawberry.field(description="The subject of their token")
    purpose: Purpose | None = strawberry.field(
        default=None, description="What they would ask for; null = the usual purpose of their role"
    )


@strawberry.type(description="Whether somebody may see one category of a client, why, and by which grants")
class ExplainedAccess:
    category: Category | None = personal(
        Category.EXISTENCE, "Which part of a life", lambda root: root.category
    )
    granted: bool | None = personal(
        Category.EXISTENCE, "Whether they may see any of it", lambda root: root.granted
    )
    basis: Reason | None = personal(Category.EXISTENCE, "Why", lambda root: root.basis)
    grants: list[strawberry.ID] | None = personal(
        Category.EXISTENCE, "Hub ids of the grants that open or close it", lambda root: root.grants
    )


@strawberry.type(description="How one membership of somebody stands to the records of the asker's agency")
class Explanation:
    agency: str = public("The agency they act for", lambda root: root.viewer.agency.name)
    role: Role = public("What they do for it", lambda root: root.viewer.role)
    purpose: Purpose = public("What they would ask for", lambda root: root.viewer.purpose)
    access: list[ExplainedAccess] = public("Every category", lambda root: root.access, size=25)


@strawberry.type(description="One explanation for each agency the person may act for, or why there is none")
class ExplainPayload:
    explanations: list[Explanation] = public("The explanations", lambda root: root.explanations, size=10)
    problems: list[Problem] = public(
        "What the asker can mend; empty = done", lambda root: root.problems, size=10
    )


async def explain_access(
    info: Info,
    client: Annotated[
        strawberry.ID, argument("Hub id of a client of the asker's agency", reads=Category.EXISTENCE)
    ],
    viewer: Annotated[ExplainViewerInput, argument("Whose access is to be explained")],
) -> Any:
    return await explaining.explain_access(info.context, client, viewer.subject, viewer.purpose)
