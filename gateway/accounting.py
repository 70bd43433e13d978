"""`hmis-hub accounting`: the accounting of disclosures that a client can ask for, as JSON or CSV."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gateway import command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncEngine

    from auth.accounting import Line, Profile
    from gateway.settings import Settings

OPERATION = "accounting"
APPLICATION = "hmis-hub-cli"


class ProfileName(StrEnum):
    """Under which rule: the names of `auth.accounting.PROFILES`."""

    HIPAA = "hipaa"
    PART2 = "part2"
    RHY = "rhy"
    HUD = "hud"


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"


def accounting(
    client: Annotated[str, typer.Argument(help="A hub id, or SOURCE:IDENTIFIER in its source system")],
    profile: Annotated[ProfileName, typer.Option(help="The rule that gives the right to it")],
    form: Annotated[Format, typer.Option("--format", help="How to print it")] = Format.JSON,
    uses: Annotated[
        bool, typer.Option("--uses", help="Also looks at own records, with the profiles hud and rhy")
    ] = False,
) -> None:
    """Print to whom a client's records were disclosed: when, what, why and on what ground.

    hipaa: 45 CFR 164.528, six years. part2: 42 CFR 2.24, three years, due within 30 days of a request. rhy:
    45 CFR 1351.21, naming the individuals who looked. hud: 69 FR 45888, section 4.2.3.

    Looks of an agency at its own records are uses, not disclosures. Nothing to list is an answer too. Asking
    is itself audited, before anything is printed.

    Examples:

        hmis-hub accounting demo:4711 --profile hud

        hmis-hub accounting 3f0c8a52-... --profile part2 --format csv > accounting.csv
    """
    from datetime import UTC, datetime

    settings = command.settings()
    url = command.database(settings)

    async def work() -> None:
        async with command.ready(url) as engine:
            text = await accounted(
                engine,
                settings,
                client,
                profile,
                form,
                datetime.now(UTC),
                uses=uses,
                operator=command.operator(),
            )
        typer.echo(text, nl=False)

    command.run(work())


async def accounted(
    engine: AsyncEngine,
    settings: Settings,
    client: str,
    name: ProfileName,
    form: Format,
    now: datetime,
    *,
    uses: bool,
    operator: str,
) -> str:
    """The accounting as text, audited when this returns.

    Raises:
        InputRefused: the hub knows no such client, which is audited as well.
        AuditUnavailable: no audit, no answer.
    """
    from auth.accounting import PROFILES, account, find_client
    from hmis.errors import InputRefused

    profile, today = PROFILES[name], now.astimezone(settings.zone).date()
    lines: Sequence[Line] = ()
    async with engine.connect() as connection:
        person = await find_client(connection, client)
        if person is not None:
            lines = await account(connection, person, profile, settings.zone, today, uses=uses)
    await _audited(engine, name, operator, person, now.astimezone(settings.zone))
    if person is None:
        raise InputRefused(
            "The hub knows no such client. Give a hub id, or SOURCE:IDENTIFIER as its source system calls it."
        )
    if form is Format.CSV:
        return _csv(lines, profile)
    since = profile.since(today)
    head: dict[str, object] = {
        "client": str(person),
        "profile": name.value,
        "rule": profile.rule,
        "from": since.isoformat() if since else None,
        "to": today.isoformat(),
    }
    return _json(head, lines, profile)


async def _audited(
    engine: AsyncEngine, name: ProfileName, operator: str, person: UUID | None, local: datetime
) -> None:
    from hashlib import sha256
    from uuid import uuid4

    from auth.audit import Operation, Trail, write

    trail = Trail(about_people=True)
    if person is not None:
        trail.of(person)  # the client is told of disclosures, and nobody of the client
    await write(
        engine,
        Operation(uuid4().hex, OPERATION, sha256(f"{OPERATION} {name}".encode()).hexdigest(), local.date()),
        trail,
        subject=operator,
        application=APPLICATION,
        viewer=None,
        outcome="ANSWERED" if person is not None else "NOT_FOUND",
    )


def _rows(lines: Sequence[Line], profile: Profile) -> list[dict[str, object]]:
    from auth import plain

    rows = []
    for line in lines:
        row: dict[str, object] = {"date": line.day.isoformat(), "recipient": line.recipient}
        if profile.individuals:
            row["individual"] = line.individual
        row |= {
            "categories": plain.categories(line.categories),
            "purpose": line.purpose,
            "basis": line.basis,
            "times": line.times,
        }
        rows.append(row)
    return rows


def _json(head: dict[str, object], lines: Sequence[Line], profile: Profile) -> str:
    import json

    document = {**head, "disclosures": _rows(lines, profile)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _csv(lines: Sequence[Line], profile: Profile) -> str:
    import csv
    import io

    names = ["date", "recipient", "individual", "categories", "purpose", "basis", "times"]
    if not profile.individuals:
        names.remove("individual")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(names)
    for row in _rows(lines, profile):
        writer.writerow([_cell(row[name]) for name in names])
    return out.getvalue()


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: agencies are named by whoever exported them."""
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
