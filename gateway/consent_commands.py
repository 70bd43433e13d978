"""`hmis-hub consent`: who sees what of a client and why, and what a form would change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auth.viewer import Purpose
from gateway.command import database, ready, run
from gateway.command import settings as settings_with

consent = typer.Typer(
    name="consent",
    help="Who sees what of a client and why. Every look is in the audit, under the operator's name.",
    no_args_is_help=True,
)


@consent.command()
def explain(
    client: Annotated[str, typer.Argument(help="Hub id of the client, or SOURCE:IDENTIFIER")],
    viewer: Annotated[str, typer.Option(help="Whose view: the subject of their token")],
    purpose: Annotated[
        Purpose | None,
        typer.Option(case_sensitive=False, help="Why they would ask; the role's usual one if left out"),
    ] = None,
) -> None:
    """Print for every category whether somebody may see it, why, and by which grants.

    Examples:

        hmis-hub consent explain riverside:673501 --viewer mia@shelter.example

        hmis-hub consent explain 0b0c2f7e-5a0b-4d4e-9b62-5b8f5f0c1d11 --viewer mia --purpose ELIGIBILITY
    """
    from gateway import consenting

    settings = settings_with()
    url = database(settings)

    async def work() -> None:
        for line in await consenting.explain(settings, url, client, viewer, purpose):
            typer.echo(line)

    run(work())


@consent.command()
def simulate(
    form: Annotated[str, typer.Option(help="The form: nc-ncceh, il-chicago, mn-hmis or ca-orange")],
    choice: Annotated[list[str], typer.Option(help="SECTION=yes or SECTION=no; once for each section")],
    client: Annotated[str, typer.Option(help="Hub id of the client, or SOURCE:IDENTIFIER")],
) -> None:
    """Print what a form would change, for which agencies and roles, if the client signed it today.

    Nothing is recorded. A minor is taken to have a guardian who signs.

    Examples:

        hmis-hub consent simulate --form mn-hmis --choice share=yes --client riverside:673501

        hmis-hub consent simulate --form nc-ncceh --choice basic=yes --choice health=no --client demo:17
    """
    from gateway import consenting

    choices = consenting.choices_of(choice)
    settings = settings_with()
    url = database(settings)

    async def work() -> None:
        for line in await consenting.simulate(settings, url, form, choices, client):
            typer.echo(line)

    run(work())


@consent.command()
def relabel() -> None:
    """Compute labels anew where the rules or the kind of an agency changed. Harmless to repeat.

    A hub does so when it starts and every few minutes; this is for not waiting.
    """
    from hmis import labelling

    settings = settings_with()
    url = database(settings)

    async def work() -> None:
        async with ready(url) as writer:
            changed = await labelling.catch_up(writer)
        typer.echo(f"{changed} projects have other labels than before.")

    run(work())


@consent.command()
def replay(
    file: Annotated[
        Path | None, typer.Argument(help="A journal of revocations; the hub's own if left out")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON")] = False,
) -> None:
    """Write again what a journal of revocations says and the database lacks. Harmless to repeat.

    A hub does so with its own journal before it answers anything. This is for the journals of other hosts,
    after a restore of the database they share.

    Examples:

        hmis-hub consent replay

        hmis-hub consent replay other-host/revocations.jsonl --json
    """
    import json
    from datetime import UTC, datetime

    from gateway import replaying

    settings = settings_with()
    url = database(settings)

    async def work() -> None:
        async with ready(url) as writer:
            today = settings.day_of(datetime.now(UTC))
            found = await replaying.command(writer, settings, file, today)
        if as_json:
            typer.echo(json.dumps(replaying.as_dict(found), indent=2))
        else:
            for line in replaying.in_words(found):
                typer.echo(line)

    run(work())
