"""Documents in files: one to a `.graphql` file, or many in the `.json` that build tools of clients write.

query.graphql                                the text as it is, so its id is what `sha256sum` says
{"<sha256>": "query …", …}                   of GraphQL Code Generator, and of Relay's compiler with SHA-256
{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body"}, …]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import orjson

from hmis.documents import PREFIX, sha256_of
from hmis.errors import InputRefused

_APOLLO = "apollo-persisted-query-manifest"
_TEXT = {".graphql", ".gql"}
_KINDS = {*_TEXT, ".json"}

Faults = Callable[[str], Sequence[str]]
"""What is wrong with a text as a document of the schema; empty = nothing."""


@dataclass(frozen=True, slots=True)
class Document:
    place: str
    """File and, in a file of many, the id there."""
    text: str


def of_paths(paths: Iterable[Path], faults: Faults) -> list[Document]:
    """The documents of files, and of everything in folders.

    Raises:
        InputRefused: each document that cannot be taken, by its place and why.
    """
    found: list[Document] = []
    for path in paths:
        if not path.exists():
            raise InputRefused(f"There is no file or folder {path}.")
        files = sorted(file for file in path.rglob("*") if file.suffix in _KINDS) if path.is_dir() else [path]
        for file in files:
            found += _of_file(file)
    wrong = [f"{one.place}: {fault}" for one in found for fault in faults(one.text)]
    if wrong:
        raise InputRefused(" ".join(wrong))
    return found


def of_folder(folder: Path, faults: Faults) -> Mapping[tuple[str | None, str], str]:
    """The texts in the hub's folder by application and hash.

    What lies in a folder of it belongs to the application of that name, percent-encoded where that is no name
    of a folder; what lies beside these folders, to every application (None).

    Raises:
        InputRefused: there is no such folder, or a document in it cannot be taken.
    """
    if not folder.is_dir():
        raise InputRefused(f"HUB_DOCUMENTS: there is no folder {folder}.")
    texts: dict[tuple[str | None, str], str] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() or path.suffix in _KINDS:
            application = unquote(path.name) if path.is_dir() else None
            for one in of_paths([path], faults):
                texts[application, sha256_of(one.text)] = one.text
    return texts


def _of_file(path: Path) -> Iterator[Document]:
    try:
        written = path.read_bytes().decode()
        if path.suffix in _TEXT:
            yield Document(str(path), written)
            return
        if path.suffix != ".json":
            raise InputRefused(f"{path} is no .graphql, .gql or .json.")
        given = orjson.loads(written)
    except ValueError:
        raise InputRefused(f"{path} is not UTF-8, or not JSON.") from None
    for identifier, text in _pairs(path, given):
        if identifier.removeprefix(PREFIX) != sha256_of(text):
            raise InputRefused(f"{path}: {identifier[:80]} is not the SHA-256 of its document.")
        yield Document(f"{path} ({identifier[:12]}…)", text)


def _pairs(path: Path, given: object) -> Iterator[tuple[str, str]]:
    """Ids and texts of a file of many."""
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(given, dict) and given.get("format") == _APOLLO:
        operations = given.get("operations")
        if isinstance(operations, list):
            pairs = [(one.get("id"), one.get("body")) for one in operations if isinstance(one, dict)]
    elif isinstance(given, dict):
        pairs = given.items()
    else:
        raise InputRefused(f"{path} is neither a map from hashes to documents nor Apollo's manifest.")
    for identifier, text in pairs:
        if not isinstance(identifier, str) or not isinstance(text, str):
            raise InputRefused(f"{path}: each document must be a text under its hash.")
        yield identifier, text
