"""Which partners there are, and which of them are switched on by what the operator set.

Installing is not enabling: a folder is only read; a source is built for the connectors that `config` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Source
from connectors.binding import Catalog, unbound
from connectors.config import Config, read_config
from connectors.discovery import HERE, MANIFEST, Installed, discovered
from connectors.graphql import GraphqlSource
from connectors.http import Http
from connectors.manifest import Manifest, ManifestRefused
from connectors.rest import RestSource
from connectors.signing import signer
from connectors.toml import did_you_mean
from hmis.errors import InputRefused

_SPOKEN: dict[str, type[RestSource]] = {"rest": RestSource, "graphql": GraphqlSource}


class _Built(Protocol):
    """What a partner with code offers in its `source.py`."""

    def build(self, manifest: Manifest, config: Config, engine: AsyncEngine) -> Source: ...


def installed(catalog: Catalog | None = None, root: Path = HERE) -> dict[str, Installed]:
    """Every partner in the hub's own folder, by id.

    Raises:
        ManifestRefused: the first manifest with faults, with all of its faults.
    """
    found = discovered(catalog, root=root, packages=False)
    for refused in found.refused:
        raise refused.fault
    return dict(found.installed)


def build(
    config: Mapping[str, Mapping[str, str | int]],
    engine: AsyncEngine,
    environ: Mapping[str, str],
    known: Mapping[str, Installed] | None = None,
    catalog: Catalog | None = None,
) -> dict[str, Source]:
    """The sources that `config` switches on, by connector id: {"pantry": {"base_url": "https://…", …}}.

    engine: where landing tables live. environ: where `env:NAME` secrets are looked up. known: the connectors
    there are; None = those in the hub's own folder. catalog: what of the schema partners can fill; what a
    manifest supplies is held against it. None = it is not, or was when the connectors were found.

    Raises:
        InputRefused: an unknown connector, a faulty manifest, a value missing or of the wrong form.
    """
    there = installed() if known is None else known
    sources: dict[str, Source] = {}
    for name, values in config.items():
        if name not in there:
            raise InputRefused(f"There is no connector {name}{did_you_mean(name, there)}.")
        partner = there[name]
        if catalog is not None and (problems := unbound(partner.manifest.supplies.values(), catalog)):
            raise ManifestRefused(f"{partner.folder.name}/{MANIFEST}", problems)
        read = read_config(name, partner.manifest.config, values, environ)
        sources[name] = source_of(partner, read, engine)
    return sources


def source_of(partner: Installed, config: Config, engine: AsyncEngine) -> Source:
    """The partner as the hub asks it.

    Raises:
        InputRefused: its code is not there, or a setting does not fit.
    """
    manifest = partner.manifest
    if partner.has_code:
        return cast(_Built, partner.module("source")).build(manifest, config, engine)
    spoken = _SPOKEN.get(manifest.protocol)
    if spoken is None:
        raise InputRefused(f"Connector {manifest.id} speaks {manifest.protocol} and needs a source.py.")
    transforms = {
        name: partner.function(operation.transform)
        for name, operation in manifest.operations.items()
        if operation.transform
    }
    http = Http(manifest.id, config.text("base_url"), manifest.limits, signer(manifest.auth, config))
    return spoken(manifest, http, transforms)
