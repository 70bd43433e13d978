"""Viewers: who asks, by our own tables at every request, without working it out at every request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from auth.membership import (
    STANDING_TEXT,
    NoAccess,
    admitted,
    choices,
    standing_arguments,
    standing_values,
)
from auth.tokens import Claims
from auth.viewer import Viewer
from hmis.database import Reader

REMEMBERED = 1024
"""Members of staff; more than ask of one process within a day."""

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A viewer, and the standing (`auth.membership.STANDING`) that makes these claims this viewer."""

    viewer: Viewer
    standing: str


class NotAsKnown(Exception):
    """The tables say another standing than last time, or were not asked."""


@dataclass(slots=True)
class Guess:
    """Who asks, as known last time. It holds once a statement of the request has read the same standing."""

    viewer: Viewer
    asks: Mapping[str, Any]
    """The parameters of `auth.membership.STANDING`, for the statement that reads it along with its data."""
    _standing: str
    held: bool = False

    def check(self, standing: str) -> None:
        """Take what a statement has read.

        Raises:
            NotAsKnown: it is another standing: what the statement read beside it is for nobody.
        """
        self.held = standing == self._standing
        if not self.held:
            raise NotAsKnown


class Viewers:
    """The viewers of one hub, remembered beside the standing that made them.

    A remembered viewer is a guess and lets nobody in by itself: it holds for a request whose own reading of
    the tables said the same standing, to the letter: alone, or in the statement that reads what is shown. So
    a membership that ends, an agreement that is changed and another policy hold from the very next request,
    in every process. It tells of staff and of no client.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: OrderedDict[_Key, _Known] = OrderedDict()

    async def of(self, claims: Claims, as_of: date) -> Viewer | NoAccess:
        """Who asks, by a reading of the tables for this request alone; one short statement."""
        [(standing,)] = await self._reader.rows(None, STANDING_TEXT, standing_arguments(claims, as_of))
        return self._by(claims, as_of, standing)

    async def choices(self, claims: Claims, as_of: date) -> list[Viewer]:
        """Everybody they may act as, by agency: of several they have to choose one. One short statement."""
        [(standing,)] = await self._reader.rows(None, STANDING_TEXT, standing_arguments(claims, as_of))
        return choices(claims, standing, as_of)

    def guess(self, claims: Claims, as_of: date) -> Guess | None:
        """Who it was last time, for a statement that reads the standing along with its data; None = nobody
        asked with such claims that day. When it reads another standing, `of` says who asks instead."""
        key = _key(claims, as_of)
        known = self._known.get(key)
        if known is None:
            return None
        self._known.move_to_end(key)
        return Guess(known.viewer, standing_values(claims, as_of), known.standing)

    def _by(self, claims: Claims, as_of: date, standing: str) -> Viewer | NoAccess:
        key = _key(claims, as_of)
        known = self._known.pop(key, None)
        if known is None or known.standing != standing:
            found = admitted(claims, standing, as_of)
            if isinstance(found, NoAccess):
                return found
            known = _Known(found, standing)
        self._known[key] = known
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known.viewer


def _key(claims: Claims, as_of: date) -> _Key:
    """All of the claims that goes into a viewer: not which token said it, nor until when."""
    return (
        *(claims.issuer, claims.subject, claims.client_id, claims.scopes, claims.purpose, claims.agency),
        *(claims.acr, claims.auth_time, as_of),
    )
