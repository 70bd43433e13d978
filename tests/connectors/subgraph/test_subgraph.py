"""The rent fund: its samples, its stand-in over real HTTP, and what GraphQL can say besides an answer."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Failed, Found, Match, NotFound, Person, Subject
from connectors.kit.offered import ADA, SECRET
from connectors.kit.recording import running
from connectors.manifest import ManifestRefused, read_manifest
from connectors.runtime import Runtime
from connectors.subgraph.kit import subgraph, tenancy
from connectors.subgraph.standin import application
from connectors.wire import Wire, answer
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import FOLDER, ask, soon

NOUN = "RentalAssistance"
FIELDS = frozenset({"paidOn", "amount", "kind", "coversFrom", "coversTo", "program"})
PLACE = FOLDER / "subgraph"
SAMPLES = {path.stem: json.loads(path.read_text()) for path in (PLACE / "samples").glob("*.json")}
BEN = Person("Ben", "Muster", date(1990, 5, 5))


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def _fetch(body: Any, *ids: str) -> Any:
    async with Wire(answer(json.dumps(body))).serving() as address:
        source = subgraph(address)
        subjects = (Subject(one, (one,)) for one in ids)
        outcomes = await Runtime().fetch(source, ask(*subjects, noun=NOUN, fields=FIELDS))
        await source.aclose()
    return outcomes


@pytest.mark.parametrize("case", ["normal", "empty"])
async def test_fetch_reads_the_samples(case: str) -> None:
    sample = SAMPLES["fetch"][case]
    outcomes = await _fetch(sample["body"], *sample["ids"])

    read = {
        key: [
            {name: _plain(value) for name, value in row.values.items()}
            | {"reference": row.reference, "as_of": _plain(row.as_of)}
            for row in found.rows
        ]
        for key, found in outcomes.items()
        if isinstance(found, Found)
    }
    assert read == sample["expect"]
    assert {type(one) for key, one in outcomes.items() if key not in read} <= {NotFound}


@pytest.mark.parametrize("case", ["normal", "empty"])
async def test_find_reads_the_samples(case: str) -> None:
    sample = SAMPLES["find"][case]
    async with Wire(answer(json.dumps(sample["body"]))).serving() as address:
        source = subgraph(address)
        matches = await source.find(Subject("p", person=ADA), soon())
        await source.aclose()

    assert matches == [Match(value, score) for value, score in sample["expect"]]


async def test_errors_in_the_samples_have_their_code() -> None:
    fetch, find = SAMPLES["fetch"]["error"], SAMPLES["find"]["error"]
    assert await _fetch(fetch["body"], "T-1") == {"T-1": Failed(FailureCode(fetch["expect"]))}
    async with Wire(answer(json.dumps(find["body"]))).serving() as address:
        source = subgraph(address)
        with pytest.raises(SourceFailed) as failed:
            await source.find(Subject("p", person=ADA), soon())
        await source.aclose()
    assert (failed.value.code, failed.value.retryable) == (find["expect"], True)


async def test_all_people_of_a_batch_cost_one_post_that_asks_the_fields_wanted_and_no_more() -> None:
    wire = Wire(answer('{"data": {"_entities": [null, null]}}'))
    async with wire.serving() as address:
        source = subgraph(address)
        subjects = (Subject("never-sent", ("T-1",), ADA), Subject("nor-this", ("T-2",)))
        await source.fetch(ask(*subjects, noun=NOUN, fields=frozenset({"amount", "coversTo"})))
        await source.aclose()

    (request,) = wire.requests
    head, body = request.split(b"\r\n\r\n", 1)
    sent = json.loads(body)
    assert wire.request_lines == ["POST /graphql HTTP/1.1"]
    assert b"Authorization: Bearer " + SECRET.encode() in head
    assert sent["variables"] == {
        "representations": [{"__typename": "Tenancy", "id": "T-1"}, {"__typename": "Tenancy", "id": "T-2"}]
    }
    assert "payments { number amount period { ends } }" in sent["query"]
    assert b"never-sent" not in request


async def test_what_the_partner_could_not_read_costs_that_subject_alone() -> None:
    whole = SAMPLES["fetch"]["normal"]["body"]["data"]["_entities"][0]
    error = {"message": "Ada Sample is locked", "path": ["_entities", 1]}
    outcomes = await _fetch({"data": {"_entities": [whole, None]}, "errors": [error]}, "T-1", "T-2")

    assert isinstance(outcomes["T-1"], Found)
    assert outcomes["T-2"] == Failed(FailureCode.BAD_DATA)


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        ({"data": {"_entities": [None]}}, Failed(FailureCode.BAD_DATA)),
        ({"data": {"_entities": None}}, Failed(FailureCode.BAD_DATA)),
        ({"data": {"_entities": [{"payments": []}, None]}}, Failed(FailureCode.BAD_DATA)),
        ({"errors": [{"extensions": {"code": "FORBIDDEN"}}]}, Failed(FailureCode.AUTH)),
        (
            {"errors": [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
            Failed(FailureCode.UNAVAILABLE, True),
        ),
        ({"errors": [{"extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]}, Failed(FailureCode.CONFIG)),
        ({"errors": [{"message": "no"}]}, Failed(FailureCode.BAD_DATA)),
        ({"errors": ["no"]}, Failed(FailureCode.BAD_DATA)),
        (
            {"data": {"_entities": [None, None]}, "errors": [{"path": ["_entities"]}]},
            Failed(FailureCode.BAD_DATA),
        ),
        (
            {"data": {"_entities": [None, None]}, "errors": [{"path": ["_entities", 9]}]},
            Failed(FailureCode.BAD_DATA),
        ),
        ([], Failed(FailureCode.BAD_DATA)),
    ],
)
async def test_an_answer_that_is_of_nobody_alone_fails_for_all(body: Any, failed: Failed) -> None:
    assert await _fetch(body, "T-1", "T-2") == {"T-1": failed, "T-2": failed}


async def test_the_declared_documents_are_valid_for_the_stand_in() -> None:
    async with running(application([tenancy("T-1")], SECRET)) as address:
        source = subgraph(address)
        outcomes = await source.fetch(ask(Subject("p", ("T-1",)), noun=NOUN, fields=FIELDS))
        nothing = await source.fetch(ask(Subject("p", ("T-1",)), noun=NOUN, fields=frozenset()))
        matches = await source.find(Subject("p", person=ADA), soon())
        await source.check(soon())
        await source.aclose()

    found = outcomes["p"]
    assert isinstance(found, Found)
    assert found.row.values == {
        "paidOn": date(2026, 4, 1),
        "amount": Decimal("850.00"),
        "kind": "RENT",
        "coversFrom": date(2026, 4, 1),
        "coversTo": date(2026, 4, 30),
        "program": "Example Rent Fund",
    }
    assert isinstance(nothing["p"], Found)
    assert nothing["p"].row.values == {}
    assert matches == [Match("T-1", 100)]


DECLARED = """document = "query ($ids: [ID!]!) { tenanciesById(ids: $ids) { id payments { number {fields} }}}"
body = { ids = "{subject_ids}" }
items = "data.tenanciesById"
"""


async def test_a_partner_that_is_no_subgraph_is_asked_by_a_declared_document(tmp_path: Any) -> None:
    text = (PLACE / "connector.toml").read_text()
    begins, ends = text.index('document = """\nquery ($representations'), text.index('as_of = "updatedAt"')
    (tmp_path / "connector.toml").write_text(text[:begins] + DECLARED + text[ends:])
    row = {"id": "T-2", "payments": [{"number": "P-1", "amount": 5}]}
    error = {"path": ["tenanciesById", 0]}
    body = {"data": {"tenanciesById": [{"id": "T-1", "payments": None}, row]}, "errors": [error]}
    wire = Wire(answer(json.dumps(body)))
    async with wire.serving() as address:
        source = subgraph(address)
        source.manifest = read_manifest(tmp_path / "connector.toml")
        subjects = (Subject(one, (one,)) for one in ("T-1", "T-2", "T-3"))
        outcomes = await source.fetch(ask(*subjects, noun=NOUN, fields=frozenset({"amount"})))
        await source.aclose()

    sent = json.loads(wire.requests[0].split(b"\r\n\r\n", 1)[1])
    assert sent["variables"] == {"ids": ["T-1", "T-2", "T-3"]}
    assert outcomes["T-1"] == Failed(FailureCode.BAD_DATA)
    assert isinstance(outcomes["T-2"], Found)
    assert outcomes["T-2"].row.values == {"amount": Decimal(5)}
    assert outcomes["T-3"] == NotFound()


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('document = "{ _service { sdl } }"', "", "op.check.document"),
        ('protocol = "graphql"', 'protocol = "rest"', "op.fetch.document"),
        ('"{entities.Tenancy}"', '"{person.last_name}"', "op.fetch.body"),
    ],
)
def test_a_document_belongs_to_a_partner_that_speaks_graphql(
    tmp_path: Any, old: str, new: str, pointer: str
) -> None:
    text = (PLACE / "connector.toml").read_text()
    assert old in text
    (tmp_path / "connector.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ManifestRefused) as refused:
        read_manifest(tmp_path / "connector.toml")
    assert pointer in {problem.pointer for problem in refused.value.problems}
