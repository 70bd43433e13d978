"""Viewer: who is asking, as the hub understood the token."""

from __future__ import annotations

import strawberry

from auth.viewer import Purpose, Role
from schema.fields import public


@strawberry.type(description="Who asks: for which agency, in which role, for what purpose")
class Viewer:
    agency: str = public("Name of the agency the viewer acts for", lambda root: root.agency.name)
    role: Role = public("What the viewer does for it", lambda root: root.role)
    purpose: Purpose = public("What the answers may be used for", lambda root: root.purpose)
    scopes: list[str] = public("What the token lets its application do", lambda root: sorted(root.scopes))
