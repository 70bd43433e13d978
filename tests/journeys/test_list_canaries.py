"""The list, 33: every text of a community is a word of its own, everything is asked, and none is heard.

Every field of every type and every argument is asked for over HTTP, by people who may see nothing or a part;
then questions made up by chance, broken documents, wrong variables and wrong ids. There are neither traces
nor metrics yet. `HUB_CANARY_ROUNDS` asks more.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from auth.categories import NOTHING, Category
from auth.viewer import Role
from connectors.base import Outcome, Person
from connectors.memory import MemorySource, Record
from hmis.tables.metadata import metadata
from tests.journeys.asking import Question, arguments, every_place, every_question, fields, places_of
from tests.journeys.canaries import (
    BO,
    EVE,
    WORD,
    WORDS_OF_THE_HUB,
    Planted,
    about,
    is_audit,
    known,
    plant,
    texts,
    to_plant,
)
from tests.journeys.conftest import Hub
from tests.journeys.listening import Ears, ServersLog, audited, scanning, written
from tests.journeys.questions import Asker
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT
from tests.worlds import NOW, World

ROUNDS = int(os.environ.get("HUB_CANARY_ROUNDS", "1"))
BY_CHANCE, BROKEN = 15 * ROUNDS, 80 * ROUNDS
PART = Category.EXISTENCE | Category.NAME | Category.ENROLLMENT | Category.SERVICES | Category.UTILITY
ROLES = {"worker": Role.CASE_MANAGER, "officer": Role.PRIVACY_OFFICER, "service": Role.DASHBOARD}
PARTNERS = [f"zq{number}q" for number in range(8001, 8012)]
READ_TO_BE_CHECKED = {
    "agency.organization_id",
    "consent_grant.evidence",
    "consent_grant.recorded_by",
    "consent_grant.section",
    "consent_grant.subject",
    "consent_grant.template",
    "enrollment.household_id",
    "exit.exit_id",
    "guardian.adult",
    "guardian.recorded_by",
    "import_run.archive_sha256",
    "import_run.report",
    "project_coc.address_1",
    "project_coc.address_2",
    "project_coc.city",
    "project_coc.geocode",
    "project_coc.zip",
    "services.services_id",
    "source.name",
}
"""Of what a caller may not see, this comes as far as the hub: papers by their id, keys and addresses that are
told to their own agency alone, what imports found for those who run the hub, and agencies for whom a preview
is decided. It must not grow."""
NO_WORD_FITS = {"client.ssn", "enrollment.vamc_station"}
"""A number for other roles and a code: a word in them is told as null even to those who may see it."""
OPEN = """mutation($id: ID!) {
  breakGlassOpen(client: $id, reason: "brought in unconscious") { closesAt problems { code message } } }"""


def test_every_text_of_the_database_has_a_word_or_a_reason() -> None:
    """A new column of text gets a word by itself; one that must not is named in WORDS_OF_THE_HUB."""
    for table in metadata.sorted_tables:
        if not is_audit(table):
            reasons = WORDS_OF_THE_HUB.get(table.name, set())
            assert reasons <= set(texts(table)), table.name
            without = set(texts(table)) - set(to_plant(table)) - reasons
            assert all(name.endswith("_id") for name in without), table.name


def test_nothing_that_can_be_asked_is_left_out() -> None:
    asked = set().union(*(places_of(question.document) for question in every_question()))
    assert asked == every_place()


class Quoting(MemorySource):
    """Fails with a record in its words, wherever it is asked."""

    async def find(self, *_: Any, **__: Any) -> Any:
        raise KeyError(PARTNERS[0])

    async def fetch(self, *_: Any, **__: Any) -> dict[str, Outcome]:
        raise ValueError(f"no such household: {PARTNERS[1]}")


def partners() -> list[MemorySource]:
    """A food bank nobody at B may ask, and energy offices that fail in their own words or say too much."""
    words = iter(PARTNERS[2:])
    person = Person(next(words), next(words), None)
    held = {"visitCount": 3, "programs": [next(words)], next(words): next(words)}
    food = MemorySource({next(words): Record(person, held)}, name="pantry")
    energy = {"noun": "UtilityAssistance", "category": "utility"}
    failing = Quoting({}, name="energy", fields=frozenset({"heatingFuel"}), **energy)
    said = {"totalBillAssistance": 3, next(words): next(words)}
    asked = frozenset({"totalBillAssistance"})
    chatty = MemorySource({"h1": Record(person, said)}, name="chatty", fields=asked, **energy)
    return [food, failing, chatty]


def broken(choose: Random, documents: list[str], words: list[str]) -> Iterator[dict[str, Any]]:
    """Requests that are not quite right: wrong variables and ids of every kind, documents cut, misspelt."""
    odd: list[Any] = [None, 1, -1, True, "", "x", "\u0000", "'; drop table client; --", "é" * 300, [], {}]
    odd += [[None], {"id": "x"}, 2**60, 1.5, str(UUID(int=0)), "a" * 5_000, *choose.sample(words, 3)]
    for document in (
        "query($v: ID!) { client(id: $v) { id name { last } } }",
        "query($v: ClientWhere!) { clients(where: $v) { nodes { id } } }",
        "query($v: Int!) { clients(where: {}, first: $v) { nodes { id } } }",
        "query($v: String) { clients(where: {}, after: $v) { nodes { id } } }",
        "query($v: String) { clients(where: {ssnLastFour: $v}) { nodes { id } } }",
        "mutation($v: ConsentGrantInput!) { consentGrant(input: $v) { problems { code message } } }",
        "mutation($v: ID!) { consentRevoke(id: $v, reason: $v) { problems { code message } } }",
    ):
        yield {"query": document}
        for value in (*odd, {"lastName": {"eq": choose.choice(words), "x": 1}}):
            yield {"query": document, "variables": {"v": value}}
    for _ in range(BROKEN):
        document, word = choose.choice(documents), choose.choice(words)
        at = choose.randrange(len(document))
        match choose.randint(0, 4):
            case 0:
                yield {"query": document[:at] + document[at + choose.randint(1, 9) :]}
            case 1:
                yield {"query": document[:at] + word + document[at:]}
            case 2:
                misspelt = re.sub(r"\b(client|name|nodes|last|id)\b", r"\1s", document, count=2)
                yield {"query": misspelt, "operationName": word}
            case 3:
                wrong = choose.choice(["7", "null", "[]", "{}", json.dumps(word), "WORD"])
                yield {"query": re.sub(r"\$\w+(?=[,)}\]])", wrong, document, count=1)}
            case 4:
                yield {"query": document, "variables": {"client_id": word}, "extensions": word}


async def test_33_a_canary_in_every_hidden_text_is_found_nowhere(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    world = hub.world
    planted = await plant(world)
    await _they_sing(world, planted)
    for name, role in ROLES.items():
        await hub.joins(name, "B", role)
    for source in partners():
        hub.partner(source)
    ears, server = Ears(planted), await ServersLog.of(world.engine)
    capfd.readouterr()
    with scanning() as log:
        await _everything_is_asked(hub, ears)
        for path in ("/healthz", "/readyz", "/nowhere", "/.well-known/openid-configuration"):
            ears.listen(planted.hidden(NOTHING), await hub.http.get(path), path)
    assert ears.heard == []
    assert ears.answers > 600
    assert ears.statuses == {200, 400, 404}
    secret = planted.hidden(PART) & set(planted.words) | set(PARTNERS)
    # What SQLAlchemy calls a row is what left the database: told to nobody, but it says how far it came.
    rows = [line for line in log.lines if line.startswith("sqlalchemy.engine.Engine Row ")]
    came = [planted.words[word] for word in WORD.findall(" ".join(rows)) if word in secret - set(PARTNERS)]
    columns = {f"{place.table}.{place.column}" for place in came if place.column != "set_aside"}
    assert columns <= READ_TO_BE_CHECKED
    _silent(secret, "\n".join(line for line in log.lines if line not in rows), "the log")
    assert {"gateway.frame", "sqlalchemy.engine.Engine", "connectors.runtime"} <= log.names
    _silent(secret, await audited(world.engine), "the audit")
    _silent(secret, server.since(), "the log of the database")
    _silent(secret, written(tmp_path), "files")
    _silent(secret, "".join(capfd.readouterr()), "the terminal")


def _silent(secret: set[str], told: str, where: str) -> None:
    said = {word.lower() for word in WORD.findall(told)} & secret
    assert said == set(), where


async def _they_sing(world: World, planted: Planted) -> None:
    """Whoever may hear them hears them: what A entered about Ada and a field tells, A is told."""
    told = await world.ask(world.viewer("A"), EVERYTHING_OF_A_CLIENT, id=str(world.people["ada"]))
    heard = set(WORD.findall(str(told.data)))
    missing = {planted.words[word] for word in planted.entered_about_ada() - heard}
    assert {f"{place.table}.{place.column}" for place in missing} == NO_WORD_FITS
    assert len(heard) > 80
    assert len(planted.words) > 300


async def _everything_is_asked(hub: Hub, ears: Ears) -> None:
    world, planted, choose = hub.world, ears.planted, Random(33)
    guesses = [about(world, planted, client) for client in ("ada", BO, EVE)]
    # Somebody of B's own opens the door further: then the hidden is in the other arguments.
    own = str(world.people["own"])
    guesses += [replace(one, client=own, subject="worker", group="nobody") for one in guesses]
    for shared in (NOTHING, PART):
        if shared:
            await _share(world, shared)
        hidden = planted.hidden(shared) | set(PARTNERS)
        asked = [(one, "worker", guesses[0]) for one in fields()]
        asked += [(one, "worker", choose.choice(guesses)) for one in [*fields(), *arguments()] * ROUNDS]
        asked += [(one, choose.choice(list(ROLES)[1:]), choose.choice(guesses)) for one in arguments()[::2]]
        for question, name, one in asked:
            response = await hub.ask(hub.token(name), question.document, **question.about(one))
            ears.listen(hidden, response, (name, one, question))
        asker = Asker(choose, known(planted), Role.CASE_MANAGER)
        for document in (asker.document() for _ in range(BY_CHANCE)):
            ears.listen(hidden, await hub.ask(hub.token("worker"), document), document)
    words = sorted(planted.hidden(PART) & set(planted.words))
    for body in broken(choose, [question.document for question in every_question()], words):
        # What somebody sends, an error about the document may say back to them; it is no more than they said.
        sent = set(WORD.findall(json.dumps(body)))
        ears.listen(hidden - sent, await hub.post(hub.token("worker"), body), body)
    lately = hub.token("worker", auth_time=NOW)
    of_a_client = [one for one in fields() if ("client", "id") in one.places.values()]
    for question in [Question(OPEN, {"id": ("client",)}), *of_a_client]:
        response = await hub.ask(lately, question.document, **question.about(guesses[2]))
        ears.listen(hidden, response, ("in an emergency", question))


async def _share(world: World, shared: Category) -> None:
    """Ada lets B know a part, and energy offices have something about her."""
    await world.grant("ada", "B", categories=shared)
    for partner in ("energy", "chatty"):
        link = {"person_id": world.people["ada"], "connector": partner, "value": "h1", "method": "STAFF"}
        await world._insert(metadata.tables["partner_link"], **link)
