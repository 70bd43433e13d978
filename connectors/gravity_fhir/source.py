"""A FHIR server of the Gravity guide: people are its Patients, by their logical ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import (
    Changes,
    Failed,
    FetchRequest,
    Found,
    Match,
    NotFound,
    Outcome,
    Receipt,
    Row,
    Subject,
    Submission,
)
from connectors.config import Config
from connectors.declared import DeclaredSource
from connectors.gravity_fhir import changes as changed
from connectors.gravity_fhir import identity, mapping, referral
from connectors.gravity_fhir.client import FhirClient
from connectors.gravity_fhir.mapping import Record
from connectors.gravity_fhir.terms import FULFIL, SDOH, SDOHCC, Resource, is_id, listed, table, target, text
from connectors.http import Http
from connectors.manifest import Manifest
from connectors.mapping import Unreadable
from connectors.signing import signer
from connectors.supply import Supply
from hmis.errors import FailureCode, InputRefused, SourceFailed

T = TypeVar("T")

MEDIA = "application/fhir+json"
COUNT = 200
"""Resources on a page; how many are really on it is the server's choice."""

_GUIDE = {"category": f"{SDOHCC}|"}
_SOCIAL = {"category": f"{referral.token(*SDOH)},{SDOHCC}|"}
ASKED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "SdohCondition": {"Condition": _SOCIAL},
    "SdohGoal": {"Goal": _GUIDE},
    "SdohReferral": {"ServiceRequest": _GUIDE, "Task": {"code": referral.token(*FULFIL)}},
    "SdohScreening": {"Observation": {"category": referral.token(*SDOH)}},
}
"""Noun -> what is searched for it: only what is social, never a patient's whole record."""

_ELEMENTS = "category,code,subject,reasonCode,reasonReference,basedOn"
_REASONS = ("Condition", "Observation", "ServiceRequest")


def build(manifest: Manifest, config: Config, engine: AsyncEngine) -> GravityFhir:
    """As the registry asks for it."""
    requester = config.text("requester")
    if target({"reference": requester}) != requester:
        raise InputRefused(f"Connector {manifest.id}: config.requester must read like Organization/123.")
    base_url = config.text("base_url")
    http = Http(manifest.id, base_url, manifest.limits, signer(manifest.auth, config), media=MEDIA)
    return GravityFhir(manifest, FhirClient(manifest.id, http, base_url), requester)


def _now() -> datetime:
    return datetime.now(UTC)


