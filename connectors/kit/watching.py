"""What the kit watches while a connector works: what it logs and prints, and whether it holds up the loop."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any


class Tap(logging.Handler):
    """Everything that is logged or printed meanwhile, as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._printed = io.StringIO()
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        extra = {key: value for key, value in record.__dict__.items() if key not in _USUAL}
        self._printed.write(f"{self.format(record)} {record.args!r} {extra or ''}\n")

    @property
    def text(self) -> str:
        return self._printed.getvalue()

    def mark(self) -> int:
        return self._printed.tell()

    def since(self, mark: int) -> str:
        return self.text[mark:]

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        root = logging.getLogger()
        before = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        try:
            with contextlib.redirect_stdout(self._printed), contextlib.redirect_stderr(self._printed):
                yield
        finally:
            root.setLevel(before)
            root.removeHandler(self)


_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


class _Watch:
    """The audit hook: Python has no way to take one away, so there is one, and it can be told to sleep."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.seen: list[str] = []
        self.installed = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.thread is None or self.thread != threading.get_ident():
            return
        if event in ("urllib.Request", "socket.getaddrinfo", "http.client.connect"):
            self.seen.append(event)
        elif event == "socket.connect" and isinstance(arguments[0], socket.socket):
            # A socket that does not wait is how the loop itself connects.
            self.seen += [event] if arguments[0].gettimeout() != 0 else []


_watch = _Watch()


@contextlib.contextmanager
def blocking_calls() -> Iterator[list[str]]:
    """The calls of this thread meanwhile that make everybody wait: `time.sleep`, a look-up, a connect."""
    if not _watch.installed:
        sys.addaudithook(_watch.hook)
        _watch.installed = True
    seen: list[str] = []
    _watch.seen = seen
    _watch.thread = threading.get_ident()
    before = sys.getprofile()

    def called(_frame: FrameType, event: str, what: Any) -> None:
        # The audit speaks of sleeping only from Python 3.13 on; the profiler sees it under whatever name.
        if event == "c_call" and what is time.sleep:
            seen.append("time.sleep")

    sys.setprofile(called)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        _watch.thread = None
