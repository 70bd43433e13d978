"""Artist: whoever draws for the pages: another process, begun at the first picture and again when it dies.

The libraries that draw take longer to load than a server may take to start. What is drawn is published, so
pictures may be kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path

from gateway.measuring.picture import Picture

log = logging.getLogger(__name__)

_MODULE = "gateway.measuring.drawing"
_WITHIN_S = 20.0
"""For one picture; the first one waits for the process to load, which takes two to three seconds."""
_WAITING = 24
"""Pictures under way and waiting; more are refused at once, and their pages have their tables."""
_KEPT_BYTES = 8_000_000
_LINE = 4_000_000
"""The longest SVG; a picture of sixty bars has 40,000 bytes."""


class NotDrawn(Exception):
    """There is no picture this time. Its table says the same."""


class Artist:
    """Draws one picture at a time."""

    def __init__(self, within_s: float = _WITHIN_S, most: int = _WAITING) -> None:
        self._within_s = within_s
        self._most = most
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._kept: OrderedDict[bytes, str] = OrderedDict()
        self._kept_bytes = 0

    async def drawn(self, picture: Picture) -> str:
        """The picture as SVG: one that was drawn before, or a new one.

        Raises:
            NotDrawn: it failed, took too long, or too many wait.
        """
        asked = json.dumps(picture.plain()).encode()
        key = sha256(asked).digest()
        if (known := self._known(key)) is not None:
            return known
        if self._waiting >= self._most:
            raise NotDrawn
        self._waiting += 1
        try:
            async with self._turn:
                if (known := self._known(key)) is not None:
                    return known
                svg = await self._draw(asked)
        finally:
            self._waiting -= 1
        self._keep(key, svg)
        return svg

    async def aclose(self) -> None:
        """End the process, whatever it is drawing."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _draw(self, asked: bytes) -> str:
        try:
            async with asyncio.timeout(self._within_s):
                answer = await self._answer(asked)
        except (OSError, EOFError, ValueError, TimeoutError) as fault:
            # Half an answer may still be on its way: the next picture begins with a new process.
            await self.aclose()
            log.warning("A picture was not drawn: %s", type(fault).__name__)
            raise NotDrawn from fault
        except asyncio.CancelledError:
            await self.aclose()
            raise
        if "svg" not in answer:
            log.warning("A picture was not drawn: %s", answer.get("fault"))
            raise NotDrawn
        return answer["svg"]

    async def _answer(self, asked: bytes) -> dict[str, str]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await _begun()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(asked + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError("it ended")
        answer: dict[str, str] = json.loads(line)
        return answer

    def _known(self, key: bytes) -> str | None:
        svg = self._kept.get(key)
        if svg is not None:
            self._kept.move_to_end(key)
        return svg

    def _keep(self, key: bytes, svg: str) -> None:
        self._kept[key] = svg
        self._kept_bytes += len(svg)
        while self._kept_bytes > _KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest)


async def _begun() -> Process:
    """A process that draws. It is given no setting of ours: neither the database nor a secret."""
    folder = str(Path(__file__).parent.parent)
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": folder, "PYTHONIOENCODING": "utf-8"}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", _MODULE),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environ,
        start_new_session=True,
        limit=_LINE,
    )
