"""Files that only their owner reads: keys, made once, and what is kept beside the database."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path

from hmis.errors import InputRefused


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The text of the file. The first call writes what `make` gives; later ones, in any process, find it.

    Raises:
        InputRefused: the file cannot be read or written.
    """
    try:
        if not path.exists():
            draft = _drafted(path, make())
            try:
                os.link(draft, path)  # whole or not at all
            except FileExistsError:
                pass  # another process was first; its file is the one
            finally:
                draft.unlink(missing_ok=True)
        path.chmod(0o600)
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputRefused(
            f"{path} cannot be read or written ({error.strerror}). Choose another folder with HUB_HOME."
        ) from None


def replace(path: Path, text: str) -> None:
    """Write the file anew: a reader finds the old text or the new one, never a part."""
    draft = _drafted(path, text)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _drafted(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
