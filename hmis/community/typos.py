"""How names go wrong on a keyboard."""

from __future__ import annotations

import random

from hmis.community.chance import pick


def misspelled(rng: random.Random, name: str) -> str:
    """The name with one slip: two letters swapped, one lost, one doubled. Never the name itself."""
    while True:
        at = rng.randrange(1, len(name) - 1)
        slip = pick(rng, (("swapped", 40), ("lost", 30), ("doubled", 30)))
        if slip == "swapped":
            wrong = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        elif slip == "lost":
            wrong = name[:at] + name[at + 1 :]
        else:
            wrong = name[:at] + name[at] + name[at:]
        # A slip on a blank or hyphen alone may vanish when names are normalised, so it would be no slip.
        if _letters(wrong) != _letters(name):
            return wrong


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name)).casefold()
