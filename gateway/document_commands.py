"""`hmis-hub documents`: the documents that applications may ask by their hash, in bulk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.command import database, operator, ready, run
from gateway.command import settings as settings_with
from hmis.errors import InputRefused

if TYPE_CHECKING:
    from gateway.document_files import Document

documents = typer.Typer(
    name="documents",
    help="Documents that applications may ask by their hash: docs/documents.md.",
    no_args_is_help=True,
)

_Application = Annotated[str, typer.Option(help="The application: the client_id of its tokens")]


@documents.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files (.graphql, .gql, .json) and folders of them")],
    application: _Application,
) -> None:
    """Register documents for an application: all of them, or none when one does not fit the schema.

    A running hub knows them at once. Prints their ids.

    Examples:

        hmis-hub documents add queries/ --application intake-app

        hmis-hub documents add persisted-documents.json --application intake-app
    """
    from hmis import documents as stored

    found = _of_paths(paths)
    if not found:
        raise InputRefused("There is no document in what was given.")
    url = database(settings_with())

    async def work() -> None:
        async with ready(url) as writer, writer.begin() as connection:
            hashes = await stored.register(connection, application, [one.text for one in found], operator())
        for sha256 in hashes:
            typer.echo(f"{stored.PREFIX}{sha256}")

    run(work())


@documents.command("list")
def list_(
    application: Annotated[
        str | None, typer.Option(help="The client_id of one application; all of them if left out")
    ] = None,
) -> None:
    """Print what is registered: application, id, when, by whom, and whether it still fits the schema.

    What lies in HUB_DOCUMENTS is not listed.

    Example:

        hmis-hub documents list --application intake-app
    """
    from gateway.documents import Documents
    from gateway.trusted import faults
    from hmis import documents as stored
    from schema.build import schema

    url = database(settings_with())
    known = Documents(schema)

    async def work() -> None:
        async with ready(url) as writer, writer.connect() as connection:
            for row in await stored.listed(connection, application):
                fits = "outdated" if faults(known, row["text"]) else "valid"
                at = row["registered_at"].isoformat(timespec="seconds")
                named = f"{stored.PREFIX}{row['sha256']}"
                typer.echo("\t".join((row["client_id"], named, at, row["registered_by"], fits)))

    run(work())


@documents.command()
def remove(
    application: _Application,
    ids: Annotated[list[str] | None, typer.Argument(help="Their ids, as `list` prints them")] = None,
    every: Annotated[bool, typer.Option("--all", help="All documents of the application")] = False,
) -> None:
    """Take documents of an application away. A running hub refuses them within half a minute.

    Examples:

        hmis-hub documents remove sha256:7dba4b... --application intake-app

        hmis-hub documents remove --all --application intake-app
    """
    from hmis import documents as stored

    if every == bool(ids):
        raise InputRefused("Name the documents by their ids, or give --all.")
    url = database(settings_with())
    hashes = None if every else [one.removeprefix(stored.PREFIX) for one in ids or ()]

    async def work() -> None:
        async with ready(url) as writer, writer.begin() as connection:
            gone = await stored.remove(connection, application, hashes)
        typer.echo(f"{len(gone)} documents were removed.")

    run(work())


def _of_paths(paths: list[Path]) -> list[Document]:
    from functools import partial

    from gateway.document_files import of_paths
    from gateway.documents import Documents
    from gateway.trusted import faults
    from schema.build import schema

    return of_paths(paths, partial(faults, Documents(schema)))
