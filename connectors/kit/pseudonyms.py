"""An answer of a real partner, so changed that it speaks of nobody, before anybody writes it down.

What is not known to be harmless is replaced: keys that the manifest does not read, and every text, whatever
it is. Kept are the shape, small numbers, and codes that the manifest's maps know. With one key the same value
becomes the same pseudonym in every file, so that what belonged together still does.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from connectors.manifest import Manifest
from connectors.query import words_of

NAMES = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Faye", "Gus", "Hana", "Ivo", "Jun", "Kaya", "Lev", "Mia")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)([T ].*)?")
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NAMED = re.compile(r"first|last|given|family|middle|name|alias|surname", re.IGNORECASE)
_FREE = re.compile(r"note|comment|description|remark|narrative|memo|text", re.IGNORECASE)
_LONG = 40
_DIGITS_KEPT = 4


class Pseudonyms:
    """key: kept by the operator; without it nobody can say which pseudonym is whose."""

    def __init__(self, manifest: Manifest, key: bytes) -> None:
        self._key = key
        self._read = {word for query in _queries(manifest) for word in words_of(query)}
        self._codes = _codes(manifest)
        self._keys = {word for op in manifest.operations.values() for word in words_of(op.key)}
        # The same number of days for all of them: who came a week later still does.
        self._shift = timedelta(days=-(30 + self._number("days", 300)))

    def of(self, value: Any, under: str = "") -> Any:
        """The value without anybody in it. under: the key it stands under."""
        if isinstance(value, dict):
            return {self._name_of(key): self.of(inside, key) for key, inside in value.items()}
        if isinstance(value, list):
            return [self.of(inside, under) for inside in value]
        if value is None or isinstance(value, bool):
            return value
        if under in self._keys:
            return self.id(value)
        if isinstance(value, int):
            return value if abs(value) < 10**_DIGITS_KEPT else self._digits(value)
        if isinstance(value, float):
            # Two decimals are an amount; more are a place on the map.
            amount = round(value, 2) == value and abs(value) < 10**_DIGITS_KEPT
            return value if amount else float(round(value / 10) * 10)
        return self._text(str(value), under)

    def id(self, value: Any) -> Any:
        """The partner's id of a record, as it stands in a sample; a number stays one."""
        if isinstance(value, int):
            return 100_000 + self._number(f"id:{value}", 900_000)
        return f"R-{self._word(f'id:{value}')}"

    def _name_of(self, key: str) -> str:
        """A key that the manifest reads is a word of the partner's format; another may be a name or an id."""
        return key if key in self._read else f"key-{self._word(f'key:{key}')[:6]}"

    def _text(self, text: str, under: str) -> str:
        if text in self._codes.get(under, ()) or not text:
            return text
        if moved := self._moved(text):
            return moved
        if _FREE.search(under) or len(text) > _LONG:
            return "(text left out)"
        if "@" in text:
            return f"{self._word(text)}@example.org"
        if _NAMED.search(under):
            return f"{NAMES[self._number(text.casefold(), len(NAMES))]}-{self._word(text.casefold())[:4]}"
        return f"text-{self._word(text)}"

    def _moved(self, text: str) -> str | None:
        """A date is moved and keeps its form; None = it is none."""
        try:
            if day := _US_DATE.fullmatch(text):
                moved = date(int(day[3]), int(day[1]), int(day[2])) + self._shift
                return moved.strftime("%m/%d/%Y")
            if _DATE.fullmatch(text):
                whole = datetime.fromisoformat(text) if len(text) > 10 else None
                if whole is None:
                    return (date.fromisoformat(text) + self._shift).isoformat()
                moment = (whole + self._shift).replace(minute=0, second=0, microsecond=0).isoformat()
                return moment.replace("+00:00", "Z") if text.endswith("Z") else moment
        except (ValueError, OverflowError):
            return None
        return None

    def _digits(self, value: int) -> int:
        length = len(str(abs(value)))
        least: int = 10 ** (length - 1)
        return least + self._number(str(value), 9 * least)

    def _word(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:8]

    def _number(self, text: str, below: int) -> int:
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") % below


def _queries(manifest: Manifest) -> list[Any]:
    operations = [
        query for op in manifest.operations.values() for query in (op.items, op.key, op.score, op.as_of)
    ]
    supplies = [
        query
        for supply in manifest.supplies.values()
        for query in (supply.rows, supply.reference, *(field.query for field in supply.fields.values()))
    ]
    labels = [supply.labels.query for supply in manifest.supplies.values() if supply.labels]
    return [query for query in (*operations, *supplies, *labels) if query is not None]


def _codes(manifest: Manifest) -> Mapping[str, set[str]]:
    """Key -> the codes that a map knows under it."""
    found: dict[str, set[str]] = {}
    for supply in manifest.supplies.values():
        for field in (*supply.fields.values(), *([supply.labels] if supply.labels else [])):
            for word in words_of(field.query) if field.map else ():
                found.setdefault(word, set()).update(field.map or ())
    return found
