"""Which projects of a peer may be named, and what naming them tells: one rule for files and for HUD's API.

A victim service provider's project is never named, nor is one for survivors of domestic violence (VAWA
34 USC 12291(b)(2)); an unknown answer counts as yes, for nobody can take back what was shown. The labels of
the others follow from `hmis/labels.py`, as for our own projects (`hmis/labelling.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hmis.labels import FUNDERS, NONE, TARGET_POPULATIONS, Label
from hmis.spec import LISTS

_NO = 0
_FUNDERS_KNOWN = frozenset(map(int, LISTS["2.06.1"].codes))
_POPULATIONS_KNOWN = frozenset(map(int, LISTS["2.02.7"].codes))

Rows = Iterable[Mapping[str, Any]]
"""Rows of one HMIS file by our column names, codes as whole numbers."""
UNCLEAR = -1
"""Stands for a code that nobody could read."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project that may be named. coc_code: where it serves exactly one Continuum of Care."""

    project_id: str
    name: str | None
    type: int | None
    organization_name: str | None
    coc_code: str | None
    labels: Label


@dataclass(frozen=True, slots=True)
class Directory:
    """A peer's projects. closed: ids of those that are never named, nor anybody's stay there."""

    projects: Mapping[str, Project]
    closed: frozenset[str]


def labels_of(target_population: int | None, funders: Iterable[int | None]) -> Label | None:
    """What a project's name tells. None = it may not be named, or nobody can say what it would tell.

    target_population: HUD 2.02.7; None = for no population in particular. funders: HUD 2.06.1.
    """
    if target_population is not None and target_population not in _POPULATIONS_KNOWN:
        return None
    told = NONE if target_population is None else TARGET_POPULATIONS.get(target_population, NONE)
    for funder in funders:
        if funder not in _FUNDERS_KNOWN:
            return None
        told |= FUNDERS.get(funder, NONE)
    return None if told & (Label.DV | Label.VSP) else told


def directory(organizations: Rows, projects: Rows, funders: Rows, cocs: Rows) -> Directory:
    """Judge every project by the rows of Organization, Project, Funder and ProjectCoC."""
    named = {row["organization_id"]: row for row in organizations}
    paid_by: defaultdict[str, list[int | None]] = defaultdict(list)
    for row in funders:
        paid_by[row["project_id"]].append(row["funder"])
    serves: defaultdict[str, set[str]] = defaultdict(set)
    for row in cocs:
        serves[row["project_id"]].add(row["coc_code"])
    open_: dict[str, Project] = {}
    closed = set()
    for row in projects:
        project_id = row["project_id"]
        organization = named.get(row["organization_id"], {})
        labels = labels_of(row["target_population"], paid_by[project_id])
        if organization.get("victim_service_provider") != _NO or labels is None:
            closed.add(project_id)
            continue
        cocs_served = serves[project_id] - {None, ""}
        open_[project_id] = Project(
            project_id=project_id,
            name=row["project_name"],
            type=row["project_type"],
            organization_name=organization.get("organization_name"),
            coc_code=next(iter(cocs_served)) if len(cocs_served) == 1 else None,
            labels=labels,
        )
    return Directory(open_, frozenset(closed - open_.keys()))
