"""Media types: in which of its two forms an answer is wanted, and whether a body is JSON.

GraphQL over HTTP (draft), sections Accept, POST and Response; RFC 9110, 12.5.1 for Accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
_OFFERED = (JSON, RESPONSE)
"""The first where the caller does not mind, which old clients do not say: they know no other."""
_RANGES = 100


@dataclass(frozen=True, slots=True)
class _Range:
    kind: str
    quality: float
    place: int

    def covers(self, media: str) -> int:
        """How exactly it names the media type, 0 = not at all."""
        if self.kind == media:
            return 3
        return {"application/*": 2, "*/*": 1}.get(self.kind, 0)


def wanted(accept: Sequence[str]) -> str | None:
    """The media type to answer in, by the Accept headers of a request; None = neither would be understood.

    Of two that are equally welcome the one listed first is taken.
    """
    ranges = [found for found in _ranges(accept) if found is not None]
    if not any(line.strip() for line in accept):
        return JSON
    best: tuple[float, int, int] | None = None
    chosen = None
    for order, media in enumerate(_OFFERED):
        match = max(
            (one for one in ranges if one.covers(media)), key=lambda one: one.covers(media), default=None
        )
        if match is None or match.quality <= 0:
            continue
        rank = (-match.quality, match.place, order)
        if best is None or rank < best:
            best, chosen = rank, media
    return chosen


def _ranges(accept: Sequence[str]) -> Iterable[_Range | None]:
    for place, part in enumerate(",".join(accept).split(",")[:_RANGES]):
        kind, parameters = parsed(part)
        if parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
            continue
        yield _Range(kind, _quality(parameters.get("q", "1")), place)


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def is_json(content_type: str | None) -> bool:
    """Whether a body declared so is JSON in UTF-8. A form or plain text would pass a browser's preflight."""
    if content_type is None:
        return False
    kind, parameters = parsed(content_type)
    return kind == JSON and parameters.get("charset", "utf-8") in ("utf-8", "utf8")


def parsed(text: str) -> tuple[str, dict[str, str]]:
    """`application/json; charset=UTF-8` -> ("application/json", {"charset": "utf-8"})."""
    kind, *rest = text.split(";")
    pairs = (part.partition("=") for part in rest)
    return kind.strip().lower(), {
        name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs
    }
