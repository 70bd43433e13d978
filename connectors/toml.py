"""Reading a TOML table key by key, so that every fault is found at once and named by where it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. pointer: the dotted key it is at. message: what is wrong and what mends it."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean batch_max?`, or what there is to choose from."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(choices) or 'none'}"


class Section:
    """A table of a TOML file. Take what is known; `done` then speaks of the keys nobody took."""

    def __init__(self, data: Mapping[str, object], pointer: str, problems: list[Problem]) -> None:
        self._data = data
        self._taken: set[str] = set()
        self._problems = problems
        self.pointer = pointer

    def at(self, key: str) -> str:
        return f"{self.pointer}.{key}" if self.pointer else key

    def refuse(self, key: str, message: str) -> None:
        self._problems.append(Problem(self.at(key) if key else self.pointer, message))

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def names(self) -> list[str]:
        return list(self._data)

    def _take(self, key: str, required: bool) -> object | None:
        self._taken.add(key)
        if key not in self._data and required:
            self.refuse(key, "is missing")
        return self._data.get(key)

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        value = self._take(key, required)
        if value is None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "must be a text")
            return default
        return value

    def choice(self, key: str, choices: Iterable[str], *, default: str = "", required: bool = False) -> str:
        value = self.text(key, required=required, default=default)
        known = tuple(choices)
        if value and value not in known:
            self.refuse(key, f"{value!r} is not known{did_you_mean(value, known)}")
            return default or known[0]
        return value

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        value = self._take(key, False)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.refuse(key, f"must be a number from {low:g} to {high:g}")
            return default
        return value

    def whole(self, key: str, default: int, *, low: int, high: int) -> int:
        value = self.number(key, default, low=low, high=high)
        if value != int(value):
            self.refuse(key, "must be a whole number")
        return int(value)

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value is True

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(key, "must be a list of texts")
            return ()
        return tuple(value)

    def raw(self, key: str) -> object | None:
        return self._take(key, False)

    def section(self, key: str, *, required: bool = False) -> Section:
        value = self._take(key, required)
        if value is not None and not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Section(value if isinstance(value, dict) else {}, self.at(key), self._problems)

    def sections(self, key: str) -> dict[str, Section]:
        """A table of tables with free names, like [supplies.FoodAssistance]."""
        outer = self.section(key)
        return {name: outer.section(name) for name in outer.names()}

    def done(self) -> None:
        for key in self._data.keys() - self._taken:
            self.refuse(
                key, f"is not a key of {self.pointer or 'the manifest'}{did_you_mean(key, self._taken)}"
            )
