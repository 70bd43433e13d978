"""The one place where the hub speaks SFTP: a pinned host key, nothing from the environment, bounded reads."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import asyncssh

from connectors.config import Config
from hmis.errors import FailureCode, InputRefused, SourceFailed

FILE_CAP = 64 * 1024 * 1024
_CONNECT_S = 10
_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Access:
    """Where the drop is and how we are let in. known_hosts: the server's key as the partner told us."""

    host: str
    port: int
    user: str
    known_hosts: Path
    folder: str = "."
    client_key: Path | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the server lists it. size and changed (seconds since 1970): 0 where it does not say."""

    name: str
    size: int
    changed: int


def access(connector: str, config: Config) -> Access:
    """The way in that an operator set: host, port, user, known_hosts, folder, and client_key or password.

    Raises:
        InputRefused: without a host, a user, a pinned host key, or any proof of who we are.
    """
    known_hosts = config.path("known_hosts")
    if known_hosts is None or (config.path("client_key") is None and config.secret("password") is None):
        raise InputRefused(f"Connector {connector}: set config.client_key or config.password.")
    return Access(
        host=config.text("host"),
        port=config.number("port"),
        user=config.text("user"),
        known_hosts=known_hosts,
        folder=config.text("folder"),
        client_key=config.path("client_key"),
        password=config.secret("password"),
    )


class Drop:
    """An open session in the drop's folder. Every method raises SourceFailed when the session breaks."""

    def __init__(self, source: str, sftp: asyncssh.SFTPClient, folder: str) -> None:
        self._source = source
        self._sftp = sftp
        self._folder = PurePosixPath(folder)

    async def names(self) -> frozenset[str]:
        with _explained(self._source):
            return frozenset(await self._sftp.listdir(str(self._folder)))

    async def read(self, name: str) -> bytes | None:
        """The file's bytes. None = it is not there, or is larger than anything agreed."""
        with _explained(self._source):
            try:
                async with self._open(name, "rb") as file:
                    content = _bytes(await file.read(FILE_CAP + 1))
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None
        return content if len(content) <= FILE_CAP else None

    async def listing(self) -> list[Listed]:
        """The files of the folder, without the folders in it."""
        with _explained(self._source):
            return [
                Listed(str(entry.filename), entry.attrs.size or 0, entry.attrs.mtime or 0)
                for entry in await self._sftp.readdir(str(self._folder))
                if entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
            ]

    async def fetch(self, name: str, to: Path, cap: int) -> str | None:
        """Copy a file to `to`; gives its SHA-256. None = it is not there, or is larger than `cap` bytes."""
        digest, size = hashlib.sha256(), 0
        with _explained(self._source):
            try:
                async with self._open(name, "rb") as file:
                    with to.open("wb") as copy:
                        while block := _bytes(await file.read(_BLOCK)):
                            size += len(block)
                            if size > cap:
                                return None
                            digest.update(block)
                            await asyncio.to_thread(copy.write, block)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None
        return digest.hexdigest()

    async def write(self, name: str, content: bytes) -> bool:
        """False = the server does not let us."""
        with _explained(self._source):
            try:
                async with self._open(name, "wb") as file:
                    await file.write(content)
            except asyncssh.SFTPConnectionLost:
                raise
            except asyncssh.SFTPError:
                return False
        return True

    @asynccontextmanager
    async def _open(self, name: str, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
        file = await self._sftp.open(str(self._folder / name), mode)
        try:
            yield file
        except asyncio.CancelledError:
            raise  # closing it asks the server, and whoever is called off must not wait for that
        except BaseException:
            await file.close()
            raise
        await file.close()


def _bytes(block: bytes | str) -> bytes:
    """asyncssh gives text of files opened as text; ours are not."""
    assert isinstance(block, bytes)
    return block


@asynccontextmanager
async def opened(source: str, access: Access) -> AsyncIterator[Drop]:
    """A session with the partner's server; what goes wrong in reaching it leaves as SourceFailed.

    A server that shows another host key than the pinned one is AUTH: it may be an impostor, so nobody
    logs in to it.
    """
    try:
        known_hosts = await asyncio.to_thread(asyncssh.read_known_hosts, str(access.known_hosts))
        keys = await asyncio.to_thread(_client_keys, access.client_key)
    except (OSError, ValueError):  # asyncssh.KeyImportError is a ValueError
        raise SourceFailed(source, FailureCode.CONFIG) from None
    async with AsyncExitStack() as stack:
        with _explained(source):
            connection = await stack.enter_async_context(
                asyncssh.connect(
                    access.host,
                    access.port,
                    username=access.user,
                    known_hosts=known_hosts,
                    client_keys=keys,
                    password=access.password,
                    # Nothing of whoever runs the hub: no ~/.ssh/config, agent, Kerberos, X.509 store.
                    config=None,
                    agent_path=None,
                    gss_host=None,
                    x509_trusted_certs=None,
                    disable_trivial_auth=True,
                    connect_timeout=_CONNECT_S,
                    keepalive_interval=_CONNECT_S,
                )
            )
            # It ends with its connection. An end of its own would wait for a server that may be silent.
            sftp = await connection.start_sftp_client()
        yield Drop(source, sftp, access.folder)


@asynccontextmanager
async def visited(source: str, access: Access, within_s: float) -> AsyncIterator[Drop]:
    """A session for all that a look at the drop takes; one that takes longer is TIMEOUT."""
    try:
        async with asyncio.timeout(within_s), opened(source, access) as drop:
            yield drop
    except TimeoutError:
        raise SourceFailed(source, FailureCode.TIMEOUT, retryable=True) from None


@contextmanager
def _explained(source: str) -> Iterator[None]:
    """What asyncssh raises, as SourceFailed with a code. Its texts quote the server, so they end here."""
    try:
        yield
    except TimeoutError:
        raise SourceFailed(source, FailureCode.TIMEOUT, retryable=True) from None
    except (asyncssh.Error, OSError) as fault:
        code = _code(fault)
        raise SourceFailed(source, code, retryable=code is FailureCode.UNAVAILABLE) from None


def _client_keys(path: Path | None) -> list[asyncssh.SSHKey] | None:
    return [asyncssh.read_private_key(str(path))] if path is not None else None


def _code(fault: Exception) -> FailureCode:
    if isinstance(
        fault, asyncssh.HostKeyNotVerifiable | asyncssh.PermissionDenied | asyncssh.SFTPPermissionDenied
    ):
        return FailureCode.AUTH
    if isinstance(fault, asyncssh.KeyExchangeFailed | asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return FailureCode.CONFIG
    return FailureCode.UNAVAILABLE