class GravityFhir(DeclaredSource):
    """Reads what is social of linked patients, live; sends referrals and follows them."""

    def __init__(
        self, manifest: Manifest, client: FhirClient, requester: str, now: Callable[[], datetime] = _now
    ) -> None:
        super().__init__(manifest, {"find", "check", "changes", "submit", "track"})
        self.honours_keys = True
        self._supplies = manifest.supplies
        self._client = client
        self._requester = requester
        self._now = now
        self._can_match: bool | None = None

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = [
            value
            for value in dict.fromkeys(one for subject in request.subjects for one in subject.partner_ids)
            if is_id(value)
        ]
        records = await self._records(request.noun, ids, request.deadline) if ids else {}
        supply = self._supplies[request.noun]
        return {
            subject.key: self._outcome(supply, subject, request.fields, records)
            for subject in request.subjects
        }

    def _outcome(
        self, supply: Supply, subject: Subject, fields: frozenset[str], records: Mapping[str, Record | Failed]
    ) -> Outcome:
        """The rows of every record the person has here: two charts of one person tell of different needs."""
        rows: list[Row] = []
        for value in dict.fromkeys(subject.partner_ids):
            record = records.get(value)
            if isinstance(record, Failed):
                return record
            if record is not None:
                try:
                    rows += mapping.rows(supply, fields, record)
                except Unreadable:
                    return Failed(FailureCode.BAD_DATA)
        return Found(tuple(rows), "live") if rows else NotFound()

    async def _records(self, noun: str, ids: list[str], deadline: float) -> dict[str, Record | Failed]:
        """What is held of each patient for the noun, and then what that gives as its reason.

        Every patient is an entry of its own in the batch: what cannot be read is then known to be theirs.
        """
        owned = await self._read(
            [
                (patient, f"{kind}?{urlencode({'patient': patient, **terms, '_count': str(COUNT)})}")
                for patient in ids
                for kind, terms in ASKED[noun].items()
            ],
            deadline,
        )
        named = {
            patient: mapping.reasons(known)
            for patient, known in owned.items()
            if not isinstance(known, Failed)
        }
        reasons = await self._read(
            [question for patient, names in named.items() for question in _of_reasons(patient, names)],
            deadline,
        )
        records: dict[str, Record | Failed] = {}
        for patient, known in owned.items():
            because = reasons.get(patient, {})
            if isinstance(known, Failed):
                records[patient] = known
            else:
                records[patient] = because if isinstance(because, Failed) else Record(known, because)
        return records

    async def _read(
        self, asked: list[tuple[str, str]], deadline: float
    ) -> dict[str, dict[str, Resource] | Failed]:
        """(patient, search) -> what was found, by patient; one failing search is the patient's failure."""
        answers = await self._client.search([question for _, question in asked], deadline) if asked else []
        read: dict[str, dict[str, Resource] | Failed] = {}
        for (patient, _), answer in zip(asked, answers, strict=True):
            known = read.setdefault(patient, {})
            if isinstance(known, Failed):
                continue
            if isinstance(answer, Failed):
                read[patient] = answer
                continue
            try:
                known |= mapping.gather(patient, answer)
            except Unreadable:
                read[patient] = Failed(FailureCode.BAD_DATA)
        return read

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        person = subject.person
        if person is None or not (person.first_name and person.last_name and person.dob):
            return []  # half a person finds the wrong one
        try:
            if await self._matches(deadline):
                found = await self._client.match(referral.as_patient(person), deadline)
                return identity.matched(person, found)
            (answer,) = await self._client.search([identity.question(person)], deadline)
            return identity.matched(person, [(patient, None) for patient in self._told(answer)])
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    async def _matches(self, deadline: float) -> bool:
        """Whether the server has Patient/$match. It says so once; a restart of the hub asks again."""
        if self._can_match is None:
            statement = await self._client.capabilities(deadline)
            self._can_match = any(
                operation.get("name") == "match"
                for rest in map(table, listed(statement.get("rest")))
                for kind in map(table, listed(rest.get("resource")))
                if kind.get("type") == "Patient"
                for operation in map(table, listed(kind.get("operation")))
            )
        return self._can_match

    async def check(self, deadline: float) -> None:
        statement = await self._client.capabilities(deadline)
        if not str(statement.get("fhirVersion")).startswith("4.0"):
            raise SourceFailed(self.name, FailureCode.CONFIG)
        # Anybody may read the statement. Whether we are let in shows when we ask for what is ours.
        question = urlencode({"identifier": f"{referral.KEYS}|", "_summary": "count"})
        (answer,) = await self._client.search([f"Task?{question}"], deadline)
        self._told(answer)

    async def changes(self, cursor: str | None, deadline: float) -> Changes:
        answers = await self._client.walk(changed.questions(cursor), deadline)
        try:
            return changed.read(cursor, [self._told(answer) for answer in answers])
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    def _told(self, answer: T | Failed) -> T:
        """The answer of a search that is no one patient's: without it there is none at all."""
        if isinstance(answer, Failed):
            raise SourceFailed(self.name, answer.code, retryable=answer.retryable)
        return answer

    async def submit(self, submission: Submission, deadline: float) -> Receipt:
        if submission.status not in referral.TO_TASK:
            raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)
        try:
            if submission.reference is None:
                return await self._send(submission, deadline)
            return await self._move(submission, submission.reference, deadline)
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    async def _send(self, submission: Submission, deadline: float) -> Receipt:
        known, person = submission.partner_id, submission.person
        if known is None and (person is None or not (person.first_name and person.last_name)):
            raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)  # a request without a patient is none
        if known is not None and not is_id(known):
            raise SourceFailed(self.name, FailureCode.BAD_DATA)
        made = referral.entries(submission, self._requester, self._category(submission), self._now(), known)
        answers = await self._client.transact(made, deadline)
        name, version, new = referral.created(answers[-1])
        if new and version is not None:
            return Receipt(name, submission.status, version)
        # It was there already: a try before this one came through, and its status may have moved on.
        return await self._standing(name, deadline)

    def _category(self, submission: Submission) -> str:
        """The guide's code of `values.category`, a word of SdohCategory."""
        codes = self._supplies["SdohReferral"].fields["categories"].map or {}
        word = submission.values.get("category")
        return next(
            (code for code, known in codes.items() if known == word and code != "*"),
            "sdoh-category-unspecified",
        )

    async def _move(self, submission: Submission, name: str, deadline: float) -> Receipt:
        """Change the status of the version we know and of no other: what we did not see is not undone."""
        read = await self._client.read(self._task(name), deadline)
        if read is None:
            raise SourceFailed(self.name, FailureCode.CONFLICT)
        task, version = read
        wanted = referral.TO_TASK[submission.status]
        if task.get("status") == wanted:
            return referral.receipt(name, task, version)  # ours came through before its answer was lost
        if version is None or (submission.version is not None and version != submission.version):
            raise SourceFailed(self.name, FailureCode.CONFLICT)
        moved = {**task, "status": wanted, "lastModified": self._now().isoformat(timespec="milliseconds")}
        newer = await self._client.update(name, moved, version, deadline)
        return Receipt(name, submission.status, newer) if newer else await self._standing(name, deadline)

    async def _standing(self, name: str, deadline: float) -> Receipt:
        read = await self._client.read(self._task(name), deadline)
        if read is None:
            raise SourceFailed(self.name, FailureCode.CONFLICT)
        return referral.receipt(name, *read)

    def _task(self, name: str) -> str:
        kind, _, identifier = name.partition("/")
        if kind != "Task" or not is_id(identifier):
            raise SourceFailed(self.name, FailureCode.BAD_DATA)
        return name

    async def track(self, references: tuple[str, ...], deadline: float) -> Mapping[str, Receipt]:
        ids = [self._task(name).partition("/")[2] for name in dict.fromkeys(references)]
        if not ids:
            return {}
        question = urlencode({"_id": ",".join(ids), "_elements": "status", "_count": str(COUNT)})
        (answer,) = await self._client.search([f"Task?{question}"], deadline)
        try:
            tasks = {f"Task/{text(task.get('id'))}": task for task in self._told(answer)}
            return {
                name: referral.receipt(name, task, _version(task))
                for name, task in tasks.items()
                if name in references
            }
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    def retries(self) -> int:
        return self._client.retries

    async def aclose(self) -> None:
        await self._client.aclose()


def _version(task: Resource) -> str | None:
    """The ETag of a resource that came in a Bundle (R4 3.1.0.1.3)."""
    version = text(table(task.get("meta")).get("versionId"))
    return f'W/"{version}"' if version else None


def _of_reasons(patient: str, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    """A search for each kind of reason, asking for what labels are read from and no more."""
    for kind in _REASONS:
        ids = sorted(name.partition("/")[2] for name in names if name.startswith(f"{kind}/"))
        if ids:
            terms = {"_id": ",".join(ids), "patient": patient, "_elements": _ELEMENTS, "_count": str(COUNT)}
            yield patient, f"{kind}?{urlencode(terms)}"
