"""The main job in a browser: sign in, see the network, trade the signal, place an order, watch it fill."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import axe_source

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGES = ["/", "/analysis", "/analysis/new", "/data", "/trading", "/portfolio", "/alerts"]


def open_known_market(page: Page) -> None:
    page.goto("/analysis")
    page.get_by_role("link", name=re.compile("known market", re.IGNORECASE)).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("known market", re.IGNORECASE))


def violations(page: Page) -> list[str]:
    """axe-core's findings on the page as it stands."""
    page.evaluate(axe_source().read_text())
    found = page.evaluate(
        "async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' '))"
    )
    return list(found)


def test_the_known_market_shows_its_network_beside_the_truth(page: Page) -> None:
    open_known_market(page)
    expect(page.locator("svg .edge").first).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()
    expect(page.get_by_text(re.compile("Sharpe")).first).to_be_visible()


def test_a_link_is_shown_from_close_by_and_its_address_can_be_shared(page: Page) -> None:
    open_known_market(page)
    page.get_by_role("button", name=re.compile("show the link to")).first.click()
    expect(page.get_by_role("img", name=re.compile("^Information by lag"))).to_be_visible()
    expect(page.get_by_role("meter", name=re.compile("resamples of time"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Local transfer entropy"))).to_be_visible(timeout=15_000)
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("^K0. drives"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Local transfer entropy"))).to_be_visible(timeout=15_000)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_only_links_that_resamples_found_again_pass_the_slider(page: Page) -> None:
    open_known_market(page)
    rows = page.get_by_role("table", name="Links").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    before = rows.count()
    page.get_by_role("slider", name=re.compile("^Found again")).fill("1")
    expect(page).to_have_url(re.compile("stable=1.00"))
    expect(rows.get_by_text(re.compile(r"^\d\d?%$"))).to_have_count(0)  # below 100 % nothing is left
    assert 1 <= rows.count() <= before


def test_a_question_is_estimated_before_it_is_asked(page: Page) -> None:
    open_known_market(page)
    page.get_by_role("link", name="Copy as new").click()
    panel = page.get_by_role("region", name="Before it runs")
    expect(panel.get_by_text("Weakest visible link")).to_be_visible(timeout=15_000)
    page.get_by_text("Advanced options").click()
    page.get_by_label("Rolling window (bars)").fill("300")
    expect(page.get_by_text("1 change from the defaults")).to_be_visible()


def test_an_order_is_placed_and_watched_until_it_fills(page: Page) -> None:
    page.goto("/trading?symbol=AAPL")
    ticket = page.get_by_role("form", name="Order ticket")
    ticket.get_by_label("Quantity").fill("3")
    ticket.get_by_role("button", name=re.compile("preview", re.IGNORECASE)).click()
    expect(page.get_by_role("list", name="Risk checks")).to_be_visible()
    ticket.get_by_role("button", name=re.compile("buy", re.IGNORECASE)).last.click()
    row = page.get_by_role("row").filter(has_text="AAPL").first
    expect(row).to_contain_text(re.compile("filled", re.IGNORECASE), timeout=30_000)
    page.goto("/portfolio")
    expect(page.get_by_role("row").filter(has_text="AAPL").first).to_be_visible()


def test_a_tradable_signal_becomes_orders(page: Page) -> None:
    open_known_market(page)
    form = page.get_by_role("form", name="Trade this signal")
    form.get_by_label("Capital").fill("20000")
    form.get_by_role("button", name=re.compile("preview", re.IGNORECASE)).click()
    expect(form.get_by_role("table")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_and_does_not_scroll_sideways(
    page: Page, path: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle") if path == "/analysis/new" else page.wait_for_timeout(1500)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
