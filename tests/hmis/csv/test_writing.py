"""Writing an archive: HUD's files, columns and formats, and never half of it under its name."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hmis.csv.writing import Row, Rows, write_archive
from hmis.errors import InputRefused
from hmis.spec import FILES

CLIENT: Row = {
    "PersonalID": "7",
    "FirstName": "Zoë",
    "LastName": 'O\'Dellan, "Red"',
    "DOB": date(1988, 3, 14),
    "DOBDataQuality": 1,
    "DateCreated": datetime(2024, 1, 9, 8, 5),
}
ROWS: Rows = {"Client": [CLIENT]}


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def client_of(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as opened:
        return read(opened.read("Client.csv"))[0]


def test_all_24_files_are_there_with_huds_columns_in_huds_order(tmp_path: Path) -> None:
    write_archive(tmp_path / "out.zip", {})
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        headers = {name: archive.read(name).decode().strip().split(",") for name in archive.namelist()}
    assert len(headers) == 24
    assert headers == {f"{file.name}.csv": [c.name for c in file.columns] for file in FILES.values()}


def test_values_are_written_in_huds_formats(tmp_path: Path) -> None:
    write_archive(tmp_path / "out.zip", ROWS)
    client = client_of(tmp_path / "out.zip")
    assert (client["FirstName"], client["LastName"]) == ("Zoë", 'O\'Dellan, "Red"')
    assert (client["DOB"], client["DateCreated"]) == ("1988-03-14", "2024-01-09 08:05:00")
    assert (client["DOBDataQuality"], client["DateDeleted"], client["SSN"]) == ("1", "", "")


@pytest.mark.parametrize(
    ("amount", "text"),
    [(Decimal("1150"), "1150.00"), (7, "7.00"), (Decimal("0.005"), "0.01"), (1e3, "1000.00"), (None, "")],
)
def test_money_has_two_decimals(tmp_path: Path, amount: object, text: str) -> None:
    write_archive(tmp_path / "out", {"IncomeBenefits": [{"EarnedAmount": amount}]})
    assert read((tmp_path / "out" / "IncomeBenefits.csv").read_bytes())[0]["EarnedAmount"] == text


def test_a_folder_holds_the_same_bytes_as_a_zip(tmp_path: Path) -> None:
    write_archive(tmp_path / "out.zip", ROWS)
    write_archive(tmp_path / "out", ROWS)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        zipped = {name: archive.read(name) for name in archive.namelist()}
    assert zipped == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_lines_end_with_cr_lf_and_no_byte_order_mark_leads(tmp_path: Path) -> None:
    write_archive(tmp_path / "out", ROWS)
    content = (tmp_path / "out" / "Client.csv").read_bytes()
    assert content.startswith(b"PersonalID,")
    assert content.count(b"\n") == content.count(b"\r\n") == 2


@pytest.mark.parametrize("compress", [True, False])
def test_equal_rows_give_equal_bytes(tmp_path: Path, compress: bool) -> None:
    for name in ("one.zip", "two.zip"):
        write_archive(tmp_path / name, ROWS, compress=compress)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_unknown_column_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"Client\.csv, row 2: .* no column Shoes"):
        write_archive(tmp_path / "out.zip", {"Client": [CLIENT, {"Shoes": 2}]})
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"no file Pets\.csv"):
        write_archive(tmp_path / "out.zip", {"Pets": []})


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("Client", "DOB", "1988-03-14"),
        ("Client", "DOB", datetime(1988, 3, 14)),
        ("Client", "DateCreated", date(2024, 1, 9)),
        ("Client", "DateCreated", datetime(2024, 1, 9, tzinfo=UTC)),
        ("Client", "VeteranStatus", "yes"),
        ("Client", "FirstName", 1.5),
        ("IncomeBenefits", "EarnedAmount", "12"),
        ("IncomeBenefits", "EarnedAmount", Decimal("NaN")),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_without_being_shown(
    tmp_path: Path, file: str, column: str, value: object
) -> None:
    with pytest.raises(InputRefused, match=rf"{file}\.csv, row 1, column {column}: .* wanted") as refusal:
        write_archive(tmp_path / "out.zip", {file: [{column: value}]})
    assert str(value) not in str(refusal.value)


def test_rows_that_break_off_leave_an_older_archive_as_it_was(tmp_path: Path) -> None:
    def breaks() -> Iterator[Row]:
        yield CLIENT
        raise OSError("the database went away")

    write_archive(tmp_path / "out.zip", ROWS)
    before = (tmp_path / "out.zip").read_bytes()
    with pytest.raises(OSError, match="went away"):
        write_archive(tmp_path / "out.zip", {"Client": breaks()})
    with pytest.raises(OSError, match="went away"):
        write_archive(tmp_path / "out", {"Client": breaks()})
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]
    assert (tmp_path / "out.zip").read_bytes() == before


def test_a_folder_that_holds_something_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_archive(tmp_path / "out", ROWS)
    with pytest.raises(InputRefused, match="not an empty folder"):
        write_archive(tmp_path / "out", ROWS)


def test_a_missing_folder_is_named_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="create it first"):
        write_archive(tmp_path / "nowhere" / "out.zip", ROWS)


def test_only_the_owner_may_read_an_archive(tmp_path: Path) -> None:
    write_archive(tmp_path / "out.zip", ROWS)
    write_archive(tmp_path / "out", ROWS)
    assert (tmp_path / "out.zip").stat().st_mode & 0o077 == 0
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
