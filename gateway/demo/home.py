"""What the demo keeps in HUB_HOME/demo."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hmis.errors import InputRefused


@dataclass(frozen=True, slots=True)
class DemoHome:
    """The demo's folder, readable by its owner alone: it holds tokens and keys."""

    folder: Path

    @classmethod
    def open(cls, home: Path) -> DemoHome:
        """Make the folder, and find out now rather than later whether it can be written to.

        Raises:
            InputRefused: HUB_HOME cannot be written to.
        """
        folder = home / "demo"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            (folder / ".writable").touch()
            (folder / ".writable").unlink()
        except OSError as fault:
            raise InputRefused(
                f"HUB_HOME {home} cannot be written to ({fault.strerror}). "
                "Set HUB_HOME to a folder of your own."
            ) from None
        return cls(folder)

    @property
    def archive(self) -> Path:
        return self.folder / "community.zip"

    @property
    def pantry(self) -> Path:
        return self.folder / "pantry.json"

    @property
    def rent(self) -> Path:
        return self.folder / "rent.json"

    @property
    def clinic(self) -> Path:
        return self.folder / "clinic.json"

    @property
    def drop(self) -> Path:
        return self.folder / "energy-drop"

    @property
    def showcase(self) -> Path:
        return self.folder / "showcase.txt"

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file for its owner's eyes: whole, or not at all."""
        path = self.folder / name
        draft = path.with_name(f".{name}.part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        draft.replace(path)
        return path
