"""Naming agencies: which names tell nothing of whoever is known there."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_

from auth.viewer import AgencyKind
from hmis.tables import HMIS, agency

_TELLING = (AgencyKind.VSP, AgencyKind.HOPWA, AgencyKind.PART2, AgencyKind.RHY)
_ORGANIZATION = HMIS["Organization"]


def may_be_named() -> ColumnElement[bool]:
    """An agency whose name alone does not tell of violence, HIV, treatment or running away.

    An unknown answer to HUD 2.01.3 counts as a victim service provider, as it does for records
    (`auth/visibility.py`).
    """
    no_shelter_from_violence = exists().where(
        _ORGANIZATION.c.source_id == agency.c.source_id,
        _ORGANIZATION.c.organization_id == agency.c.organization_id,
        _ORGANIZATION.c.victim_service_provider == 0,
    )
    return and_(
        agency.c.kind.not_in([kind.value for kind in _TELLING]),
        or_(agency.c.source_id.is_(None), no_shelter_from_violence),
    )
