"""What every code list has in common: HUD's code as value, HUD's label beside it, a plain word as name.

    class Sex(Code, hud_list="4.21"):
        FEMALE = 0, "Female"

    Sex(0) is Sex.FEMALE; Sex.FEMALE == 0; Sex.FEMALE.label == "Female"; BY_LIST["4.21"] is Sex

The names become GraphQL enum values, so partners rely on them: add freely, never rename.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import ClassVar, Self

# HUD's list number -> the class of that list; complete once `hmis.codes` is imported.
BY_LIST: dict[str, type[Code] | type[StrCode]] = {}


class Code(IntEnum):
    """A code list whose codes are whole numbers."""

    label: str
    hud_list: ClassVar[str | None]  # None = put together from several HUD lists

    # The label is always given below; its default lets type checkers read Sex(0) as the look-up it is.
    def __new__(cls, value: int, label: str = "") -> Self:
        member = int.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __init_subclass__(cls, hud_list: str | None = None) -> None:
        super().__init_subclass__()
        cls.hud_list = hud_list
        if hud_list is not None:
            BY_LIST[hud_list] = cls


class StrCode(StrEnum):
    """A code list whose codes are text, because some hold letters."""

    label: str
    hud_list: ClassVar[str | None]

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __init_subclass__(cls, hud_list: str | None = None) -> None:
        super().__init_subclass__()
        cls.hud_list = hud_list
        if hud_list is not None:
            BY_LIST[hud_list] = cls
