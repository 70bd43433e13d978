"""Viewer: who asks, for which agency, in which role, for what purpose. And what each role is for, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from auth.policy import NO_POLICY, Policy


class Role(StrEnum):
    """What somebody does for an agency. Held in the member table, never taken from a token."""

    CASE_MANAGER = "CASE_MANAGER"
    DASHBOARD = "DASHBOARD"
    INTEGRATOR = "INTEGRATOR"
    PRIVACY_OFFICER = "PRIVACY_OFFICER"
    SYSTEM = "SYSTEM"


class Purpose(StrEnum):
    """Why somebody asks: the uses and disclosures of the HMIS standards, 69 FR 45888, section 4.1.3."""

    CARE_COORDINATION = "CARE_COORDINATION"
    """To provide or coordinate services to an individual."""
    ELIGIBILITY = "ELIGIBILITY"
    """The same, narrower: whether somebody can have a service."""
    PAYMENT = "PAYMENT"
    """Functions related to payment or reimbursement for services."""
    OPERATIONS = "OPERATIONS"
    """Administrative functions: legal, audit, personnel, oversight, management."""
    REPORTING = "REPORTING"
    """Administrative functions towards funders: counts and results."""
    DEIDENTIFICATION = "DEIDENTIFICATION"
    """Creating data without protected personal information."""
    REQUIRED_BY_LAW = "REQUIRED_BY_LAW"
    SAFETY = "SAFETY"
    """To avert a serious threat to health or safety."""
    ABUSE_REPORT = "ABUSE_REPORT"
    """About victims of abuse, neglect or domestic violence."""
    RESEARCH = "RESEARCH"
    LAW_ENFORCEMENT = "LAW_ENFORCEMENT"


class AgencyKind(StrEnum):
    """Which rules an agency is under."""

    CHO = "CHO"
    VSP = "VSP"
    HIPAA_CE = "HIPAA_CE"
    PART2 = "PART2"
    RHY = "RHY"
    HOPWA = "HOPWA"
    PARTNER = "PARTNER"


class Scope(StrEnum):
    """What an application may be let do. A token can only narrow what the role allows."""

    CLIENTS_READ = "clients.read"
    CLIENTS_WRITE = "clients.write"
    PROJECTS_READ = "projects.read"
    MEASURES_READ = "measures.read"
    CONSENT_READ = "consent.read"
    CONSENT_WRITE = "consent.write"
    AUDIT_READ = "audit.read"
    DOCUMENTS_WRITE = "documents.write"


PURPOSES: Mapping[Role, frozenset[Purpose]] = {
    Role.CASE_MANAGER: frozenset({Purpose.CARE_COORDINATION, Purpose.ELIGIBILITY}),
    Role.DASHBOARD: frozenset({Purpose.REPORTING, Purpose.ELIGIBILITY, Purpose.OPERATIONS}),
    Role.INTEGRATOR: frozenset(
        {
            Purpose.OPERATIONS,
            Purpose.CARE_COORDINATION,
            Purpose.ELIGIBILITY,
            Purpose.PAYMENT,
            Purpose.REPORTING,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Purpose.OPERATIONS,
            Purpose.REQUIRED_BY_LAW,
            Purpose.SAFETY,
            Purpose.ABUSE_REPORT,
            Purpose.RESEARCH,
            # To ask. What is seen then an order says that two others approved (`auth/legal_order.py`).
            Purpose.LAW_ENFORCEMENT,
        }
    ),
    Role.SYSTEM: frozenset({Purpose.OPERATIONS, Purpose.REPORTING, Purpose.DEIDENTIFICATION}),
}

DEFAULT_PURPOSE: Mapping[Role, Purpose] = {
    Role.CASE_MANAGER: Purpose.CARE_COORDINATION,
    Role.DASHBOARD: Purpose.REPORTING,
    Role.INTEGRATOR: Purpose.OPERATIONS,
    Role.PRIVACY_OFFICER: Purpose.OPERATIONS,
    Role.SYSTEM: Purpose.OPERATIONS,
}
"""What a token without a purpose asks for."""

SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.CASE_MANAGER: frozenset(
        {
            Scope.CLIENTS_READ,
            Scope.CLIENTS_WRITE,
            Scope.PROJECTS_READ,
            Scope.MEASURES_READ,
            Scope.CONSENT_READ,
            Scope.CONSENT_WRITE,
        }
    ),
    Role.DASHBOARD: frozenset({Scope.CLIENTS_READ, Scope.PROJECTS_READ, Scope.MEASURES_READ}),
    Role.INTEGRATOR: frozenset({Scope.CLIENTS_READ, Scope.PROJECTS_READ, Scope.DOCUMENTS_WRITE}),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Scope.CLIENTS_READ,
            Scope.PROJECTS_READ,
            Scope.CONSENT_READ,
            Scope.CONSENT_WRITE,
            Scope.AUDIT_READ,
        }
    ),
    Role.SYSTEM: frozenset({Scope.PROJECTS_READ, Scope.MEASURES_READ, Scope.AUDIT_READ}),
}


def role_permits(role: Role, purpose: Purpose) -> bool:
    return purpose in PURPOSES[role]


@dataclass(frozen=True)
class Agency:
    id: UUID
    source_id: int | None
    """None = a partner that enters into no HMIS."""
    organization_id: str | None
    """HUD 2.01 OrganizationID within that source; None = no organization of an HMIS."""
    name: str
    kind: AgencyKind


@dataclass(frozen=True)
class Viewer:
    """Built from a verified token and our own member table (`auth.membership`), from nothing else."""

    subject: str
    kind: Literal["user", "service"]
    agency: Agency
    role: Role
    scopes: frozenset[str]
    """What both the token and the role allow."""
    purpose: Purpose
    acr: str | None
    """How strongly they signed in, in the issuer's words; None = the token does not say."""
    auth_time: datetime | None
    """When they signed in; None = the token does not say."""
    client_id: str
    """The application that asks on their behalf."""
    policy: Policy = NO_POLICY
    """What the community decided for everybody, read together with the viewer."""

    @property
    def under_order(self) -> bool:
        """Asks for law enforcement: an order says what they see then, and nothing else does."""
        return self.purpose is Purpose.LAW_ENFORCEMENT
