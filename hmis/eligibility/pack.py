"""The rules pack: dated figures from `rules.toml`, `states.csv` and `areas.csv`, and the limits they make.

Every limit is dollars a month for a household. Sources and editions stand beside the figures, in the files.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hmis.errors import InputRefused

FOLDER = Path(__file__).parent
_FILES = ("rules.toml", "states.csv", "areas.csv")
CARRIED_ON = timedelta(days=365)
"""How long the newest edition still answers after its last day, with RULES_MAY_BE_OUTDATED."""


class Program(StrEnum):
    """What somebody is screened for."""

    SNAP = "SNAP"
    WIC = "WIC"
    LIHEAP = "LIHEAP"
    TEFAP = "TEFAP"
    HUD_EXTREMELY_LOW_INCOME = "HUD_EXTREMELY_LOW_INCOME"
    HUD_VERY_LOW_INCOME = "HUD_VERY_LOW_INCOME"
    HUD_LOW_INCOME = "HUD_LOW_INCOME"


HUD = (Program.HUD_EXTREMELY_LOW_INCOME, Program.HUD_VERY_LOW_INCOME, Program.HUD_LOW_INCOME)
_PERCENTS = {
    Program.SNAP: {"gross", "net", "highest"},
    Program.WIC: {"income"},
    Program.LIHEAP: {"lowest"},
    Program.TEFAP: {"lowest", "highest"},
}
WHOLE_DOLLARS = {Program.SNAP, Program.WIC}
"""Limits are whole dollars a month, rounded up. 7 CFR 273.9(a)(3); 7 CFR 246.7(d)(1)."""


class Region(StrEnum):
    """The three places HHS publishes guidelines for, the lowest first."""

    CONTIGUOUS = "CONTIGUOUS"
    HAWAII = "HAWAII"
    ALASKA = "ALASKA"


_LARGEST_PRINTED = 8
"""HHS, USDA and HUD print limits for one to eight people, and what each further one adds."""


@dataclass(frozen=True, slots=True)
class Guidelines:
    """The poverty guidelines of one year: dollars a year for the first person and each one more."""

    edition: str
    source: str
    amounts: Mapping[Region, tuple[int, int]]

    def limit(self, region: Region, size: int, percent: int, *, whole_dollars: bool) -> Decimal:
        """Dollars a month: a percentage of the guideline for a household of this size."""
        first, more = self.amounts[region]
        if not whole_dollars:
            return _a_month(Decimal((first + more * (size - 1)) * percent) / 100)
        printed = min(size, _LARGEST_PRINTED)
        beyond = (size - printed) * _whole_dollars_a_month(more, percent)
        return Decimal(_whole_dollars_a_month(first + more * (printed - 1), percent) + beyond)


def _whole_dollars_a_month(yearly: int, percent: int) -> int:
    return -(-yearly * percent // 1200)


def _a_month(yearly: Decimal) -> Decimal:
    """A twelfth to the cent, downwards: an income in cents is within both or neither."""
    return (yearly / 12).quantize(Decimal("0.01"), ROUND_DOWN)


class _Dated(Protocol):
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date | None: ...


_D = TypeVar("_D", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of one program's rule."""

    program: Program
    version: str
    start: date
    end: date | None
    """The last day; None = without end."""
    source: str
    decides: str
    """Who decides in truth, in plain words."""
    guidelines: Guidelines | None = None
    percent: Mapping[str, int] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    """Which guidelines hold in a state or territory; where none is named, the program runs by other rules."""

    @property
    def name(self) -> str:
        return f"{self.program.value}-{self.version}"


@dataclass(frozen=True, slots=True)
class StateLimit:
    """What one state set for one program: a percentage of the guidelines, or dollars for four people."""

    program: Program
    state: str
    percent: int | None
    """For SNAP the limit of broad-based categorical eligibility, 0 = the state has none."""
    four_person: int | None
    """LIHEAP: the state's limit for four people, dollars a year."""
    start: date
    end: date | None
    source: str

    def by_median(self, size: int) -> Decimal:
        """Dollars a month, from those for four people. 45 CFR 96.85(b)."""
        assert self.four_person is not None
        shares = (52, 68, 84, 100, 116, 132)
        share = shares[size - 1] if size <= len(shares) else shares[-1] + 3 * (size - len(shares))
        return _a_month(Decimal(self.four_person * share) / 100)


