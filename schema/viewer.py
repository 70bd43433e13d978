"""Viewer: who is asking, as the hub understood the token."""

from __future__ import annotations

from typing import Any

import strawberry

from auth.viewer import Purpose, Role
from resolvers import documents
from schema.fields import Info, public


def _applications(info: Info) -> Any:
    return list(documents.applications(info.context))


@strawberry.type(description="Who asks: for which agency, in which role, for what purpose")
class Viewer:
    agency: str = public("Name of the agency the viewer acts for", lambda root: root.agency.name)
    role: Role = public("What the viewer does for it", lambda root: root.role)
    purpose: Purpose = public("What the answers may be used for", lambda root: root.purpose)
    scopes: list[str] = public("What the token lets its application do", lambda root: sorted(root.scopes))
    applications: list[str] = public(
        "For which applications the viewer registers documents; that of the token first", _applications
    )
