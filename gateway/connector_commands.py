"""`hmis-hub connector`: which partners there are, and how one is begun, proved, tried and described."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway import command

if TYPE_CHECKING:
    from connectors.binding import Catalog
    from connectors.discovery import Installed
    from connectors.kit.checks import Result
    from connectors.kit.running import Report

connector = typer.Typer(
    name="connector",
    help="Partners: which there are, how a new one is begun, proved, tried and described.",
    no_args_is_help=True,
)

Which = Annotated[str, typer.Argument(help="Folder of a connector, or the id of one that `list` shows")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON")]


def _catalog() -> Catalog:
    from schema.build import schema
    from schema.supplied import catalog

    return catalog(schema)


def _folder(which: str) -> Path:
    """Where a connector lies, be it sound or not."""
    from connectors.toml import did_you_mean
    from gateway.partners import found
    from hmis.errors import InputRefused

    if Path(which).is_dir():
        return Path(which)
    there = found(os.environ)
    if which not in there.installed:
        hint = did_you_mean(which, there.installed)
        raise InputRefused(f"There is no folder and no connector {which}{hint}.")
    return there.installed[which].folder


def _installed(which: str) -> Installed:
    from connectors.discovery import at

    return at(_folder(which), _catalog())


@connector.command("list")
def list_(as_json: AsJson = False) -> None:
    """Print every connector there is, where it was found, and whether and why it is on.

    Found are the hub's own, folders named by HUB_CONNECTORS, and installed packages.

    Example:

        HUB_CONNECTORS=/srv/connectors hmis-hub connector list
    """
    from datetime import UTC, datetime

    from gateway.partners import listed

    settings = command.settings()
    lines = listed(os.environ, _catalog(), settings.day_of(datetime.now(UTC)))
    if as_json:
        typer.echo(json.dumps(lines, indent=2))
        return
    for line in lines:
        on = "on " if line["on"] else "off"
        supplies = ", ".join(f"{noun} ({category})" for noun, category in line["supplies"].items())
        typer.echo(f"{on} {line['id']}: {line['name']} [{line['protocol']}] {line['level'] or 'no level'}")
        typer.echo(f"      {line['why']}; {line['where']}")
        if supplies:
            typer.echo(f"      {supplies}; can {', '.join(line['capabilities'])}")


@connector.command()
def check(
    which: Which,
    as_json: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also print what passed")] = False,
) -> None:
    """Prove a connector, offline, in at most ten seconds: numbered checks, each with what mends it.

    Exit code 0: nothing failed, and a quality level is earned. 1: something failed. What could not be
    looked at is said, and counts for no level.

    Examples:

        hmis-hub connector check connectors/pantry

        hmis-hub connector check ./my_food_bank --json
    """
    from connectors.kit.bench import Bench
    from connectors.kit.running import run
    from gateway.check_database import on_demand

    home = command.settings().home
    done: list[Report] = []

    async def work() -> None:
        async with on_demand(home) as database:
            done.append(await run(Bench(_folder(which), _catalog(), database=database)))

    command.run(work())
    (report,) = done
    if as_json:
        typer.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _print(report, verbose)
    if not report.green:
        raise typer.Exit(1)


def _print(report: Report, verbose: bool) -> None:
    for result in report.results:
        if verbose or result.state == "FAIL" or not result.proved:
            _print_result(result, report.exempt.get(result.check.id))
    count = {state: sum(one.state == state for one in report.results) for state in ("PASS", "FAIL", "SKIP")}
    unproved = sum(not one.proved and one.check.id not in report.exempt for one in report.results)
    claimed = f", claimed {report.claimed}" if report.claimed else ""
    typer.echo(
        f"{report.connector}: {count['PASS']} passed, {count['FAIL']} failed, {count['SKIP']} skipped "
        f"({unproved} of them unproved) in {report.seconds:.1f} s; "
        f"{'green' if report.green else 'not green'}, earned {report.earned or 'no level'}{claimed}"
    )


def _print_result(result: Result, exempt: str | None) -> None:
    state = result.state if result.proved else "????" if exempt is None else "EXEMPT"
    why = exempt or result.reason
    typer.echo(f"{state} {result.check.id} {result.check.title}{f': {why}' if why else ''}")
    if result.state == "FAIL":
        typer.echo(f"          {result.check.docs}")
        typer.echo(f"          {result.check.fix}")


@connector.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where it is written; the folder is called after the id")],
    id: Annotated[str, typer.Option("--id", help="Lower-case letters, digits, dashes; it never changes")],
    noun: Annotated[str, typer.Option(help="What it supplies: FoodAssistance, UtilityAssistance ...")],
    protocol: Annotated[str, typer.Option(help="How the partner talks")] = "rest",
) -> None:
    """Begin a connector: a manifest of at most 50 lines, samples, a page. It passes `check` as it is.

    Example:

        hmis-hub connector new ./my_food_bank --id my-food-bank --noun FoodAssistance
    """
    from connectors.kit import scaffold

    for path in scaffold.new(folder, _catalog(), id=id, noun=noun, protocol=protocol):
        typer.echo(path)
    typer.echo("Edit what is marked EDIT, then: hmis-hub connector check " + str(folder), err=True)


@connector.command()
def mock(
    which: Which,
    own: Annotated[list[str] | None, typer.Argument(help="For a stand-in of its own, after --")] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 = any free one", min=0, max=65535)] = 0,
    people: Annotated[int, typer.Option(help="How many made-up people it knows", min=1, max=10_000)] = 20,
    seed: Annotated[int, typer.Option(help="Of the people and of the faults' dice")] = 0,
    fault: Annotated[str, typer.Option(help="As in slow=2s:0.1,error=503:0.05")] = "",
    until_eof: Annotated[bool, typer.Option(help="Also stop when standard input closes")] = False,
) -> None:
    """Serve a connector's partner on this machine, with made-up people and faults on demand.

    The partner of a manifest is made of its samples and lets in whose secrets are `try-me`. A connector with
    code brings a stand-in of its own; what follows -- is said to that.

    Examples:

        hmis-hub connector mock ./my_food_bank --port 8090 --fault slow=2s:0.1,error=503:0.05

        hmis-hub connector mock energy-drop --port 8022 -- --folder drop --host-key key --password p
    """
    import asyncio

    from connectors.kit.mock import mock as made
    from connectors.standin import parse_faults, serve
    from hmis.errors import InputRefused

    partner = _installed(which)
    try:
        faults = parse_faults(fault)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    if partner.manifest.protocol != "rest" or partner.has_code:
        if not partner.has("standin"):
            raise InputRefused(f"Connector {partner.manifest.id} needs a standin.py and has none.")
        given = ["--port", str(port), *(own or ())]
        given += ["--fault", fault, "--seed", str(seed)] if fault else []
        partner.module("standin").main(given + (["--until-eof"] if until_eof else []))
        return
    app, known = made(partner, people, seed, faults)
    for one in known[:3]:
        typer.echo(f"knows {one.first_name} {one.last_name}, born {one.dob}")
    asyncio.run(serve(app, f"{partner.manifest.id} mock", port, until_eof))


@connector.command()
def record(
    which: Which,
    op: Annotated[str, typer.Argument(help="The operation: fetch or find")],
    id: Annotated[
        list[str] | None, typer.Option("--id", help="For fetch: the partner's id; repeat it")
    ] = None,
    person: Annotated[
        Path | None, typer.Option(help="For find: a JSON file with first_name, last_name, dob")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace the normal answer there is")] = False,
) -> None:
    """Ask a real partner once, and write its answer as a sample with nobody in it.

    The connector's HUB_... variables say where the partner is. Before anything is written names, ids and
    texts are replaced, dates moved, free text left out, keys that the manifest does not read renamed. Read
    the file before you keep it. (A person is given in a file: command lines are in everybody's process list.)

    Example:

        HUB_PANTRY_BASE_URL=https://... HUB_PANTRY_API_KEY=... hmis-hub connector record pantry fetch --id H-1
    """
    from connectors.config import read_config
    from connectors.kit import record as recording
    from gateway.partners import in_variables, switched_on
    from hmis.errors import InputRefused

    partner = _installed(which)
    name = partner.manifest.id
    config = switched_on({name: partner}, os.environ).get(name, {})
    try:
        values = read_config(name, partner.manifest.config, config, os.environ)
    except InputRefused as fault:
        raise in_variables(fault, name) from None
    key = recording.pseudonym_key(command.settings().home)

    async def work() -> None:
        typer.echo(
            await recording.record(
                partner, values, op, ids=tuple(id or ()), person=_person(person), key=key, force=force
            )
        )

    command.run(work())


def _person(path: Path | None) -> Any:
    from datetime import date

    from connectors.base import Person
    from hmis.errors import InputRefused

    if path is None:
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        born = date.fromisoformat(told["dob"]) if told.get("dob") else None
        return Person(told.get("first_name"), told.get("last_name"), born)
    except (OSError, ValueError, TypeError, AttributeError):
        raise InputRefused(f"{path} must be a JSON file with first_name, last_name and dob.") from None


@connector.command()
def docs(
    which: Annotated[str | None, typer.Argument(help="Folder or id; the hub's own if left out")] = None,
) -> None:
    """Write the page of a connector from its manifest and samples: its README.md, or one in docs/connectors.

    Example:

        hmis-hub connector docs ./my_food_bank
    """
    from connectors.kit.check_page import PAGE, check_page
    from connectors.kit.pages import page, page_of
    from connectors.registry import installed

    if which is None:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(check_page(), encoding="utf-8")
    for partner in [_installed(which)] if which else installed(_catalog()).values():
        path = page_of(partner)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(partner), encoding="utf-8")
        typer.echo(path)
