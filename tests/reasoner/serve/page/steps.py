"""What a person does on the page of a case."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

DENIAL = "ad-near-miss"


def open_example(page: Page, name: str) -> None:
    """Open an example from the start, and wait until it is judged."""
    page.locator(f"#examples [data-example='{name}']").click()
    expect(page.locator("#verdict")).to_have_attribute("data-decision", "approved" if "approved" in name else "denied")


def field(page: Page, path: str) -> Locator:
    """The input of a field of the record."""
    return page.locator(f"[id='i:{path}']")


def expect_decision(page: Page, decision: str) -> None:
    """Wait until the record is so decided."""
    expect(page.locator("#verdict")).to_have_attribute("data-decision", decision)


def record(page: Page) -> object:
    """The record that is open."""
    return page.evaluate("JSON.parse(sessionStorage.getItem('reasoner-case')).record")
