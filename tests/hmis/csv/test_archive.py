"""A zip is distrusted until its bytes are counted; a folder is read as it lies."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hmis.csv.archive import Archive, Limits
from hmis.csv.rules import Findings
from hmis.errors import ArchiveRefused, InputRefused

CLIENT = b"PersonalID\nc1\n"


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _read(path: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], Findings]:
    findings = Findings()
    with Archive(path, limits or Limits(), findings) as archive:
        return {name: b"".join(archive.read(name, findings)) for name in archive.members}, findings


@pytest.mark.parametrize("name", ["Client.csv", "client.CSV", "export/Client.csv", "a\\Client.csv"])
def test_a_file_is_found_by_its_name_also_in_a_sub_folder(tmp_path: Path, name: str) -> None:
    assert _read(_zip(tmp_path / "a.zip", {name: CLIENT}))[0] == {"Client": CLIENT}


def test_a_folder_is_read_like_a_zip(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "CLIENT.csv").write_bytes(CLIENT)
    assert _read(tmp_path)[0] == {"Client": CLIENT}


def test_what_macos_adds_is_passed_over(tmp_path: Path) -> None:
    members = {"Client.csv": CLIENT, "__MACOSX/Client.csv": b"x", "._Client.csv": b"x", ".DS_Store": b"x"}
    files, findings = _read(_zip(tmp_path / "a.zip", members))
    assert files == {"Client": CLIENT}
    assert findings.all == ()


def test_other_files_are_counted_and_not_named(tmp_path: Path) -> None:
    _, findings = _read(_zip(tmp_path / "a.zip", {"Client.csv": CLIENT, "Jane Doe.docx": b"x", "b.txt": b""}))
    [finding] = findings.all
    assert (finding.rule, finding.count) == ("file-unknown", 2)
    assert "Jane" not in str(finding)


def test_names_that_lead_elsewhere_write_nowhere(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    path = _zip(tmp_path / "inner" / "a.zip", {"../../Client.csv": CLIENT, "/etc/Exit.csv": b"x"})
    files, _ = _read(path)
    assert files == {"Client": CLIENT, "Exit": b"x"}
    assert sorted(child.name for child in tmp_path.rglob("*")) == ["a.zip", "inner"]


def test_a_bomb_is_refused_after_few_bytes(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"Client.csv": b"\n" * (200 << 20)})
    assert path.stat().st_size < 300_000
    findings = Findings()
    read = 0
    with Archive(path, Limits(), findings) as archive:
        blocks = archive.read("Client", findings)
        with contextlib.suppress(ArchiveRefused):
            for block in blocks:
                read += len(block)
    assert findings.faults()
    assert read <= 65 << 20


def test_all_members_together_have_a_limit(tmp_path: Path) -> None:
    members = {f"{name}.csv": b"x" * 4_000 for name in ("Client", "Exit", "Event")}
    with pytest.raises(ArchiveRefused) as refused:
        _read(_zip(tmp_path / "a.zip", members), Limits(total_bytes=10_000))
    assert [finding.rule for finding in refused.value.findings] == ["archive-too-large"]


def test_a_folder_has_a_limit_too(tmp_path: Path) -> None:
    (tmp_path / "Client.csv").write_bytes(b"x" * 4_000)
    with pytest.raises(ArchiveRefused):
        _read(tmp_path, Limits(total_bytes=1_000))


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused):
        _read(_zip(tmp_path / "a.zip", {f"{n}.txt": b"" for n in range(11)}), Limits(members=10))


def test_a_size_that_lies_is_not_believed(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"Client.csv": b"\n" * 100_000})
    data = path.read_bytes().replace(struct.pack("<L", 100_000), struct.pack("<L", 10))
    path.write_bytes(data)
    with pytest.raises(ArchiveRefused):
        _read(path)


def test_a_member_that_does_not_unpack_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"Client.csv": CLIENT * 1_000})
    packed = zlib.compress(CLIENT * 1_000)[2:20]
    data = path.read_bytes()
    at = data.index(packed[:8])
    path.write_bytes(data[:at] + b"\xff" * 8 + data[at + 8 :])
    with pytest.raises(ArchiveRefused) as refused:
        _read(path)
    assert [finding.rule for finding in refused.value.findings] == ["archive-unreadable"]


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PersonalID\nc1\n")
    with pytest.raises(ArchiveRefused):
        _read(tmp_path / "a.zip")


def test_an_empty_folder_has_no_export(tmp_path: Path, load: Any) -> None:
    assert _read(tmp_path)[0] == {}


def _real_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Client.csv", CLIENT)
        archive.writestr("Exit.csv", b"x" * 300)
    return out.getvalue()


_ZIP = _real_zip()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(_ZIP) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@example([(203, 0)])
def test_a_damaged_zip_is_read_or_refused(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(_ZIP)
    for at, value in changes:
        data[at] = value
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with contextlib.suppress(InputRefused):
        _read(path)
