"""Checkpoints: signed statements of how long the sealed audit was, with which root, and when (Ed25519).

What is signed is a text of four lines, much as Certificate Transparency's logs write theirs (C2SP
tlog-checkpoint): the kind of log, the size in decimal, the root in base64, the moment in UTC. Each line ends
in a newline.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth import private_file
from auth.merkle import HASH_BYTES
from hmis.errors import InputRefused

KEY_FILE = "audit-key.pem"
KEPT_FILE = "audit-checkpoint.json"
ORIGIN = "hmis-hub audit"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    size: int
    root: bytes
    signed_at: datetime
    key_id: str
    signature: bytes = b""

    @property
    def note(self) -> bytes:
        """What the signature is over."""
        lines = (ORIGIN, str(self.size), base64.b64encode(self.root).decode(), moment(self.signed_at))
        return "".join(f"{line}\n" for line in lines).encode()

    def to_dict(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "root": self.root.hex(),
            "signedAt": moment(self.signed_at),
            "keyId": self.key_id,
            "signature": base64.b64encode(self.signature).decode(),
        }

    @classmethod
    def from_dict(cls, said: Any) -> Checkpoint:
        """Read what `to_dict` wrote; a ValueError when it is nothing of the kind."""
        try:
            found = cls(
                int(said["size"]),
                bytes.fromhex(said["root"]),
                datetime.fromisoformat(said["signedAt"]),
                str(said["keyId"]),
                base64.b64decode(said["signature"], validate=True),
            )
            moment(found.signed_at)  # the first and last days of all may have no UTC
        except (TypeError, KeyError, OverflowError) as fault:
            raise ValueError("not a checkpoint") from fault
        if len(found.root) != HASH_BYTES or found.size < 0 or found.signed_at.tzinfo is None:
            raise ValueError("not a checkpoint")
        return found


def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, always written alike."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class SigningKey:
    """The key of this hub's audit. Whoever holds it can rewrite the log unseen: keep it off the database."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def open(cls, home: Path) -> SigningKey:
        """The key in `home`, made by the first call.

        Raises:
            InputRefused: the file cannot be read or written, or holds no Ed25519 key.
        """
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputRefused(
                f"HUB_HOME {home} cannot be written to ({error.strerror}). "
                "Set HUB_HOME to a folder of your own."
            ) from None
        return cls(_private(private_file.read_or_make(home / KEY_FILE, _new_key), home / KEY_FILE))

    def search_key(self) -> bytes:
        """What search terms are hashed with in the audit (`auth/searched.py`), derived from this key."""
        raw = self._key.private_bytes_raw()
        return HKDF(hashes.SHA256(), 32, salt=None, info=b"hmis-hub audit: what was searched by").derive(raw)

    def sign(self, size: int, root: bytes, now: datetime) -> Checkpoint:
        unsigned = Checkpoint(size, root, now, self.public.id)
        return replace(unsigned, signature=self._key.sign(unsigned.note))


class PublicKey:
    """What proves that a checkpoint came from one hub."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.id = sha256(raw).hexdigest()[:16]

    @classmethod
    def read(cls, path: Path) -> PublicKey:
        """A public key in PEM, as `audit key` prints it; the private key's file will do too.

        Raises:
            InputRefused: there is none.
        """
        try:
            text = path.read_bytes()
        except OSError as error:
            raise InputRefused(f"The key {path} cannot be read ({error.strerror}).") from None
        try:
            if b"PRIVATE KEY" in text:
                return SigningKey(_private(text.decode(), path)).public
            key = serialization.load_pem_public_key(text)
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise InputRefused(f"{path} holds no Ed25519 key in PEM. Take what `audit key` prints.")
        return cls(key)

    @property
    def pem(self) -> str:
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether this key signed exactly this checkpoint."""
        try:
            self._key.verify(checkpoint.signature, checkpoint.note)
        except InvalidSignature:
            return False
        return True


class Kept:
    """The newest checkpoint, kept as a file beside the key: who can cut the tail of the log in the database,
    checkpoints and all, cannot cut it here."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Checkpoint | None:
        """None = nothing was kept yet.

        Raises:
            InputRefused: the file cannot be read, or is no checkpoint.
        """
        try:
            return Checkpoint.from_dict(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputRefused(f"The checkpoint {self.path} cannot be read ({error.strerror}).") from None
        except ValueError:
            raise InputRefused(f"{self.path} is no checkpoint of an audit.") from None

    def write(self, checkpoint: Checkpoint) -> None:
        private_file.replace(self.path, json.dumps(checkpoint.to_dict(), indent=2) + "\n")


def _new_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def _private(text: str, path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputRefused(
            f"{path} holds no Ed25519 key. Put the right file back: a new one vouches for nothing of before."
        )
    return key
