"""Words for where a referral stands and what became of sending it; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.places import _

OPEN = frozenset({"DRAFT", "SENT", "RECEIVED", "ACCEPTED", "IN_PROGRESS"})
"""Something is still to come of it."""

STATES: Mapping[str, tuple[str, str]] = {
    "DRAFT": (_("Being sent"), ""),
    "SENT": (_("Sent"), ""),
    "RECEIVED": (_("Received by the partner"), ""),
    "ACCEPTED": (_("Accepted"), "good"),
    "REJECTED": (_("Not accepted"), "warn"),
    "IN_PROGRESS": (_("Under way"), "good"),
    "COMPLETED": (_("Done"), "good"),
    "CANCELLED": (_("Called off"), ""),
    "FAILED": (_("Could not be done"), "bad"),
    "ENTERED_IN_ERROR": (_("Written down by mistake"), ""),
}
"""Words, and the look of their badge."""

DELIVERIES: Mapping[str, tuple[str, str]] = {
    "PENDING": (_("On its way to the partner: it goes out within a minute."), ""),
    "WITHDRAWN": (_("Called off before the partner heard of it."), ""),
    "CANCELLED_BY_CONSENT": (
        _("Not sent: the client no longer agrees. The partner was told nothing."),
        "warn",
    ),
    "UNKNOWN": (_("It is not certain that the partner has it. Call them before you send it again."), "warn"),
    "CONFLICT": (_("The partner changed it at the same time. Call them to agree on what stands."), "warn"),
    "FAILED": (_("The partner did not take it. Call them, or try another partner."), "bad"),
}
"""What became of the last thing the partner was to be sent. Of what simply arrived nothing is said."""

WHO: Mapping[str, str] = {"HUB": _("the hub"), "PARTNER": _("the partner")}

REASONS: Mapping[str, str] = {
    "CONSENT": _("the client no longer agrees"),
    "AUTH": _("the partner did not let the hub in"),
    "CONFIG": _("the connection is not set up right"),
    "RATE_LIMITED": _("the partner was asked too often"),
    "TIMEOUT": _("the partner did not answer in time"),
    "UNAVAILABLE": _("the partner was not reached"),
    "BAD_DATA": _("the partner did not understand it"),
    "NOT_SUPPORTED": _("the partner does not take this"),
    "CONFLICT": _("the partner has a newer version"),
}
