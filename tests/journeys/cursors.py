"""Cursors that answers gave, kept to be sent back with other questions."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass
class Cursors:
    """Cursors that answers gave, by what they say."""

    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def harvest(self, said: Any) -> None:
        """Take those of an answer."""
        for text in _texts(said):
            if (says := _said_by(text)) and text not in self.known[says]:
                self.known[says].append(text)


def _said_by(cursor: str) -> str | None:
    """What a cursor says; None = it is none."""
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split("|")
        UUID(key[-1])
    except (ValueError, binascii.Error):
        return None
    if len(key) == 2:
        return "day" if key[0] == "None" or key[0][:1].isdecimal() else "part"
    return "id" if len(key) == 1 else "place"


def _texts(said: Any) -> Iterator[str]:
    match said:
        case str() if 40 < len(said) < 90:
            yield said
        case list():
            for one in said:
                yield from _texts(one)
        case dict():
            yield from _texts(list(said.values()))
