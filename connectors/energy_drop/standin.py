"""The partner's SFTP server on loopback, for the demo and for tests.

    python -m connectors.energy_drop.standin --port N --folder F --host-key FILE --authorized-key FILE

A real asyncssh server that shows nothing but the folder. The drop in it is laid out by `drop.write_drop`.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from connectors.standin import LOOPBACK, announce, arguments, leave, told_to_stop


def ensure_key(path: Path) -> str:
    """The public half of the SSH key in `path`; makes the key, readable by its owner only, if need be."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.export_private_key())
    public: bytes = asyncssh.read_private_key(str(path)).export_public_key()
    return public.decode().strip()


def pin(host_key: Path, port: int) -> str:
    """The line of a known_hosts file that trusts this stand-in and nobody else."""
    algorithm, key = ensure_key(host_key).split()[:2]
    return f"[{LOOPBACK}]:{port} {algorithm} {key}\n"


@asynccontextmanager
async def serving(
    folder: Path,
    host_key: Path,
    *,
    port: int = 0,
    authorized_key: Path | None = None,
    password: str | None = None,
) -> AsyncIterator[int]:
    """Serve `folder` and give the port. authorized_key: file of the public keys that may log in."""
    ensure_key(host_key)

    class Door(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return password is not None

        def validate_password(self, username: str, password_given: str) -> bool:
            return password is not None and hmac.compare_digest(password_given.encode(), password.encode())

    class Folder(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(channel, chroot=os.fsencode(folder))

    server = await asyncssh.listen(
        LOOPBACK,
        port,
        server_host_keys=[str(host_key)],
        authorized_client_keys=str(authorized_key) if authorized_key else None,
        server_factory=Door,
        sftp_factory=Folder,
        config=None,
        gss_host=None,
    )
    try:
        yield server.get_port()
    finally:
        server.close()
        await server.wait_closed()


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
