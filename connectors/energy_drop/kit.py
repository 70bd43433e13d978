"""For the conformance kit and for tests: the agency behind a real SFTP server, with a drop to fetch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.config import read_config
from connectors.energy_drop.drop import write_drop
from connectors.energy_drop.layout import Benefit, Member, Token
from connectors.energy_drop.source import EnergyDrop, build
from connectors.kit.offered import Offered
from connectors.manifest import read_manifest
from connectors.standin_sftp import ensure_key, pin, serving

DAY = date(2026, 3, 1)
DATABASE = True
"""It answers from landing tables."""

MEMBERS = (
    Member("E-1", "Ada", "Sample", date(1984, 2, 29), "12 Example Street", "Springfield", "XX", "00000"),
    Member("E-2", "Ben", "Muster", date(1990, 5, 5)),
    Member("E-3", "Cleo", "Muster", None),
)
BENEFITS = (
    Benefit("E-1", date(2025, 11, 20), "HEATING", Decimal("400.00"), "NATURAL_GAS", prevented=True),
    Benefit("E-1", date(2026, 1, 15), "CRISIS", Decimal("150.50"), "PROPANE", restored=True),
    Benefit("E-1", date(2026, 1, 20), "WEATHERIZATION", Decimal("2000.00")),
    Benefit("E-2", date(2025, 12, 3), "COOLING", Decimal("75.00"), "KEROSENE"),
)


class Agency:
    """The energy agency: a folder behind a real SFTP server, and the hub's way in."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.folder = home / "drop"
        self.port = port
        self.today = DAY

    def lay_out(
        self,
        batch: str = "2026-03",
        day: date = DAY,
        members: tuple[Member, ...] = MEMBERS,
        benefits: tuple[Benefit, ...] = BENEFITS,
        payments: Sequence[Mapping[str, str]] | None = None,
        tokens: Sequence[Token] | None = None,
    ) -> None:
        write_drop(self.folder, batch, day, members, benefits, payments, tokens)

    def errors(self, batch: str = "2026-03") -> list[str]:
        return (self.folder / f"ERRORS-{batch}.csv").read_text().splitlines()[1:]

    def config(self, **changes: str | int) -> dict[str, str | int]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "hub",
            "known_hosts": str(self.home / "known_hosts"),
            "client_key": str(self.home / "client_key"),
            **changes,
        }

    def source(self, engine: AsyncEngine, **changes: str | int) -> EnergyDrop:
        manifest = read_manifest(Path(__file__).parent / "connector.toml")
        config = read_config(
            "energy-drop", manifest.config, self.config(**changes), {"SFTP_PASSWORD": "wrong"}
        )
        source = build(manifest, config, engine)
        source.today = lambda: self.today
        return source


@asynccontextmanager
async def agency(home: Path) -> AsyncIterator[Agency]:
    """The agency's server, with the hub's key let in and its host key pinned."""
    (home / "drop").mkdir()
    (home / "authorized_keys").write_text(ensure_key(home / "client_key") + "\n")
    async with serving(home / "drop", home / "host_key", authorized_key=home / "authorized_keys") as port:
        (home / "known_hosts").write_text(pin(home / "host_key", port))
        yield Agency(home, port)


async def offered(stack: AsyncExitStack, home: Path, engine: AsyncEngine) -> Offered:
    partner = await stack.enter_async_context(agency(home))
    partner.lay_out()
    source = partner.source(engine)
    await source.sync()
    return Offered(source, ("E-1", "E-2"))
