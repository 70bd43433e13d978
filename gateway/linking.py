"""Keeping what partners dropped and the people of the hub together, without disclosing anybody to anyone."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy import Select, exists, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person
from connectors.landed import link_members
from hmis.identity.links import LINKING
from hmis.tables import (
    HMIS,
    client_fact,
    client_link,
    import_run,
    landing_batch,
    landing_household_member,
    landing_token,
)

log = logging.getLogger(__name__)

_CLIENT = HMIS["Client"]


class Linking:
    """Links landed records to people anew when either side has changed since the last time.

    token_keys: connector -> the agreement's key, for partners that drop tokens.
    """

    def __init__(self, writer: AsyncEngine, token_keys: Mapping[str, bytes] | None = None) -> None:
        self._writer = writer
        self._token_keys = token_keys or {}
        self._done: dict[str, object] = {}

    async def renew(self, connector: str) -> None:
        """Link what `connector` dropped, unless nothing was imported or dropped since."""
        async with self._writer.begin() as connection:
            await connection.execute(text(LINKING))
            now = tuple((await connection.execute(_newest(connector))).one())
            if self._done.get(connector) == now:
                return
            key = self._token_keys.get(connector)
            tokens = key is not None and await connection.scalar(_has_tokens(connector))
            rows = await connection.execute(_candidates(connector, everybody=bool(tokens)))
            people = [(row.person_id, Person(row.first_name, row.last_name, row.dob)) for row in rows]
            linked = await link_members(connection, connector, people, key)
        self._done[connector] = now
        log.info(
            "%s: %d links made, %d ended, %d left for somebody to decide",
            connector,
            linked.made,
            linked.ended,
            linked.ambiguous,
        )


def _newest(connector: str) -> Select[tuple[object, ...]]:
    """The newest drop, import and change to who a record is about."""
    drops = select(func.max(landing_batch.c.id)).where(landing_batch.c.connector == connector)
    runs, links = select(func.max(import_run.c.id)), select(func.max(client_link.c.id))
    return select(drops.scalar_subquery(), runs.scalar_subquery(), links.scalar_subquery())


def _has_tokens(connector: str) -> Select[tuple[bool]]:
    return select(exists().where(landing_token.c.connector == connector))


def _candidates(connector: str, *, everybody: bool) -> Select[tuple[object, ...]]:
    """Everybody born on a day that the drop has, with names as each of their records spells them.

    everybody: whatever the day; a token does not tell it.

    Only records that may identify anybody: not hashed, not of unknown quality, and not those that only a
    victim service provider entered (`hmis.identity.facts`).
    """
    births = select(landing_household_member.c.dob).where(landing_household_member.c.connector == connector)
    return (
        select(client_link.c.person_id, _CLIENT.c.first_name, _CLIENT.c.last_name, _CLIENT.c.dob)
        .select_from(client_fact)
        .join(
            _CLIENT,
            (_CLIENT.c.source_id == client_fact.c.source_id)
            & (_CLIENT.c.personal_id == client_fact.c.personal_id),
        )
        .join(
            client_link,
            (client_link.c.source_id == client_fact.c.source_id)
            & (client_link.c.personal_id == client_fact.c.personal_id),
        )
        .where(
            client_fact.c.method == "NAME_DOB",
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
            true() if everybody else _CLIENT.c.dob.in_(births),
        )
    )
