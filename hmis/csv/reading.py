"""Reading one CSV file as a stream of data frames, every field text, every row with its line number.

Two ways lead through a file. Polars reads a chunk fast, but forgives what must not be forgiven: a row with a
field too few, a quote gone astray. So each chunk is first looked over as bytes; one that is not plainly well
formed is read row by row with Python's own reader, which names the line of every row it cannot take.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, repeat

import polars as pl

from hmis.csv import text
from hmis.csv.rules import Findings

CHUNK = 8 << 20
"""So many bytes are read, checked and stored at once; memory follows this, not the size of the file."""
LINE = "line"
"""Name of the column with the line number, as an editor counts."""

_MOST_RECORD_BYTES = 1 << 20
# HUD's longest text has 500 characters, so a record of more lines is an open quote that swallows the file.
_MOST_RECORD_LINES = 500


@dataclass(frozen=True, slots=True)
class _Shape:
    """A chunk without what stands in quotes: what is left is commas, line ends and one `"` a quoted field."""

    outline: bytes
    inner_line_ends: list[int] | None
    """For each record, the line ends inside its quotes. None where there are none."""


class CsvFile:
    """One file of an archive: its header, then its rows in frames.

    Raises:
        ArchiveRefused: while iterating, where a record does not end.
    """

    def __init__(self, blocks: Iterable[bytes], file: str, findings: Findings, *, chunk: int = CHUNK) -> None:
        self._file = file
        self._findings = findings
        self._chunk = chunk
        self._lines = text.lines(blocks, file, findings)
        self._buffer = bytearray()
        self._next_line = 1
        self.left_out = 0
        """Rows that could not be read."""
        self.bytes_done = 0
        self.header = self._read_header()
        """The names as they stand in the file. Empty where the file is empty."""

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows, in frames with the columns `0`, `1`, ... and `line`; empty fields are null."""
        for block in chain(self._lines, (None,)):
            if block is not None:
                self._buffer += block
                if len(self._buffer) < self._chunk:
                    continue
            yield from self._drain(final=block is None)

    def _drain(self, *, final: bool) -> Iterator[pl.DataFrame]:
        if final and self._buffer and not self._buffer.endswith(b"\n"):
            self._buffer += b"\n"
        end = len(self._buffer) if final else self._last_record_end()
        if not end:
            return
        data = bytes(memoryview(self._buffer)[:end])
        frame = self._fast(data)
        if frame is None:
            frame, end = self._slow(data, final=final)
            data = data[:end]
        if not final and not end and len(self._buffer) > self._chunk + _MOST_RECORD_BYTES:
            self._refuse_endless()
        del self._buffer[:end]
        self._next_line += data.count(b"\n")
        self.bytes_done += end
        if frame.height:
            yield frame

    def _last_record_end(self) -> int:
        """Where the last complete record ends: at a line end with an even count of quotes before it."""
        buffer = self._buffer
        before = buffer.count(b'"')
        position = right = len(buffer)
        while (position := buffer.rfind(b"\n", 0, position)) >= 0:
            before -= buffer.count(b'"', position, right)
            right = position
            if before % 2 == 0:
                return position + 1
            if len(buffer) - position > _MOST_RECORD_BYTES:
                # A stray quote has turned inside out. The careful reader sorts it out.
                return buffer.rfind(b"\n") + 1
        if len(buffer) > self._chunk + _MOST_RECORD_BYTES:
            self._refuse_endless()
        return buffer.rfind(b"\n") + 1

    def _refuse_endless(self) -> None:
        self._findings.add("record-too-long", self._file, lines=[self._next_line])
        self._findings.refuse()

    def _read_header(self) -> list[str]:
        for block in self._lines:
            self._buffer += block
            while (end := self._buffer.find(b"\n")) >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                self._next_line += 1
                if line.strip():
                    return self._names(line)
            if len(self._buffer) > _MOST_RECORD_BYTES:
                self._refuse_endless()
        line = bytes(self._buffer)
        self._buffer.clear()
        return self._names(line) if line.strip() else []

    def _names(self, line: bytes) -> list[str]:
        decoded = text.as_utf8(line, self._file, self._findings).decode("utf-8")
        try:
            return next(csv.reader([decoded]), [])
        except csv.Error:
            return []

    def _fast(self, data: bytes) -> pl.DataFrame | None:
        """The chunk as Polars reads it, or None where the chunk is not plainly well formed."""
        width = len(self.header)
        if width < 2:
            return None
        data = text.as_utf8(data, self._file, self._findings)
        shape = _shape(data)
        if shape is None or b"\r" in shape.outline:
            return None
        outlines = shape.outline[:-1].split(b"\n")
        if set(map(bytes.count, outlines, repeat(b","))) != {width - 1}:
            return None
        frame = pl.read_csv(
            data,
            has_header=False,
            schema={str(index): pl.String for index in range(width)},
            infer_schema=False,
            quote_char='"' if b'"' in data else None,
        )
        if frame.height != len(outlines):
            return None
        return _without_blanks(frame.with_columns(self._line_numbers(shape, frame.height)))

    def _line_numbers(self, shape: _Shape, height: int) -> pl.Series:
        first = self._next_line
        if shape.inner_line_ends is None:
            return pl.int_range(first, first + height, dtype=pl.Int32, eager=True).alias(LINE)
        before = chain((0,), accumulate(shape.inner_line_ends))
        lines = [first + index + inner for index, inner in zip(range(height), before, strict=False)]
        return pl.Series(LINE, lines, dtype=pl.Int32)

    def _slow(self, data: bytes, *, final: bool) -> tuple[pl.DataFrame, int]:
        """The chunk read row by row, and how many of its bytes that took: an unfinished record waits."""
        width = len(self.header)
        lines = text.as_utf8(data, self._file, self._findings).decode("utf-8").split("\n")[:-1]
        rows: list[list[str]] = []
        numbers: list[int] = []
        at = 0
        while at < len(lines):
            row, taken = _record(lines, at)
            if row is None and not final and at + _MOST_RECORD_LINES > len(lines):
                break
            if row is None:
                self._leave_out("row-unreadable", at)
            elif len(row) == width:
                rows.append(row)
                numbers.append(self._next_line + at)
            elif row:
                self._leave_out("row-fields", at)
            at += taken
        # In bytes as they stand in the file, where a character may be shorter than in UTF-8.
        used = len(data) if at >= len(lines) else _start_of_line(data, at)
        frame = pl.DataFrame(rows, {str(index): pl.String for index in range(width)}, orient="row")
        return _without_blanks(frame.with_columns(pl.Series(LINE, numbers, dtype=pl.Int32))), used

    def _leave_out(self, rule: str, at: int) -> None:
        self.left_out += 1
        self._findings.add(rule, self._file, lines=[self._next_line + at])


