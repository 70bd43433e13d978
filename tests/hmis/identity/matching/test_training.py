"""The model is learned from a truth table, and kept as figures that name nobody."""

from __future__ import annotations

import json
import math
from pathlib import Path

from hmis.community import teaching
from hmis.community.population import Population
from hmis.identity.matching.model import COMPARISONS, trained
from hmis.identity.matching.training import learn


def test_the_kept_model_has_a_chance_for_every_level() -> None:
    assert trained()["about"] == {"seed": 2026, "records": 100_000, "random_pairs": 100_000_000}
    for comparison in COMPARISONS:
        chances = trained()["comparisons"][comparison.name]
        assert list(chances) == [level.name for level in comparison.levels if not level.says_nothing]
        for chance in chances.values():
            assert 0 < chance["m"] < 1
            assert 0 < chance["u"] < 1


def test_agreement_speaks_for_one_person_and_disagreement_against() -> None:
    for comparison in COMPARISONS:
        bits = {
            name: math.log2(chance["m"] / chance["u"])
            for name, chance in trained()["comparisons"][comparison.name].items()
        }
        best, *_, worst = (level.name for level in comparison.levels)
        assert bits[best] > 0 > bits[worst]


def test_learning_from_little_gives_nearly_the_kept_model() -> None:
    rows = list(teaching.rows_of(Population(3).records(4_000)))
    learned = learn(rows, 1_000_000, 3)
    for fact, level in (("first_name", "other"), ("birth_date", "same"), ("sex", "same")):
        for which in ("m", "u"):
            kept = trained()["comparisons"][fact][level][which]
            assert math.isclose(learned["comparisons"][fact][level][which], kept, rel_tol=0.6)
    unseen = learned["comparisons"]["first_name"]["swapped"]["u"]
    assert 0 < unseen <= 1e-5, "what no pair showed is rare, and not impossible"


def test_teaching_writes_the_file(tmp_path: Path) -> None:
    kept = tmp_path / "model.json"
    teaching.main(["--seed", "5", "--records", "600", "--random-pairs", "20000", "--out", str(kept)])
    written = json.loads(kept.read_text(encoding="utf-8"))
    assert written["about"]["seed"] == 5
    assert set(written["comparisons"]) == {comparison.name for comparison in COMPARISONS}
