"""From bytes to lines: encodings, byte order marks and line ends, a block at a time.

HUD asks for UTF-8. Real exports come from spreadsheets too: with a byte order mark, in Windows-1252 or
UTF-16, with the line ends of three systems. What comes out here is UTF-8 with `\\n`, and has no NUL.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from hmis.csv.rules import Findings

_UTF_16_OR_32 = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def lines(blocks: Iterable[bytes], file: str, findings: Findings) -> Iterator[bytes]:
    """The same text with `\\n` at the end of every line. Blocks may end anywhere, also within a character."""
    stream = _without_mark(iter(blocks), file, findings)
    held = b""
    old_mac: bool | None = None
    for block in stream:
        block = held + block
        # A block that ends in CR may be the first half of CRLF.
        held = b"\r" if block.endswith(b"\r") else b""
        block = block[: len(block) - len(held)]
        if b"\0" in block:
            findings.add("nul-character", file, count=block.count(b"\0"))
            block = block.replace(b"\0", b"")
        if old_mac is None and (b"\n" in block or b"\r" in block):
            old_mac = b"\n" not in block
        yield _line_ends(block, old_mac=bool(old_mac))
    if held:
        yield b"\n"


def _line_ends(block: bytes, *, old_mac: bool) -> bytes:
    if b"\r" not in block:
        return block
    block = block.replace(b"\r\n", b"\n")
    return block.replace(b"\r", b"\n") if old_mac else block


def _without_mark(blocks: Iterator[bytes], file: str, findings: Findings) -> Iterator[bytes]:
    first = b""
    for block in blocks:
        first += block
        if len(first) >= 4:
            break
    if first.startswith(codecs.BOM_UTF8):
        yield first[len(codecs.BOM_UTF8) :]
        yield from blocks
        return
    for mark, encoding in _UTF_16_OR_32:
        if first.startswith(mark):
            findings.add("utf-16", file)
            yield from _recoded(first, blocks, encoding, file, findings)
            return
    yield first
    yield from blocks


def _recoded(
    first: bytes, blocks: Iterator[bytes], encoding: str, file: str, findings: Findings
) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in chain((first,), blocks):
        yield _said(decoder.decode(block), file, findings)
    yield _said(decoder.decode(b"", final=True), file, findings)


def _said(text: str, file: str, findings: Findings) -> bytes:
    if "\ufffd" in text and not findings.has("character-unreadable", file):
        findings.add("character-unreadable", file)
    return text.encode("utf-8", errors="replace")


def as_utf8(data: bytes, file: str, findings: Findings) -> bytes:
    """Whole lines as UTF-8. A line that is none is read as Windows-1252, so a mixed file comes out right."""
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"\n".join(_line_as_utf8(line, file, findings) for line in data.split(b"\n"))
    return data


def _line_as_utf8(line: bytes, file: str, findings: Findings) -> bytes:
    if line.isascii():
        return line
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        if not findings.has("not-utf-8", file):
            findings.add("not-utf-8", file)
        text = line.decode("cp1252", errors="replace")
        return _said(text, file, findings)
    return line
