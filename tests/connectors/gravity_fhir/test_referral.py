"""The closed loop: a referral goes out once, is followed, and nobody's change is undone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import Person, Receipt, Submission
from connectors.gravity_fhir.kit import CLIENT, HUB, asks, clinic, patient, source_at, unproven
from connectors.gravity_fhir.referral import KEYS, TO_TASK, token
from connectors.gravity_fhir.standin import Server
from connectors.gravity_fhir.store import Store
from connectors.gravity_fhir.terms import FULFIL, GUIDE, SDOHCC
from connectors.kit.offered import ADA
from connectors.kit.recording import running
from connectors.runtime import Runtime
from connectors.standin import Fault, Faulty
from connectors.wire import Act, Wire, answer
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import soon

SENT = Submission(
    "REFERRAL", "key-1", "SENT", "p1", values={"service": "Food parcel", "category": "FOOD_INSECURITY"}
)


def _moved(receipt: Receipt, status: str) -> Submission:
    return replace(SENT, status=status, reference=receipt.reference, version=receipt.version)


async def test_a_referral_becomes_a_request_and_a_task_of_the_guide() -> None:
    async with clinic(patient()) as there:
        receipt = await there.source.submit(SENT, soon())
        (asked,), (task,) = there.held("ServiceRequest"), there.held("Task")

    assert receipt == Receipt(f"Task/{task['id']}", "SENT", 'W/"1"')
    assert asked["meta"]["profile"] == [f"{GUIDE}/StructureDefinition/SDOHCC-ServiceRequest"]
    assert (asked["status"], asked["intent"], asked["code"]) == ("active", "order", {"text": "Food parcel"})
    assert {"system": SDOHCC, "code": "food-insecurity"} in [one["coding"][0] for one in asked["category"]]
    assert task["meta"]["profile"] == [f"{GUIDE}/StructureDefinition/SDOHCC-TaskForReferralManagement"]
    assert (task["status"], task["intent"]) == ("requested", "order")
    assert task["code"]["coding"] == [{"system": FULFIL[0], "code": FULFIL[1]}]
    assert task["focus"] == {"reference": f"ServiceRequest/{asked['id']}"}
    assert task["for"] == asked["subject"] == {"reference": "Patient/p1"}
    assert task["requester"] == asked["requester"] == {"reference": HUB}
    assert task["identifier"] == asked["identifier"] == [{"system": KEYS, "value": "key-1"}]


async def test_what_was_sent_is_read_back_as_a_referral_of_the_client() -> None:
    async with clinic(patient()) as there:
        receipt = await there.source.submit(SENT, soon())
        outcome = (await there.source.fetch(asks("SdohReferral", "p1")))["p1"]

    row = outcome.row  # type: ignore[union-attr]
    assert (row.reference, row.labels) == (receipt.reference, frozenset())
    assert (row.values["service"], row.values["status"]) == ("Food parcel", "REQUESTED")
    assert row.values["categories"] == ["FOOD_INSECURITY"]


async def test_sent_twice_under_one_key_it_is_there_once() -> None:
    async with clinic(patient()) as there:
        first = await there.source.submit(SENT, soon())
        again = await there.source.submit(SENT, soon())
        held = there.held("Task"), there.held("ServiceRequest")

    assert again == first
    assert [len(each) for each in held] == [1, 1]


async def test_another_key_is_another_referral() -> None:
    async with clinic(patient()) as there:
        first = await there.source.submit(SENT, soon())
        other = await there.source.submit(replace(SENT, key="key,1|2"), soon())
        again = await there.source.submit(replace(SENT, key="key,1|2"), soon())

    assert other.reference != first.reference
    assert again == other


async def test_a_connection_cut_after_the_clinic_took_it_leaves_exactly_one_task() -> None:
    """The first answer is lost on the way; the hub tries again by itself."""
    store = Store([patient()])
    inner = Server(store, CLIENT).application()
    cutting = Faulty(inner, [Fault("cut")])

    async def once(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/token":
            await inner(scope, receive, send)
        else:
            await cutting(scope, receive, send)
            cutting.faults = ()

    async with running(once) as address:
        source = source_at(address)
        receipt = await source.submit(SENT, soon())
        await source.aclose()

    (task,) = store.search("Task", {}).resources
    assert receipt == Receipt(f"Task/{task['id']}", "SENT", 'W/"1"')
    assert len(store.search("ServiceRequest", {}).resources) == 1


async def test_a_retry_that_finds_it_accepted_says_accepted() -> None:
    async with clinic(patient()) as there:
        receipt = await there.source.submit(SENT, soon())
        there.store.put({**there.store.get(receipt.reference), "status": "accepted"})

        again = await there.source.submit(SENT, soon())

    assert again == Receipt(receipt.reference, "ACCEPTED", 'W/"2"')


async def test_calling_it_off_changes_the_version_we_know() -> None:
    async with clinic(patient()) as there:
        sent = await there.source.submit(SENT, soon())
        receipt = await there.source.submit(_moved(sent, "CANCELLED"), soon())
        (task,) = there.held("Task")

    assert receipt == Receipt(sent.reference, "CANCELLED", 'W/"2"')
    assert task["status"] == "cancelled"
    assert task["focus"]["reference"].startswith("ServiceRequest/")


async def test_what_somebody_changed_in_between_is_a_conflict_and_stays() -> None:
    async with clinic(patient()) as there:
        sent = await there.source.submit(SENT, soon())
        there.store.put({**there.store.get(sent.reference), "status": "in-progress"})

        with pytest.raises(SourceFailed) as failed:
            await there.source.submit(_moved(sent, "CANCELLED"), soon())

        assert failed.value.code is FailureCode.CONFLICT
        assert there.store.get(sent.reference)["status"] == "in-progress"
        tracked = await there.source.track((sent.reference,), soon())
        assert tracked == {sent.reference: Receipt(sent.reference, "IN_PROGRESS", 'W/"2"')}
        # Whoever knows the new version may call it off.
        receipt = await there.source.submit(_moved(tracked[sent.reference], "CANCELLED"), soon())
        assert (receipt.status, receipt.version) == ("CANCELLED", 'W/"3"')


async def test_a_change_between_our_reading_and_our_writing_is_a_conflict_and_stays() -> None:
    """The server is asked for the version, then somebody is quicker: If-Match catches it."""
    store = Store([patient()])
    inner = Server(store, CLIENT).application()

    async def meddling(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("method") == "PUT":
            name = scope["path"].lstrip("/")
            store.put({**store.get(name), "status": "completed"})
        await inner(scope, receive, send)

    async with running(meddling) as address:
        source = source_at(address)
        sent = await source.submit(SENT, soon())
        with pytest.raises(SourceFailed) as failed:
            await source.submit(_moved(sent, "CANCELLED"), soon())
        await source.aclose()

    assert failed.value.code is FailureCode.CONFLICT
    assert store.get(sent.reference)["status"] == "completed"


async def test_a_change_whose_answer_was_lost_is_no_conflict_when_tried_again() -> None:
    async with clinic(patient()) as there:
        sent = await there.source.submit(SENT, soon())
        moved = _moved(sent, "CANCELLED")
        first = await there.source.submit(moved, soon())

        again = await there.source.submit(moved, soon())

        assert again == first
        assert len(there.held("Task")) == 1


async def test_a_versioned_change_is_not_repeated_by_itself() -> None:
    task = {"resourceType": "Task", "id": "t1", "status": "accepted"}
    wire = Wire(answer(json.dumps(task), "200 OK", 'ETag: W/"4"'), Act.RESET)

    async with wire.serving() as address:
        source = unproven(address)
        with pytest.raises(SourceFailed) as failed:
            await source.submit(
                replace(SENT, status="CANCELLED", reference="Task/t1", version='W/"4"'), soon()
            )
        await source.aclose()

    assert failed.value.code is FailureCode.UNAVAILABLE
    assert [line.split()[0] for line in wire.request_lines] == ["GET", "PUT"]
    assert b'if-match: w/"4"' in wire.requests[1].lower()


async def test_a_task_that_is_gone_is_a_conflict() -> None:
    async with clinic(patient()) as there:
        with pytest.raises(SourceFailed) as failed:
            await there.source.submit(replace(SENT, status="CANCELLED", reference="Task/gone"), soon())
        assert await there.source.track(("Task/gone",), soon()) == {}

    assert failed.value.code is FailureCode.CONFLICT


async def test_somebody_the_clinic_does_not_know_is_introduced_once() -> None:
    introduced = replace(SENT, partner_id=None, person=ADA)
    async with clinic() as there:
        await there.source.submit(introduced, soon())
        await there.source.submit(introduced, soon())
        (known,), (task,) = there.held("Patient"), there.held("Task")

    assert known["name"] == [{"family": "Sample", "given": ["Ada"]}]
    assert known["birthDate"] == "1984-02-29"
    assert task["for"] == {"reference": f"Patient/{known['id']}"}


@pytest.mark.parametrize("person", [None, Person("Ada", None, ADA.dob), Person()])
async def test_a_referral_of_nobody_is_not_sent(person: Person | None) -> None:
    async with clinic() as there:
        with pytest.raises(SourceFailed) as failed:
            await there.source.submit(replace(SENT, partner_id=None, person=person), soon())
        held = there.held("Task"), there.held("Patient")

    assert failed.value.code is FailureCode.NOT_SUPPORTED
    assert held == ([], [])


async def test_a_transaction_is_all_or_nothing() -> None:
    """Two tasks with our key are a fault of the clinic's; the request must not stay behind alone."""
    double = {
        "resourceType": "Task",
        "identifier": [{"system": KEYS, "value": "key-1"}],
        "status": "requested",
    }
    async with clinic(patient(), {**double, "id": "t1"}, {**double, "id": "t2"}) as there:
        with pytest.raises(SourceFailed) as failed:
            await there.source.submit(SENT, soon())
        left = there.held("ServiceRequest")

    assert failed.value.code is FailureCode.CONFLICT
    assert left == []


