"""`hmis-hub measure ...`: what is counted, for those who run the hub."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from gateway import command


class Backend(StrEnum):
    """Where a measure is computed."""

    DUCKDB = "duckdb"
    SPARK = "spark"


Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the period")]
LastDay = Annotated[
    datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of the period, inclusive")
]


def measure(
    name: Annotated[str, typer.Argument(help="Which measure, such as system-counts or spm")],
    start: Day,
    end: LastDay,
    coc: Annotated[str | None, typer.Option(help="HUD 2.03 CoCCode; every continuum if left out")] = None,
    source: Annotated[str | None, typer.Option(help="Name of one source; all of them if left out")] = None,
    backend: Annotated[Backend, typer.Option(help="duckdb, or spark where one machine is not enough")] = (
        Backend.DUCKDB
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else")] = False,
) -> None:
    """Count, from a snapshot of the database: people once, whatever the number of records that know them.

    Prints true counts, for whoever runs the hub: they are not to be passed on as they are, and what is
    published goes another way. Who counted what is audited.

    Examples:

        hmis-hub measure system-counts --from 2024-10-01 --to 2025-09-30 --coc MA-500 --json

        hmis-hub measure spm --from 2024-10-01 --to 2025-09-30 --source riverside
    """
    import json
    from datetime import UTC

    from hmis.measures.answering import answer
    from hmis.measures.asked import Asked
    from hmis.measures.catalog import named
    from hmis.measures.core import opened
    from hmis.measures.snapshot import taken

    found = named(name)
    asked = Asked(start.date(), end.date(), coc)
    settings = command.settings()
    url = command.database(settings)

    def tell(step: str) -> None:
        typer.echo(step, err=True)

    async def work() -> None:
        async with command.ready(url) as engine:
            snapshot = await taken(engine, settings.home, datetime.now(UTC), tell)
        with opened(snapshot, backend.value, source=source) as core:
            said = answer(found, core, asked)
        typer.echo(json.dumps(said, indent=2))

    command.run(work())
