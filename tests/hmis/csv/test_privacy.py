"""Whatever is wrong with an archive, what it says of people stays out of findings, reports and logs."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmis.errors import ArchiveRefused, InputRefused
from hmis.spec import FILES

CANARY = "Zanzibarowski"


async def _said(load: Any, archive: Any, caplog: pytest.LogCaptureFixture) -> str:
    caplog.set_level(logging.DEBUG)
    try:
        told = (await load(archive)).to_json()
    except ArchiveRefused as refused:
        told = f"{refused} {refused!r} " + json.dumps([finding.to_dict() for finding in refused.findings])
    return told + caplog.text


@pytest.mark.parametrize("file", FILES)
async def test_a_value_in_any_column_is_never_said(
    load: Any, craft: Any, caplog: pytest.LogCaptureFixture, file: str
) -> None:
    craft.stay("1")
    for column in FILES[file].columns:
        craft.add(file, f"k-{column.name}")[column.name] = CANARY
    craft.files[file].append({column.name: CANARY for column in FILES[file].columns})
    assert CANARY not in await _said(load, craft, caplog)


@pytest.mark.parametrize(
    "tail",
    [
        f'c9,"{CANARY}\n'.encode(),
        f'"{CANARY}"x,1\n'.encode(),
        f"{CANARY},{CANARY}\n".encode(),
        f"{CANARY}\xe9\x81,1\n".encode("latin-1"),
    ],
)
async def test_a_broken_row_is_never_said(
    load: Any, craft: Any, caplog: pytest.LogCaptureFixture, tail: bytes
) -> None:
    craft.stay("1")
    craft.bytes["Client"] = craft.text("Client") + tail
    assert CANARY not in await _said(load, craft, caplog)


async def test_a_header_that_is_a_value_is_never_said(
    load: Any, craft: Any, caplog: pytest.LogCaptureFixture
) -> None:
    craft.stay("1")
    lines = craft.text("Client").split(b"\n", 1)
    craft.bytes["Client"] = lines[0] + f",{CANARY},{CANARY}\n".encode() + lines[1].replace(b"\n", b",a,b\n")
    assert CANARY not in await _said(load, craft, caplog)
    craft.bytes["Client"] = f"c1,{CANARY}\n".encode()
    assert CANARY not in await _said(load, craft, caplog)


async def test_keys_that_differ_are_listed_without_their_content(
    load: Any, craft: Any, caplog: pytest.LogCaptureFixture
) -> None:
    craft.stay("1")
    craft.add("Client", CANARY, FirstName=CANARY)
    craft.add("Client", CANARY, LastName=CANARY)
    assert CANARY not in await _said(load, craft, caplog)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_arbitrary_changes_of_bytes_make_a_report_or_a_refusal(
    load: Any, craft: Any, data: Any
) -> None:
    if not craft.files["Client"]:
        craft.stay("1")
        craft.add("Services", "s1")
    craft.bytes.clear()
    for file in data.draw(
        st.lists(st.sampled_from(["Client", "Enrollment", "Export", "Services"]), min_size=1)
    ):
        content = bytearray(craft.text(file))
        for _ in range(data.draw(st.integers(1, 8))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        craft.bytes[file] = bytes(content)
    with contextlib.suppress(InputRefused):
        report = await load(craft)
        assert all(counts.unchanged >= 0 for counts in report.files.values())
