"""Cursors: where a page ends, as a key and never as a number of rows.

A keyset cursor stays right while rows come and go, costs the same on page 1 and page 1,000, and holds only
the sort key of a row that the caller has just been shown.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime
from uuid import UUID

from hmis.errors import InputRefused

MOST_ROWS = 100


def page_size(first: int) -> int:
    """How many rows, or a refusal that says what may be asked."""
    if not 1 <= first <= MOST_ROWS:
        raise InputRefused(f"first must be from 1 to {MOST_ROWS}")
    return first


def encode(*key: object) -> str:
    """A sort key as an opaque text."""
    return base64.urlsafe_b64encode("|".join(map(str, key)).encode()).decode().rstrip("=")


def _decode(cursor: str, parts: int) -> list[str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given") from None
    key = text.split("|")
    if len(key) != parts:
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given")
    return key


def after_id(cursor: str | None) -> UUID | None:
    """The id that a page of things ordered by id begins behind."""
    if cursor is None:
        return None
    (identifier,) = _decode(cursor, 1)
    return _uuid(identifier)


def after_day_and_id(cursor: str | None) -> tuple[date | None, UUID] | None:
    """The day and id that a page of dated things begins behind. A day of None = behind one without a date."""
    if cursor is None:
        return None
    day, identifier = _decode(cursor, 2)
    try:
        return None if day == str(None) else date.fromisoformat(day), _uuid(identifier)
    except ValueError:
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given") from None


def after_moment_and_key(cursor: str | None) -> tuple[datetime, str] | None:
    """The moment and key that a page of things ordered by moments begins behind."""
    if cursor is None:
        return None
    moment, key = _decode(cursor, 2)
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), key
    except (ValueError, OverflowError):
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given") from None


def encode_text(text: str) -> str:
    """A text of a source's as a cursor, whatever characters are in it."""
    return encode(text.encode().hex())


def after_text(cursor: str | None) -> str:
    """The text that a page of things ordered by one begins behind; empty = at the beginning."""
    if cursor is None:
        return ""
    (text,) = _decode(cursor, 1)
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given") from None


def after_part_and_id(cursor: str | None) -> tuple[str, UUID] | None:
    """The part of a list and the id that a page begins behind, for a list that has parts."""
    if cursor is None:
        return None
    part, identifier = _decode(cursor, 2)
    return part, _uuid(identifier)


def after_part_place_and_id(cursor: str | None) -> tuple[int, int, UUID] | None:
    """The part of a list, the place in it and the id that a page begins behind."""
    if cursor is None:
        return None
    part, place, identifier = _decode(cursor, 3)
    if not (part.isdecimal() and place.isdecimal() and len(part) == 1 and len(place) < 10):
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given")
    return int(part), int(place), _uuid(identifier)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InputRefused("after is not a cursor of this list; take endCursor as it was given") from None
