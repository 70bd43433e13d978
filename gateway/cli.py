"""The command line: `python -m gateway` or `hmis-hub`.

An error is one line on standard error. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 128 + n
stopped by signal n. What a command needs is imported in it, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from auth.viewer import Purpose, Role
from gateway import audit_commands, command, match_commands
from gateway.accounting import accounting
from gateway.connector_commands import connector
from gateway.consent_commands import consent
from gateway.document_commands import documents
from gateway.measure_commands import measure
from hmis.errors import ArchiveRefused, HubError, InputRefused

app = typer.Typer(
    name="hmis-hub",
    help="""One client profile over all the systems that serve people without a home, with consent enforced.

    Start with [bold]hmis-hub demo[/]: a database, a seeded community, four partners, and three tokens to try.

    Settings come from HUB_* variables; README.md lists them. All state lies in HUB_HOME (.hub).
    """,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Host = Annotated[str | None, typer.Option(help="Address to listen on [HUB_HOST, 127.0.0.1]")]
Port = Annotated[int | None, typer.Option(help="Port to listen on [HUB_PORT, 8000]", min=0, max=65535)]


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Start everything a first visit needs, and print what to try.

    Embedded PostgreSQL, migrations, the seeded community of Port Ellery (500 people, four agencies), two
    partner systems as servers of their own, and the gateway. Prints a token and a ready curl line for a case
    manager, a dashboard and an integrator. Data survive in HUB_HOME; Ctrl-C stops all of it.

    Examples:

        hmis-hub demo

        HUB_HOME=/tmp/hub hmis-hub demo --port 8080
    """
    from gateway.demo.run import run

    command.run(run(command.settings(host=host, port=port, demo_issuer=True)))