async def test_many_referrals_are_followed_with_one_question() -> None:
    async with clinic(patient()) as there:
        sent = [await there.source.submit(replace(SENT, key=f"k{number}"), soon()) for number in range(3)]
        for receipt, status in zip(sent, ("ready", "on-hold", "draft"), strict=True):
            there.store.put({**there.store.get(receipt.reference), "status": status})

        tracked = await there.source.track(tuple(one.reference for one in sent), soon())

    assert [tracked[one.reference].status for one in sent] == ["ACCEPTED", "IN_PROGRESS", "SENT"]


async def test_a_status_that_fhir_does_not_know_is_bad_data() -> None:
    async with clinic(patient()) as there:
        sent = await there.source.submit(SENT, soon())
        there.store.put({**there.store.get(sent.reference), "status": "lost"})
        with pytest.raises(SourceFailed) as failed:
            await there.source.track((sent.reference,), soon())

    assert failed.value.code is FailureCode.BAD_DATA


def test_every_status_goes_out_under_a_word_of_its_own() -> None:
    assert len(set(TO_TASK.values())) == len(TO_TASK)


def test_what_separates_tokens_is_escaped() -> None:
    assert token("urn:a", "b,c|d\\e$") == "urn:a|b\\,c\\|d\\\\e\\$"


async def test_nothing_is_sent_under_a_status_that_is_no_task_s() -> None:
    async with clinic(patient()) as there:
        with pytest.raises(SourceFailed) as failed:
            await there.source.submit(replace(SENT, status="DRAFT"), soon())
        assert there.held("Task") == []
        assert Runtime().state(there.source).calls == 0

    assert failed.value.code is FailureCode.NOT_SUPPORTED
