"""The page for everyone: no violation that axe finds, on any view, in either theme; legible at every width."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Visit
from playwright.sync_api import Page, expect
from steps import DENIAL, expect_decision, field, open_example

_THEMES = ["light", "dark"]
_EXAMPLES = [DENIAL, "ad-approved", "alopecia", "hinge-concomitant-use", "ad-missing-information", "interface"]


def check(page: Page) -> None:
    """Fail with what axe finds."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", _THEMES)
def test_the_start(visit: Visit, scheme: str) -> None:
    page = visit(scheme=scheme)
    page.locator("#examples button").first.wait_for()
    check(page)
    page.get_by_role("button", name="Open…").click()
    check(page)


@pytest.mark.parametrize(
    ("scheme", "name"), [("light", name) for name in _EXAMPLES] + [("dark", name) for name in _EXAMPLES[:4]]
)
def test_a_case(visit: Visit, scheme: str, name: str) -> None:
    page = visit(scheme=scheme)
    open_example(page, name)
    check(page)


@pytest.mark.parametrize("scheme", _THEMES)
@pytest.mark.parametrize("width", [360, 1400])
def test_what_if_and_faults(visit: Visit, scheme: str, width: int) -> None:
    page = visit(scheme=scheme, width=width)
    open_example(page, DENIAL)
    page.locator(".needed .way .apply").nth(0).click()
    expect_decision(page, "approved")
    page.locator("#scenario-name").fill("another product")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#scenarios table")).to_be_visible()
    check(page)
    field(page, "disease.bsa_percent").fill("a lot")
    expect(page.locator("#verdict-title")).to_contain_text("to mend")
    check(page)


@pytest.mark.parametrize("width", [360, 768, 1024, 1400, 1920, 2560])
def test_nothing_is_wider_than_the_screen(visit: Visit, width: int) -> None:
    page = visit(width=width)
    page.locator("#examples button").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    open_example(page, "interface")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_each_status_has_its_sign_and_its_word_beside_its_colour(visit: Visit) -> None:
    page = visit()
    open_example(page, "interface")
    texts = page.locator(".status:visible").all_inner_texts()
    assert len(texts) > 20
    assert all(text[0] in "✓?✗⊘–⇄" and text[1:].strip() for text in texts)
