"""What every source with a manifest says of itself, read out of the manifest."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from connectors.base import Acceptance, Capability, Source
from connectors.manifest import Manifest


class DeclaredSource(Source):
    """A source that is who its manifest says. capabilities: what it can do beside `fetch`."""

    def __init__(self, manifest: Manifest, capabilities: AbstractSet[Capability]) -> None:
        self.name = manifest.id
        self.title = manifest.name
        self.offers = manifest.offers
        self.version = manifest.version
        self.limits = manifest.limits
        self.discloses = manifest.matching.discloses if manifest.matching else frozenset()
        self.acceptance = manifest.matching.acceptance if manifest.matching else Acceptance()
        self.capabilities = frozenset(capabilities)
