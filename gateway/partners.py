"""Which partners are on, by the environment, and fetching what they lay out for us.

Installing is not enabling: a connector is on when one of its variables is set. Their names come from its
manifest: [config] base_url of the connector `energy-drop` is HUB_ENERGY_DROP_BASE_URL.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors import registry
from connectors.base import Failed, Source, Synced
from connectors.binding import Catalog
from connectors.registry import Installed
from connectors.runtime import Runtime
from connectors.tokens import SHORTEST_KEY
from hmis.errors import FailureCode, HubError, InputRefused

log = logging.getLogger(__name__)

_TOKENS_BY = "token_key"
"""The entry of [config] for the key of an agreement, which stands in the environment alone."""
_KEY = re.compile(r"\bconfig\.([a-z_]+)")


def variable(connector: str, key: str) -> str:
    """The environment variable of one key of a connector."""
    return f"HUB_{connector.replace('-', '_').upper()}_{key.upper()}"


def switched_on(
    known: Mapping[str, Installed], environ: Mapping[str, str]
) -> dict[str, dict[str, str | int]]:
    """What `connectors.registry.build` is told: {"pantry": {"base_url": "https://…", "api_key": "env:…"}}.

    A secret stays in the environment: only the name of its variable is handed on.
    """
    config: dict[str, dict[str, str | int]] = {}
    for name, partner in known.items():
        for key in partner.manifest.config.values():
            where = variable(name, key.name)
            if environ.get(where):
                value = f"env:{where}" if key.type == "secret" else environ[where]
                config.setdefault(name, {})[key.name] = value
    return config


def token_keys(known: Mapping[str, Installed], environ: Mapping[str, str]) -> dict[str, bytes]:
    """Connector -> the key of its agreement, by which its tokens are made.

    Raises:
        InputRefused: a key that is too short; it names the variable and not the key.
    """
    keys: dict[str, bytes] = {}
    for name, partner in known.items():
        where = variable(name, _TOKENS_BY)
        if _TOKENS_BY in partner.manifest.config and environ.get(where):
            keys[name] = environ[where].encode()
            if len(keys[name]) < SHORTEST_KEY:
                raise InputRefused(f"{where} must have at least {SHORTEST_KEY} bytes.")
    return keys


def in_variables(fault: InputRefused, connector: str) -> InputRefused:
    """The same refusal in one line that names variables, not keys of a manifest."""
    line = "; ".join(part.strip() for part in str(fault).splitlines())
    return InputRefused(_KEY.sub(lambda key: variable(connector, key[1]), line))


def built(
    writer: AsyncEngine, environ: Mapping[str, str], catalog: Catalog | None = None
) -> dict[str, Source]:
    """Every partner that is on. catalog: what of the schema partners can fill, for holding manifests to it.

    Raises:
        InputRefused: one cannot be set up; the line names its variables.
    """
    sources: dict[str, Source] = {}
    for name, config in switched_on(registry.installed(), environ).items():
        try:
            sources |= registry.build({name: config}, writer, environ, catalog)
        except InputRefused as fault:
            raise in_variables(fault, name) from None
    return sources


async def sync(runtime: Runtime, source: Source) -> Synced | Failed:
    """Pull one drop and say in the log what came of it. A partner's fault is not ours: nothing is raised."""
    try:
        outcome = await runtime.sync(source)
    except HubError as fault:
        log.warning("%s: not synced: %s", source.name, fault)
        return Failed(FailureCode.BAD_DATA)
    if isinstance(outcome, Failed):
        log.warning("%s: not synced: %s", source.name, outcome.code)
    elif outcome.state != "NOTHING":
        log.info("%s: drop %s %s, %d rows", source.name, outcome.batch, outcome.state.lower(), outcome.rows)
    return outcome
