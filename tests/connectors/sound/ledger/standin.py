"""The ledger's partner on loopback: `--port N --key K --fault slow=2s:0.1`."""

from __future__ import annotations

import asyncio

from connectors.standin import Faulty, arguments, leave, parse_faults, serve

from .partner import application


def main(given: list[str] | None = None) -> None:
    parser = arguments("A ledger on loopback.")
    parser.add_argument("--key", default="try-me", help="what X-API-Key must say")
    parser.add_argument("--fault", default="")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(given)
    try:
        app = Faulty(application(options.key), parse_faults(options.fault), options.seed)
    except ValueError as fault:
        leave(str(fault))
    asyncio.run(serve(app, "ledger stand-in", options.port, options.until_eof))
