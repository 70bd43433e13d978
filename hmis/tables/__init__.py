"""Every table of the hub. HMIS core tables come from the specification, the hub's own are written out."""

from hmis.tables.agency import agency, member
from hmis.tables.audit import audit_event, audit_subject
from hmis.tables.audit_log import audit_checkpoint, audit_leaf
from hmis.tables.consent import (
    break_glass,
    break_glass_ask,
    break_glass_review,
    consent_grant,
    consent_recipient,
    consent_revocation,
    guardian,
    guardian_bar,
    policy_profile,
    visibility_group,
    visibility_group_member,
)
from hmis.tables.core import HMIS, PARENTS
from hmis.tables.directory import (
    directory_location,
    directory_pull,
    directory_schedule,
    directory_service,
)
from hmis.tables.fact import client_fact
from hmis.tables.label import client_label, client_owner, project_label
from hmis.tables.landing import (
    landing_batch,
    landing_benefit,
    landing_household_member,
    landing_payment,
    landing_token,
)
from hmis.tables.legal_order import legal_order, legal_order_approval, legal_order_end
from hmis.tables.logout_heard import logout_heard
from hmis.tables.match_review import match_review
from hmis.tables.metadata import metadata
from hmis.tables.outbox import outbox, outbox_attempt
from hmis.tables.partner_cache import partner_cache
from hmis.tables.partner_link import match_candidate, partner_link, partner_withheld
from hmis.tables.peer_landing import landing_peer_export, landing_peer_project, landing_peer_stay
from hmis.tables.person import client_distinct, client_link, person
from hmis.tables.published_cube import published_cell, published_cube, published_record
from hmis.tables.referral import referral, referral_event
from hmis.tables.source import import_attempt, import_run, source
from hmis.tables.sync import partner_tombstone, sync_cursor, sync_state
from hmis.tables.trusted_document import trusted_document
from hmis.tables.viewer_budget import viewer_budget
from hmis.tables.web_session import web_session

__all__ = [
    "HMIS",
    "PARENTS",
    "agency",
    "audit_checkpoint",
    "audit_event",
    "audit_leaf",
    "audit_subject",
    "break_glass",
    "break_glass_ask",
    "break_glass_review",
    "client_distinct",
    "client_fact",
    "client_label",
    "client_link",
    "client_owner",
    "consent_grant",
    "consent_recipient",
    "consent_revocation",
    "directory_location",
    "directory_pull",
    "directory_schedule",
    "directory_service",
    "guardian",
    "guardian_bar",
    "import_attempt",
    "import_run",
    "landing_batch",
    "landing_benefit",
    "landing_household_member",
    "landing_payment",
    "landing_peer_export",
    "landing_peer_project",
    "landing_peer_stay",
    "landing_token",
    "legal_order",
    "legal_order_approval",
    "legal_order_end",
    "logout_heard",
    "match_candidate",
    "match_review",
    "member",
    "metadata",
    "outbox",
    "outbox_attempt",
    "partner_cache",
    "partner_link",
    "partner_tombstone",
    "partner_withheld",
    "person",
    "policy_profile",
    "project_label",
    "published_cell",
    "published_cube",
    "published_record",
    "referral",
    "referral_event",
    "source",
    "sync_cursor",
    "sync_state",
    "trusted_document",
    "viewer_budget",
    "visibility_group",
    "visibility_group_member",
    "web_session",
]
