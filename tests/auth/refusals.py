"""Refusals of tokens: each says which check failed, and nothing of the token."""

from __future__ import annotations

import pytest

from auth.tokens import Verifier
from hmis.errors import Unauthenticated

SECRET = "canary-5150"  # stands in refused tokens and must never stand in a message


async def refused(verifier: Verifier, workshop, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token, workshop.now)
    reason = str(caught.value)
    assert reason
    assert SECRET not in reason
    return reason
