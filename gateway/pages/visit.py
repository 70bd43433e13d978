"""A visit: somebody signed in asks for one page. Documents are run as them, and templates see the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth.sessions import Session
from auth.tokens import Claims
from gateway.answering import answer
from gateway.body import Asked
from gateway.hub import Hub
from gateway.pages.places import DOORS, NOTICES, PLACES
from gateway.pages.rendering import language_of, rendered, says


@dataclass(frozen=True, slots=True)
class Answered:
    """What a document gave, as an application would get it (`gateway/answers.py`)."""

    data: Mapping[str, Any]
    """Empty = nothing ran."""
    errors: tuple[Mapping[str, Any], ...] = ()
    withheld: tuple[Mapping[str, Any], ...] = ()
    """Fields that were asked for and not shown: field, category, count."""
    obligations: tuple[Mapping[str, Any], ...] = ()
    """What is owed for what was shown: code, text, grant."""
    sources: tuple[Mapping[str, Any], ...] = ()
    """Partners that gave nothing, or something old: source, code, stale, asOf."""

    def problems(self, field_name: str) -> tuple[Mapping[str, Any], ...]:
        """What the writer can mend in a mutation's field; empty = it was done."""
        payload = self.data.get(field_name) or {}
        return tuple(payload.get("problems", ()))


@dataclass(slots=True)
class Visit:
    """One request for one page."""

    http: Request
    hub: Hub
    session: Session
    claims: Claims
    form: Mapping[str, str]
    """What was sent, of a POST; of fields with one name the last."""
    fields: tuple[tuple[str, str], ...] = ()
    """The same, in order and with repetitions: `chosen` gives all of one name."""
    viewer: Mapping[str, Any] | None = None
    """As the last document that asked for `viewer` was told; None = they act for nobody here."""
    asked: list[str] = field(default_factory=list)
    """Documents that were run, by name."""
    spoken: str | None = None
    """The language of this one page, where it is read together with somebody who speaks another."""

    async def ask(self, name: str, **variables: Any) -> Answered:
        """Run a document of `documents/` as the viewer, with the decisions, limits and audit of any other."""
        return await self.ask_text(document(name), variables, name)

    async def ask_text(self, text: str, variables: Mapping[str, Any], name: str = "") -> Answered:
        """Run a document of ours that is not in a file."""
        asked = Asked(text, None, variables)
        async with self.hub.turns.taken() as turn:
            request_id = self.http.state.request_id
            _, content = await answer(self.hub, self.claims, asked, request_id, turn, is_ours=True)
        self.asked.append(name)
        data = content.get("data") or {}
        if "viewer" in data:
            self.viewer = data["viewer"]
        extensions = content.get("extensions", {})
        consent = extensions.get("consent", {})
        return Answered(
            data,
            tuple(content.get("errors", ())),
            tuple(consent.get("withheld", ())),
            tuple(consent.get("obligations", ())),
            tuple(extensions.get("sources", ())),
        )

    def chosen(self, name: str) -> list[str]:
        """All that was sent under one name, as checkboxes send it."""
        return [value for key, value in self.fields if key == name]

    @property
    def language(self) -> str:
        return self.spoken or language_of(
            self.session.data.get("language"), self.http.headers.get("accept-language")
        )

    def places(self) -> list[tuple[str, str]]:
        """Where the visitor's role may go: paths, and their names in the visitor's language."""
        role = (self.viewer or {}).get("role")
        say = says(self.language)
        return [(path, say(words)) for path, words, roles in PLACES if role in roles]

    def doors(self) -> list[tuple[str, str, str]]:
        """The same with what one does there."""
        say = says(self.language)
        return [(path, words, say(DOORS[path])) for path, words in self.places()]

    def is_in(self, path: str) -> bool:
        """Whether this page is one of that place's, and of no other's within it."""
        here = self.http.url.path
        around = [place for place, _, _ in PLACES if here == place or here.startswith(f"{place}/")]
        return path == max(around, key=len, default=None)

    def notice(self) -> str | None:
        """What was done just before, as `go` told this page; None = nothing."""
        words = NOTICES.get(self.http.query_params.get("done", ""))
        return says(self.language)(words) if words else None

    def show(self, template: str, status: int = 200, **given: Any) -> HTMLResponse:
        """The page, in the visitor's language."""
        return HTMLResponse(rendered(template, self.language, visit=self, **given), status)

    def go(self, path: str, done: str | None = None) -> Response:
        """To another page of ours, after something was done (RFC 9110, 15.4.4).

        done: a key of `NOTICES`, which that page then says, in the language of this one.
        """
        query = {"done": done, "language": self.spoken} if done else {}
        told = urlencode({name: value for name, value in query.items() if value})
        return RedirectResponse((path if is_ours(path) else "/") + (f"?{told}" if told else ""), 303)


def here(http: Request) -> str:
    """The path that was asked for, with its query."""
    return http.url.path + (f"?{http.url.query}" if http.url.query else "")


def is_ours(path: str) -> bool:
    """Whether it is a path of this hub and nothing that a browser takes for another host."""
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


@cache
def document(name: str) -> str:
    """The text of a page's document."""
    return (files("gateway.pages") / "documents" / f"{name}.graphql").read_text(encoding="utf-8")
