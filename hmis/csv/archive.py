"""Opening an HMIS archive: a zip or a folder, distrusted until its bytes have been counted.

Nothing is ever written by a name from the archive. A zip's own sizes are not believed: what comes out is
counted, so that a small file that unpacks without end is refused before it fills the memory or the disk.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

from hmis.csv.rules import Findings
from hmis.errors import InputRefused
from hmis.spec import FILES

_BLOCK = 1 << 20
_NAMES = {f"{name}.csv".lower(): name for name in FILES}
# What a damaged or hostile zip makes zipfile and zlib raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    LookupError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to. A full export of a large city is about 5 GB."""

    total_bytes: int = 20 << 30
    members: int = 1_000
    ratio: int = 300
    """Real exports pack about 10 to 1, repetitive ones 50 to 1."""
    ratio_floor: int = 64 << 20
    """Below so many bytes the ratio does not matter."""


@dataclass(frozen=True, slots=True)
class _Member:
    packed: int
    unpacked: int
    """As declared; not to be believed."""
    zipped: zipfile.ZipInfo | None
    path: Path | None


class Archive:
    """The HMIS files of a zip or folder, by HUD's names. Use as a context manager."""

    def __init__(self, path: Path, limits: Limits, findings: Findings) -> None:
        self._limits = limits
        self._findings = findings
        self._zip: zipfile.ZipFile | None = None
        self._digests: dict[str, bytes] = {}
        self._unpacked = 0
        if path.is_dir():
            found = self._in_folder(path)
        elif path.is_file():
            found = self._in_zip(path)
        else:
            raise InputRefused(f"There is no file or folder {path}. Give the path of an HMIS CSV export.")
        self.members = self._by_hud_name(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._zip is not None:
            self._zip.close()

    def __contains__(self, file: str) -> bool:
        return file in self.members

    @property
    def declared_bytes(self) -> int:
        """How much there is to read, as the archive says; for a progress bar."""
        return sum(member.unpacked for member in self.members.values())

    @property
    def sha256(self) -> str:
        """Of the contents read so far, the same for a zip and for its unpacked folder."""
        digest = hashlib.sha256()
        for name in sorted(self._digests):
            digest.update(name.encode() + b"\0" + self._digests[name])
        return digest.hexdigest()

    def read(self, file: str, findings: Findings) -> Iterator[bytes]:
        """The bytes of one file, a megabyte at a time.

        Raises:
            ArchiveRefused: the zip is damaged, or unpacks to more than the limits allow.
        """
        member = self.members[file]
        digest = hashlib.sha256()
        size = 0
        try:
            with self._open(member) as stream:
                while block := stream.read(_BLOCK):
                    size += len(block)
                    self._count(len(block), size, member)
                    digest.update(block)
                    yield block
        except _DAMAGE:
            findings.add("archive-unreadable", file)
            findings.refuse()
        self._digests[file] = digest.digest()

    def head(self, file: str, findings: Findings, size: int = 1 << 16) -> bytes:
        """The first bytes of one file."""
        try:
            with self._open(self.members[file]) as stream:
                return stream.read(size)
        except _DAMAGE:
            findings.add("archive-unreadable", file)
            return b""

    def _open(self, member: _Member) -> BinaryIO:
        if member.path is not None:
            return member.path.open("rb")
        assert self._zip is not None
        assert member.zipped is not None
        return self._zip.open(member.zipped)  # type: ignore[return-value]  # IO[bytes] is all we use of it

    def _count(self, block: int, size: int, member: _Member) -> None:
        self._unpacked += block
        limits = self._limits
        swollen = member.zipped is not None and size > max(limits.ratio_floor, member.packed * limits.ratio)
        if swollen or self._unpacked > limits.total_bytes:
            self._findings.add("archive-too-large")
            self._findings.refuse()

    def _in_folder(self, path: Path) -> list[tuple[PurePosixPath, _Member]]:
        try:
            found = [child for child in path.glob("*") if child.is_file()]
            found += [child for child in path.glob("*/*") if child.is_file()]
            return [
                (
                    PurePosixPath(child.relative_to(path).as_posix()),
                    _Member(child.stat().st_size, child.stat().st_size, None, child),
                )
                for child in found
            ]
        except OSError as fault:
            raise InputRefused(f"{path} cannot be read ({fault.strerror}).") from None

    def _in_zip(self, path: Path) -> list[tuple[PurePosixPath, _Member]]:
        try:
            self._zip = zipfile.ZipFile(path)
            entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        except PermissionError as fault:
            raise InputRefused(f"{path} cannot be read ({fault.strerror}).") from None
        except _DAMAGE:
            self._findings.add("archive-unreadable")
            self._findings.refuse()
        if len(entries) > self._limits.members:
            self._findings.add("archive-too-large")
            self._findings.refuse()
        size = path.stat().st_size
        return [
            (
                PurePosixPath(entry.filename.replace("\\", "/")),
                _Member(min(entry.compress_size, size), entry.file_size, entry, None),
            )
            for entry in entries
        ]

    def _by_hud_name(self, found: list[tuple[PurePosixPath, _Member]]) -> dict[str, _Member]:
        members: dict[str, _Member] = {}
        unknown = 0
        for path, member in found:
            if "__MACOSX" in path.parts or path.name.startswith("."):
                continue
            file = _NAMES.get(path.name.lower())
            if file is None:
                unknown += 1
            elif file in members:
                self._findings.add("file-twice", file)
            else:
                members[file] = member
                self._refuse_packing(file, member.zipped)
        if unknown:
            # Without their names: people put names into file names.
            self._findings.add("file-unknown", count=unknown)
        return {file: members[file] for file in FILES if file in members}

    def _refuse_packing(self, file: str, entry: zipfile.ZipInfo | None) -> None:
        if entry is None:
            return
        if entry.flag_bits & 0x1:
            self._findings.add("archive-encrypted", file)
        elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._findings.add("archive-method", file)
