"""The schema as partners read it: the printed file, and the documents it promised to answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import parse, validate

import schema as package
from schema.build import printed
from tests.schema.declared import CORE

PRINTED = Path(package.__file__).with_name("schema.graphql")
JOURNEYS = Path(__file__).parents[1] / "journeys"
PROMISED = Path(__file__).parents[3] / "shared" / "contract"
DOCUMENTS = ("profile", "find", "consent")


def test_the_printed_schema_is_the_schema() -> None:
    assert PRINTED.read_text(encoding="utf-8") == printed(), "run make schema and read the difference"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_promised_document_runs_as_it_stands(name: str) -> None:
    document = parse((JOURNEYS / f"{name}.graphql").read_text(encoding="utf-8"))
    assert validate(CORE, document) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_our_copy_is_the_promise_itself(name: str) -> None:
    promise = PROMISED / f"{name}.graphql"
    if not promise.exists():
        pytest.skip("the promised documents are not beside this checkout")
    assert (JOURNEYS / promise.name).read_text() == promise.read_text()
