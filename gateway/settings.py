"""What the operator set: one frozen object, read once from HUB_* variables and handed down as values."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from auth.discovery import checked_issuer
from auth.forms import Template, template_of
from auth.journal import FILE
from auth.viewer import Role
from gateway.plan.limits import MOST_COST
from hmis.database import async_url
from hmis.errors import HubError, InputRefused

DEMO_ISSUER = "http://127.0.0.1:8000"
"""The name (`iss`) of the demo issuer: of a key, not of an address, so its tokens are good on any port."""

EVERYBODY, NOBODY = "everybody", "nobody"
_PREFIX = "HUB_"


def _setting(default: Any, does: str, must: str, **limits: Any) -> Any:
    """does: what it is for, in the words of the README. must: what a value has to be, for a refusal."""
    return Field(default, description=does, json_schema_extra={"must": must}, validate_default=True, **limits)


class Settings(BaseSettings):
    """Read with `Settings.read()`; a partner's variables (HUB_PANTRY_…) are read in `gateway/partners.py`."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    home: Path = _setting(".hub", "Folder of all state: the embedded database, keys, logs", "be a folder")
    database_url: str | None = _setting(
        None,
        "Any PostgreSQL 15 or newer; without it an embedded server runs in HUB_HOME",
        "begin with postgresql://",
    )
    journal: Path | None = _setting(
        None,
        "File of revocations, to outlive a restore of the database; else `revocations.jsonl` in HUB_HOME",
        "be a file",
    )
    eligibility: Path | None = _setting(
        None,
        "Folder with the community's own `states.csv` and `areas.csv` for screening; see docs/eligibility.md",
        "be a folder",
    )
    host: str = _setting("127.0.0.1", "Address to listen on", "be an address of this machine", min_length=1)
    port: int = _setting(8000, "Port to listen on", "be a port from 0 to 65535", ge=0, le=65535)
    audience: str = _setting(
        "hmis-hub", "What a token must name as its audience (`aud`)", "not be empty", min_length=1
    )
    issuers: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "Token issuers to trust, with commas between: OpenID providers by their exact `iss`",
        "be https URLs with commas between (http only on this machine itself)",
    )
    demo_issuer: bool = _setting(
        False, "1 also trusts the demo issuer, whose key lies in HUB_HOME. Never on a real hub", "be 0 or 1"
    )
    time_zone: str = _setting(
        "America/New_York",
        "Time zone of the community: its day decides which grants and agreements hold",
        "be an IANA time zone like America/Chicago",
    )
    max_request_bytes: int = _setting(
        100_000, "Largest request body", "be a number of bytes, at least 1000", ge=1_000
    )
    deadline_s: float = _setting(
        3.0, "Seconds that partners have to answer within one request", "be seconds, above 0", gt=0, le=60
    )
    sync_every_s: float = _setting(
        300.0,
        "Seconds between two looks at a partner: files, changes, referrals",
        "be seconds, at least 1",
        ge=1,
    )
    seal_every_s: float = _setting(
        5.0, "Seconds between two seals of what was audited meanwhile", "be seconds, at least 1", ge=1
    )
    stop_within_s: int = _setting(
        30, "Seconds that running requests have to finish when the hub stops", "be whole seconds", ge=0
    )
    compiled: bool = _setting(
        True,
        "0 has graphql-core answer every operation, instead of a plan compiled once: to compare the two",
        "be 0 or 1",
    )
    consent_forms: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "The forms by which clients of this community agree, with commas between: `mn-hmis`; see"
        " docs/consent.md",
        "be forms that are built in, with commas between",
    )
    documents: Path | None = _setting(
        None,
        "Folder of documents that applications may ask by their hash; see docs/documents.md",
        "be a folder",
    )
    documents_only: bool = _setting(
        False,
        "1 refuses documents that are not registered for the application that asks. Set it on a real hub",
        "be 0 or 1",
    )
    free_text: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "Who may send any document all the same, with commas between: scopes, and people as `issuer#subject`",
        "be scopes, or issuer#subject with the issuer's URL, with commas between",
    )
    applications: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "Who registers documents for an application at the explorer, with commas between:"
        " `application=issuer#subject`",
        "be application=issuer#subject with the issuer's URL, with commas between",
    )
    max_cost: int = _setting(
        MOST_COST,
        "Most that one operation may cost, estimated before anything is read; see docs/limits.md",
        "be a whole number above 0",
        gt=0,
    )
    cost_per_minute: int = _setting(
        0,
        "Most that the operations of one viewer may cost in a minute, over all workers; 0 = no limit",
        "be a whole number, 0 for no limit",
        ge=0,
    )
    introspection: Annotated[tuple[str, ...] | None, NoDecode] = _setting(
        None,
        "Who may ask for the schema: roles with commas between, `everybody` or `nobody`; else integrators,"
        " and everybody with the demo issuer",
        "be roles with commas between, everybody or nobody",
    )
    suggestions: bool = _setting(
        False,
        "1 has refusals suggest what may have been meant. They tell the schema to anybody: for development",
        "be 0 or 1",
    )
    sign_in_issuer: str | None = _setting(
        None,
        "OpenID provider where people sign in to the pages, by its exact `iss`; see docs/sign-in.md. Without"
        " it and without the demo issuer there are no pages",
        "be an https URL (http only on this machine itself)",
    )
    sign_in_client_id: str = _setting(
        "", "What that provider calls the hub (`client_id`)", "be set along with HUB_SIGN_IN_ISSUER"
    )
    sign_in_client_secret: SecretStr | None = _setting(
        None,
        "The secret that goes with it, sent as `client_secret_basic`; without it the hub is a public client",
        "be a text",
    )
    public_url: str | None = _setting(
        None,
        "Address at which people open the hub, such as https://hub.example.org; needed to sign in",
        "be set along with HUB_SIGN_IN_ISSUER, as an https address without a path (http only on this machine"
        " itself: browsers keep the cookie of a session nowhere else)",
    )
    sign_in_acr: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "How people must sign in: `acr` values of that provider, with commas between; else any way it allows",
        "be acr values with commas between",
    )
    sign_in_max_age_s: int = _setting(
        900,
        "Seconds for which a sign-in at the provider for something else is good here, too; 0 = for ever",
        "be whole seconds, 0 for ever",
        ge=0,
    )
    step_up_acr: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "How people must have signed in before emergencies, consent and exports: `acr` values, with commas"
        " between; else any way, if it was just now",
        "be acr values with commas between",
    )
    debug: bool = _setting(False, "1 shows the stack of an unexpected error on the terminal", "be 0 or 1")

    @classmethod
    def read(cls) -> Self:
        """The settings of this process.

        Raises:
            InputRefused: one line that names every variable that cannot be taken and what it must be.
        """
        try:
            return cls()
        except ValidationError as fault:
            raise InputRefused("; ".join(_faults(fault))) from None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def has_pages(self) -> bool:
        """Whether there is anywhere to sign in, without which no page shows anything."""
        return self.sign_in_issuer is not None or self.demo_issuer

    @property
    def introspecting(self) -> tuple[Role, ...] | None:
        """The roles that may ask for the schema; None = everybody may."""
        named = self.introspection
        if named is None:
            return None if self.demo_issuer else (Role.INTEGRATOR,)
        return None if named == (EVERYBODY,) else tuple(Role(one) for one in named if one != NOBODY)

    @property
    def forms(self) -> tuple[Template, ...]:
        """The forms by which clients agree, the usual one first."""
        return tuple(template_of(one) for one in self.consent_forms)

    @property
    def journal_file(self) -> Path:
        return self.journal or self.home / FILE

    def day_of(self, moment: datetime) -> date:
        """The community's day at a moment: grants begin and end where it turns, also where clocks change."""
        return moment.astimezone(self.zone).date()

    @field_validator("home")
    @classmethod
    def _home(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("journal", "eligibility", "documents", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        return Path(str(value)).expanduser().absolute() if value else None  # empty is as good as not set

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str | None) -> str | None:
        if not value:
            return None  # set but empty is how a shell unsets it for one command
        try:
            async_url(value)
        except Exception as fault:
            raise ValueError from fault  # its own words may hold the password
        return value

    @field_validator("sign_in_acr", "step_up_acr", mode="before")
    @classmethod
    def _acr(cls, value: object) -> object:
        named = _listed(value)
        if isinstance(named, tuple) and any(" " in str(one) for one in named):
            raise ValueError  # a space stands between two of them in a request
        return named

    @field_validator("sign_in_issuer")
    @classmethod
    def _sign_in_issuer(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            return checked_issuer(value)
        except HubError as fault:
            raise ValueError from fault

    @field_validator("sign_in_client_id")
    @classmethod
    def _client_id(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("sign_in_issuer") and not value.strip():
            raise ValueError
        return value.strip()

    @field_validator("sign_in_client_secret")
    @classmethod
    def _client_secret(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value and value.get_secret_value() else None

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value:
            if info.data.get("sign_in_issuer"):
                raise ValueError
            return None
        try:
            return origin(checked_issuer(value))
        except HubError as fault:
            raise ValueError from fault

    @field_validator("consent_forms", mode="before")
    @classmethod
    def _forms(cls, value: object) -> object:
        named = _listed(value)
        if isinstance(named, tuple):
            try:
                return tuple(template_of(one).name for one in named)
            except HubError as fault:
                raise ValueError from fault
        return named

    @field_validator("free_text", mode="before")
    @classmethod
    def _free_text(cls, value: object) -> object:
        named = _listed(value)
        for one in named if isinstance(named, tuple) else ():
            issuer, mark, subject = one.partition("#")
            if not (_SCOPE.fullmatch(one) if not mark else issuer.startswith("http") and subject):
                raise ValueError
        return named

    @field_validator("applications", mode="before")
    @classmethod
    def _applications(cls, value: object) -> object:
        named = _listed(value)
        for one in named if isinstance(named, tuple) else ():
            application, _, person = one.partition("=")
            issuer, _, subject = person.partition("#")
            if not (application and issuer.startswith("http") and subject):
                raise ValueError
        return named

    @field_validator("introspection", mode="before")
    @classmethod
    def _introspection(cls, value: object) -> object:
        named = _listed(value) or None
        if isinstance(named, tuple) and named not in ((EVERYBODY,), (NOBODY,)):
            for one in named:
                Role(one)
        return named

    @field_validator("issuers", mode="before")
    @classmethod
    def _issuers(cls, value: object) -> object:
        value = _listed(value)
        if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
            try:
                return tuple(checked_issuer(part) for part in value)
            except HubError as fault:
                raise ValueError from fault
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as fault:  # zoneinfo raises KeyError, ValueError, OSError, by the kind of nonsense
            raise ValueError from fault
        return value


_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""One scope (RFC 6749, 3.3)."""


def origin(url: str) -> str:
    """Scheme, host and port, as browsers write them (RFC 6454). ValueError = there is a path, too."""
    parts = urlsplit(url)
    if parts.path not in ("", "/"):
        raise ValueError("there is a path")
    usual = {"https": ":443", "http": ":80"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}".lower()


def _listed(value: object) -> object:
    """A text with commas between as its parts."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _faults(fault: ValidationError) -> list[str]:
    """One sentence for each variable, without its value: it may be a secret."""
    names = dict.fromkeys(str(error["loc"][0]) for error in fault.errors() if error["loc"])
    return [f"{variable(name)} must {_must(name)}." for name in names]


def _must(name: str) -> str:
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["must"]) if isinstance(extra, dict) else "be valid"


def variable(name: str) -> str:
    """The environment variable of a field."""
    return _PREFIX + name.upper()
