"""Signing in, as the application of an OpenID provider: sending somebody there, and believing who came back.

Authlib speaks the protocol (code flow, PKCE, state, nonce). What it would take on trust is decided here and
in `auth/id_tokens.py`: which addresses, which provider answered, and every claim of the ID token. A refusal
names the check for the log, and repeats nothing of what was sent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import httpx
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from starlette.requests import Request

from auth.demo_issuer import AUTHORIZE_PATH, END_SESSION_PATH, TOKEN_PATH
from auth.demo_provider import DemoProvider
from auth.discovery import TIMEOUT, is_loopback
from auth.id_tokens import Demanded, signed_in
from auth.issuers import Issuer
from auth.provider import Endpoints, LocalProvider, Provider, RemoteProvider
from auth.sessions import IDLE, SignedIn
from gateway.authlib_client import Client, Small, Waiting, basic
from gateway.settings import Settings
from hmis.errors import HubError, Unauthenticated

CALLBACK = "/sign-in/callback"
LOGGED_OUT = "/sign-in/logged-out"
WAITING = "_state_hub_"
"""In a session's `data`, before the `state` of somebody who was sent to the provider: Authlib's own form."""
LEAVING = "_state_out_"
"""Likewise, of somebody who was sent there to sign out."""
_IN, _OUT = "hub", "out"
_AWAY_FOR = IDLE
"""How long one may take at the provider."""
TABS = 5
"""Sign-ins that one browser may have under way; who began before these begins again."""


_STATE = re.compile(r"[A-Za-z0-9_-]{1,100}")
_ERRORS = frozenset(
    {
        *("access_denied", "invalid_request", "invalid_scope", "login_required", "interaction_required"),
        *("account_selection_required", "consent_required", "server_error", "temporarily_unavailable"),
        *("unauthorized_client", "unsupported_response_type", "unmet_authentication_requirements"),
    }
)
"""Of RFC 6749, 4.1.2.1, and OpenID Connect Core, 3.1.2.6; others are not repeated."""


class SignInRefused(HubError):
    """Nobody is signed in by this answer. The words name the check, for the log."""


class ProviderAway(HubError):
    """The provider does not say where it is, or does not answer."""


@dataclass(frozen=True, slots=True)
class Back:
    """Somebody who came back from the provider, and is who it says."""

    who: SignedIn
    to: str
    """The page that they wanted."""
    was: str | None
    """Who had to prove that they are still there, as `issuer subject`; None = it was a plain sign-in."""


class SignIn:
    """The way to the provider of this hub, and back."""

    def __init__(
        self,
        settings: Settings,
        provider: Provider,
        client_id: str,
        client_secret: str | None = None,
        transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        self.provider = provider
        self.client_id = client_id
        self._client_secret = client_secret
        self._settings = settings
        self._transport = transport or partial(Small, verify=httpx.create_ssl_context(trust_env=False))

    def address(self, http: Request) -> str:
        """Where people open this hub.

        Raises:
            SignInRefused: it has not been told, and is asked from another machine: a host may say anything.
        """
        if self._settings.public_url is not None:
            return self._settings.public_url
        if not is_loopback(http.url.hostname):
            raise SignInRefused("HUB_PUBLIC_URL is not set")
        return f"{http.url.scheme}://{http.url.netloc}"

    async def leave(
        self, http: Request, now: datetime, *, to: str, again: SignedIn | None = None
    ) -> tuple[str, dict[str, Any]]:
        """The address at the provider to go to, and what has to be kept in the session until they are back.

        again: who has to prove that they are still there; None = whoever it is signs in.
        """
        endpoints = await self._endpoints()
        settings = self._settings
        acr = settings.sign_in_acr if again is None else settings.step_up_acr or settings.sign_in_acr
        age = settings.sign_in_max_age_s if again is None else None
        asked: dict[str, Any] = {"acr_values": " ".join(acr)} if acr else {}
        since = now
        if again is not None:
            asked |= {"prompt": "login", "max_age": 0}
        elif age:
            asked |= {"max_age": age}
            since = now - timedelta(seconds=age)
        kept = {
            "to": to,
            "at": now.timestamp(),
            "since": since.timestamp() if again is not None or age else None,
            "acr": list(acr),
            "was": None if again is None else person(again),
        }
        http.scope["session"] = {}
        client = self._client(endpoints, kept)
        answer = await client.authorize_redirect(http, self.address(http) + CALLBACK, **asked)
        return answer.headers["location"], http.session

    async def arrive(self, http: Request, now: datetime, take: Callable[[str], Awaitable[Any]]) -> Back:
        """Who came back to the callback.

        take: gives what was kept under a name, once.

        Raises:
            SignInRefused: a check failed.
            ProviderAway: it cannot be asked now.
        """
        state = _one(http, "state") or ""
        name = f"{WAITING}{state}"
        waiting = await take(name) if _STATE.fullmatch(state) else None
        if not isinstance(waiting, dict):
            raise SignInRefused("state: of no sign-in that was begun in this browser")
        kept = waiting["data"]
        if now.timestamp() - kept["at"] > _AWAY_FOR.total_seconds():
            raise SignInRefused("state: begun too long ago")
        endpoints = await self._endpoints()
        self._check_answerer(http, endpoints)
        if (error := _one(http, "error")) is not None:
            raise SignInRefused(f"the provider says no: {error if error in _ERRORS else 'another error'}")
        if not _one(http, "code"):
            raise SignInRefused("code: missing")
        http.scope["session"] = {name: waiting}
        demanded = Demanded(
            nonce=kept["nonce"],
            since=None if kept["since"] is None else datetime.fromtimestamp(kept["since"], now.tzinfo),
            acr=kept["acr"],
        )

        async def believed(token: Mapping[str, Any]) -> SignedIn:
            return await _believed(self.provider.issuer, token, demanded, now)

        who = await self._exchanged(self._client(endpoints, {}, believed), http)
        if kept["was"] is not None and kept["was"] != person(who):
            raise SignInRefused("sub: somebody else than before")
        return Back(who, kept["to"], kept["was"])

    async def leave_for_good(self, http: Request, id_token: str | None) -> tuple[str, dict[str, Any]] | None:
        """The address at the provider that ends its session, too, and what to keep until they are back
        (RP-Initiated Logout 1.0, 2); None = it has none, or does not say."""
        try:
            endpoints = await self._endpoints()
        except ProviderAway:
            return None
        if endpoints.end_session is None:
            return None
        http.scope["session"] = {}
        answer = await self._client(endpoints, {}, name=_OUT).logout_redirect(
            http,
            post_logout_redirect_uri=self.address(http) + LOGGED_OUT,
            id_token_hint=id_token,
            client_id=self.client_id,
        )
        return answer.headers["location"], http.session

    async def _endpoints(self) -> Endpoints:
        endpoints = await self.provider.endpoints()
        if endpoints is None:
            raise ProviderAway("where the provider is cannot be had at present")
        return endpoints

    def _check_answerer(self, http: Request, endpoints: Endpoints) -> None:
        """RFC 9207, 2.4: it is the provider that was asked, and it says so where it said it would."""
        said = http.query_params.getlist("iss")
        if said != [self.provider.issuer.url] and (said or endpoints.says_iss):
            raise SignInRefused("iss: another provider answered")

    async def _exchanged(self, client: Client, http: Request) -> SignedIn:
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await client.authorize_access_token(http)
        except Unauthenticated as refused:
            raise SignInRefused(f"ID token: {refused}") from None
        except AuthlibBaseError:
            raise SignInRefused("the code was not taken") from None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failed:
            raise ProviderAway(f"the code could not be redeemed: {type(failed).__name__}") from None
        except (ValueError, TypeError, KeyError):
            raise SignInRefused("the answer to the code cannot be read") from None
        who = answer.get("userinfo")
        if not isinstance(who, SignedIn):
            raise SignInRefused("ID token: missing")
        return who

    def _client(
        self,
        endpoints: Endpoints,
        kept: Mapping[str, Any],
        believed: Callable[[Mapping[str, Any]], Awaitable[SignedIn]] | None = None,
        name: str = _IN,
    ) -> Client:
        client = Client(
            Waiting(name),
            name,
            client_id=self.client_id,
            client_secret=self._client_secret,
            authorize_url=endpoints.authorization,
            access_token_url=endpoints.token,
            end_session_endpoint=endpoints.end_session,
            client_auth_methods=[("client_secret_basic", basic)],
            user_agent="hmis-hub",
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_basic" if self._client_secret else "none",
                "transport": self._transport(),
                "trust_env": False,
                "follow_redirects": False,
                "timeout": TIMEOUT,
            },
        )
        client.kept, client.believed = kept, believed
        return client


async def _believed(issuer: Issuer, token: Mapping[str, Any], demanded: Demanded, now: datetime) -> SignedIn:
    id_token, access_token = token.get("id_token"), token.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str | None):
        raise Unauthenticated("not a text")
    return await signed_in(issuer, id_token, demanded, now, access_token)


def _one(http: Request, name: str) -> str | None:
    """A parameter of the answer; None = it is not there."""
    said = http.query_params.getlist(name)
    if len(said) > 1:
        raise SignInRefused(f"{name}: stands there twice")
    return said[0] if said else None


def person(who: SignedIn) -> str:
    """Who it is, whichever session they have. An issuer's URL has no space."""
    return f"{who.issuer} {who.subject}"


def sign_in_of(settings: Settings, demo: DemoProvider | None, now: Callable[[], datetime]) -> SignIn | None:
    """The way in that the operator set; None = there is none, and there are no pages."""
    if settings.sign_in_issuer is not None:
        secret = settings.sign_in_client_secret
        return SignIn(
            settings,
            RemoteProvider(settings.sign_in_issuer, settings.sign_in_client_id),
            settings.sign_in_client_id,
            None if secret is None else secret.get_secret_value(),
        )
    if demo is None:
        return None

    def redeem(request: httpx.Request) -> httpx.Response:
        said = dict(parse_qsl(request.content.decode()))
        answer = demo.redeem(said, now())
        return httpx.Response(400 if "error" in answer else 200, json=answer)

    # Within one process nothing has to know at which port it listens.
    here = Endpoints(AUTHORIZE_PATH, demo.issuer.url + TOKEN_PATH, END_SESSION_PATH, says_iss=True)
    provider = LocalProvider(demo.issuer.trusted_for(demo.client_id), here)
    return SignIn(settings, provider, demo.client_id, transport=lambda: httpx.MockTransport(redeem))