def _record(lines: list[str], at: int) -> tuple[list[str] | None, int]:
    """The record that begins at a line, and the lines it takes; None where it cannot be read."""
    if not lines[at].strip():
        return [], 1
    reader = csv.reader((f"{line}\n" for line in lines[at : at + _MOST_RECORD_LINES]), strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        # Only this line is given up: the next one begins a record again, as far as anybody can tell.
        return None, 1


def _shape(data: bytes) -> _Shape | None:
    """The outline of a chunk, or None where a quote stands where none may."""
    if b"\n\n" in data or data.startswith(b"\n"):
        return None
    if b'"' not in data:
        return _Shape(data, None)
    parts = data.split(b'"')
    if len(parts) % 2 == 0:
        return None
    outside, inside = parts[0::2], parts[1::2]
    outline = b'"'.join(outside)
    # A quote inside quotes is doubled and leaves nothing between: one field, so one mark.
    while b'""' in outline:
        outline = outline.replace(b'""', b'"')
    marks = outline.count(b'"')
    begun = outline.count(b',"') + outline.count(b'\n"') + outline.startswith(b'"')
    ended = outline.count(b'",') + outline.count(b'"\n')
    if not marks == begun == ended:
        return None
    if data.count(b"\n") == outline.count(b"\n"):
        return _Shape(outline, None)
    # NUL marks a line end inside quotes; the text has none of its own.
    marked = (part.count(b"\n") * b"\0" for part in inside)
    records = b"".join(chain.from_iterable(zip(outside, chain(marked, (b"",)), strict=True)))
    return _Shape(outline, list(map(bytes.count, records.split(b"\n"), repeat(b"\0"))))


def _start_of_line(data: bytes, number: int) -> int:
    position = 0
    for _ in range(number):
        position = data.index(b"\n", position) + 1
    return position


def _without_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    """Empty text is null: HUD writes an unknown value as nothing, quoted or not."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(pl.when(pl.col(texts) != "").then(pl.col(texts)))
