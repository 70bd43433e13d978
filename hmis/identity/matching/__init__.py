"""Matching: whose records are one person by a model, what somebody has to look at, and why."""
