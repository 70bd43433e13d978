"""ConsentPreview: who would see what of a client, before something is recorded or taken back."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from auth.categories import Category
from auth.viewer import Purpose, Role
from resolvers import previewing
from schema.consent import Problem
from schema.consent_form import ConsentFormInput, ConsentNarrowInput
from schema.fields import Info, argument, personal, public


@strawberry.type(description="How one role at one agency stands to a client, now and after a change")
class ConsentStanding:
    agency: str | None = personal(Category.EXISTENCE, "Name of the agency", lambda root: root.agency)
    is_viewers: bool | None = personal(
        Category.EXISTENCE,
        "Whether it is the viewer's own agency: then what it sees of what others entered is told, and of "
        "other agencies what they see of what the viewer's agency entered",
        lambda root: root.is_own,
    )
    role: Role | None = personal(Category.EXISTENCE, "What they do for it", lambda root: root.role)
    purpose: Purpose | None = personal(
        Category.EXISTENCE, "What somebody in that role usually asks for", lambda root: root.purpose
    )
    sees: list[Category] | None = personal(
        Category.EXISTENCE, "What they see now, of what others entered", lambda root: root.sees
    )
    would_see: list[Category] | None = personal(
        Category.EXISTENCE, "What they would see after the change", lambda root: root.would_see
    )


@strawberry.type(description="Who would see what, or why that cannot be said")
class ConsentPreview:
    standings: list[ConsentStanding] = public(
        "Each role at each agency with an agreement in force, the viewer's own agency first. Agencies whose "
        "name alone would tell of violence, HIV, treatment or running away are left out",
        lambda root: root.standings,
        size=60,
    )
    problems: list[Problem] = public(
        "Why the change would be refused; evidence and reason are not needed yet",
        lambda root: root.problems,
        size=10,
    )


async def preview(
    info: Info,
    client: Annotated[
        strawberry.ID, argument("Hub id of a client of the viewer's agency", reads=Category.EXISTENCE)
    ],
    sign: Annotated[ConsentFormInput | None, argument("A form that is about to be signed")] = None,
    narrow: Annotated[ConsentNarrowInput | None, argument("A release that is about to be narrowed")] = None,
    revoke: Annotated[
        list[strawberry.ID] | None, argument("Grants that are about to be revoked, by hub id")
    ] = None,
) -> Any:
    change = previewing.Change(
        sign=sign.as_filled() if sign else None,
        narrow=narrow.as_narrowed() if narrow else None,
        revoke=tuple(revoke or ()),
    )
    return await previewing.preview(info.context, client, change)
