"""A server and a real browser, for the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import pytest
from serving import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the shipped policy, with a folder of suites that the page may write."""
    edit = tmp_path_factory.mktemp("suites")
    with Server(["--edit", str(edit)], tmp_path_factory.mktemp("log") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield found
        found.close()


Visit: TypeAlias = "Callable[..., Page]"


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open a page in a fresh profile. What goes wrong in its scripts, or is kept from it, fails the test."""
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(path: str = "/", *, width: int = 1400, height: int = 1000, scheme: str = "light", url: str = "") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.extend(_faults(message.type, message.text)))
        page.on("dialog", refuse)
        page.goto(f"{url or server.url}{path}")
        return page

    def refuse(dialog: Dialog) -> None:
        errors.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def _faults(kind: str, text: str) -> list[str]:
    """A message of the browser, if it is a fault of the page: one of its server's refusals is not."""
    return [text] if kind in ("error", "warning") and "Failed to load resource" not in text else []
