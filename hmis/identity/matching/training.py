"""Learning the model from records of which it is known whose they are.

m is counted over all pairs of one person, u over random pairs of strangers. What no pair showed is taken to
be half as frequent as once in all of them, so that nothing is ever certain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hmis.identity.matching.model import COMPARISONS
from hmis.identity.matching.scoring import Backend, Row, linked, table_of


def learn(rows: Sequence[Row], random_pairs: int, seed: int) -> dict[str, Any]:
    """What trained.json holds (`model.Trained`). rows: each with the person it is really about."""
    with linked([table_of(rows)], None, Backend.DUCKDB) as linker:
        linker.training.estimate_m_from_label_column("person")
        of_one = linker.misc.save_model_to_json()["comparisons"]
    # One record of each: two of a person are none of two strangers.
    strangers = list({row.person: row for row in rows}.values())
    with linked([table_of(strangers)], None, Backend.DUCKDB) as linker:
        linker.training.estimate_u_using_random_sampling(
            max_pairs=random_pairs, seed=seed, min_count_per_level=None
        )
        of_two = linker.misc.save_model_to_json()["comparisons"]
    sizes = Counter(row.person for row in rows).values()
    return {
        "pairs_per_record": round(sum(size * (size - 1) for size in sizes) / len(rows), 4),
        "comparisons": {
            comparison.name: {
                level.name: {
                    "m": _share(same.get("m_probability"), random_pairs),
                    "u": _share(others.get("u_probability"), random_pairs),
                }
                for level, same, others in zip(
                    comparison.levels, one["comparison_levels"][1:], two["comparison_levels"][1:], strict=True
                )
                if not level.says_nothing
            }
            for comparison, one, two in zip(COMPARISONS, of_one, of_two, strict=True)
        },
    }


def _share(seen: float | None, random_pairs: int) -> float:
    return float(f"{max(seen or 0, 0.5 / random_pairs):.6g}")
