"""Checkpoints: what is signed, who signed it, and what is read back."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from auth.checkpoints import KEY_FILE, Checkpoint, Kept, PublicKey, SigningKey
from auth.merkle import EMPTY_ROOT
from hmis.errors import InputRefused

NOW = datetime(2026, 6, 30, 12, 0, 0, 250, tzinfo=timezone(timedelta(hours=-4)))


def test_the_signed_text_is_four_lines_anybody_can_write(tmp_path: Path) -> None:
    checkpoint = SigningKey.open(tmp_path).sign(0, EMPTY_ROOT, NOW)
    assert checkpoint.note == (
        b"hmis-hub audit\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n2026-06-30T16:00:00.000250Z\n"
    )


def test_a_signature_is_over_every_part_and_by_one_key(tmp_path: Path) -> None:
    key = SigningKey.open(tmp_path)
    (tmp_path / "other").mkdir()
    checkpoint = key.sign(3, EMPTY_ROOT, NOW)
    assert key.public.signed(checkpoint)
    assert not SigningKey.open(tmp_path / "other").public.signed(checkpoint)
    for changed in (
        replace(checkpoint, size=4),
        replace(checkpoint, root=bytes(32)),
        replace(checkpoint, signed_at=NOW + timedelta(microseconds=1)),
        replace(checkpoint, signature=bytes(64)),
        replace(checkpoint, signature=b""),
    ):
        assert not key.public.signed(changed)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, second = SigningKey.open(home), SigningKey.open(home)
    assert first.public.pem == second.public.pem
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600


def test_a_public_key_is_read_from_what_was_printed_or_from_the_key_itself(tmp_path: Path) -> None:
    key = SigningKey.open(tmp_path)
    (tmp_path / "pub.pem").write_text(key.public.pem)
    assert PublicKey.read(tmp_path / "pub.pem").id == key.public.id
    assert PublicKey.read(tmp_path / KEY_FILE).id == key.public.id


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----", b"\xff\xfe"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(InputRefused, match="no Ed25519 key"):
        SigningKey.open(tmp_path)
    with pytest.raises(InputRefused, match="no Ed25519 key"):
        PublicKey.read(tmp_path / KEY_FILE)
    with pytest.raises(InputRefused, match="cannot be read"):
        PublicKey.read(tmp_path / "missing.pem")


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(InputRefused, match="HUB_HOME"):
        SigningKey.open(tmp_path / "home")


def test_what_was_kept_is_read_back_and_replaced(tmp_path: Path) -> None:
    key, kept = SigningKey.open(tmp_path), Kept(tmp_path / "kept.json")
    assert kept.read() is None
    for size in (1, 2):
        checkpoint = key.sign(size, EMPTY_ROOT, NOW)
        kept.write(checkpoint)
        assert kept.read() == checkpoint
        assert Checkpoint.from_dict(checkpoint.to_dict()) == checkpoint


@pytest.mark.parametrize(
    "change",
    [
        {"size": -1},
        {"size": "many"},
        {"root": "00"},
        {"root": 7},
        {"signedAt": "2026-06-30T12:00:00"},
        {"signedAt": "0001-01-01T00:00:00+23:59"},
        {"size": float("inf")},
        {"signature": "?"},
        {"keyId": None, "signedAt": None},
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    said = SigningKey.open(tmp_path).sign(1, EMPTY_ROOT, datetime.now(UTC)).to_dict()
    kept = Kept(tmp_path / "kept.json")
    for content in (
        json.dumps({**said, **change}),
        "[]",
        "no JSON",
        "\ud800".encode("utf-16", "surrogatepass"),
    ):
        kept.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(InputRefused, match="no checkpoint"):
            kept.read()
