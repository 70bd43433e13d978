"""What a clinic says on the wire, byte for byte, for tests."""

from __future__ import annotations

import json
from typing import Any

from connectors.wire import Wire, answer

STATEMENT = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
CAN_MATCH = {**STATEMENT, "rest": [{"resource": [{"type": "Patient", "operation": [{"name": "match"}]}]}]}


def said(body: Any, status: str = "200 OK") -> bytes:
    return answer(json.dumps(body), status)


def searchset(*resources: Any, following: str | None = None) -> dict[str, Any]:
    """One page of a search. following: the address of the next one."""
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def batch(*bundles: Any) -> dict[str, Any]:
    entries = [{"resource": bundle, "response": {"status": "200 OK"}} for bundle in bundles]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}


def asked(wire: Wire, number: int = -1) -> list[str]:
    """The searches of a batch that was sent."""
    body = json.loads(wire.requests[number].split(b"\r\n\r\n", 1)[1])
    return [entry["request"]["url"] for entry in body["entry"]]
