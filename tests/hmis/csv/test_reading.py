"""Whatever a CSV file looks like, each of its rows comes out with its line number, or is reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hmis.csv.reading import LINE, CsvFile
from hmis.csv.rules import Findings
from hmis.errors import ArchiveRefused

HEADER = b"A,B,C\n"


def _read(
    data: bytes, *, chunk: int = 1 << 20, block: int = 7
) -> tuple[list[tuple[object, ...]], Findings, int]:
    findings = Findings()
    blocks: Iterator[bytes] = (data[at : at + block] for at in range(0, len(data), block))
    reader = CsvFile(blocks, "Client", findings, chunk=chunk)
    rows = [row for frame in reader.frames() for row in frame.rows()]
    return rows, findings, reader.left_out


def _lines_of(findings: Findings, rule: str) -> tuple[int, ...]:
    return next((finding.lines for finding in findings.all if finding.rule == rule), ())


def test_rows_come_with_their_line_numbers() -> None:
    rows, findings, _ = _read(HEADER + b"1,2,3\n4,,6\n")
    assert rows == [("1", "2", "3", 2), ("4", None, "6", 3)]
    assert findings.all == ()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [b"", b"end"])
def test_any_line_end_with_or_without_a_mark(end: bytes, mark: bytes, last: bytes) -> None:
    data = mark + HEADER + b'1,2,3\n"x\ny",5,6\n7,8,9' + (b"\n" if last else b"")
    rows, findings, _ = _read(data.replace(b"\n", end))
    assert rows == [("1", "2", "3", 2), ("x\ny", "5", "6", 3), ("7", "8", "9", 5)]
    assert findings.all == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_known_by_their_mark(encoding: str) -> None:
    data = ("\ufeff" * encoding.endswith("e") + "A,B,C\nñ,2,3\n").encode(encoding)
    rows, findings, _ = _read(data)
    assert rows == [("ñ", "2", "3", 2)]
    assert [finding.rule for finding in findings.all] == ["utf-16"]


def test_a_line_that_is_not_utf_8_is_read_as_windows_1252_and_the_others_are_not() -> None:
    rows, findings, _ = _read(HEADER + "é,2,3\n".encode() + b"\xe9\x96,2,3\n")
    assert [row[0] for row in rows] == ["é", "é–"]
    assert [(finding.rule, finding.count) for finding in findings.all] == [("not-utf-8", 1)]


def test_empty_lines_are_ignored_and_counted_as_lines() -> None:
    rows, findings, _ = _read(b"\n" + HEADER + b"\n1,2,3\n\n  \n4,5,6\n\n")
    assert rows == [("1", "2", "3", 4), ("4", "5", "6", 7)]
    assert findings.all == ()


def test_too_few_and_too_many_fields_are_reported_by_line() -> None:
    rows, findings, left_out = _read(HEADER + b"1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert [row[0] for row in rows] == ["1", "10"]
    assert _lines_of(findings, "row-fields") == (3, 4)
    assert left_out == 2


def test_line_numbers_are_physical_lines_also_with_text_of_several_lines() -> None:
    rows, findings, _ = _read(HEADER + b'1,"a\nb\nc",3\n2,"d",3\n"x","y\n",z\n4,5\n')
    assert rows == [("1", "a\nb\nc", "3", 2), ("2", "d", "3", 5), ("x", "y\n", "z", 6)]
    assert _lines_of(findings, "row-fields") == (8,)


@pytest.mark.parametrize("chunk", [8, 16, 40, 1000])
def test_a_quote_gone_astray_costs_its_row_and_no_other(chunk: int) -> None:
    data = HEADER + b'1,2,3\n4,"5,6\n7,8,9\n"10"x,11,12\n13,"1""4",15\n16,17,18\n'
    rows, findings, _ = _read(data, chunk=chunk)
    assert [row[0] for row in rows] == ["1", "7", "13", "16"]
    assert [row[-1] for row in rows] == [2, 4, 6, 7]
    assert _lines_of(findings, "row-unreadable") == (3, 5)


def test_a_quote_within_an_unquoted_field_is_just_a_quote() -> None:
    rows, findings, _ = _read(HEADER + b'1,5" nail,3\n2,a "quoted" word,3\n')
    assert [row[1] for row in rows] == ['5" nail', 'a "quoted" word']
    assert findings.all == ()


def test_an_open_quote_does_not_swallow_the_file() -> None:
    rows, findings, _ = _read(HEADER + b'1,"2,3\n' + b"4,5,6\n" * 2_000, block=4096, chunk=4096)
    assert len(rows) == 2_000
    assert _lines_of(findings, "row-unreadable") == (2,)


def test_a_record_without_end_refuses_the_archive() -> None:
    with pytest.raises(ArchiveRefused):
        _read(HEADER + b"x" * (3 << 20), block=1 << 16, chunk=1 << 16)


def test_a_lone_carriage_return_is_reported() -> None:
    rows, findings, _ = _read(HEADER + b"1,2\r,3\n4,5,6\n")
    assert [row[0] for row in rows] == ["4"]
    assert _lines_of(findings, "row-unreadable") == (2,)


def test_nul_is_taken_out_and_told() -> None:
    rows, findings, _ = _read(HEADER + b"1,\x002\x00,3\n")
    assert rows == [("1", "2", "3", 2)]
    assert [(finding.rule, finding.count) for finding in findings.all] == [("nul-character", 2)]


_FIELD = st.text(st.sampled_from('ab,"\n é\t'), max_size=6)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(_FIELD, _FIELD, _FIELD), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 60),
    st.integers(1, 9),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_csv_writer_wrote_is_read_back_whatever_the_chunks(
    table: list[tuple[str, str, str]], end: str, chunk: int, block: int, quoting: int
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]  # one of its constants
    writer.writerow(["A", "B", "C"])
    writer.writerows(table)
    rows, findings, _ = _read(out.getvalue().encode(), chunk=chunk, block=block)
    assert [row[:3] for row in rows] == [tuple(field or None for field in fields) for fields in table]
    assert findings.all == ()
    text = out.getvalue().replace("\r\n", "\n").split("\n")
    at = 2
    for row, fields in zip(rows, table, strict=True):
        assert row[3] == at
        at += 1 + sum(field.count("\n") for field in fields)
    assert at == len(text)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r", b"\xe9", b"\0", b" "]), max_size=60),
    st.integers(1, 40),
)
@example([b'"', b"\n", b'"'], 1)
@example([b"a", b",", b",", b"\n", b'"'], 3)
def test_no_bytes_make_it_fall_over_and_chunks_never_matter(parts: list[bytes], chunk: int) -> None:
    data = HEADER + b"".join(parts)
    whole = _read(data, chunk=1 << 20, block=1 << 20)
    cut = _read(data, chunk=chunk, block=3)
    assert whole[0] == cut[0]
    assert whole[2] == cut[2]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_reported(data: bytes) -> None:
    findings = Findings()
    reader = CsvFile([data], "Client", findings)
    for frame in reader.frames() if reader.header else ():
        assert frame.schema[LINE] == pl.Int32
