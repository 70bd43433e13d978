"""Checks of what others need to use a connector: its page and its stand-in. C73, C74."""

from __future__ import annotations

from connectors.kit.bench import Bench
from connectors.kit.checks import cannot_be_seen, does_not_apply, expect, group
from connectors.kit.pages import OURS, page, page_of

check = group("quality", "gold")


@check("C73", "Its page says what its manifest says", fix="Write it with `hmis-hub connector docs`.")
async def page_is_current(bench: Bench) -> None:
    """An agreement is signed by people who read the page, not the manifest."""
    if bench.folder is None:
        does_not_apply("there is no manifest")
    assert bench.manifest
    assert bench.partner is not None
    path = page_of(bench.partner)
    if path.parent == OURS and not OURS.exists():
        cannot_be_seen("the documentation is not part of this installation")
    if not path.exists():
        cannot_be_seen(f"there is no {path.name}")
    expect(path.read_text(encoding="utf-8") == page(bench.partner), f"{path.name} says something else")


@check(
    "C74",
    "It can be tried without the partner",
    fix="Write standin.py, or samples that a mock can be made of.",
)
async def can_be_tried(bench: Bench) -> None:
    """Whoever builds on a noun needs a partner on the desk."""
    assert bench.manifest
    assert bench.partner is not None
    if bench.partner.has("standin"):
        return
    expect(bench.declarative, "there is no standin.py")
    async with bench.opened():
        pass
