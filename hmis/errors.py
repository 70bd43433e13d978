"""The errors of the hub.

    HubError
    ├── InputRefused        something the caller gave cannot be taken; says where and what mends it
    │   ├── ArchiveRefused  an HMIS archive with structural faults; carries the list of findings
    │   └── AnswerRefused   an answer that does not fit a question about two people; carries why
    ├── NotReady            the database is absent, older or newer than this code
    ├── AuditUnavailable    no audit row could be written, so no answer may leave
    ├── AuditBroken         the sealed audit is not what was sealed; carries the first index at fault
    ├── Unauthenticated     no token, or one that proves nothing
    └── SourceFailed        a partner did not answer as promised; carries a code and whether to try again

A message never holds a personal value: it names a place (file, line, column, setting) and the mend.
`gateway/errors.py` has the one table from these to `extensions.code` and HTTP status.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from hmis.findings import Finding


class HubError(Exception):
    """Anything the hub says on purpose. The message may be shown to whoever caused it."""


class InputRefused(HubError):
    """The caller gave something that cannot be taken; the message names the place and the mend."""


class ArchiveRefused(InputRefused):
    """An HMIS archive that cannot be taken. Nothing was changed; `findings` says why, all at once."""

    def __init__(self, message: str, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class Unfit(StrEnum):
    """Why a question about two people cannot be answered so."""

    NO_QUESTION = "NO_QUESTION"
    """It is none, or not open."""
    SAID_APART = "SAID_APART"
    """Somebody said of records of the two that they are not one person."""
    CONSENT_OF = "CONSENT_OF"
    """Each of the two has said something about consent, and nobody said whose holds."""
    NOT_THEIRS = "NOT_THEIRS"
    """Whoever is named for it is neither of the two, or is the one who has said nothing."""


class AnswerRefused(InputRefused):
    """An answer that does not fit a question about two people. Nothing was changed."""

    def __init__(self, why: Unfit, message: str) -> None:
        super().__init__(message)
        self.why = why


class NotReady(HubError):
    """The database is absent, or its tables are older or newer than this code."""


class AuditUnavailable(HubError):
    """No audit row could be committed. No audit, no answer."""


class AuditBroken(HubError):
    """The sealed audit is not what was sealed. `index` is the first event that cannot be vouched for."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(f"The audit is broken at index {index}: {what}.")
        self.index = index
        self.what = what


class Unauthenticated(HubError):
    """No bearer token, or one that proves nothing. The reason is for the log, not for the caller."""


class FailureCode(StrEnum):
    """Why a partner gave no answer. The only thing about it that callers see."""

    AUTH = "AUTH"
    CONFIG = "CONFIG"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    BAD_DATA = "BAD_DATA"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    CONFLICT = "CONFLICT"


class SourceFailed(HubError):
    """A partner did not answer as promised. Never carries the partner's own text."""

    def __init__(self, source: str, code: FailureCode, *, retryable: bool = False) -> None:
        super().__init__(f"{source} answered {code.value}")
        self.source = source
        self.code = code
        self.retryable = retryable
