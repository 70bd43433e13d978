"""What a declarative partner is sent beside questions, and how its answers about it are read.

Referrals stand there in the words of FHIR R4 Task.status, or in ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.base import Changes, Person, Receipt, Submission
from connectors.mapping import Unreadable, items_of, key_text, pick, text_key
from connectors.operation import Operation
from hmis.referral_states import Status

_FHIR = {"REQUESTED": Status.SENT}


def told(submission: Submission) -> dict[str, object]:
    """The placeholders of `[op.submit]`; what is not told is null."""
    person = submission.person or Person()
    return {
        "submission.key": submission.key,
        "submission.status": submission.status,
        "submission.reference": submission.reference,
        "submission.version": submission.version,
        "submission.partner_id": submission.partner_id,
        "submission.values.service": submission.values.get("service"),
        "person.first_name": person.first_name,
        "person.last_name": person.last_name,
        "person.dob": person.dob,
    }


def headers(operation: Operation, submission: Submission) -> dict[str, str]:
    """The key, where the partner honours keys, and the version that is changed (RFC 9110, 13.1.1)."""
    sent = {operation.idempotency: submission.key} if operation.idempotency else {}
    return sent | ({"If-Match": submission.version} if submission.version else {})


def changes_of(operation: Operation, answer: object) -> Changes:
    """A page. Another one follows as long as the partner sends a cursor together with anything at all."""
    changed = [_id(operation, item) for item in items_of(operation.items, answer)]
    gone = pick(operation.further["removed"], answer)
    if not isinstance(gone, list | None):
        raise Unreadable("what was removed is not a list")
    removed = [_id(operation, item) for item in gone or ()]
    cursor = pick(operation.further["next"], answer)
    if cursor is not None and (isinstance(cursor, bool) or not isinstance(cursor, str | int)):
        raise Unreadable("the cursor is neither a text nor a number")
    more = cursor is not None and bool(changed or removed)
    return Changes(tuple(changed), tuple(removed), None if cursor is None else str(cursor), more)


def _id(operation: Operation, item: object) -> str:
    """Partners list whole records here, or their ids alone."""
    return text_key(operation.key, item) if isinstance(item, Mapping) else key_text(item)


def receipt_of(operation: Operation, record: object) -> Receipt:
    """How one referral stands there.

    Raises:
        Unreadable: it has no id, or its status is no word we know.
    """
    word = pick(operation.further["status"], record)
    if not isinstance(word, str):
        raise Unreadable("a referral has no status")
    said = word.strip().upper().replace("-", "_")
    status = _FHIR.get(said, said)
    if status not in set(Status):
        raise Unreadable("a referral has a status that is no word of FHIR's")
    version = pick(operation.further["version"], record)
    return Receipt(text_key(operation.key, record), str(status), None if version is None else str(version))
