"""Proof that it is still them: how long ago somebody may have signed in for what matters most.

A desk is left for a minute, and somebody else sits down at it. So what opens a record without consent,
changes consent, or carries records away asks for the person once more (NIST SP 800-63B, 4.2.3; OpenID Connect
Core, 3.1.2.1: max_age, acr_values). `page(..., fresh=...)` is how a page demands it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gateway.pages.visit import Visit, here

EMERGENCY = timedelta(minutes=5)
"""To open a record without consent."""
CONSENT = timedelta(minutes=30)
"""To record or take back what a client agreed to: as long as the two talk it over."""
EXPORT = timedelta(minutes=15)
"""To carry records or counts away in a file."""

STEP_UP = "/sign-in/step-up"
PROVEN = "/sign-in/proven"
"""Says that one may go back to the other tab."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What a page needs to know of when its visitor last proved who they are."""

    age: timedelta
    has_form: bool
    """Whether what is opened here is also sent here, later."""

    def is_met(self, visit: Visit) -> bool:
        who = visit.session.who
        if who is None or who.auth_time is None:
            return False
        strong = visit.hub.settings.step_up_acr
        if strong and who.acr not in strong:
            return False
        opens_form = self.has_form and visit.http.method != "POST"
        most = self.age / 2 if opens_form else self.age
        return visit.hub.now() - who.auth_time <= most

    def ask(self, visit: Visit) -> Response:
        """To where they prove it, and back here. Of what was sent nothing is lost."""
        if visit.http.method == "POST":
            step_up = f"{STEP_UP}?{urlencode({'to': PROVEN})}"
            return visit.show("stale.html", 403, step_up=step_up)
        to = here(visit.http)
        return RedirectResponse(f"{STEP_UP}?{urlencode({'to': to})}", 303)
