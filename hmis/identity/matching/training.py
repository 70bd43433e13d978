"""Learning the model anew: `python -m hmis.identity.matching.training`.

m is counted over all pairs of one person in the truth table, u over random pairs of strangers. What no random pair
showed is taken to be half as frequent as once in all of them, so that nothing is ever certain.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from hmis.community.days import AS_OF
from hmis.community.population import Line, Population
from hmis.identity.matching.known import known
from hmis.identity.matching.model import COMPARISONS
from hmis.identity.matching.scoring import Backend, Row, Rows, linked

FILE = Path(__file__).with_name("trained.json")
SEED, RECORDS, RANDOM_PAIRS = 2026, 100_000, 100_000_000


def rows_of(lines: Iterable[Line], today: date) -> Iterable[Row]:
    """The records of a truth table, each with the person it is about."""
    return (Row(number, line.person, known(today, *line.record)) for number, line in enumerate(lines))


def train(seed: int = SEED, records: int = RECORDS, random_pairs: int = RANDOM_PAIRS) -> dict[str, Any]:
    """The model, as trained.json holds it."""
    rows = list(rows_of(Population(seed).records(records), AS_OF))
    sizes: dict[int, int] = {}
    for row in rows:
        sizes[row.person] = sizes.get(row.person, 0) + 1
    fellows = sum(size * (size - 1) for size in sizes.values())
    with linked(Rows(len(rows), rows), None, Backend.DUCKDB) as linker:
        linker.training.estimate_m_from_label_column("person")
        of_one = linker.misc.save_model_to_json()["comparisons"]
    strangers = list({row.person: row for row in rows}.values())
    with linked(Rows(len(strangers), strangers), None, Backend.DUCKDB) as linker:
        linker.training.estimate_u_using_random_sampling(
            max_pairs=random_pairs, seed=seed, min_count_per_level=None
        )
        of_two = linker.misc.save_model_to_json()["comparisons"]
    return {
        "about": {"seed": seed, "records": records, "random_pairs": random_pairs},
        "pairs_per_record": round(fellows / len(rows), 4),
        "comparisons": {
            comparison.name: {
                level.name: {
                    "m": _seen(same.get("m_probability"), random_pairs),
                    "u": _seen(others.get("u_probability"), random_pairs),
                }
                for level, same, others in zip(
                    comparison.levels, one["comparison_levels"][1:], two["comparison_levels"][1:], strict=True
                )
                if not level.says_nothing
            }
            for comparison, one, two in zip(COMPARISONS, of_one, of_two, strict=True)
        },
    }


def _seen(share: float | None, random_pairs: int) -> float:
    return float(f"{max(share or 0, 0.5 / random_pairs):.6g}")


def main(arguments: list[str]) -> None:
    asked = argparse.ArgumentParser(prog="python -m hmis.identity.matching.training", description=__doc__)
    asked.add_argument("--seed", type=int, default=SEED, help="of the population")
    asked.add_argument("--records", type=int, default=RECORDS)
    asked.add_argument("--random-pairs", type=int, default=RANDOM_PAIRS)
    asked.add_argument("--out", type=Path, default=FILE, help="where the model is kept")
    chosen = asked.parse_args(arguments)
    model = train(chosen.seed, chosen.records, chosen.random_pairs)
    chosen.out.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
