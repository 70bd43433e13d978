"""Viewers: who asks, by our own tables at every request, without working it out at every request."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from auth.membership import STANDING_TEXT, NoAccess, admitted, standing_arguments
from auth.tokens import Claims
from auth.viewer import Viewer
from hmis.database import Reader

REMEMBERED = 1024
"""Members of staff; more than ask of one process within a day."""

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A viewer, and the standing (`auth.membership.STANDING`) that makes these claims this viewer."""

    viewer: Viewer
    standing: str


class Viewers:
    """The viewers of one hub, remembered beside the standing that made them.

    A remembered viewer is a guess and lets nobody in by itself: it holds for a request whose own reading of
    the tables said the same standing, to the letter. So a membership that ends, an agreement that is changed
    and another policy hold from the very next request, in every process. It tells of staff and of no client.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: OrderedDict[_Key, Known] = OrderedDict()

    async def of(self, claims: Claims, as_of: date) -> Viewer | NoAccess:
        """Who asks, by a reading of the tables for this request alone; one short statement."""
        [(standing,)] = await self._reader.rows(None, STANDING_TEXT, standing_arguments(claims, as_of))
        return self.by(claims, as_of, standing)

    def known(self, claims: Claims, as_of: date) -> Known | None:
        """Who it was last time, for a statement that reads the standing along with its data; None = nobody
        asked with such claims that day. When it reads another standing, the data go to nobody, and `by` says
        who asks instead."""
        return self._known.get(_key(claims, as_of))

    def by(self, claims: Claims, as_of: date, standing: str) -> Viewer | NoAccess:
        """Who asks, by the standing that this request read."""
        key = _key(claims, as_of)
        known = self._known.pop(key, None)
        if known is None or known.standing != standing:
            found = admitted(claims, standing, as_of)
            if isinstance(found, NoAccess):
                return found
            known = Known(found, standing)
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
