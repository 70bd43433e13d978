"""The samples are answers of a clinic, and what the hub makes of them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from connectors.base import Found, Subject
from connectors.gravity_fhir.kit import asks, unproven
from connectors.gravity_fhir.source import GravityFhir
from connectors.kit.offered import ADA
from connectors.wire import Wire, answer
from hmis.errors import SourceFailed
from tests.connectors.gravity_fhir.said import CAN_MATCH, said
from tests.connectors.partners import FOLDER, soon

SAMPLES = {
    path.stem: json.loads(path.read_text()) for path in (FOLDER / "gravity_fhir" / "samples").glob("*.json")
}


def _plain(row: Any) -> dict[str, Any]:
    values = {name: one.isoformat() if isinstance(one, date) else one for name, one in row.values.items()}
    return values | {"reference": row.reference, "labels": sorted(row.labels)}


async def _read(operation: str, source: GravityFhir) -> Any:
    """What the hub makes of a sample, as the sample writes it."""
    if operation == "fetch":
        outcomes = await source.fetch(asks("SdohCondition", "p-1001", "p-1002"))
        return {
            key: [_plain(row) for row in one.rows] for key, one in outcomes.items() if isinstance(one, Found)
        }
    return [[one.value, one.score] for one in await source.find(Subject("p", person=ADA), soon())]


@pytest.mark.parametrize("case", ["normal", "empty", "error"])
@pytest.mark.parametrize("operation", ["fetch", "find"])
async def test_the_samples_read_as_expected(operation: str, case: str) -> None:
    sample = SAMPLES[operation][case]
    content = answer(json.dumps(sample["body"]), f"{sample['status']} Sample")
    before = [said(CAN_MATCH)] if operation == "find" else []

    async with Wire(*before, content).serving() as address:
        source = unproven(address)
        try:
            read = await _read(operation, source)
        except SourceFailed as failed:
            read = failed.code
        await source.aclose()

    assert read == sample["expect"]
