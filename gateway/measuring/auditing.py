"""The audit of counting: the operator is told true counts, so it knows before they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from auth import audit
from auth.categories import Category
from gateway.command import operator
from gateway.settings import Settings

APPLICATION = "hmis-hub-cli"
ANSWERED, REFUSED = "ANSWERED", "REFUSED"


async def audited(
    engine: AsyncEngine,
    settings: Settings,
    name: str,
    command: str,
    now: datetime,
    outcome: str,
    people: Iterable[str] = (),
) -> None:
    """Commit one event: who counted what, and a line for each person who is listed.

    A count tells of nobody, so it has no lines. A list shows that somebody is known, and a stay of theirs.

    Raises:
        AuditUnavailable: it could not be written. Print nothing.
    """
    trail = audit.Trail(about_people=True)
    for person in people:
        trail.of(UUID(person)).show(Category.EXISTENCE | Category.ENROLLMENT, own=True)
    await audit.write(
        engine,
        audit.Operation(
            str(uuid4()), f"measure {name}", sha256(command.encode()).hexdigest(), settings.day_of(now)
        ),
        trail,
        subject=operator(),
        application=APPLICATION,
        viewer=None,
        outcome=outcome,
    )
