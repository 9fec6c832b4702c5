"""The page of those who keep the rules, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Visit
from playwright.sync_api import Page, expect
from serving import Server

from reasoner.suites.suite import read_suite

_FOLDER = Path(__file__).parents[3] / "policies" / "household_benefit"
_LONG = 180_000
"""Milliseconds, at most, until suites were run or a witness was found."""
_THEMES, _WIDTHS = ["light", "dark"], [400, 1400]


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the suite of a policy that is no medicine."""
    found = tmp_path_factory.mktemp("suites")
    for suite in _FOLDER.glob("*.suite.yaml"):
        shutil.copy(suite, found)
    return found


@pytest.fixture(scope="module")
def household(edit: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of that policy."""
    log = tmp_path_factory.mktemp("log") / "log"
    with Server(["--rules", str(_FOLDER), "--edit", str(edit)], log, is_measured=False) as found:
        yield found


def check(page: Page) -> None:
    """Fail with what axe finds, and where something is wider than the screen."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", _WIDTHS)
@pytest.mark.parametrize("scheme", _THEMES)
def test_every_view_is_for_everyone(visit: Visit, household: Server, scheme: str, width: int) -> None:
    page = visit("/rules", url=household.url, scheme=scheme, width=width)
    page.locator("table.files").wait_for()
    check(page)
    page.locator("table.files a").first.click()
    page.locator(".code .line").first.wait_for()
    check(page)
    page.get_by_role("button", name="Edit and compare").click()
    check(page)
    for view, whole in (("Suites", "#filter"), ("Versions", "#versions"), ("Thresholds", "#thresholds")):
        page.get_by_role("link", name=view, exact=True).click()
        page.locator(whole).wait_for(timeout=_LONG)
        check(page)


def test_an_item_leads_to_its_line(visit: Visit, household: Server) -> None:
    page = visit("/rules", url=household.url)
    page.locator("table.files").get_by_role("link", name="A.4.a", exact=True).click()
    expect(page.locator(".line.pointed")).to_contain_text('item("A.4.a"')
    page.goto(f"{household.url}/rules#files/allowance.lp/72")
    expect(page.locator(".line.pointed .number")).to_have_text("72")


def test_cases_are_found_by_their_words(visit: Visit, household: Server) -> None:
    page = visit("/rules#suites", url=household.url)
    page.locator("#filter").fill("couple dearer", timeout=_LONG)
    expect(page.locator("#filtered")).to_contain_text("shown")
    names = page.locator("li[data-name]:visible .case-name").all_inner_texts()
    assert names and all("couple" in name.lower() and "dearer" in name.lower() for name in names)
    page.locator("li[data-name]:visible").first.get_by_role("link", name="open").click()
    expect(page.locator("#verdict")).to_have_attribute("data-decision", "approved")


def test_another_number_turns_cases_before_anything_is_saved(visit: Visit, household: Server) -> None:
    page = visit("/rules#thresholds", url=household.url)
    page.get_by_label("A.4.a, rise").fill("90")
    page.get_by_label("A.4.a, rise").press("Tab")
    expect(page.locator("#trial .tally").first).to_contain_text("turn", timeout=_LONG)
    expect(page.locator("#trial:not([aria-busy])")).to_be_attached(timeout=_LONG)
    check(page)
    page.get_by_text("How to save it").click()
    expect(page.locator("#patch")).to_contain_text("90")
    page.get_by_role("button", name="Copy").click()
    assert "90" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Back to the numbers").click()
    expect(page.locator("#trial")).to_contain_text("Nothing is changed")


def test_an_edited_rule_has_a_witness_that_opens_as_a_case(visit: Visit, household: Server) -> None:
    page = visit("/rules#files/allowance.lp", url=household.url)
    page.get_by_role("button", name="Edit and compare").click()
    text = page.locator("#edit-text").input_value()
    page.locator("#edit-text").fill(text.replace('"A.4.a", rise,      20', '"A.4.a", rise,      25'))
    page.get_by_role("button", name="Compare with the rules as they are").click()
    page.locator(".witness").first.wait_for(timeout=_LONG)
    check(page)
    page.get_by_role("link", name="Versions", exact=True).click()
    expect(page.locator("#edited")).to_contain_text("allowance.lp")
    page.get_by_role("button", name="Compare these").click()
    page.locator(".witness").first.get_by_role("link", name="Open this record").click()
    expect(page.locator("#verdict")).to_have_attribute("data-decision", "approved")


def test_a_case_is_saved_to_a_suite(visit: Visit, household: Server, edit: Path) -> None:
    page = visit("/rules#suites", url=household.url)
    page.locator("details.suite summary").first.click(timeout=_LONG)
    page.locator("li[data-name]").first.get_by_role("link", name="open").click()
    expect(page.locator("#verdict")).to_have_attribute("data-decision", "approved")
    page.get_by_role("button", name="Save as").click()
    page.locator("#case-sentence").fill("Saved from the page.")
    page.locator("#case-suite").fill("saved")
    page.get_by_role("button", name="Write it to the suite").click()
    expect(page.locator("#suite-case-text")).to_contain_text("Written to saved.suite.yaml")
    check(page)
    assert [case.name for case in read_suite(edit / "saved.suite.yaml")] == ["Saved from the page."]
