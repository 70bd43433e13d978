"""The page of a connector, written from its manifest and samples: what it supplies, tells, and needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from connectors.discovery import HERE, Installed
from connectors.kit.samples import read_samples
from connectors.manifest import Manifest

OURS = HERE.parent / "docs" / "connectors"


def page_of(partner: Installed) -> Path:
    """Where the page lies: ours under docs/connectors/, others as README.md in their own folder."""
    ours = partner.folder.parent.resolve() == HERE.resolve()
    return OURS / f"{partner.manifest.id}.md" if ours else partner.folder / "README.md"


def page(partner: Installed) -> str:
    manifest = partner.manifest
    return "\n".join(
        [
            f"# {manifest.name}",
            "",
            f"Written by `hmis-hub connector docs` from `connector.toml` and `samples/` of `{manifest.id}`.",
            "",
            f"* Protocol: `{manifest.protocol}`, contract {manifest.contract}"
            f"{', with code of its own' if partner.has_code else ', without code'}",
            f"* Owner: {manifest.owner}",
            f"* {_bears(manifest)}",
            "",
            *_supplies(manifest),
            *_identity(manifest),
            *_operations(manifest),
            *_settings(manifest),
            *_sample(partner),
        ]
    )


def _bears(manifest: Manifest) -> str:
    limits = manifest.limits
    return (
        f"Bears {limits.rate:g} calls in {limits.period_s:g} s, {limits.concurrency} at a time, "
        f"{limits.batch_max} people in a call; a call has {limits.timeout_s:g} s"
    )


def _supplies(manifest: Manifest) -> Iterator[str]:
    yield "## What it supplies"
    for supply in manifest.supplies.values():
        fresh = f", no older than {_long(supply.freshness)}" if supply.freshness else ""
        yield f"\n`{supply.noun}`, consent category `{supply.category}`, by {supply.grain}{fresh}:\n"
        yield "| field | type | where it stands | codes |\n|---|---|---|---|"
        for name, field in supply.fields.items():
            kind = f"[{field.type}!]" if field.many else field.type
            where = f"`{field.query.expression}`".replace("|", "\\|") if field.query else "filled by code"
            codes = ", ".join(f"{code} → {word}" for code, word in (field.map or {}).items())
            yield f"| `{name}` | `{kind}` | {where} | {codes} |"
        if supply.labels:
            yield "\nSome of its rows are more sensitive; their labels come from the partner's codes."
    yield ""


def _long(time: timedelta) -> str:
    for unit, seconds in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if time.total_seconds() % seconds == 0:
            return f"{time.total_seconds() / seconds:g} {unit}"
    return f"{time.total_seconds():g} seconds"


def _identity(manifest: Manifest) -> Iterator[str]:
    yield "## What a look-up discloses\n"
    matching = manifest.matching
    if matching is None:
        yield "Nobody is looked up at this partner.\n"
        return
    told = ", ".join(f"`{fact}`" for fact in sorted(matching.discloses))
    yield (
        f"{told}. A match is believed from a score of {matching.acceptance.min_score}, "
        f"{matching.acceptance.margin} above the next.\n"
    )


def _operations(manifest: Manifest) -> Iterator[str]:
    if manifest.operations:
        yield "## What is asked of it\n"
        for name, operation in manifest.operations.items():
            yield f"* {name}: `{operation.method} {operation.path}`"
        yield ""


def _settings(manifest: Manifest) -> Iterator[str]:
    yield "## Switching it on\n"
    prefix = f"HUB_{manifest.id.replace('-', '_').upper()}"
    yield f"* `{prefix}_AGREEMENT`: the agreement's id, its first and its last day"
    for key in manifest.config.values():
        how = "may be left out" if key.optional else "must be set"
        if key.default is not None:
            how = f"`{key.default}` if left out"
        yield f"* `{prefix}_{key.name.upper()}`: {key.type}, {how}"
    yield ""


def _sample(partner: Installed) -> Iterator[str]:
    sample = read_samples(partner.folder).get("fetch", "normal")
    if sample is not None:
        yield "## An answer, and what is read in it\n"
        yield f"```json\n{json.dumps(sample.body, indent=2, ensure_ascii=False)}\n```\n"
        yield f"```json\n{json.dumps(sample.expect, indent=2, ensure_ascii=False)}\n```\n"
