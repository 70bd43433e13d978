"""How alike two people are to a partner that looks one up: for stand-ins, which are partners."""

from __future__ import annotations

from hmis.identity.names import normalised_name

_ANOTHER = 50


def score(told: tuple[str, str, str], held: tuple[str, str, str]) -> int:
    """How much two people agree, 0 to 100. 100 = names and birth date are the same.

    A slip in a name costs 6, swapped names 8, a slip in the birth date (one digit, or day and month swapped)
    12; another name is another person, and so is another birth date: 0.
    """
    births = _dob_cost(told[2], held[2])
    if births == _ANOTHER:
        return 0
    first, last = normalised_name(told[0]), normalised_name(told[1])
    held_first, held_last = normalised_name(held[0]), normalised_name(held[1])
    straight = slips(first, held_first) + slips(last, held_last)
    crossed = slips(first, held_last) + slips(last, held_first)
    names = min(6 * straight, 8 + 6 * crossed)
    return max(0, 100 - names - births)


def slips(one: str, other: str) -> int:
    """Letters missing, added, changed or swapped with a neighbour; 7 when there are more than three."""
    if abs(len(one) - len(other)) > 3:
        return 7
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, opposite in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1] if row[-1] <= 3 else 7


def _dob_cost(told: str, held: str) -> int:
    if told == held:
        return 0
    slip = len(told) == len(held) and sum(a != b for a, b in zip(told, held, strict=True)) == 1
    swapped = len(told) == 10 and held == f"{told[:5]}{told[8:]}-{told[5:7]}"
    return 12 if slip or swapped else _ANOTHER
