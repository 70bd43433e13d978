"""A partner that says exactly these bytes, for the conformance kit and for tests: an HTTP server on loopback.

Stand-ins answer as a partner does; this answers as no partner should. Nothing of the hub depends on it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOOPBACK = "127.0.0.1"
_DRIP_S = 0.02


class Act(Enum):
    """What cannot be said in bytes."""

    REFUSE = "nobody listens"
    STRANGER = "TLS with a certificate that nobody vouches for"
    RESET = "the connection is torn down before an answer"
    CLOSE = "the connection is closed before an answer"
    HANG = "nothing comes"
    DRIP = "an answer begins well and comes byte by byte, without end"


def answer(body: bytes | str, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer. length: what Content-Length says instead of the truth."""
    content = body.encode() if isinstance(body, str) else body
    size = len(content) if length is None else length
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", "")
    return "\r\n".join(lines).encode() + content


class Wire:
    """Gives one answer a request, the last one for ever.

    requests: what came in, byte by byte. open: connections that are open now. asked, quiet: set when a
    request has come in, and when the last connection has gone.
    """

    def __init__(self, *answers: bytes | Act) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.quiet = asyncio.Event()
        self.open = 0
        self._release = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def request_lines(self) -> list[str]:
        return [request.split(b"\r\n", 1)[0].decode() for request in self.requests]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The address it is at, while the block lasts."""
        if Act.REFUSE in self.answers:
            with socket.create_server((LOOPBACK, 0)) as taken:
                address = f"http://{LOOPBACK}:{taken.getsockname()[1]}"
            yield address
            return
        tls = await asyncio.to_thread(_nobody_vouches) if Act.STRANGER in self.answers else None
        server = await asyncio.start_server(self._serve, LOOPBACK, 0, ssl=tls)
        yield f"{'https' if tls else 'http'}://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
        self._release.set()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        if self.open:
            await self.quiet.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self._writers.add(writer)
        self.quiet.clear()
        try:
            while await self._once(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            self.open -= 1
            if not self.open:
                self.quiet.set()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b":0"
        )
        self.requests.append(head + await reader.readexactly(int(length.split(b":")[1])))
        self.asked.set()
        say = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if say is Act.HANG or say is Act.DRIP:
            await self._until_hung_up(reader, writer, drip=say is Act.DRIP)
            return False
        if isinstance(say, Act):
            if say is Act.RESET:
                writer.transport.abort()
            return False
        writer.write(say)
        await writer.drain()
        return True

    async def _until_hung_up(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, drip: bool
    ) -> None:
        """Keep the connection until the other side lets go of it, or the wire is taken down."""
        hung_up = asyncio.create_task(reader.read(1))
        released = asyncio.create_task(self._release.wait())
        if drip:
            writer.write(answer(b"", length=1_000_000))
        done: set[asyncio.Task[bytes] | asyncio.Task[bool]] = set()
        while not done:
            timeout = _DRIP_S if drip else None
            done, _ = await asyncio.wait(
                {hung_up, released}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if drip:
                writer.write(b" ")
        hung_up.cancel()
        released.cancel()


def _nobody_vouches() -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, LOOPBACK)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context
