"""Documents in files: what build tools of clients write, and what a hub finds in its folder."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from gateway.document_files import of_folder, of_paths
from gateway.documents import Documents
from gateway.trusted import faults
from hmis.documents import sha256_of
from hmis.errors import InputRefused
from schema.build import schema

check = partial(faults, Documents(schema))
WHO, ALSO = "query Who { viewer { role } }\n", "query Also { viewer { agency } }"


def written(path: Path, given: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    return path


def test_a_file_is_its_text_to_the_last_byte(tmp_path: Path) -> None:
    [document] = of_paths([written(tmp_path / "who.graphql", WHO)], check)
    assert document.text == WHO


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_a_map_from_hashes_to_documents_is_read(tmp_path: Path, prefix: str) -> None:
    given = {f"{prefix}{sha256_of(text)}": text for text in (WHO, ALSO)}
    assert [one.text for one in of_paths([written(tmp_path / "all.json", given)], check)] == [WHO, ALSO]


def test_a_manifest_of_apollo_is_read(tmp_path: Path) -> None:
    operations = [{"id": sha256_of(WHO), "name": "Who", "type": "query", "body": WHO}]
    given = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    assert [one.text for one in of_paths([written(tmp_path / "manifest.json", given)], check)] == [WHO]


def test_a_folder_gives_what_lies_below_it(tmp_path: Path) -> None:
    written(tmp_path / "a" / "b" / "who.gql", WHO)
    written(tmp_path / "also.graphql", ALSO)
    written(tmp_path / "README.md", "not a document")
    assert {one.text for one in of_paths([tmp_path], check)} == {WHO, ALSO}


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("a.graphql", "{ nothingLikeThat }", "a.graphql: Cannot query field"),
        ("a.graphql", "{", "a.graphql: Syntax Error"),
        ("a.json", {"0" * 64: WHO}, "is not the SHA-256 of its document"),
        ("a.json", {sha256_of(WHO): 7}, "each document must be a text"),
        ("a.json", [WHO], "is neither a map from hashes"),
        ("a.json", "nonsense", "is not UTF-8, or not JSON"),
        ("a.txt", WHO, "is no .graphql, .gql or .json"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_with_the_reason(
    tmp_path: Path, name: str, given: object, told: str
) -> None:
    with pytest.raises(InputRefused, match=told):
        of_paths([written(tmp_path / name, given)], check)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="There is no file or folder"):
        of_paths([tmp_path / "absent.graphql"], check)


def test_all_documents_that_do_not_fit_are_named_at_once(tmp_path: Path) -> None:
    written(tmp_path / "one.graphql", "{ nothingLikeThat }")
    written(tmp_path / "two.graphql", "{ viewer }")
    with pytest.raises(InputRefused) as refused:
        of_paths([tmp_path], check)
    assert "one.graphql" in str(refused.value)
    assert "two.graphql" in str(refused.value)


def test_a_folder_of_the_hub_s_is_an_application_s_and_what_lies_beside_is_everybody_s(
    tmp_path: Path,
) -> None:
    written(tmp_path / "https%3A%2F%2Fapp.example%2Fid" / "who.graphql", WHO)
    written(tmp_path / "also.graphql", ALSO)
    assert of_folder(tmp_path, check) == {
        ("https://app.example/id", sha256_of(WHO)): WHO,
        (None, sha256_of(ALSO)): ALSO,
    }


def test_a_folder_of_the_hub_s_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="HUB_DOCUMENTS"):
        of_folder(tmp_path / "absent", check)
