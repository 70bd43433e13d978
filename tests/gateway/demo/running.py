"""The demo as a visitor starts it: a process with its partners, asked with what it printed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[3]
_CURL = re.compile(
    r'curl -s (\S+) -H "Authorization: Bearer \$\(cat (\S+)\)" .* --data @(\S+) \| python3 -m json\.tool$'
)


_ADDRESS = re.compile(r"The hub answers on (\S+)/graphql")


@dataclass
class Demo:
    process: subprocess.Popen[str]
    printed: str

    @property
    def address(self) -> str:
        """Where it answers."""
        found = _ADDRESS.search(self.printed)
        assert found is not None
        return found[1]

    @property
    def partners(self) -> list[psutil.Process]:
        return [one for one in self.processes if any(".standin" in word for word in one.cmdline())]

    @property
    def processes(self) -> list[psutil.Process]:
        """All that it began, whoever publishes its measures among them."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def ask(self, viewer: str) -> Any:
        """What the printed line for this viewer answers."""
        (line,) = [line.strip() for line in self.printed.splitlines() if f"{viewer}.token" in line]
        found = _CURL.fullmatch(line)
        assert found is not None
        url, token, body = found.groups()
        response = httpx.post(
            url,
            content=Path(body).read_bytes(),
            headers={
                "authorization": f"Bearer {Path(token).read_text()}",
                "content-type": "application/json",
            },
            timeout=60,
            trust_env=False,
        )
        return response.raise_for_status().json()


@contextmanager
def demo(home: Path, database_url: str | None = None) -> Iterator[Demo]:
    """The demo, answering; on a database of its own in `home` unless another is named."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "demo", "--port", str(free_port())],
        cwd=ROOT,
        env={**kept, "HUB_HOME": str(home), "HUB_DATABASE_URL": database_url or ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("The hub answers on"):
                break
        assert process.poll() is None, printed
        yield Demo(process, printed)
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
