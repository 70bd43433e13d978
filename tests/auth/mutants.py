"""Mutants: small changes to the decision that no test may let pass."""

from __future__ import annotations

MUTANTS: dict[str, tuple[str, str]] = {
    # Rule 0 and the last cut: scope, role, purpose
    "scope is not asked": ("if Scope.CLIENTS_READ not in viewer.scopes:", "if False:"),
    "purpose does not narrow": (" & ~PURPOSE_MAY_NOT_SEE.get(purpose, NOTHING)", ""),
    "role does not narrow": (": ROLE_MAY_SEE[role] &", ": EVERYTHING &"),
    "research sees identifiers": ("Purpose.RESEARCH: _IDENTIFIERS,", "Purpose.RESEARCH: NOTHING,"),
    "deidentification sees identifiers": (
        "Purpose.DEIDENTIFICATION: _IDENTIFIERS,",
        "Purpose.DEIDENTIFICATION: NOTHING,",
    ),
    "reporting sees names": ("Purpose.REPORTING: Category.NAME | ", "Purpose.REPORTING: "),
    "birth dates identify nobody": (
        "_IDENTIFIERS = Category.NAME | Category.DOB | ",
        "_IDENTIFIERS = Category.NAME | ",
    ),
    "dashboards see names": (
        "        Category.NAME\n        | Category.SSN_LAST4",
        "        Category.SSN_LAST4",
    ),
    "dashboards see notes": ("        | Category.NOTES\n", ""),
    "integrators see people": (
        "Role.INTEGRATOR: NOTHING,",
        "Role.INTEGRATOR: EVERYTHING & ~Category.SSN_FULL,",
    ),
    "systems see people": ("Role.SYSTEM: NOTHING,", "Role.SYSTEM: EVERYTHING & ~Category.SSN_FULL,"),
    "case managers see full numbers": (
        "Role.CASE_MANAGER: EVERYTHING & ~Category.SSN_FULL,",
        "Role.CASE_MANAGER: EVERYTHING,",
    ),
    "grants go beyond the role": (
        "return Opened(Category(opened & self.may_see._value_), record",
        "return Opened(Category(opened), record",
    ),
    # Rule 1: never
    "break-glass opens what is never opened": (
        "if self.break_glass is not None and not record.labels & NEVER:",
        "if self.break_glass is not None:",
    ),
    "break-glass opens victim services": (
        "NEVER = Label.VSP | Label.PART2_NOTES",
        "NEVER = Label.PART2_NOTES",
    ),
    "break-glass opens psychotherapy notes": ("NEVER = Label.VSP | Label.PART2_NOTES", "NEVER = Label.VSP"),
    "break-glass opens values that are never opened": (
        "(self.everything and not label & self.but)",
        "self.everything",
    ),
    "a grant opens victim services": ("return self.labels & ~Label.VSP\n", "return self.labels\n"),
    "a mixed grant opens psychotherapy notes": (
        "if self.labels & Label.PART2_NOTES and self.labels != Label.PART2_NOTES:",
        "if False:",
    ),
    # Rule 2: own record
    "own records go beyond the role": ("return HMIS & may_see(viewer)", "return HMIS"),
    "what partners hold is an own record": ("return HMIS & may_see(viewer)", "return may_see(viewer)"),
    # Rule 3: break-glass
    "break-glass opens nothing": (
        "if self.break_glass is not None and not record.labels & NEVER:",
        "if False:",
    ),
    "break-glass goes beyond the role": (
        "return Opened(self.may_see, record.labels,",
        "return Opened(EVERYTHING, record.labels,",
    ),
    "break-glass shows no labelled value": ("everything=True, but=NEVER", "but=NEVER"),
    # Rule 4: denials
    "denials are not heard": (
        "denials=tuple([grant for grant in speaking if grant.effect is Effect.DENY]),",
        "denials=(),",
    ),
    "a denial does not hide that somebody is there": (
        "                there &= ~grant.categories._value_\n",
        "",
    ),
    "a denial closes nothing": (
        "                there &= ~grant.categories._value_\n"
        "                opened &= ~grant.categories._value_",
        "                there &= ~grant.categories._value_",
    ),
    "a refused label stays open": (
        "            elif grant.labels._value_ & told:\n                opened &= ~grant.categories._value_",
        "",
    ),
    "a refused label closes everything": (
        "            elif grant.labels._value_ & told:",
        "            else:",
    ),
    "a refused label of a value stays open": (
        "if any(grant.categories & category and grant.labels & wanted for grant in self.denials):",
        "if False:",
    ),
    "a refused label closes other categories": (
        "if any(grant.categories & category and grant.labels & wanted for grant in self.denials):",
        "if any(grant.labels & wanted for grant in self.denials):",
    ),
    "a denial is a permit": ("if grant.effect is Effect.PERMIT and (latest", "if (latest"),
    "a refusal needs a guardian": (
        "        if self.effect is Effect.DENY:\n            return True\n        if not minor",
        "        if not minor",
    ),
    "a refusal for Part 2 needs the form": (
        'if self.regime != "PART2" or self.effect is Effect.DENY:',
        'if self.regime != "PART2":',
    ),
    # Rule 5: permits
    "every agency is a recipient": (
        "if not self.community_wide and viewer.agency.id not in self.agencies:",
        "if False:",
    ),
    "community-wide names nobody": (
        "if not self.community_wide and viewer.agency.id not in self.agencies:",
        "if viewer.agency.id not in self.agencies:",
    ),
    "every purpose is agreed to": ("return viewer.purpose.value in self.purposes", "return True"),
    "anybody stands in for a named person": (
        "if self.subject is not None and self.subject != viewer.subject:",
        "if False:",
    ),
    "revocation is not heard": ("if self.revoked or day < self.start or", "if day < self.start or"),
    "a grant begins early": ("if self.revoked or day < self.start or", "if self.revoked or"),
    "a grant begins a day late": (
        "day < self.start or (",
        "day <= self.start or (",
    ),
    "a grant holds on its end": (
        "self.end <= day)",
        "self.end < day)",
    ),
    "a grant never ends": (" or (self.end is not None and self.end <= day)", ""),
    "a spoken consent never lapses": (
        "return self.provisional_until is None or day < self.provisional_until",
        "return True",
    ),
    "a grant without existence opens": ("if not there & _EXISTENCE:", "if False:"),
    "a grant covers every source": (
        "if self.sources is not None and record.source_id not in (None, *self.sources):",
        "if False:",
    ),
    "a grant of some sources covers no question about the person": (
        "record.source_id not in (None, *self.sources)",
        "record.source_id not in self.sources",
    ),
    "a grant covers what was before": ("record.day < self.data_from", "False"),
    "a grant misses its first day": ("record.day < self.data_from", "record.day <= self.data_from"),
    "a grant covers what comes after": ("self.data_to is not None and record.day >= self.data_to", "False"),
    "a grant covers the day after its last": ("record.day >= self.data_to", "record.day > self.data_to"),
    "permits do not ask what they cover": (
        "agreed = tuple([grant for grant in self.permits if grant.covers(record)])",
        "agreed = self.permits",
    ),
    "denials do not ask what they cover": (
        "denials = tuple([grant for grant in self.denials if grant.covers(record)])",
        "denials = self.denials",
    ),
    # Labels
    "labels need not be named": ("if not told or not told & ~grant.named_labels._value_:", "if True:"),
    "one label is enough": (
        "if not told or not told & ~grant.named_labels._value_:",
        "if not told or told & grant.named_labels._value_:",
    ),
    "community-wide grants carry labels": (
        '(self.community_wide or self.method == "NOTICE")',
        '(self.method == "NOTICE")',
    ),
    "notice grants carry labels": (
        '(self.community_wide or self.method == "NOTICE")',
        "(self.community_wide)",
    ),
    "labelled values open by any permit": (
        "return any(grant.categories & category and not wanted & ~grant.named_labels for",
        "return any(not wanted & ~grant.named_labels for",
    ),
    "labelled values need no label named": (
        "return any(grant.categories & category and not wanted & ~grant.named_labels for",
        "return any(grant.categories & category for",
    ),
    "a value forgets the labels of its record": ("wanted = self.labels | label", "wanted = label"),
    "a closed category shows": ("        if not self.allowed & category:\n            return False\n", ""),
    # Minors
    "minors sign for themselves": (
        "        if not minor:\n            return self.signed_by_client\n",
        "        return self.signed_by_client\n",
    ),
    "guardians sign for the grown": ("        if not minor:\n            return self.signed_by_client\n", ""),
    "a barred guardian signs": ("return not self.barred and self.start <= day", "return self.start <= day"),
    "a guardian signs before their time": (
        "return not self.barred and self.start <= day and",
        "return not self.barred and",
    ),
    "a guardian signs after their time": (
        "self.start <= day and (self.end is None or day < self.end)",
        "self.start <= day",
    ),
    "a guardian signs on the day their time is over": ("or day < self.end)", "or day <= self.end)"),
    "the youngest record counts": (
        "oldest = min(births, default=None)",
        "oldest = max(births, default=None)",
    ),
    "of age a day late": (
        "((day.month, day.day) < (oldest.month, oldest.day))",
        "((day.month, day.day) <= (oldest.month, oldest.day))",
    ),
    "of age in the year": (" - ((day.month, day.day) < (oldest.month, oldest.day))", ""),
    "of age a year late": ("return years < age_of_consent", "return years <= age_of_consent"),
    "the community's age is not asked": ("return years < age_of_consent", "return years < 18"),
    "nobody is a minor": ("minor = is_minor(facts.births, policy.age_of_consent, as_of)", "minor = False"),
    "the unknown are minors": (
        "    if oldest is None:\n        return False\n",
        "    if oldest is None:\n        return True\n",
    ),
    "signatures are not asked": ("        and grant.is_signed_for(minor, as_of)\n", ""),
    # Part 2
    "an incomplete consent opens": ("        and grant.is_complete\n", ""),
    "a spoken consent opens Part 2": ('self.method in ("WRITTEN", "ELECTRONIC") and', ""),
    "a consent without its form opens Part 2": (" and self.evidence is not None\n", "\n"),
    "a consent to everybody opens Part 2": (
        "return signed and not self.community_wide and",
        "return signed and",
    ),
    "a consent without end opens Part 2": (" and self.end is not None\n", "\n"),
    # The newest form, and the notice
    "older forms come back": (
        "and (latest is None or grant.form in (None, latest))",
        "",
    ),
    "grants without a form fall with the older ones": (
        "grant.form in (None, latest)",
        "grant.form == latest",
    ),
    "the newest form wins everywhere": (" if policy.combination is Combination.LATEST else None", ""),
    "the oldest form wins": ("newest = max(forms,", "newest = min(forms,"),
    "the notice covers nothing": ("notice=policy.notice_categories,", "notice=NOTHING,"),
    "the notice does not make anybody exist": ("there = self.notice._value_\n", "there = 0\n"),
    "the notice carries labels": (
        "opened = self.notice._value_ if not told else 0",
        "opened = self.notice._value_",
    ),
    # Law enforcement, under an order
    "for law enforcement grants open": (
        "    if viewer.under_order:\n        speaking_orders",
        "    if False:\n        speaking_orders",
    ),
    "for law enforcement own records are shown": (
        "    if viewer.under_order:\n        return NOTHING\n",
        "",
    ),
    "an order speaks to everybody": (
        "tuple(order for order in facts.orders if order.speaks_to(viewer, as_of))",
        "facts.orders",
    ),
    "an order speaks for every purpose": (
        "        break_glass=facts.break_glass,\n        may_see=widest,\n",
        "        break_glass=facts.break_glass,\n        may_see=widest,\n        orders=facts.orders,\n",
    ),
    "an order goes beyond the role": (
        "return Decision(orders=speaking_orders, may_see=widest)",
        "return Decision(orders=speaking_orders, may_see=EVERYTHING)",
    ),
    "an order opens nothing": ("= self.orders or agreed\n", "= agreed\n"),
    "an order is wider than is told to the tables": (
        "= self.orders or self.permits\n",
        "= self.permits\n",
    ),
    "an order is told as a notice": (
        "            if self.orders:\n                return Reason.LEGAL_ORDER\n",
        "",
    ),
    "a colleague looks under an order": (
        "if self.subject != viewer.subject or self.agency",
        "if self.agency",
    ),
    "another agency looks under an order": (" or self.agency != viewer.agency.id:", ":"),
    "an order need not be in force": ("return self.is_in_force_on(day)", "return True"),
    "an order need not be approved": ("self.is_approved and self.start", "self.start"),
    "one approval is enough": ("\nAPPROVALS = 2\n", "\nAPPROVALS = 1\n"),
    "who wrote an order down approves it": ("{self.recorded_by, self.subject}", "{self.subject}"),
    "who looks under an order approves it": ("{self.recorded_by, self.subject}", "{self.recorded_by}"),
    "a withdrawn order opens": ("not self.withdrawn and ", ""),
    "an order begins early": ("self.start <= day < self.end\n", "day < self.end\n"),
    "an order begins a day late": ("self.start <= day < self.end\n", "self.start < day < self.end\n"),
    "an order holds on its end": ("self.start <= day < self.end\n", "self.start <= day <= self.end\n"),
    "an order never ends": ("self.start <= day < self.end\n", "self.start <= day\n"),
    "an order opens victim services": (
        "NEVER_BY_ORDER = Label.VSP | Label.PART2 | Label.PART2_NOTES",
        "NEVER_BY_ORDER = Label.PART2 | Label.PART2_NOTES",
    ),
    "an order opens Part 2": (
        "NEVER_BY_ORDER = Label.VSP | Label.PART2 | Label.PART2_NOTES",
        "NEVER_BY_ORDER = Label.VSP | Label.PART2_NOTES",
    ),
    "an order opens psychotherapy notes": (
        "NEVER_BY_ORDER = Label.VSP | Label.PART2 | Label.PART2_NOTES",
        "NEVER_BY_ORDER = Label.VSP | Label.PART2",
    ),
    "an order opens every label": ("return self.labels & ~NEVER_BY_ORDER", "return Label(-1)"),
    "an order opens what may never be": ("return self.labels & ~NEVER_BY_ORDER", "return self.labels"),
    # Reasons
    "an emergency is told as a grant": (
        "                return Reason.BREAK_GLASS\n",
        "                pass\n",
    ),
    "a notice is told as a grant": (
        "return Reason.GRANT if permitted else Reason.NOTICE",
        "return Reason.GRANT",
    ),
    "a refusal is told as no grant": ("            return Reason.DENIED_BY_CLIENT\n", "            pass\n"),
    "a role is told as no grant": ("            return Reason.ROLE\n", "            pass\n"),
    "a refused label is told as a refusal": (
        "if any(grant.categories & category and not grant.labels for grant in self.denials):",
        "if any(grant.categories & category for grant in self.denials):",
    ),
    "grants that open nothing are named": (
        "sorted(grant.id for grant in self.permits if grant.categories & self.may_see)",
        "sorted(grant.id for grant in self.permits)",
    ),
}
"""What is taken away or weakened -> the text of one of the `SOURCES` and what stands there instead."""
