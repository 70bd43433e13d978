"""What is kept in git: no address of a registry, no path of one machine, no file that tells two stories."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
# Written in parts, so that this file does not find itself.
_REGISTRY = re.compile(
    "|".join(("pypi" + r"\.org", "python" + r"hosted\.org", "--index" + "-url", "extra-index" + "-url"))
)
_MACHINE = re.compile(r"(?<![\w.~/-])/(?:home|root|Users|work)/\w")
_MAKES_NO_ADDRESS = "--no-emit" + "-index-url"


def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        try:
            found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_registry() -> None:
    assert [path for path, text in texts() if _REGISTRY.search(text.replace(_MAKES_NO_ADDRESS, ""))] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [(path, match[0]) for path, text in texts() if (match := _MACHINE.search(text))]
    assert found == []


def test_every_file_of_code_tells_one_story() -> None:
    long = [
        (path, lines)
        for path, text in texts()
        if path.suffix == ".py" and "versions" not in path.parts and (lines := text.count("\n")) > LONGEST
    ]
    assert long == []


def test_a_secret_of_a_home_is_not_kept() -> None:
    assert [
        path
        for path in tracked()
        if path.suffix in (".key", ".pem", ".token") or path.name == "demo-issuer.json"
    ] == []
