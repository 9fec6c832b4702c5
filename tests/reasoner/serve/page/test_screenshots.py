"""Pictures of the main views, at two widths and in two themes; those of the README are kept by

SCREENSHOTS=tests/reasoner/serve/page/screenshots pytest tests/reasoner/serve/page/test_screenshots.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import Page, expect
from steps import DENIAL, expect_decision, open_example


def denial(page: Page) -> None:
    open_example(page, DENIAL)


def what_if(page: Page) -> None:
    open_example(page, DENIAL)
    page.locator(".needed .way .apply").nth(2).click()
    expect_decision(page, "approved")
    page.locator("#scenario-name").fill("28 days in a row")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.locator("[data-first=back]").click()
    expect_decision(page, "denied")
    page.locator(".needed .way .apply").nth(3).click()
    expect_decision(page, "approved")
    page.locator("#trying").scroll_into_view_if_needed()


def rules(page: Page) -> None:
    page.goto(f"{page.url}rules#files/{page.evaluate(_FIRST_FILE)}")
    page.locator(".line").first.wait_for()


_FIRST_FILE = """async () => {
  const text = await (await fetch("/page/rules")).text();
  return /href="#files\\/([^"]+)"/.exec(text)[1];
}"""


@pytest.mark.parametrize("view", [denial, what_if, rules])
def test_a_view_is_drawn(visit: Visit, tmp_path: Path, view: Callable[[Page], None]) -> None:
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(exist_ok=True)
    pictures = []
    for width in (400, 1400):
        for scheme in ("light", "dark"):
            page = visit(width=width, height=950, scheme=scheme)
            page.locator("#examples button").first.wait_for()
            view(page)
            expect(page.locator("#notice")).to_be_hidden()
            page.wait_for_timeout(2000 if "SCREENSHOTS" in os.environ else 0)
            pictures.append(page.screenshot(path=folder / f"{view.__name__}-{width}-{scheme}.png"))
    assert len(set(pictures)) == 4
