"""Codes: what an answer may say went wrong, with its status and what to do, for the API's documentation.

Faults that the hub raises stand in `gateway.errors.TABLE`, limits in `Limit`; a test holds that none is left
out here.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import Limit
from gateway.pages.places import _

_TOO_MUCH = _("The document or its variables have too much of something. Ask for less, or in several.")

CODES: Mapping[str, tuple[int, str]] = {
    "UNAUTHENTICATED": (
        401,
        _("The token is missing, no longer valid, or from an issuer that is not trusted."),
    ),
    "BAD_REQUEST": (400, _("The body is not JSON of the shape that is taken.")),
    "GRAPHQL_PARSE_FAILED": (400, _("The document is not GraphQL; the error says where.")),
    "GRAPHQL_VALIDATION_FAILED": (400, _("The document asks for something that the schema does not have.")),
    "BAD_USER_INPUT": (400, _("A variable or an argument cannot be taken; the path says which.")),
    "DOCUMENT_NOT_FOUND": (400, _("No document of this id is registered for the application.")),
    "PERSISTED_QUERY_NOT_FOUND": (400, _("The same, asked in Apollo's way: send the text along.")),
    "DOCUMENT_MISMATCH": (400, _("The text that came along has another hash.")),
    "DOCUMENT_NOT_TRUSTED": (403, _("Here only registered documents are taken.")),
    "METHOD_NOT_ALLOWED": (405, _("Asked by GET, and not fit for it: ask by POST.")),
    "NOT_ACCEPTABLE": (406, _("The Accept header names no form that an answer can have.")),
    "REQUEST_TIMEOUT": (408, _("The body took too long to arrive.")),
    "REQUEST_TOO_LARGE": (413, _("The body is larger than the hub takes.")),
    "URI_TOO_LONG": (414, _("The same, of a URL.")),
    "UNSUPPORTED_MEDIA_TYPE": (415, _("Send application/json in UTF-8, uncompressed.")),
    Limit.COST: (400, _("The operation may cost more than one may here. Ask for shorter pages.")),
    Limit.RATE: (429, _("The viewer asked for more than a minute holds. Wait as Retry-After says.")),
    Limit.INTROSPECTING: (400, _("The schema is not told to this viewer.")),
    **{one: (400, _TOO_MUCH) for one in Limit if one not in (Limit.COST, Limit.RATE, Limit.INTROSPECTING)},
    "SOURCE_FAILED": (
        502,
        _("A partner did not answer. The field is null; retryable says whether to try again."),
    ),
    "NOT_READY": (503, _("The hub is just beginning, or cannot reach its database. Try again in a minute.")),
    "AUDIT_UNAVAILABLE": (
        503,
        _("What is shown must be recorded, and cannot be at present. Nothing is shown."),
    ),
    "INTERNAL": (500, _("A fault of the hub's own. Tell whoever runs it the reference.")),
}
"""Code -> HTTP status where the whole request fails by it, and words."""
