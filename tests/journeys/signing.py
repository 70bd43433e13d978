"""How tests of forms ask: documents, a small community, and what is read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select

from auth.forms import template_of
from auth.policy import Policy
from auth.viewer import DEFAULT_PURPOSE, Role, Viewer
from hmis.tables import consent_grant, consent_revocation
from tests.worlds import World

SIGN = """mutation($client: ID!, $input: ConsentFormInput!) {
  consentSign(client: $client, input: $input) {
    form grants { id state section categories recipients end language evidence }
    problems { code message path }
  }
}"""
NARROW = """mutation($input: ConsentNarrowInput!) {
  consentNarrow(input: $input) {
    grant { id state categories recipients start end method evidence section form canNarrow }
    problems { code message path }
  }
}"""
PREVIEW = """query($client: ID!, $sign: ConsentFormInput, $narrow: ConsentNarrowInput, $revoke: [ID!]) {
  consentPreview(client: $client, sign: $sign, narrow: $narrow, revoke: $revoke) {
    standings { agency isViewers role purpose sees wouldSee } problems { code path }
  }
}"""
GRANTS = "query($id: ID!) { client(id: $id) { grants { id state recordedBy recordedAt canNarrow } } }"
ACCESS = "query($id: ID!) { client(id: $id) { access { category granted } name { last } } }"
ROLES = (Role.CASE_MANAGER, Role.DASHBOARD, Role.PRIVACY_OFFICER)


async def port_ellery(world: World) -> str:
    """Ada, whom agency A alone knows; B and C work next door."""
    world.forms = (template_of("port-ellery"), template_of("il-chicago"))
    for name in "ABC":
        await world.organization(name)
    ada = await world.client("ada", last_name="Quill", dob=date(1990, 5, 5))
    await world.stay("s1", "ada", "A-p")
    return str(ada)


def filled(*sections: str, **changes: Any) -> dict[str, Any]:
    return {
        "form": "port-ellery",
        "sections": list(sections),
        "evidence": "sha256:9f86d081884c7d65",
        "language": "ES",
        **changes,
    }


def at(world: World, agency: str, role: Role = Role.CASE_MANAGER, policy: Policy = Policy()) -> Viewer:
    return replace(world.viewer(agency, role, DEFAULT_PURPOSE[role]), policy=policy)


async def signs(world: World, client: str, by: Viewer, **sent: Any) -> Any:
    return (await world.ask(by, SIGN, client=client, input=sent, audited=True)).data["consentSign"]


async def previewed(world: World, client: str, by: Viewer, **change: Any) -> Any:
    return (await world.ask(by, PREVIEW, client=client, audited=True, **change)).data["consentPreview"]


async def seen(world: World, client: str, by: Viewer) -> list[str]:
    """The categories that somebody is shown of the client, by the API."""
    found = (await world.ask(by, ACCESS, id=client)).data["client"]
    return [row["category"] for row in found["access"] if row["granted"]] if found else []


def standing(preview: Any, agency: str, role: Role = Role.CASE_MANAGER) -> tuple[list[str], list[str]]:
    (row,) = [row for row in preview["standings"] if (row["agency"], row["role"]) == (agency, role.value)]
    return row["sees"], row["wouldSee"]


async def written(world: World) -> tuple[int, int]:
    async with world.engine.connect() as connection:
        grants = await connection.scalar(select(func.count()).select_from(consent_grant))
        ended = await connection.scalar(select(func.count()).select_from(consent_revocation))
    return int(grants or 0), int(ended or 0)
