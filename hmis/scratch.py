"""Scratch: a folder for what one process writes and nobody else reads; gone when that is done, or dead."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder below `parent`, which is made, too; removed afterwards unless it was renamed. Mode 0700.

    A process that is killed removes nothing; the next one to want a folder with the prefix does. The lock on
    a folder ends with whoever made it, whatever became of that process, so nobody's work is taken from them.

    Raises:
        OSError: `parent` cannot be written to.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_those_of_the_dead(parent, prefix)
    folder, descriptor = _locked(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _locked(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # Between the two somebody may have taken it for one of the dead.
        descriptor = _descriptor(folder)
        if descriptor is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)


def _remove_those_of_the_dead(parent: Path, prefix: str) -> None:
    for folder in parent.glob(f"{prefix}*"):
        descriptor = _descriptor(folder)
        if descriptor is None:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue  # somebody works in it
        finally:
            os.close(descriptor)


def _descriptor(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
