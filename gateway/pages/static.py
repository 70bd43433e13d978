"""Style sheets and scripts: read once, named by what they hold, so that a browser may keep them for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_A_YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str


@cache
def _files() -> dict[str, tuple[str, _File]]:
    """By name in the folder: the name it is served by, and itself."""
    found = {}
    for path in (files("gateway.pages") / "static").iterdir():
        stem, _, ending = path.name.rpartition(".")
        if ending in _KINDS:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:16]
            found[path.name] = (f"{stem}.{digest}.{ending}", _File(content, _KINDS[ending]))
    return found


@cache
def _served() -> dict[str, _File]:
    return dict(_files().values())


def address(name: str) -> str:
    """Where a file of `static/` is served from."""
    return f"/static/{_files()[name][0]}"


async def static(http: Request) -> Response:
    """One file, by the name that says what it holds."""
    file = _served().get(http.path_params["name"])
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": f"public, max-age={_A_YEAR}, immutable"}
    return Response(file.content, media_type=file.kind, headers=headers)
