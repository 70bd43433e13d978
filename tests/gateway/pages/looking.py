"""Looking at a page as those do who use it otherwise: on a small window, by keyboard, over a slow line."""

from __future__ import annotations

from contextlib import suppress

from playwright.async_api import Error, Page, Response

SMALL = {"width": 320, "height": 640}
"""CSS pixels: a window of 1280 at a zoom of 4 (WCAG 1.4.10)."""
_PARTS = 4
"""Stops in a field for a date: month, day, year, and the calendar."""
HEAVIEST = 100_000
"""Bytes of a page with all it loads."""

_SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth
  // What stands in a box that scrolls, or is cut at its edge, reaches no further than the box.
  const held = e => {
    for (let box = e.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true
    return false
  }
  return [...document.querySelectorAll("body *")]
    .filter(e => !e.closest("svg") && e.checkVisibility() && !held(e))
    .filter(e => e.getBoundingClientRect().right > wide + 1)
    .map(e => e.outerHTML.slice(0, 120))
}"""
_REACHABLE = """() => {
  const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
  const radios = new Set()
  return [...document.querySelectorAll(all)].filter(e => {
    if (e.disabled || !e.checkVisibility({visibilityProperty: true})) return false
    if (e.type !== "radio") return true
    const known = radios.has(e.name)  // a group of radio buttons is one stop
    radios.add(e.name)
    return !known
  }).length
}"""
_FOCUSED = """() => {
  const e = document.activeElement
  if (!e || e === document.body) return null
  e.dataset.seen ??= e.type === "radio" ? `radio-${e.name}` : String(window.stops = (window.stops ?? 0) + 1)
  const style = getComputedStyle(e)
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
  const shown = outlined || style.boxShadow !== "none"
  return [e.dataset.seen, shown ? "" : e.outerHTML.slice(0, 120)]
}"""


async def sideways(page: Page) -> list[str]:
    """What reaches beyond a small window, so that one has to scroll in two directions to read it."""
    await page.set_viewport_size(SMALL)
    found: list[str] = await page.evaluate(_SIDEWAYS)
    return found


async def by_keyboard(page: Page) -> tuple[int, int, list[str]]:
    """How many controls there are, how many the Tab key reaches, and those that do not show that it did."""
    there: int = await page.evaluate(_REACHABLE)
    await page.evaluate("() => document.activeElement?.blur()")
    seen: set[str] = set()
    unmarked: list[str] = []
    last = None
    for _ in range(there * _PARTS + 3):
        await page.keyboard.press("Tab")
        found = await page.evaluate(_FOCUSED)
        if found is None:
            continue
        name, hidden = found
        if name == last:  # a date is entered part by part
            continue
        if name in seen:
            break
        last = name
        seen.add(name)
        unmarked += [hidden] if hidden else []
    # The first of them shows itself over others while it has the focus.
    await page.evaluate("() => document.activeElement?.blur()")
    return there, len(seen), unmarked


async def weight(page: Page, path: str) -> int:
    """Bytes of a page with all it loads, uncompressed."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    await page.goto(path)
    page.remove_listener("response", note)
    total = 0
    for answer in answers:
        # What led here, or was left on the way, is no part of the page.
        if answer.ok and answer.frame.url.split("?")[0] == page.url.split("?")[0]:
            with suppress(Error):
                total += len(await answer.body())
    return total
