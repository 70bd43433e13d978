"""Drawing: a process that draws pictures for the pages, so that the one that serves them loads none of it.

A line of JSON in is a picture (`Picture.plain`), a line of JSON out its `svg`, or the kind of `fault` why it
cannot be drawn. It ends when its input does. It is told published figures alone, and knows of no database.
"""

from __future__ import annotations

import json
import signal
import sys
from typing import TextIO

from gateway.measuring.charts import as_svg
from gateway.measuring.picture import Picture


def draw(asked: TextIO, answers: TextIO) -> None:
    """Answer until there is nothing more to draw."""
    for line in asked:
        answers.write(json.dumps(_drawn(line)) + "\n")
        answers.flush()


def _drawn(line: str) -> dict[str, str]:
    try:
        return {"svg": as_svg(Picture.read(json.loads(line)))}
    except Exception as fault:  # one picture that fails must not cost the next one
        return {"fault": type(fault).__name__}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    draw(sys.stdin, sys.stdout)
