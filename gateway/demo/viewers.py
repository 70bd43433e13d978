"""The three viewers of the demo: a membership and a token for each, and a question worth asking."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.demo_issuer import DemoIssuer
from auth.enrolling import enroll
from auth.viewer import DEFAULT_PURPOSE, SCOPES, Agency, Role, Viewer
from gateway.demo.community import SOURCE
from gateway.demo.home import DemoHome
from gateway.pages.personas import PERSONAS, Persona
from gateway.settings import DEMO_ISSUER, Settings

CLIENT_ID = "hmis-hub-demo"
_GOOD_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class DemoViewer:
    """A persona with a token. sees: one line about the answer to its document."""

    persona: Persona
    sees: str
    variables: Callable[[UUID], dict[str, object]] = lambda _: {}

    @property
    def name(self) -> str:
        """Of its files."""
        return self.persona.name

    @property
    def document(self) -> str:
        return (files("gateway.demo") / f"{self.name}.graphql").read_text(encoding="utf-8")


_BY_NAME = {persona.name: persona for persona in PERSONAS}

VIEWERS = (
    DemoViewer(
        _BY_NAME["case-manager"],
        "Marisol's way through four agencies, and what four partners know of her,"
        " because she signed for it at the shelter",
        lambda showcase: {"id": str(showcase)},
    ),
    DemoViewer(
        _BY_NAME["dashboard"],
        "people and stays to count, with every name withheld and the answer saying so",
    ),
    DemoViewer(
        _BY_NAME["integrator"],
        "the agencies' projects, beds and funders; ask it for clients and there are none",
    ),
)


async def enrolled(
    connection: AsyncConnection, persona: Persona, settings: Settings, now: datetime
) -> Agency:
    """Make a persona a member of its agency; the same again changes nothing."""
    return await enroll(
        connection,
        issuer=DEMO_ISSUER,
        subject=persona.subject,
        source=SOURCE,
        organization_id=persona.organization,
        role=persona.role,
        as_of=settings.day_of(now),
    )


def registers_for(application: str) -> tuple[str, ...]:
    """That the demo's integrators may register an application's documents at the explorer, as a setting."""
    return tuple(
        f"{application}={DEMO_ISSUER}#{one.subject}" for one in PERSONAS if one.role is Role.INTEGRATOR
    )


def recorder(agency: Agency) -> Viewer:
    """Who recorded the community's consents: the system itself, at the shelter."""
    return Viewer(
        subject=f"seed@{SOURCE}",
        kind="service",
        agency=agency,
        role=Role.SYSTEM,
        scopes=frozenset(),
        purpose=DEFAULT_PURPOSE[Role.SYSTEM],
        acr=None,
        auth_time=None,
        client_id=CLIENT_ID,
    )


def card(
    viewer: DemoViewer,
    home: DemoHome,
    issuer: DemoIssuer,
    settings: Settings,
    url: str,
    showcase: UUID,
    now: datetime,
) -> str:
    """What is printed for one viewer: who it is, its token, and a line to copy."""
    token = issuer.mint(
        subject=viewer.persona.subject,
        audience=settings.audience,
        lifetime=_GOOD_FOR,
        now=now,
        client_id=CLIENT_ID,
        scopes=SCOPES[viewer.persona.role],
    )
    body = {"query": viewer.document, "variables": viewer.variables(showcase)}
    token_file = _short(home.write(f"{viewer.name}.token", token))
    body_file = _short(home.write(f"{viewer.name}.json", json.dumps(body, indent=1)))
    curl = (
        f'curl -s {url}/graphql -H "Authorization: Bearer $(cat {shlex.quote(token_file)})"'
        f" -H 'Content-Type: application/json' --data @{shlex.quote(body_file)} | python3 -m json.tool"
    )
    return f"{viewer.persona.who}\n  sees {viewer.sees}.\n\n  token: {token}\n\n  {curl}\n"


def _short(path: Path) -> str:
    """Relative where that is shorter to read, so that the line can be copied from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
