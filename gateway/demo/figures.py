"""The community's measures, published once: by a process of its own, so that the hub answers meanwhile.

`python -m gateway.demo.figures` publishes what is missing and ends, at the latest with the demo: its standard
input closes even when that is killed. What is published stays, so a second start finds it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.measuring.question import Question

_YEARS = (2025, 2024, 2023)
"""Federal fiscal years by the year they end in. The newest first: it is looked at first."""
_OF_A_YEAR = ("unduplicated-people", "system-counts", "beds", "flow", "spm", "unmet-need", "data-quality")
_SINCE = date(2025, 10, 1), date(2026, 6, 30)
"""The fiscal year that is not over; the community's records end there."""
_OF_A_MONTH = ("unduplicated-people",)
"""In so small a community a month of anything else is hidden almost throughout."""
_GENTLY = 10
"""Added to the nice value: whoever looks at a page goes first."""


async def publish(settings: Settings) -> bool:
    """Publish what is missing. False = it went wrong; what was published before that stays."""
    environ = {
        **os.environ,
        "HUB_HOME": str(settings.home),
        "HUB_DATABASE_URL": str(settings.database_url),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", __spec__.name),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=environ,
        start_new_session=True,
    )
    try:
        return await process.wait() == 0
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise


def questions() -> Iterator[Question]:
    """What of the community is published: its continuum's years, and the months since."""
    from gateway.measuring.question import Question
    from hmis.community.agencies import COC
    from hmis.measures.asked import Asked
    from hmis.measures.catalog import named
    from hmis.measures.months import months

    years = [Asked(date(year - 1, 10, 1), date(year, 9, 30), COC) for year in _YEARS]
    single = [Asked(month.first, month.last, COC) for month in months(*_SINCE)]
    for names, asked in ((_OF_A_YEAR, years), (_OF_A_MONTH, single)):
        yield from (Question(named(name), one) for one in asked for name in names)


def _publish_all() -> int:
    """0 = all of it is published."""
    from gateway import command, measure_commands
    from hmis.errors import HubError

    os.nice(_GENTLY)
    threading.Thread(target=_end_with_the_demo, daemon=True).start()
    settings = command.settings()
    failed = 0
    for question in questions():
        try:
            if not measure_commands.is_published(settings, question):
                measure_commands.publish_measure(settings, question, quiet=True)
        except HubError:  # one that is refused must not keep the others from being seen
            failed = 1
    return failed


def _end_with_the_demo() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(_publish_all())