@dataclass(frozen=True, slots=True)
class AreaLimit:
    """HUD's income limits of one area and year at one level: dollars a year for one to eight people."""

    area: str
    geocodes: frozenset[str]
    program: Program
    edition: str
    start: date
    end: date | None
    yearly: tuple[int, ...]
    source: str

    def limit(self, size: int) -> Decimal:
        """Dollars a month. Each beyond eight adds 8 percent of the limit for four, to the next $50 up."""
        if size <= _LARGEST_PRINTED:
            return _a_month(Decimal(self.yearly[size - 1]))
        eighth, fourth = self.yearly[_LARGEST_PRINTED - 1], self.yearly[3]
        exact = 100 * eighth + 8 * fourth * (size - _LARGEST_PRINTED)
        return _a_month(Decimal(-(-exact // 5000) * 50))


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that screening looks up."""

    editions: tuple[Edition, ...]
    states: tuple[StateLimit, ...] = ()
    areas: tuple[AreaLimit, ...] = ()

    def edition(self, program: Program, day: date) -> Edition | None:
        """The edition that answers for a day. None = before the first, or long after the last."""
        return _on(day, [edition for edition in self.editions if edition.program is program])

    def state_limit(self, program: Program, state: str | None, day: date) -> StateLimit | None:
        return _on(day, [one for one in self.states if (one.program, one.state) == (program, state)])

    def with_limits(self, program: Program) -> list[str]:
        """The states whose own limits for a program are loaded."""
        return sorted({one.state for one in self.states if one.program is program})

    def area_limit(self, program: Program, geocode: str, day: date) -> AreaLimit | None:
        return _on(day, [one for one in self.areas if one.program is program and geocode in one.geocodes])


def is_outdated(dated: _Dated, day: date) -> bool:
    """Whether the last day of an edition is over."""
    return dated.end is not None and day > dated.end


def _on(day: date, editions: Iterable[_D]) -> _D | None:
    """The newest edition that has begun; a year after its last day it no longer answers."""
    begun = [edition for edition in editions if edition.start <= day]
    newest = max(begun, key=lambda edition: edition.start, default=None)
    if newest is None or (newest.end is not None and day > newest.end + CARRIED_ON):
        return None
    return newest


@cache
def pack() -> Pack:
    """The pack that ships with the hub."""
    return read(FOLDER)


def read(folder: Path) -> Pack:
    """A pack from the files of a folder, each in place of the one that ships.

    Raises:
        InputRefused: something is missing, unknown or overlaps; names the file and what is wrong.
    """
    if not any((folder / name).is_file() for name in _FILES):
        raise InputRefused(f"The folder of rules has none of {', '.join(_FILES)}.")
    rules, states, areas = (_at(folder / name, FOLDER / name) for name in _FILES)
    return Pack(
        tuple(_reading(rules, _editions)),
        tuple(_reading(states, lambda text: [_state(row) for row in _rows(text)])),
        tuple(_reading(areas, lambda text: [_area(row) for row in _rows(text)])),
    )


def _at(wanted: Path, shipped: Path) -> Path:
    return wanted if wanted.is_file() else shipped


_Read = TypeVar("_Read", Edition, StateLimit, AreaLimit)


def _reading(path: Path, parse: Callable[[str], list[_Read]]) -> list[_Read]:
    try:
        found = parse(path.read_text(encoding="utf-8"))
        _no_overlap(found)
    except KeyError as absent:
        raise InputRefused(f"{path.name}: {absent.args[0]} is missing.") from None
    except (OSError, ValueError, TypeError) as wrong:
        raise InputRefused(f"{path.name}: {wrong}") from None
    return found


def _editions(text: str) -> list[Edition]:
    raw = tomllib.loads(text)
    guidelines = {
        each["edition"]: Guidelines(
            str(each["edition"]),
            str(each["source"]),
            {region: (int(each[region]["first"]), int(each[region]["more"])) for region in Region},
        )
        for each in raw["guidelines"]
    }
    regions = {state: Region(name) for name, states in raw["regions"].items() for state in states}
    return [_edition(each, guidelines, regions) for each in raw["program"]]


def _edition(
    raw: Mapping[str, Any], guidelines: Mapping[str, Guidelines], regions: Mapping[str, Region]
) -> Edition:
    program = Program(raw["program"])
    percent = {name: int(value) for name, value in raw.get("percent", {}).items()}
    if set(percent) != _PERCENTS.get(program, set()):
        raise ValueError(f"{program.value} {raw['version']} has other percents than its rule reads.")
    return Edition(
        program=program,
        version=str(raw["version"]),
        start=raw["from"],
        end=raw.get("to"),
        source=str(raw["source"]),
        decides=str(raw["decides"]),
        guidelines=None if program in HUD else guidelines[raw["guidelines"]],
        percent=percent,
        regions={**regions, **dict.fromkeys(raw.get("as_contiguous", ()), Region.CONTIGUOUS)},
    )


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(), strict=True))


def _state(row: Mapping[str, str]) -> StateLimit:
    percent, four = (int(row[name]) if row[name] else None for name in ("percent", "four_person"))
    if (percent is None) == (four is None):
        raise ValueError(f"{row['program']} {row['state']}: either percent or four_person.")
    if four is not None and row["program"] != Program.LIHEAP:
        raise ValueError(f"{row['program']} {row['state']}: only LIHEAP goes by median income.")
    start, end = _days(row)
    return StateLimit(Program(row["program"]), row["state"], percent, four, start, end, row["source"])


def _area(row: Mapping[str, str]) -> AreaLimit:
    yearly = tuple(int(row[str(size)]) for size in range(1, _LARGEST_PRINTED + 1))
    if list(yearly) != sorted(yearly):
        raise ValueError(f"{row['area']}: a limit for more people is lower.")
    start, end = _days(row)
    program = Program(row["program"])
    geocodes = frozenset(row["geocodes"].split())
    return AreaLimit(row["area"], geocodes, program, row["edition"], start, end, yearly, row["source"])


def _days(row: Mapping[str, str]) -> tuple[date, date | None]:
    return date.fromisoformat(row["from"]), date.fromisoformat(row["to"]) if row["to"] else None


def _no_overlap(found: Sequence[_Read]) -> None:
    """For one thing and one day there is one edition."""
    last: dict[tuple[str, ...], date] = {}
    for one in sorted(found, key=lambda each: each.start):
        if one.end is not None and one.end < one.start:
            raise ValueError(f"{one.program.value} from {one.start} ends before it begins.")
        for key in _about(one):
            if key in last and one.start <= last[key]:
                raise ValueError(f"{' '.join(key)} has two editions on {one.start}.")
            last[key] = one.end or date.max


def _about(one: Edition | StateLimit | AreaLimit) -> list[tuple[str, ...]]:
    match one:
        case StateLimit():
            return [(one.program.value, one.state)]
        case AreaLimit():
            return [(one.program.value, geocode) for geocode in sorted(one.geocodes)]
        case _:
            return [(one.program.value,)]
