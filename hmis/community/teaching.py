"""Learning the matching model anew from a seeded population: `python -m hmis.community.teaching`.

It takes some minutes and writes hmis/identity/matching/trained.json. The same seed and versions give the same
model, whoever runs it and wherever: nobody's records go into it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from hmis.community.days import AS_OF
from hmis.community.population import Line, Population
from hmis.identity.matching import model
from hmis.identity.matching.known import known
from hmis.identity.matching.scoring import Row
from hmis.identity.matching.training import learn

FILE = Path(model.__file__).with_name("trained.json")
SEED, RECORDS, RANDOM_PAIRS = 2026, 100_000, 100_000_000


def rows_of(lines: Iterable[Line]) -> Iterator[Row]:
    """The records of a truth table, each with the person it is about."""
    return (Row(number, line.person, known(AS_OF, *line.record)) for number, line in enumerate(lines))


def main(arguments: list[str]) -> None:
    """Learn, and write the file."""
    asked = argparse.ArgumentParser(prog="python -m hmis.community.teaching", description=__doc__)
    asked.add_argument("--seed", type=int, default=SEED, help="of the population [%(default)s]")
    asked.add_argument("--records", type=int, default=RECORDS, help="[%(default)s]")
    asked.add_argument("--random-pairs", type=int, default=RANDOM_PAIRS, help="of strangers [%(default)s]")
    asked.add_argument("--out", type=Path, default=FILE, help="where the model is kept")
    chosen = asked.parse_args(arguments)
    rows = list(rows_of(Population(chosen.seed).records(chosen.records)))
    about = {"seed": chosen.seed, "records": chosen.records, "random_pairs": chosen.random_pairs}
    learned = {"about": about} | learn(rows, chosen.random_pairs, chosen.seed)
    chosen.out.write_text(json.dumps(learned, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
