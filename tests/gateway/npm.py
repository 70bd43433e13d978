"""What npm has and this project is tested with. It is fetched as its lock names it, and never needed to run.

Without node and npm such tests skip, unless HUB_TEST_AUDITS says that they have to run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(source: Path, folder: Path) -> Path:
    """A copy of a folder with `package.json`, its lock and a program, and with what the lock names."""
    if not (shutil.which("node") and shutil.which("npm")):
        _absent("node and npm are not on this machine")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        _absent(f"npm could not fetch what {source.name} needs: {done.stderr[-300:]}")
    return folder


def _absent(why: str) -> None:
    if os.environ.get("HUB_TEST_AUDITS"):
        pytest.fail(why)
    pytest.skip(why)
