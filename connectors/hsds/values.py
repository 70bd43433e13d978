"""Single values of a directory's records: read where they can be, None where not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime

SHORT = 300
LONG = 20_000


def text(value: object, most: int = SHORT) -> str | None:
    """A text, or a number as one; trimmed, cut to `most`. None = there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # PostgreSQL keeps no NUL.
    return str(value).replace("\0", "").strip()[:most] or None


def whole(value: object, low: int, high: int) -> int | None:
    number = degrees(value, high if abs(high) > abs(low) else abs(low))
    return int(number) if number is not None and number == int(number) and low <= number <= high else None


def degrees(value: object, most: float) -> float | None:
    """A number no further from 0 than `most`; also where it was written as a text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= most else None


def day(value: object) -> date | None:
    try:
        return date.fromisoformat((text(value) or "")[:10])
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    """With its zone; UTC where none is said."""
    try:
        read = datetime.fromisoformat(text(value) or "")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def listed(value: object) -> list[Mapping[str, object]]:
    """The records in a list; whatever else stands there is left out."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
