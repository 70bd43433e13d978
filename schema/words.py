"""HUD's code lists as GraphQL enums: the number and HUD's own label stand in each value's description."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

import strawberry

from auth.categories import Category
from hmis import codes
from hmis.codes.code import Code, StrCode

AnyEnum = TypeVar("AnyEnum", bound=type[Enum])


def _speak(kind: AnyEnum, *, numbers: bool) -> AnyEnum:
    """Make an enum a GraphQL enum, its description from the docstring, its values' from their labels."""
    strawberry.enum(kind, description=" ".join((kind.__doc__ or "").split()))
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by strawberry.enum
        member = kind(value.value)
        label = getattr(member, "label", None)
        value.description = f"{label} ({member.value})" if numbers else label
    return kind


def _code_classes() -> list[type[Enum]]:
    named = (getattr(codes, name) for name in codes.__all__)
    return [
        kind
        for kind in named
        if isinstance(kind, type) and issubclass(kind, Code | StrCode) and kind not in (Code, StrCode)
    ]


for _kind in _code_classes():
    _speak(_kind, numbers=getattr(_kind, "hud_list", None) is not None)

strawberry.enum(
    Category, name="ConsentCategory", description="A part of a life that a client can share or keep"
)
