"""The OpenID provider that people sign in at: where it is, and what it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from auth.discovery import DiscoveryFailed, checked_issuer, endpoint, http_client, published_metadata
from auth.issuers import Issuer, RemoteIssuer
from auth.refreshed import Refreshed


@dataclass(frozen=True, slots=True)
class Endpoints:
    """OpenID Connect Discovery 1.0, 3, as far as the hub needs it."""

    authorization: str
    token: str
    end_session: str | None
    """None = the provider cannot be told that somebody signed out (RP-Initiated Logout 1.0, 2.1)."""
    says_iss: bool
    """Whether it names itself in every answer to the browser (RFC 9207, 3)."""

    @classmethod
    def of(cls, metadata: Mapping[str, object], issuer: str) -> Endpoints:
        """DiscoveryFailed = not one to sign in at, or not safely."""
        methods = metadata.get("code_challenge_methods_supported")
        if isinstance(methods, list) and "S256" not in methods:
            raise DiscoveryFailed("the provider does not know PKCE with S256")
        ends = "end_session_endpoint"
        return cls(
            authorization=endpoint(metadata, "authorization_endpoint", issuer),
            token=endpoint(metadata, "token_endpoint", issuer),
            end_session=endpoint(metadata, ends, issuer) if ends in metadata else None,
            says_iss=metadata.get("authorization_response_iss_parameter_supported") is True,
        )


class Provider(Protocol):
    """One provider: whose ID tokens are believed, and where to go."""

    @property
    def issuer(self) -> Issuer:
        """Its `audience` is our client id there."""

    async def endpoints(self) -> Endpoints | None:
        """None = it does not say at present."""


class LocalProvider:
    """A provider within this process: the demo's. Its addresses may be paths of ours."""

    def __init__(self, issuer: Issuer, endpoints: Endpoints) -> None:
        self.issuer = issuer
        self._endpoints = endpoints

    async def endpoints(self) -> Endpoints:
        return self._endpoints


class RemoteProvider:
    """Any OpenID provider, by its exact `iss`."""

    def __init__(self, url: str, client_id: str) -> None:
        self.issuer: Issuer = RemoteIssuer(url, client_id)
        self._url = checked_issuer(url)
        self._endpoints = Refreshed(self._published, f"endpoints of issuer {url}")

    async def endpoints(self) -> Endpoints | None:
        return await self._endpoints.now()

    async def _published(self) -> Endpoints:
        async with http_client() as client:
            return Endpoints.of(await published_metadata(client, self._url), self._url)
