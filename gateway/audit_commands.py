"""`hmis-hub audit ...`: sealing, verifying and proving what was audited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway import command

if TYPE_CHECKING:
    from auth.checkpoints import Checkpoint, PublicKey

app = typer.Typer(
    help="The sealed audit: that nothing in it was changed, and proofs of it for others.",
    no_args_is_help=True,
)

Keys = Annotated[
    list[Path] | None,
    typer.Option("--key", help="A public key whose checkpoints count too, in PEM; may be repeated"),
]
Kept = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", help="A checkpoint kept elsewhere that must still hold; may be repeated"),
]


@app.command()
def seal() -> None:
    """Seal now what was audited and not sealed yet. A running hub does so every few seconds by itself.

    Example:

        hmis-hub audit seal
    """
    from datetime import UTC, datetime

    from auth import checkpoints
    from auth.sealing import Sealer

    settings = command.settings()
    url = command.database(settings)

    async def work() -> None:
        key = checkpoints.SigningKey.open(settings.home)
        kept = checkpoints.Kept(settings.home / checkpoints.KEPT_FILE)
        async with command.ready(url) as engine:
            count = await Sealer(engine, key, kept, lambda: datetime.now(UTC)).seal()
        typer.echo(f"{count} events sealed")

    command.run(work())


@app.command()
def verify(
    key: Keys = None,
    checkpoint: Kept = None,
    grace: Annotated[int, typer.Option(help="Minutes that an event may wait for its seal", min=0)] = 15,
) -> None:
    """Compute the whole log anew from the stored rows, and every checkpoint with it.

    Prints size and root. When anything was edited, deleted, reordered or cut off, or waits too long to be
    sealed: exit code 1, and the first index at fault with what is wrong there.

    Checked against the key and the newest checkpoint in HUB_HOME. Keep a copy of `audit-checkpoint.json`
    where nobody who runs the hub can write, and give it with --checkpoint: it holds against them too.

    Examples:

        hmis-hub audit verify

        hmis-hub audit verify --key hub.pub --checkpoint from-last-year.json
    """
    from datetime import UTC, datetime, timedelta

    from auth.verifying import verify as verified

    settings = command.settings()
    keys = _keys(settings.home, key or [])
    kept = _kept(settings.home, checkpoint or [])
    url = command.database(settings)

    async def work() -> None:
        async with command.ready(url) as engine:
            found = await verified(
                engine, keys.values(), kept, datetime.now(UTC), overdue=timedelta(minutes=grace)
            )
        typer.echo(f"size {found.size}\nroot {found.root.hex()}\ncheckpoints {found.checkpoints}")

    command.run(work())


@app.command()
def prove(
    index: Annotated[int, typer.Argument(help="Place of the event in the log, from 0", min=0)],
    since: Annotated[
        int | None, typer.Option(help="Also prove that the log begins with the checkpoint of this size")
    ] = None,
) -> None:
    """Print a proof, as JSON, that one event is in the log. `audit check-proof` checks it anywhere.

    The proof holds the event as it was sealed: hub ids and categories, never a value.

    Examples:

        hmis-hub audit prove 17 > proof.json

        hmis-hub audit prove 17 --since 12 > proof.json
    """
    import json

    from auth.proving import prove as proof_of

    url = command.database(command.settings())

    async def work() -> None:
        async with command.ready(url) as engine:
            typer.echo(json.dumps(await proof_of(engine, index, since), indent=2))

    command.run(work())


@app.command("check-proof")
def check_proof(
    file: Annotated[Path, typer.Argument(help="The proof, as `audit prove` printed it")],
    key: Annotated[Path, typer.Option(help="The hub's public key, as `audit key` printed it")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint of yours that the proof must start from")
    ] = None,
) -> None:
    """Check a proof. Needs no database, no hub and no secret.

    Example:

        hmis-hub audit check-proof proof.json --key hub.pub
    """
    from auth import checkpoints
    from auth.proving import check
    from hmis.errors import InputRefused

    try:
        document = file.read_text(encoding="utf-8", errors="replace")
    except OSError as fault:
        raise InputRefused(f"The proof {file} cannot be read ({fault.strerror}).") from None
    public = checkpoints.PublicKey.read(key)
    known = _read(checkpoint) if checkpoint else None
    found = check(document, {public.id: public}, known)
    typer.echo(
        f"The event is in the log of {found.size} events with root {found.root.hex()}, "
        f"signed {checkpoints.moment(found.signed_at)} by key {found.key_id}."
    )


@app.command()
def searched(
    field: Annotated[
        str,
        typer.Argument(
            help="identifier (SOURCE/VALUE, * for no source), firstName.eq, firstName.startsWith,"
            " firstName.soundsLike, lastName.eq, lastName.startsWith, lastName.soundsLike,"
            " dateOfBirth (FIRST/LAST day) or ssnLastFour"
        ),
    ],
) -> None:
    """Print who searched for a term, which is asked for and not shown: the audit keeps no more than its hash.

    Needs the key in HUB_HOME that the hub answered with. Each line: time, subject, agency, outcome, request.

    Example:

        hmis-hub audit searched lastName.eq
    """
    from auth.checkpoints import SigningKey
    from gateway.auditing import searches

    settings = command.settings()
    url = command.database(settings)
    term = typer.prompt("Term", hide_input=True, err=True)

    async def work() -> None:
        async with command.ready(url) as engine:
            for line in await searches(engine, SigningKey.open(settings.home).search_key(), field, term):
                typer.echo(line)

    command.run(work())


@app.command()
def key() -> None:
    """Print the public key of this hub's audit, in PEM. The first call makes the key.

    Example:

        hmis-hub audit key > hub.pub
    """
    from auth.checkpoints import SigningKey

    typer.echo(SigningKey.open(command.settings().home).public.pem, nl=False)


def _keys(home: Path, given: list[Path]) -> dict[str, PublicKey]:
    from auth.checkpoints import KEY_FILE, PublicKey

    own = [home / KEY_FILE] if (home / KEY_FILE).exists() else []
    return {one.id: one for one in map(PublicKey.read, [*own, *given])}


def _kept(home: Path, given: list[Path]) -> list[Checkpoint]:
    from auth import checkpoints

    own = checkpoints.Kept(home / checkpoints.KEPT_FILE).read()
    return [*([own] if own else []), *map(_read, given)]


def _read(path: Path) -> Checkpoint:
    from auth import checkpoints
    from hmis.errors import InputRefused

    found = checkpoints.Kept(path).read()
    if found is None:
        raise InputRefused(f"There is no checkpoint {path}.")
    return found