@app.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve GraphQL on /graphql until told to stop; running requests finish.

    The embedded database is brought to this version first. A database named by HUB_DATABASE_URL is left as it
    is: run `migrate` when you are ready; until then /readyz says what is missing.

    Examples:

        HUB_DATABASE_URL=postgresql://hub@db/hub HUB_ISSUERS=https://login.example.org hmis-hub serve

        HUB_DEMO_ISSUER=1 hmis-hub serve --port 8080
    """
    command.begin()
    import logging

    from gateway import logs
    from gateway.serving import address_of, listening
    from gateway.serving import serve as serve_on

    settings = command.settings(host=host, port=port)
    listener = listening(settings)
    address = address_of(listener)
    url = command.database(settings)
    logs.configure(logs.to_terminal(logging.INFO), logs.to_file(settings.home))

    async def announce(_: object) -> None:
        command.begun()
        typer.echo(f"The hub answers on {address}/graphql (Ctrl-C stops it)", err=True)

    async def work() -> None:
        if settings.database_url is None:
            # Only here: Alembic takes a tenth of a second to import, and a server starts within two.
            from hmis.migrate import upgrade

            await upgrade(url)
        await serve_on(settings.model_copy(update={"database_url": url}), listener, announce)

    command.run(work())


@app.command()
def migrate() -> None:
    """Create the tables, or bring them to this version. In one transaction; harmless to repeat.

    Example:

        HUB_DATABASE_URL=postgresql://hub@db/hub hmis-hub migrate
    """
    from hmis.migrate import upgrade

    url = command.database(command.settings())
    command.run(upgrade(url))
    typer.echo("The tables are those of this version.")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An HMIS CSV export: a zip, or a folder of CSV files")],
    source: Annotated[str, typer.Option(help="Name of the system it comes from; a new one begins with it")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON")] = False,
) -> None:
    """Import an HMIS CSV export, FY2026 or FY2024: all of it or, when it is refused, nothing.

    The same export again changes nothing. The report says what was read, added, changed, deleted and refused,
    and which rules rows broke, by file, line and column, never with a value.

    Examples:

        hmis-hub import export.zip --source riverside

        hmis-hub import ./csv-folder --source riverside --json > report.json
    """
    from datetime import UTC, datetime

    from gateway.importing import print_findings, print_summary, progress_bar
    from hmis.csv.watching import import_watched
    from hmis.database import engine
    from hmis.migrate import upgrade

    settings = command.settings()
    if not path.exists():
        raise InputRefused(f"There is no file or folder {path}. Give the path of an HMIS CSV export.")
    url = command.database(settings)

    async def work() -> None:
        if settings.database_url is None:
            await upgrade(url)
        writer = engine(url)
        try:
            with progress_bar() as progress:
                report = await import_watched(writer, path, source, progress=progress, now=datetime.now(UTC))
        finally:
            await writer.dispose()
        if as_json:
            typer.echo(report.to_json())
        else:
            print_summary(report)

    try:
        command.run(work())
    except ArchiveRefused as refused:
        if as_json:
            _print_refusal(refused)
        else:
            print_findings(refused.findings)
        raise


def _print_refusal(refused: ArchiveRefused) -> None:
    import json

    findings = [finding.to_dict() for finding in refused.findings]
    typer.echo(json.dumps({"refused": str(refused), "findings": findings}, indent=2))


@app.command()
def token(
    source: Annotated[str, typer.Option(help="Name of the source the organization is in")],
    organization: Annotated[str, typer.Option(help="OrganizationID there (HUD 2.01)")],
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What the caller does for it")],
    purpose: Annotated[
        Purpose | None,
        typer.Option(case_sensitive=False, help="Why they ask; the role's usual one if left out"),
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Who it is; made of role and organization if left out")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long it is good", min=0.01, max=24 * 31)] = 8,
) -> None:
    """Make somebody a member of an agency and print an access token of the demo issuer.

    Only the token goes to standard output. It is trusted by a demo, or a hub with HUB_DEMO_ISSUER=1, on the
    same HUB_HOME.

    Examples:

        hmis-hub token --source demo --organization 96 --role CASE_MANAGER

        TOKEN=$(hmis-hub token --source demo --organization 96 --role DASHBOARD --purpose REPORTING)
    """
    from gateway.tokens import minted

    settings = command.settings()
    url = command.database(settings)

    async def work() -> None:
        typer.echo(
            await minted(
                settings, url, source, organization, role, purpose=purpose, subject=subject, hours=hours
            )
        )

    command.run(work())
    if not settings.demo_issuer:
        typer.echo("Trusted by the demo, or by a hub started with HUB_DEMO_ISSUER=1.", err=True)


@app.command()
def unlink(
    personal_id: Annotated[str, typer.Argument(help="PersonalID of the record in its source (HUD 5.08)")],
    source: Annotated[str, typer.Option(help="Name of the source the record is in")],
) -> None:
    """Say that a record is not about the person it was linked to: it becomes a person of its own.

    The link stays in the history, and no rule will ever join the two again. Consent stays with the person
    that is left; what partners hold of them is forgotten and looked up anew. Prints the hub id of the new
    person.

    Example:

        hmis-hub unlink 673501 --source riverside
    """
    from datetime import UTC, datetime

    from hmis.database import engine
    from hmis.identity.links import undo

    url = command.database(command.settings())

    async def work() -> None:
        writer = engine(url)
        try:
            async with writer.begin() as connection:
                typer.echo(await undo(connection, source, personal_id, datetime.now(UTC)))
        finally:
            await writer.dispose()

    command.run(work())


@app.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end")] = False,
) -> None:
    """Look at partners and send what waits for them, without serving anybody.

    A server does that beside its requests. Run this where it should be done elsewhere too, or by a timer with
    `--once`: a partner is looked at, and a referral sent, by one process at a time.

    Examples:

        HUB_DATABASE_URL=postgresql://hub@db/hub hmis-hub work

        HUB_DATABASE_URL=postgresql://hub@db/hub hmis-hub work --once
    """
    import asyncio
    import logging
    from datetime import UTC, datetime

    from gateway import logs
    from gateway.work import opened
    from schema.build import schema
    from schema.supplied import catalog

    settings = command.settings()
    url = command.database(settings)
    logs.configure(logs.to_terminal(logging.INFO), logs.to_file(settings.home))

    async def working() -> None:
        async with opened(settings, url, os.environ, lambda: datetime.now(UTC), catalog(schema)) as work:
            if once:
                await work.run(asyncio.Event(), once=True)
            else:
                await work.keep(asyncio.Event())

    command.run(working())


app.add_typer(consent)
app.add_typer(connector)
app.add_typer(documents)
app.add_typer(match_commands.app)


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Print nothing; fail when schema/schema.graphql is not the same")
    ] = False,
) -> None:
    """Print the GraphQL schema, as schema/schema.graphql keeps it.

    Examples:

        hmis-hub schema > schema.graphql

        hmis-hub schema --check
    """
    from gateway.sdl import differs
    from schema.build import printed

    if not check:
        typer.echo(printed(), nl=False)
    elif differs():
        raise InputRefused("schema/schema.graphql is not what the code says. Reprint it with `make schema`.")


app.command()(accounting)
app.command()(measure)
app.add_typer(audit_commands.app, name="audit")


def main() -> NoReturn:
    """The whole command line, and the one place where an exception becomes a line and an exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        code = app(standalone_mode=False)
    except HubError as fault:
        code = _say(" ".join(str(fault).split()), 1)
    except typer.TyperException as fault:
        wrong = " ".join(fault.format_message().split()).rstrip(".")
        code = _say(f"{wrong}. Try --help.", 2)
    except (typer.Abort, KeyboardInterrupt):
        code = 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; nobody to tell
        code = 1
    except Exception as fault:
        code = _unexpected(fault)
    sys.exit(code or 0)


def _leave(number: int, _: Any) -> NoReturn:
    # An exit, so that what runs at exit runs: the embedded database is stopped there.
    sys.exit(128 + number)


def _say(line: str, code: int) -> int:
    sys.stderr.write(f"hmis-hub: {line}\n")
    return code


def _unexpected(fault: Exception) -> int:
    """A fault of ours: one line with a reference. Its stack is in the log, or here with HUB_DEBUG=1."""
    import logging

    from gateway import logs
    from gateway.errors import OURS, logged

    home = Path(os.environ.get("HUB_HOME") or ".hub")
    if os.environ.get("HUB_DEBUG") == "1":
        logs.configure(logs.to_terminal(logging.ERROR))
        return _say(f"{OURS} (reference {logged(fault)}).", 1)
    try:
        logs.configure(logs.to_file(home))
    except OSError:
        logs.configure(logging.NullHandler())
        return _say(f"{OURS}: {type(fault).__name__}. HUB_DEBUG=1 shows where.", 1)
    return _say(f"{OURS} (reference {logged(fault)} in {home / logs.FILE}).", 1)
