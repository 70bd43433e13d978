"""Tokens of the demo issuer: a membership in our own table, and a signed word about who asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from auth.demo_issuer import DemoIssuer
from auth.enrolling import AGREED, enroll
from auth.viewer import DEFAULT_PURPOSE, PURPOSES, SCOPES, Purpose, Role, role_permits
from gateway.settings import DEMO_ISSUER, Settings
from hmis.database import engine
from hmis.errors import InputRefused, NotReady
from hmis.standing import state

CLIENT_ID = "hmis-hub-cli"


def demo_issuer(settings: Settings) -> DemoIssuer:
    """The demo issuer of this home, which is made if need be.

    Raises:
        InputRefused: HUB_HOME cannot be written to.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputRefused(
            f"HUB_HOME {settings.home} cannot be written to ({fault.strerror}). "
            "Set HUB_HOME to a folder of your own."
        ) from None
    return DemoIssuer.open(settings.home, DEMO_ISSUER)


async def minted(
    settings: Settings,
    url: str,
    source: str,
    organization: str,
    role: Role,
    *,
    purpose: Purpose | None = None,
    subject: str | None = None,
    hours: float = 8,
) -> str:
    """A token for somebody who is a member of that organization from today on.

    Raises:
        InputRefused: no such source or organization, or the role is not for that purpose.
        NotReady: the database has not the tables of this version.
    """
    if purpose is not None and not role_permits(role, purpose):
        fitting = ", ".join(sorted(PURPOSES[role]))
        raise InputRefused(f"{role} is not a role for {purpose}. Its purposes: {fitting}.")
    now = datetime.now(UTC)
    subject = subject or f"{role.lower().replace('_', '-')}@{source}/{organization}"
    writer = engine(url)
    try:
        if await state(writer) != "current":
            raise NotReady("The database has not the tables of this version. Run `hmis-hub migrate`.")
        async with writer.begin() as connection:
            at = await enroll(
                connection,
                issuer=DEMO_ISSUER,
                subject=subject,
                source=source,
                organization_id=organization,
                role=role,
                as_of=settings.day_of(now),
                purposes=AGREED | {purpose or DEFAULT_PURPOSE[role]},
            )
    finally:
        await writer.dispose()
    return demo_issuer(settings).mint(
        subject=subject,
        audience=settings.audience,
        lifetime=timedelta(hours=hours),
        now=now,
        client_id=CLIENT_ID,
        scopes=SCOPES[role],
        purpose=purpose,
        agency=str(at.id),
    )
