"""`hmis-hub match`: finding the records of one person, and answering where no rule may decide."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from gateway import command

app = typer.Typer(name="match")


class Backend(StrEnum):
    """What the work is done on: the names of `hmis.identity.matching.scoring.Backend`."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.callback(invoke_without_command=True)
def match(
    context: typer.Context,
    sources: Annotated[
        str,
        typer.Option(help="Names of the systems whose records are compared; all if left out"),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would come")] = False,
    backend: Annotated[Backend, typer.Option(help="What compares the records")] = Backend.DUCKDB,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON")] = False,
) -> None:
    """Find the records of one person and link them; ask somebody where no rule may decide.

    Linked is what is alike enough and contradicted by nothing. The rest waits in the queue of `match review`.
    Records that only victim service providers know are not read, and what somebody said holds. A link is
    undone with `unlink`. Who asked, and whom it was about, is in the audit; docs/matching.md says more.

    Examples:

        hmis-hub match --sources riverside,harbor --dry-run

        hmis-hub match --json

        hmis-hub match --backend spark
    """
    if context.invoked_subcommand is not None:
        return
    import json
    from datetime import UTC, datetime

    from gateway import matching

    settings = command.settings()
    url = command.database(settings)
    names = [name for part in sources.split(",") if (name := part.strip())]

    async def work() -> None:
        async with command.ready(url) as engine:
            found = await matching.match(
                engine,
                names,
                datetime.now(UTC),
                settings.zone,
                write=not dry_run,
                backend=backend.value,
                say=lambda step: typer.echo(f"{step} ...", err=True),
            )
        if as_json:
            typer.echo(json.dumps(matching.as_dict(found), indent=2))
        else:
            for line in matching.in_words(found, dry_run=dry_run):
                typer.echo(line)

    command.run(work())


@app.command()
def review(
    limit: Annotated[int, typer.Option(help="How many questions, the most alike first", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON")] = False,
) -> None:
    """List the people who may be one: why no rule decides, where their records are, and what speaks for it.

    Bits are added up: each doubles the odds. Values are not shown; look the records up where they are kept.

    Examples:

        hmis-hub match review

        hmis-hub match review --limit 200 --json > questions.json
    """
    import json
    from datetime import UTC, datetime

    from gateway import matching

    settings = command.settings()
    url = command.database(settings)

    async def work() -> None:
        async with command.ready(url) as engine:
            questions = await matching.review(engine, limit, datetime.now(UTC), settings.zone)
        if as_json:
            typer.echo(json.dumps([matching.question_as_dict(one) for one in questions], indent=2))
            return
        for question in questions:
            for line in matching.question_in_words(question):
                typer.echo(line)
        if not questions:
            typer.echo("Nobody waits for an answer.")

    command.run(work())


@app.command()
def decide(
    question: Annotated[UUID, typer.Argument(help="Id of the question, as `match review` lists it")],
    same: Annotated[bool, typer.Option("--same/--different", help="Whether the two are one person")],
    consent_of: Annotated[
        UUID | None,
        typer.Option(help="Hub id of the one whose choices hold, where both have said something"),
    ] = None,
) -> None:
    """Say whether two people are one. `--different` is remembered: no rule joins their records again.

    `--same` links the records of both as said by staff, and prints the hub id that is left. Where each of the
    two has agreed to something or refused it, only what one said can hold for all the records: ask the
    client, and name the one.

    Examples:

        hmis-hub match decide 0b0c2f7e-5a0b-4d4e-9b62-5b8f5f0c1d11 --same

        hmis-hub match decide 0b0c2f7e-5a0b-4d4e-9b62-5b8f5f0c1d11 --different
    """
    from datetime import UTC, datetime

    from gateway import matching

    settings = command.settings()
    url = command.database(settings)

    async def work() -> None:
        async with command.ready(url) as engine:
            left = await matching.decide(
                engine, question, datetime.now(UTC), settings.zone, same=same, consent_of=consent_of
            )
        typer.echo(str(left) if same else "No rule will join their records again.")

    command.run(work())
