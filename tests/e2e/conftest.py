"""A browser against the running product."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

from tests.e2e.product import ROOT, Product, start_product
from tests.e2e.vendors import simulated

SMALL = {"width": 360, "height": 740}
LARGE = {"width": 1440, "height": 900}
# New to the product: a symbol for each test that fetches one, at each width.
FETCHED = ",".join(f"{name}{size['width']}" for name in ("PART", "KEPT") for size in (SMALL, LARGE))
_FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Started from nothing, with a simulated Yahoo; stopped by Ctrl-C."""
    if not (ROOT / "frontend/dist/index.html").exists():
        pytest.skip("the web app is not built; run npm --prefix frontend run build")
    with simulated("yahoo", symbols=FETCHED, settings=2) as settings:
        running = start_product(tmp_path_factory.mktemp("product") / "state", within_s=240, settings=settings)
        yield running
        assert running.stop() == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the system."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed; make test installs Debian's when run as root")
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def signed_in_state(browser: Browser, product: Product) -> StorageState:
    """Cookies of one sign-in, so that tests do not sign in again and again."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, product)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(params=[LARGE, SMALL], ids=["1440px", "360px"])
def page(
    request: pytest.FixtureRequest, browser: Browser, product: Product, signed_in_state: StorageState
) -> Iterator[Page]:
    """A signed-in page at both widths; the test fails on any error in the console."""
    context = browser.new_context(
        viewport=request.param, storage_state=signed_in_state, base_url=product.url, reduced_motion="reduce"
    )
    yield from watched_page(context)


def watched_page(context: BrowserContext) -> Iterator[Page]:
    """A page whose console errors and exceptions fail the test."""
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    opened = context.new_page()
    opened.on("console", note)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


def sign_in(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/login")
    page.get_by_label("E-mail address").fill(product.email)
    page.get_by_label("Password", exact=True).fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation").first.wait_for()


def axe_source() -> Path:
    """axe-core's script, installed with the web app's development packages."""
    script = ROOT / "frontend/node_modules/axe-core/axe.min.js"
    if not script.exists():
        pytest.skip("axe-core is not installed; run npm --prefix frontend ci")
    return script
