"""The partner's SFTP server on loopback, for the demo and for tests.

    python -m connectors.energy_drop.standin --port N --folder F --host-key FILE --authorized-key FILE

A real asyncssh server that shows nothing but the folder. The drop in it is laid out by `drop.write_drop`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh

from connectors.standin import announce, arguments, leave, told_to_stop
from connectors.standin_sftp import serving


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = arguments("An energy assistance agency's SFTP server on loopback, for the demo and for tests.")
    parser.add_argument("--folder", type=Path, required=True, help="what is served")
    parser.add_argument("--host-key", type=Path, required=True, help="made when it is not there")
    parser.add_argument("--authorized-key", type=Path, help="file of the public keys that may log in")
    parser.add_argument("--password", help="lets anybody in who knows it")
    options = parser.parse_args(given)
    if options.authorized_key is None and options.password is None:
        parser.error("give --authorized-key or --password, or nobody can log in")
    asyncio.run(
        _serve(
            options.folder,
            options.host_key,
            options.port,
            options.authorized_key,
            options.password,
            options.until_eof,
        )
    )


async def _serve(
    folder: Path,
    host_key: Path,
    port: int,
    authorized_key: Path | None,
    password: str | None,
    until_eof: bool,
) -> None:
    try:
        async with serving(
            folder, host_key, port=port, authorized_key=authorized_key, password=password
        ) as bound:
            announce("energy-drop stand-in", bound)
            await told_to_stop(until_eof)
    except (OSError, asyncssh.KeyImportError) as fault:
        leave(f"the energy-drop stand-in cannot start: {fault}")


if __name__ == "__main__":
    main()
