"""Where an issuer publishes its keys, and fetching them: OpenID Connect Discovery 1.0, else RFC 8414.

The hub goes where the issuer's own document sends it and nowhere else: no redirects, no proxies from the
environment, no plain HTTP beyond this machine, a small body, a short wait.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

import httpx

from auth.keys import Keys
from hmis.errors import HubError, InputRefused

TIMEOUT = 3.0
"""Seconds for one document, from the first packet to the last byte."""
MAX_BODY = 256 * 1024


class DiscoveryFailed(HubError):
    """The issuer's keys could not be had. Says which document and why, never what it contained."""


def http_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT)


async def published_keys(client: httpx.AsyncClient, issuer: str, seconds: float = TIMEOUT) -> Keys:
    """The keys of the issuer now. DiscoveryFailed = not reachable, or what it says cannot be trusted."""
    metadata = await published_metadata(client, issuer, seconds)
    jwks_uri = endpoint(metadata, "jwks_uri", issuer)
    if (document := await _document(client, "the JWK set", jwks_uri, seconds)) is None:
        raise DiscoveryFailed("the JWK set is not there")
    try:
        return Keys.of(document)
    except ValueError as error:
        raise DiscoveryFailed(f"the JWK set is malformed: {error}") from None


async def published_metadata(
    client: httpx.AsyncClient, issuer: str, seconds: float = TIMEOUT
) -> dict[str, object]:
    """What the issuer says of itself now. DiscoveryFailed as for its keys."""
    metadata = await _metadata(client, issuer, seconds)
    # RFC 8414, 3.3: the issuer in the document must be identical, else one issuer could pose as another.
    if metadata.get("issuer") != issuer:
        raise DiscoveryFailed("the metadata document names another issuer")
    return metadata


def endpoint(metadata: Mapping[str, object], name: str, issuer: str) -> str:
    """The address that the issuer gives for something. DiscoveryFailed = none that the hub may go to."""
    url = metadata.get(name)
    if not isinstance(url, str) or not _may_be_fetched(url, issuer):
        raise DiscoveryFailed(f"{name} is neither https nor on the issuer's own loopback")
    return url


def checked_issuer(url: str) -> str:
    """The issuer's URL as given. InputRefused when a token could not safely be traced to it."""
    parts = _split(url)
    if parts is None or parts.query or parts.fragment or "?" in url or "#" in url or not _secure(parts):
        raise InputRefused(
            "A trusted issuer is an https URL without query, fragment or password "
            "(http only on 127.0.0.1, ::1 or localhost). Correct the issuer's URL in the settings."
        )
    return url


async def _metadata(client: httpx.AsyncClient, issuer: str, seconds: float) -> dict[str, object]:
    for name, url in _well_known(issuer):
        document = await _document(client, name, url, seconds)
        if document is not None:
            if not isinstance(document, dict):
                raise DiscoveryFailed(f"{name} is not an object")
            return document
    raise DiscoveryFailed("no metadata document is there")


def _well_known(issuer: str) -> tuple[tuple[str, str], ...]:
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    base = f"{parts.scheme}://{parts.netloc}"
    # OpenID Connect appends to the issuer's path, RFC 8414 (3.1) inserts before it.
    return (
        ("openid-configuration", f"{base}{path}/.well-known/openid-configuration"),
        ("oauth-authorization-server", f"{base}/.well-known/oauth-authorization-server{path}"),
    )


async def _document(client: httpx.AsyncClient, name: str, url: str, seconds: float) -> object | None:
    """The JSON at the URL; None = 404, nothing there."""
    try:
        # httpx limits each read; a server that drips one byte at a time needs a limit on the whole.
        async with asyncio.timeout(seconds):
            body = await _body(client, name, url, seconds)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failed:
        raise DiscoveryFailed(f"{name} did not arrive: {type(failed).__name__}") from None
    if body is None:
        return None
    try:
        document: object = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise DiscoveryFailed(f"{name} is not JSON") from None
    return document


async def _body(client: httpx.AsyncClient, name: str, url: str, seconds: float) -> bytes | None:
    # Uncompressed, so that the cap counts what arrives and nothing swells after it was counted.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with client.stream(
        "GET", url, headers=headers, follow_redirects=False, timeout=seconds
    ) as response:
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        if response.status_code != httpx.codes.OK:
            raise DiscoveryFailed(f"{name} answered {response.status_code}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise DiscoveryFailed(f"{name} came compressed, which was not asked for")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                raise DiscoveryFailed(f"{name} is larger than {MAX_BODY} bytes")
        return bytes(body)


def _may_be_fetched(url: str, issuer: str) -> bool:
    parts, home = _split(url), _split(issuer)
    if parts is None or home is None or not _secure(parts):
        return False
    # An issuer elsewhere may not send the hub to plain HTTP ports of the hub's own machine.
    return parts.scheme == "https" or is_loopback(home.hostname)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here because a port that is no number raises only when read
    except ValueError:
        return None
    return parts if parts.hostname else None


def _secure(parts: SplitResult) -> bool:
    if parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def is_loopback(host: str | None) -> bool:
    """Whether a host of a URL is this machine, to whoever reads it there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
