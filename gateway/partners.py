"""Which partners are on, by the environment, and fetching what they lay out for us.

Installing is not enabling: a connector is on when one of its variables is set. Their names come from its
manifest: [config] base_url of the connector `energy-drop` is HUB_ENERGY_DROP_BASE_URL. One of them names the
data-sharing agreement, HUB_ENERGY_DROP_AGREEMENT; outside its days the partner is not asked.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors import registry
from connectors.agreement import Agreement, read_agreement
from connectors.base import Failed, Source, Synced
from connectors.binding import Catalog
from connectors.discovery import Discovered, Installed, discovered
from connectors.kit.quality import claimed_level
from connectors.runtime import Runtime
from connectors.tokens import SHORTEST_KEY
from hmis.errors import FailureCode, HubError, InputRefused

log = logging.getLogger(__name__)

FOLDERS = "HUB_CONNECTORS"
"""Folders of connectors beside the hub's own, or folders that hold such, as a PATH is written."""
_TOKENS_BY = "token_key"
"""The entry of [config] for the key of an agreement, which stands in the environment alone."""
_KEY = re.compile(r"\bconfig\.([a-z_]+)")


def variable(connector: str, key: str) -> str:
    """The environment variable of one key of a connector."""
    return f"HUB_{connector.replace('-', '_').upper()}_{key.upper()}"


@dataclass(frozen=True)
class Partners:
    """The partners of this hub, and the agreement with each of them, by connector id.

    token_keys: the key of the agreement, of those that drop tokens. levels: what quality their connectors
    claim.
    """

    sources: Mapping[str, Source]
    agreements: Mapping[str, Agreement]
    token_keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    levels: Mapping[str, str] = field(default_factory=dict)

    def lapsed(self, day: date) -> frozenset[str]:
        """Those that are not asked on this day."""
        return lapsed(self.agreements, day)


def lapsed(agreements: Mapping[str, Agreement], day: date) -> frozenset[str]:
    """The partners that are not asked on this day: their agreement has not begun, or has ended."""
    return frozenset(name for name, agreement in agreements.items() if not agreement.on(day))


def found(environ: Mapping[str, str], catalog: Catalog | None = None) -> Discovered:
    """Every connector there is: the hub's own, those in HUB_CONNECTORS, installed packages."""
    folders = [Path(part) for part in environ.get(FOLDERS, "").split(os.pathsep) if part]
    return discovered(catalog, folders)


def opened(environ: Mapping[str, str], catalog: Catalog, engine: AsyncEngine) -> Partners:
    """The partners that the environment switches on. One that is broken and off costs a warning only.

    Raises:
        InputRefused: one that is on cannot be used, or nobody says under which agreement; in one line.
    """
    there = found(environ, catalog)
    for broken in there.refused:
        if any(name.startswith(variable(broken.id, "")) and environ[name] for name in environ):
            raise InputRefused("; ".join(part.strip() for part in str(broken.fault).splitlines()))
        log.warning("connector %s (%s) cannot be used; it is off", broken.id, broken.where)
    sources: dict[str, Source] = {}
    agreements: dict[str, Agreement] = {}
    for name, config in switched_on(there.installed, environ).items():
        agreements[name] = agreement_of(name, environ)
        try:
            sources |= registry.build({name: config}, engine, environ, there.installed)
        except InputRefused as fault:
            raise in_variables(fault, name) from None
    levels = {
        name: level for name in sources if (level := claimed_level(there.installed[name].folder)) is not None
    }
    return Partners(sources, agreements, token_keys(there.installed, environ), levels)


def listed(environ: Mapping[str, str], catalog: Catalog, day: date) -> list[dict[str, Any]]:
    """Every connector for operators: what it is, where it was found, and whether and why it is on."""
    there = found(environ, catalog)
    on = switched_on(there.installed, environ)
    lines = [_line(partner, name in on, environ, day) for name, partner in there.installed.items()]
    for broken in there.refused:
        known = {"id": broken.id, "where": broken.where, "on": False}
        known |= {"why": " ".join(str(broken.fault).split()), "supplies": {}, "capabilities": []}
        lines.append(dict.fromkeys(_COLUMNS) | known)
    return sorted(lines, key=lambda line: str(line["id"]))


_COLUMNS = ("id", "name", "where", "protocol", "supplies", "capabilities", "on", "why", "level")


def _line(partner: Installed, on: bool, environ: Mapping[str, str], day: date) -> dict[str, Any]:
    manifest = partner.manifest
    why = "no variable of it is set"
    if on:
        try:
            agreement = agreement_of(manifest.id, environ)
            on, why = agreement.on(day), agreement.standing(day)
        except InputRefused as fault:
            on, why = False, str(fault)
    declared = {"fetch", *manifest.operations} | ({"find"} if manifest.matching else set())
    supplies = {noun: supply.category for noun, supply in manifest.supplies.items()}
    claimed = claimed_level(partner.folder)
    values = (
        manifest.id,
        manifest.name,
        partner.where,
        manifest.protocol,
        supplies,
        sorted(declared),
        on,
        why,
        claimed,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def agreement_of(connector: str, environ: Mapping[str, str]) -> Agreement:
    """The agreement that an operator names for a connector.

    Raises:
        InputRefused: there is none, or it cannot be read.
    """
    where = variable(connector, "agreement")
    try:
        return read_agreement(environ.get(where, ""))
    except ValueError as fault:
        missing = "" if environ.get(where) else "is not set: nobody is asked without an agreement. It "
        raise InputRefused(f"{where} {missing}{fault}.") from None


def switched_on(
    known: Mapping[str, Installed], environ: Mapping[str, str]
) -> dict[str, dict[str, str | int]]:
    """What `connectors.registry.build` is told: {"pantry": {"base_url": "https://…", "api_key": "env:…"}}.

    A secret stays in the environment: only the name of its variable is handed on.
    """
    config: dict[str, dict[str, str | int]] = {}
    for name, partner in known.items():
        if environ.get(variable(name, "agreement")):
            config[name] = {}
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
