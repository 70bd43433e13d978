"""Eligibility: what somebody may be able to receive, from facts and a dated pack of rules."""
