"""Mutation: what may be changed."""

from __future__ import annotations

import strawberry

from schema import (
    consent,
    consent_form,
    document,
    emergency,
    guardian,
    legal_order,
    match,
    person_match,
    referral,
)
from schema.consent import ConsentPayload
from schema.consent_form import ConsentSignPayload
from schema.document import TrustedDocumentPayload
from schema.emergency import BreakGlassPayload, BreakGlassReviewPayload
from schema.fields import public
from schema.guardian import GuardianPayload
from schema.legal_order import LegalOrderPayload
from schema.match import MatchPayload, MatchSplitPayload
from schema.person_match import PersonMatchPayload
from schema.referral import ReferralPayload


@strawberry.type(description="What may be changed. Each change is one transaction")
class Mutation:
    consent_grant: ConsentPayload = public("Record what a client agreed to, or refused", consent.grant)
    consent_deny: ConsentPayload = public("Record what a client refused", consent.deny)
    consent_revoke: ConsentPayload = public("End a grant now, for every reader", consent.revoke)
    consent_sign: ConsentSignPayload = public(
        "Record all that a client chose on a form, in one transaction", consent_form.sign
    )
    consent_narrow: ConsentPayload = public(
        "Take a part of a release back: it ends, and what stays of it is recorded in its place. Only of "
        "releases that the viewer's agency recorded",
        consent_form.narrow,
    )
    guardian_record: GuardianPayload = public("Record who may sign for a minor", guardian.record)
    guardian_bar: GuardianPayload = public(
        "Take a guardian's authority away: all they signed is dead", guardian.bar
    )
    break_glass_open: BreakGlassPayload = public(
        "Open a person for the viewer in an emergency, for an hour at most. For case managers who signed in "
        "within five minutes; the answer is the same whether or not there is such a person",
        emergency.open_for,
    )
    break_glass_review: BreakGlassReviewPayload = public(
        "Say whether an opening was justified. For privacy officers", emergency.review
    )
    legal_order_record: LegalOrderPayload = public(
        "Write down an order of a court about a client. It opens nothing before two people approved it",
        legal_order.record,
    )
    legal_order_approve: LegalOrderPayload = public(
        "Approve an order. For privacy officers who neither wrote it down nor look under it",
        legal_order.approve,
    )
    legal_order_withdraw: LegalOrderPayload = public(
        "End an order before its last day. For privacy officers", legal_order.withdraw
    )
    match_confirm: MatchPayload = public(
        "Say that a partner's record is about the client: the partner is asked by it from now on",
        match.confirm,
    )
    match_reject: MatchPayload = public(
        "Say that a partner's record is not about the client: no rule links or asks about the two again",
        match.reject,
    )
    match_split: MatchSplitPayload = public(
        "Take back that something is about a client. What partners hold of the client is forgotten",
        match.split,
    )
    person_match_decide: PersonMatchPayload = public(
        "Say that two people are one, or that they are two: no rule joins their records then",
        person_match.decide,
    )
    person_match_reopen: PersonMatchPayload = public(
        "Take back that two people are two: they are asked about again", person_match.reopen
    )
    referral_create: ReferralPayload = public(
        "Send a client on to a partner. For case managers, of clients their agency entered. It is sent in "
        "the background, after asking consent again",
        referral.create,
    )
    referral_cancel: ReferralPayload = public(
        "Call a referral off: it is not sent, or the partner is told", referral.cancel
    )
    document_register: TrustedDocumentPayload = public(
        "Register documents for the application that asks, so that it may ask by their hash. For integrators",
        document.register,
    )
    document_remove: TrustedDocumentPayload = public(
        "Take documents of the application that asks away. For integrators", document.remove
    )
