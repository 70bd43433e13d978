"""Quality levels: earned by checks, claimed in `quality.toml`, and lost when the checks no longer hold.

    level = "gold"
    [exempt]
    C41 = "why it cannot be looked at here"

What could not be looked at does not count as proved; an exemption says why a level is claimed all the same.
What fails is never exempt.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.kit.checks import LEVELS, Broken, Level, Result

FILE = "quality.toml"


@dataclass(frozen=True, slots=True)
class Claim:
    level: Level | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)


def read_claim(folder: Path | None) -> Claim:
    """Raises Broken when the file cannot be read as a claim."""
    if folder is None or not (folder / FILE).exists():
        return Claim()
    try:
        data = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Broken(f"{FILE} is not TOML") from None
    level, exempt = data.get("level"), data.get("exempt", {})
    if level not in LEVELS or data.keys() - {"level", "exempt"}:
        raise Broken(f"{FILE} must hold level, one of {', '.join(LEVELS)}, and may hold [exempt]")
    if not isinstance(exempt, dict) or not all(isinstance(why, str) and why for why in exempt.values()):
        raise Broken(f"{FILE}: each line of [exempt] is a check and the reason")
    return Claim(level, exempt)


def claimed_level(folder: Path) -> Level | None:
    """The level claimed; None also where the claim cannot be read."""
    try:
        return read_claim(folder).level
    except Broken:
        return None


def open_for(level: Level, results: Iterable[Result], exempt: Iterable[str] = ()) -> list[Result]:
    """The results that stand between a connector and a level."""
    asked = LEVELS[: LEVELS.index(level) + 1]
    excused = set(exempt)
    return [
        one
        for one in results
        if one.check.level in asked
        and (one.state == "FAIL" or (not one.proved and one.check.id not in excused))
    ]


def earned(results: Iterable[Result], exempt: Iterable[str] = ()) -> Level | None:
    """The highest level that nothing stands before; None = not even the first."""
    done, excused = list(results), set(exempt)
    reached = [level for level in LEVELS if not open_for(level, done, excused)]
    return reached[-1] if reached else None


def held(claim: Claim, results: Iterable[Result]) -> None:
    """Raises Broken when what is claimed is not earned, or an exemption is not needed any more."""
    done = list(results)
    unproved = {one.check.id for one in done if not one.proved}
    idle = sorted(claim.exempt.keys() - unproved)
    if idle:
        raise Broken(f"{FILE} exempts {', '.join(idle)}, which is proved; take it out")
    if claim.level is not None and (missing := open_for(claim.level, done, claim.exempt)):
        ids = ", ".join(one.check.id for one in missing)
        has = earned(done, claim.exempt) or "no level"
        raise Broken(f"{claim.level} is claimed and {has} is earned: {ids}")
