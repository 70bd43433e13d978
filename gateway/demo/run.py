"""`hmis-hub demo`, step by step. Each start finds what the last one left; nothing is made twice."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import UTC, datetime
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway import logs
from gateway.demo import community, consents, figures, harbor, standins, viewers
from gateway.demo.home import DemoHome
from gateway.hub import Hub
from gateway.pages.personas import PERSONAS
from gateway.serving import address_of, listening, serve
from gateway.settings import Settings
from gateway.tokens import demo_issuer
from hmis.database import embedded, engine
from hmis.migrate import upgrade


async def run(settings: Settings) -> None:
    """Everything, until told to stop."""
    # First what can be refused: nothing has been started yet.
    listener = listening(settings)
    address = address_of(listener)
    home = DemoHome.open(settings.home)
    logs.configure(logs.to_terminal(logging.ERROR), logs.to_file(settings.home))
    with listener:
        url = settings.database_url
        if url is None:
            _say("PostgreSQL ...")
            url = await asyncio.to_thread(embedded, settings.home)
        await upgrade(url)
        forms = settings.consent_forms or (consents.FORM,)
        # The integrator registers documents for the application that the demo's tokens are given to.
        named = settings.applications or viewers.registers_for(viewers.CLIENT_ID)
        set_here = {"database_url": url, "consent_forms": forms, "applications": named}
        settings = settings.model_copy(update=set_here)
        showcase = await _populated(settings, home, url)
        _say("The food bank, the rent fund, the clinic and the energy office ...")
        async with standins.running(home) as environment:

            async def announce(hub: Hub) -> None:
                await hub.synced.wait()
                _print_cards(settings, home, address, showcase)
                if not await figures.publish(settings):
                    _say("Some measures of the community could not be published.")

            await serve(settings, listener, announce, {**os.environ, **environment})
        _say("Stopped. Your data are kept.")


async def _populated(settings: Settings, home: DemoHome, url: str) -> UUID:
    """The community in the database, its viewers and consents. Gives the person of the showcase."""
    writer = engine(url)
    try:
        _say("The community of Port Ellery ...")
        personal_id = await asyncio.to_thread(community.write_files, home)
        await community.load(writer, home, datetime.now(UTC))
        return await _agreed(settings, writer, home, personal_id)
    finally:
        await writer.dispose()


async def _agreed(settings: Settings, writer: AsyncEngine, home: DemoHome, personal_id: str) -> UUID:
    now = datetime.now(UTC)
    async with writer.begin() as connection:
        agencies = [await viewers.enrolled(connection, persona, settings, now) for persona in PERSONAS]
        showcase, family = await consents.showcase_family(connection, personal_id)
        by = viewers.recorder(agencies[0])
        await consents.seed(connection, by, showcase, family)
    _say("Street outreach at the harbor, and who is who ...")
    await harbor.load(writer, home, by, settings, now)
    return showcase


def _print_cards(settings: Settings, home: DemoHome, url: str, showcase: UUID) -> None:
    issuer = demo_issuer(settings)
    now = datetime.now(UTC)
    cards = [viewers.card(viewer, home, issuer, settings, url, showcase, now) for viewer in viewers.VIEWERS]
    typer.echo("\n" + "\n".join(cards))
    typer.echo(f"Open {url} in a browser and pick who to be: one of these, or somebody of another agency.\n")
    typer.echo(f"The hub answers on {url}/graphql. Ctrl-C stops it.")


def _say(line: str) -> None:
    typer.echo(line, err=True)
