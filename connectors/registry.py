"""Which partners there are: the folders beside this file, switched on by what the operator set.

Installing is not enabling: a folder is only read; a source is built for the connectors that `config` names.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Source
from connectors.binding import Catalog, unbound
from connectors.config import Config, read_config
from connectors.graphql import GraphqlSource
from connectors.http import Http
from connectors.manifest import Manifest, ManifestRefused, read_manifest
from connectors.rest import RestSource
from connectors.signing import signer
from connectors.toml import Problem, did_you_mean
from hmis.errors import InputRefused

HERE = Path(__file__).parent
MANIFEST = "connector.toml"
_SPOKEN: dict[str, type[RestSource]] = {"rest": RestSource, "graphql": GraphqlSource}


@dataclass(frozen=True, slots=True)
class Installed:
    """A partner's folder and its checked manifest."""

    folder: Path
    manifest: Manifest

    @property
    def has_code(self) -> bool:
        return (self.folder / "source.py").exists()


class _Built(Protocol):
    """What a partner with code offers in its `source.py`."""

    def build(self, manifest: Manifest, config: Config, engine: AsyncEngine) -> Source: ...


def installed(root: Path = HERE) -> dict[str, Installed]:
    """Every partner that has a manifest, by id.

    Raises:
        ManifestRefused: the first manifest with faults, with all of its faults.
    """
    found: dict[str, Installed] = {}
    for path in sorted(root.glob(f"*/{MANIFEST}")):
        manifest = read_manifest(path)
        if manifest.id.replace("-", "_") != path.parent.name:
            problem = Problem("id", f"must be the folder's name, {path.parent.name.replace('_', '-')}")
            raise ManifestRefused(f"{path.parent.name}/{path.name}", [problem])
        found[manifest.id] = Installed(path.parent, manifest)
    return found


def build(
    config: Mapping[str, Mapping[str, str | int]],
    engine: AsyncEngine,
    environ: Mapping[str, str],
    catalog: Catalog | None = None,
) -> dict[str, Source]:
    """The sources that `config` switches on, by connector id: {"pantry": {"base_url": "https://…", …}}.

    engine: where landing tables live. environ: where `env:NAME` secrets are looked up. catalog: what of the
    schema partners can fill; what a manifest supplies is held against it. None = it is not.

    Raises:
        InputRefused: an unknown connector, a faulty manifest, a value missing or of the wrong form.
    """
    known = installed()
    sources: dict[str, Source] = {}
    for name, values in config.items():
        if name not in known:
            raise InputRefused(f"There is no connector {name}{did_you_mean(name, known)}.")
        partner = known[name]
        if catalog is not None and (problems := unbound(partner.manifest.supplies.values(), catalog)):
            raise ManifestRefused(f"{partner.folder.name}/{MANIFEST}", problems)
        read = read_config(name, partner.manifest.config, values, environ)
        sources[name] = _source(partner, read, engine)
    return sources


def _source(partner: Installed, config: Config, engine: AsyncEngine) -> Source:
    manifest = partner.manifest
    if partner.has_code:
        module = importlib.import_module(f"connectors.{partner.folder.name}.source")
        return cast(_Built, module).build(manifest, config, engine)
    spoken = _SPOKEN.get(manifest.protocol)
    if spoken is None:
        raise InputRefused(f"Connector {manifest.id} speaks {manifest.protocol} and needs a source.py.")
    http = Http(manifest.id, config.text("base_url"), manifest.limits, signer(manifest.auth, config))
    return spoken(manifest, http)
