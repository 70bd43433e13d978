"""What the three viewers ask."""

from __future__ import annotations

import pytest

from gateway.demo.viewers import VIEWERS, DemoViewer
from gateway.documents import Documents
from schema.build import schema


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: viewer.name)
def test_each_question_fits_the_schema(viewer: DemoViewer) -> None:
    prepared = Documents(schema).prepare(viewer.document)
    assert prepared.operation_named(None) is not None
