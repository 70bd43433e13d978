"""A test that hangs costs itself and no other: after `timeout` seconds its process says where everything
stands, and ends. With `-n` that test fails, and another worker takes over the rest of this one's tests.

The process ends, and not the test alone: what a hung test leaves on the event loop of the session would go
on holding the locks of its transactions, and the tests after it would wait for those. It is a thread that
ends it and no signal: a signal waits until Python runs again, and code in C that waits does not let it. Where
even threads cannot run, faulthandler, which needs no Python, ends it a minute later.
"""

from __future__ import annotations

import asyncio
import atexit
import faulthandler
import gc
import os
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pytest_timeout import is_debugging

_RUNNING = os.environ.get("HUB_TEST_RUNNING")
"""A folder, if any, where each worker writes which test it is at: for whoever has to end a run."""
_over = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    note = Path(_RUNNING) / os.environ.get("PYTEST_XDIST_WORKER", "main") if _RUNNING else None
    if note:
        note.write_text(f"{item.nodeid}\n")
    try:
        return (yield)
    finally:
        item.stash[_over] = True
        if note:
            note.unlink()


@pytest.hookimpl
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool:
    timer = threading.Timer(settings.timeout, _end, (item, settings))
    timer.daemon = True
    item.cancel_timeout = timer.cancel  # type: ignore[attr-defined]  # pytest-timeout calls it when the test is over
    timer.start()
    return True


@pytest.hookimpl
def pytest_timeout_cancel_timer(item: pytest.Item) -> bool | None:
    """Not for a failure, of which it is told too: what is torn down after one can hang as well."""
    return None if item.stash.get(_over, False) or item.config.getoption("usepdb") else True


def _end(item: pytest.Item, settings: Any) -> None:
    if not settings.disable_debugger_detection and is_debugging():
        return
    if capturing := item.config.pluginmanager.getplugin("capturemanager"):
        capturing.suspend_global_capture()
    stderr = 2
    os.write(
        stderr, f"\n{item.nodeid} has not ended within {settings.timeout:g} s; its process ends.\n".encode()
    )
    faulthandler.dump_traceback(stderr, all_threads=True)
    os.write(stderr, _tasks().encode())
    for child in psutil.Process().children(recursive=True):
        child.kill()
    atexit._run_exitfuncs()  # the last worker stops the embedded database
    os._exit(1)


def _tasks() -> str:
    """Where each task of every event loop waits: the threads' stacks show but that the loop does."""
    lines = []
    for loop in [one for one in gc.get_objects() if isinstance(one, asyncio.AbstractEventLoop)]:
        for task in asyncio.all_tasks(loop):
            lines.append(f"\nTask {task.get_name()}:\n{_awaited(task)}")
    return "".join(lines)


def _awaited(task: asyncio.Task[Any]) -> str:
    """Every frame of it; `Task.print_stack` shows the outermost alone."""
    lines = []
    inner: Any = task.get_coro()
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "ag_frame", None)
        if frame is not None:
            lines.append(f"  {frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}\n")
        inner = getattr(inner, "cr_await", None) or getattr(inner, "ag_await", None) or _generator_of(inner)
    return "".join(lines)


def _generator_of(step: object) -> object | None:
    """The asynchronous generator that this is a step of: most likely a fixture. A step cannot be asked."""
    if type(step).__name__ not in ("async_generator_asend", "async_generator_athrow"):
        return None
    return next((one for one in gc.get_referents(step) if hasattr(one, "ag_frame")), None)
