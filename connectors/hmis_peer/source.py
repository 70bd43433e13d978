"""Which of the two ways to a peer the operator chose."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.config import Config
from connectors.hmis_peer.api import EXPORT_S, PeerApi
from connectors.hmis_peer.client import HudApi
from connectors.hmis_peer.files import PeerFiles
from connectors.hmis_peer.peer import Peer
from connectors.http import Http
from connectors.manifest import Manifest
from connectors.sftp import access
from connectors.signing import signer
from hmis.errors import InputRefused

NEEDED = {"csv": ("host", "user", "known_hosts"), "api": ("base_url", "basic_credentials")}
"""What each mode needs of [config]; a manifest can say it for all modes only."""


def build(manifest: Manifest, config: Config, engine: AsyncEngine) -> Peer:
    """As the registry asks for it."""
    mode = config.text("mode")
    if mode not in NEEDED:
        raise InputRefused(f"Connector {manifest.id}: config.mode must be {' or '.join(NEEDED)}.")
    lacking = [f"config.{name}" for name in NEEDED[mode] if name not in config.values]
    if lacking:
        raise InputRefused(f"Connector {manifest.id}: set {', '.join(lacking)}.")
    implementation = config.text("implementation") if "implementation" in config.values else None
    if mode == "csv":
        return PeerFiles(manifest, access(manifest.id, config), engine, implementation)
    http, patient = (
        Http(manifest.id, config.text("base_url"), limits, signer(manifest.auth, config))
        for limits in (manifest.limits, replace(manifest.limits, timeout_s=EXPORT_S))
    )
    return PeerApi(manifest, HudApi(manifest.id, http, patient), engine, implementation)
