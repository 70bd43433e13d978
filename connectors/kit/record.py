"""One answer of a real partner as a sample, with nobody in it: the original is never written anywhere."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from pathlib import Path
from typing import Any

from connectors.base import Person
from connectors.config import Config
from connectors.discovery import Installed
from connectors.http import Http
from connectors.kit.pseudonyms import Pseudonyms
from connectors.kit.samples import plain, read_samples, written
from connectors.mapping import Unreadable, fill, items_of, pick, read_rows, text_key
from connectors.signing import signer
from hmis.errors import InputRefused

_WITHIN_S = 30.0


def pseudonym_key(home: Path) -> bytes:
    """The key in `home`, made when there is none; readable by its owner only."""
    path = home / "connector-samples.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


async def record(
    partner: Installed,
    config: Config,
    op: str,
    *,
    ids: tuple[str, ...] = (),
    person: Person | None = None,
    key: bytes,
    force: bool = False,
) -> Path:
    """Ask the partner once, and write its answer as the normal sample of `op`.

    ids: whom `fetch` asks about. person: whom a look-up asks about.

    Raises:
        InputRefused: there is a sample already, the question is incomplete, or the answer cannot be read.
        SourceFailed: the partner gave no answer.
    """
    manifest = partner.manifest
    if manifest.protocol != "rest" or partner.has_code:
        raise InputRefused(
            f"Connector {manifest.id} does not speak REST by its manifest alone, and no other is recorded."
        )
    looked_up = manifest.matching.op if manifest.matching else "find"
    if op not in manifest.operations or op not in ("fetch", looked_up):
        raise InputRefused(f"Connector {manifest.id} has no operation {op} that answers about people.")
    path = partner.folder / "samples" / f"{op}.json"
    if not force and read_samples(partner.folder).get(op, "normal") is not None:
        raise InputRefused(f"{path} has a normal answer already; --force replaces it.")
    values = _asked(partner, op, ids, person)
    operation = manifest.operations[op]
    http = Http(manifest.id, config.text("base_url"), manifest.limits, signer(manifest.auth, config))
    try:
        deadline = asyncio.get_running_loop().time() + _WITHIN_S
        body = fill(operation.body, values)
        answer = await http.send(operation.method, operation.path, body, deadline=deadline, idempotent=True)
    finally:
        await http.aclose()
    hidden = Pseudonyms(manifest, key).of(answer)
    del answer
    _keep(path, {"status": 200, "body": hidden, "expect": _expected(partner, op, hidden)})
    return path


def _asked(partner: Installed, op: str, ids: tuple[str, ...], person: Person | None) -> dict[str, object]:
    matching = partner.manifest.matching
    if matching is None or op != matching.op:
        if not ids:
            raise InputRefused("Say whom to ask about: --id with the partner's own id, once or more.")
        return {"subject_ids": list(ids)}
    known = {fact: getattr(person, fact) for fact in matching.discloses} if person else {}
    missing = sorted(fact for fact in matching.discloses if not known.get(fact))
    if missing:
        raise InputRefused(f"A look-up needs {', '.join(missing)} of a person; give --person.")
    return {f"person.{fact}": value for fact, value in known.items()}


def _expected(partner: Installed, op: str, body: Any) -> Any:
    """What is read in the answer as it is now; whoever keeps it looks at it once more."""
    manifest = partner.manifest
    operation = manifest.operations[op]
    if operation.transform:
        body = partner.function(operation.transform)(body)
    try:
        items = [(text_key(operation.key, item), item) for item in items_of(operation.items, body)]
        if op != "fetch":
            return [[key, pick(operation.score, item)] for key, item in items]
        supply = next(iter(manifest.supplies.values()))
        shape: object = {} if supply.rows is None else []
        every = frozenset(supply.fields)
        rows = {key: tuple(read_rows(supply, every, key, item, operation.as_of)) for key, item in items}
        return {key: written(held, shape) for key, held in rows.items()}
    except Unreadable as fault:
        raise InputRefused(f"Nothing was written: the answer is not as declared ({fault}).") from None


def _keep(path: Path, sample: dict[str, Any]) -> None:
    try:
        cases = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        cases = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**cases, "normal": sample}, indent=2, ensure_ascii=False, default=plain) + "\n"
    path.write_text(text, encoding="utf-8")
