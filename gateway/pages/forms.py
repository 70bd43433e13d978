"""Forms: what a page was sent, and whether one of our own pages sent it."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from auth.sessions import Session
from gateway.body import arrived
from gateway.errors import Refused
from gateway.hub import Hub

CSRF_FIELD = "csrf"
_MOST_FIELDS = 400
_KIND = "application/x-www-form-urlencoded"


async def sent(http: Request, limit: int) -> tuple[tuple[str, str], ...]:
    """The fields of a POST, in order and with repetitions; of any other request none.

    No file is taken: there is no page that needs one.

    Raises:
        Refused: 400, 408, 413 or 415.
    """
    if http.method != "POST":
        return ()
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send {_KIND} in UTF-8.")
    body = await arrived(http, limit)
    try:
        text = body.decode("ascii")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS))
    except ValueError:  # a UnicodeDecodeError is one
        raise Refused(400, "BAD_USER_INPUT", "The body is not form-encoded UTF-8.") from None


def is_own(http: Request, session: Session, given: str) -> bool:
    """Whether a form was one of this session's pages.

    By what only they say, and by what browsers say of a request (Sec-Fetch-Site, and Origin).
    """
    if http.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    hub: Hub = http.app.state.hub
    ours = hub.settings.public_url or f"{http.url.scheme}://{http.url.netloc}"
    if http.headers.get("origin", ours) != ours:
        return False
    return session.is_csrf(given)
