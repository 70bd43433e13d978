"""The explorer in a browser: typing, suggestions, running, registering; and without any script."""

from __future__ import annotations

from playwright.async_api import Page, expect

from auth.viewer import Role
from tests.gateway.pages.conftest import Desk, barriers


async def _explorer(browser: Desk, role: Role = Role.INTEGRATOR, **options: object) -> Page:
    await browser.world.organization("6")
    page = await browser.signed_in("6", role, **options)
    await page.goto("/explorer")
    return page


async def test_a_document_is_typed_with_suggestions_run_and_read(browser: Desk) -> None:
    page = await _explorer(browser)
    await browser.world.project("p9", "6", project_name="<script>alert(1)</script>")
    editor = page.get_by_label("Document", exact=True)
    await editor.fill("")
    await editor.press_sequentially("query Q {\nprojec")
    offers = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await expect(offers.nth(1).locator("b")).to_have_text("projects")
    assert not await barriers(page)
    await editor.press("ArrowDown")
    await editor.press("Enter")
    await editor.press_sequentially("nod")
    await expect(offers.first).to_contain_text("nodes")
    await editor.press("Enter")
    await editor.press_sequentially("na")
    await expect(offers.first).to_contain_text("name")
    await editor.press("Enter")
    assert await editor.input_value() == "query Q {\n  projects {\n    nodes {\n      name\n    }\n  }\n}"
    await editor.press("Control+Enter")
    answer = page.get_by_role("region", name="Answer")
    await expect(answer).to_contain_text('"Project 6-p"')
    await expect(answer).to_contain_text("<script>alert(1)</script>")
    await expect(page.get_by_text("A plan of 3 fields answers it")).to_be_visible()
    assert not await barriers(page)
    # What holds something folds, by keyboard too.
    fold = answer.locator("summary", has_text="projects")
    await fold.press("Enter")
    await expect(answer.get_by_text('"Project 6-p"')).not_to_be_visible()


async def test_arguments_their_fields_and_their_words_are_suggested(browser: Desk) -> None:
    page = await _explorer(browser)
    editor = page.get_by_label("Document", exact=True)
    offers = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    for typed, offered in (
        ("query { clients(whe", "where"),
        ("query { clients(where: { las", "lastName"),
        ("query { clients(where: { lastName: { starts", "startsWith"),
        ("query { projects(type: EMERGENCY_SHELTER_E", "EMERGENCY_SHELTER_ENTRY_EXIT"),
        ("fragment F on Client { bir", "birth"),
        ("query { clients(where: {}) { nodes { ... on Client { veteranS", "veteranStatus"),
        ("mutation { consentGrant(input: { categories: [NAM", "NAME"),
    ):
        await editor.fill(typed[:-1])
        await editor.press("End")
        await editor.press_sequentially(typed[-1])
        await expect(offers.first.locator("b")).to_have_text(offered)
        await editor.press("Escape")


async def test_a_mistake_is_led_to_and_format_and_variables_help(browser: Desk) -> None:
    page = await _explorer(browser)
    editor = page.get_by_label("Document", exact=True)
    await editor.fill(
        "query Find($where: ClientWhere!, $n: Int!) { clients(where: $where, first: $n) { nodes { idd } } }"
    )
    await page.get_by_role("button", name="Format").click()
    assert (await editor.input_value()).splitlines() == [
        "query Find($where: ClientWhere!, $n: Int!) {",
        "  clients(where: $where, first: $n) {",
        "    nodes {",
        "      idd",
        "    }",
        "  }",
        "}",
    ]
    await page.get_by_role("button", name="Fill in variables").click()
    variables = page.get_by_label("Variables", exact=False)
    await expect(variables).to_have_value(
        '{\n  "where": {\n    "identifier": {\n      "value": ""\n    }\n  },\n  "n": 1\n}'
    )
    await page.get_by_role("button", name="Check only").click()
    await page.get_by_role("button", name="Line 4, column 7").click()
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert await editor.evaluate(chosen) == "idd"
    assert not await barriers(page)


async def test_a_field_is_put_in_from_the_schema_beside_it(browser: Desk) -> None:
    page = await _explorer(browser)
    editor = page.get_by_label("Document", exact=True)
    await editor.fill("{  }")
    await editor.evaluate("e => e.setSelectionRange(2, 2)")
    await page.get_by_role("button", name="Open Viewer").click()
    await page.get_by_role("button", name="Insert agency").click()
    assert await editor.input_value() == "{ agency }"


async def test_a_document_is_registered_and_removed(browser: Desk) -> None:
    page = await _explorer(browser)
    await page.get_by_text("Register as a trusted document").click()
    await page.get_by_role("button", name="Register").click()
    await expect(page.get_by_text("It is registered")).to_be_visible()
    assert not await barriers(page)
    await page.get_by_role("link", name="All documents of this application").click()
    assert not await barriers(page)
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Nothing is registered for this application")).to_be_visible()


async def test_it_all_works_without_scripts_and_nothing_is_offered_that_does_not(browser: Desk) -> None:
    page = await _explorer(browser, java_script_enabled=False)
    await expect(page.get_by_role("button", name="Format")).to_have_count(0)
    await page.get_by_label("Document", exact=True).fill("{ projects { nodes { name } } }")
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.get_by_text('"name": "Project 6-p"')).to_be_visible()
    await page.get_by_role("link", name="Services near a place").click()
    await expect(page.get_by_label("Document", exact=True)).to_have_value(
        r := await page.locator("#f-document").input_value()
    )
    assert r.startswith("# Where to get help")


async def test_keys_alone_reach_everything_and_tab_leaves_the_editor(browser: Desk) -> None:
    page = await _explorer(browser)
    editor = page.get_by_label("Document", exact=True)
    await editor.focus()
    await editor.press("Control+Space")
    await page.keyboard.press("Tab")
    focused = "document.activeElement.id"
    assert await page.evaluate(focused) == "tidy"
    await page.keyboard.press("Shift+Tab")
    assert await page.evaluate(focused) == "f-document"


async def test_it_reads_well_small_and_dark_and_keeps_nothing(browser: Desk) -> None:
    page = await _explorer(browser, viewport={"width": 320, "height": 700}, color_scheme="dark")
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.get_by_role("heading", name="Plan")).to_be_visible()
    assert not await barriers(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    kept = "[localStorage.length, sessionStorage.length, document.cookie]"
    assert await page.evaluate(kept) == [0, 0, ""]


async def test_who_was_signed_out_meanwhile_keeps_what_they_wrote(browser: Desk) -> None:
    page = await _explorer(browser)
    await page.get_by_label("Document", exact=True).fill("{ viewer { role } }")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("You are signed out")
    assert await page.get_by_label("Document", exact=True).input_value() == "{ viewer { role } }"
