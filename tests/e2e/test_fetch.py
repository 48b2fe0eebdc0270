"""Bars asked for in the browser, of a provider that knows one of two symbols."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_main_job import violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# NYSE's calendar: 23 weekdays from 1 to 31 January 2024, without New Year's Day and Martin Luther King's.
SESSIONS = 21


def fetch(page: Page, symbols: str, name: str, *, again: bool = False) -> Locator:
    """Fill the form in and send it; the row of the fetch."""
    page.goto("/data")
    page.get_by_role("button", name="New fetch").click()
    form = page.get_by_role("form", name="New fetch")
    form.get_by_label("Symbols").fill(symbols)
    form.get_by_label("First day").fill("2024-01-01")
    form.get_by_label("Last day").fill("2024-01-31")
    form.get_by_text("More options").click()
    form.get_by_label(re.compile("^Name")).fill(name)
    form.get_by_label("Ask for the whole range, also for what is stored").set_checked(again)
    form.get_by_role("button", name="Start the fetch").click()
    return page.get_by_role("table", name="Fetches").get_by_role("row").filter(has_text=name).first


def test_a_fetch_that_failed_in_part_says_so_and_what_became_of_each_symbol(page: Page) -> None:
    assert page.viewport_size is not None
    known = f"PART{page.viewport_size['width']}"
    row = fetch(page, f"{known}, NOPE", f"Part of {known}")
    expect(row).to_contain_text("Partly", timeout=30_000)
    expect(row).to_contain_text("1 of 2 symbols failed")
    symbols = page.get_by_role("list", name=f"Symbols of Part of {known}").get_by_role("listitem")
    expect(symbols.first).to_contain_text(re.compile("^NOPE Failed.*Yahoo knows no NOPE"))
    expect(symbols.last).to_contain_text(f"{known} Succeeded stored {SESSIONS} bars from yahoo")
    page.reload()
    ingestion = page.get_by_role("table", name="Ingestions").get_by_role("row").filter(has_text="yahoo").first
    expect(ingestion).to_contain_text("Partly")
    expect(ingestion).to_contain_text("1 of 2 symbols failed")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_fetch_of_which_nothing_came_failed(page: Page) -> None:
    row = fetch(page, "NOPE", "Nothing")
    expect(row).to_contain_text("Failed", timeout=30_000)
    expect(row.get_by_role("button", name=re.compile("^Try again"))).to_be_visible()


def test_what_is_stored_is_asked_for_only_where_it_is_wanted_again(page: Page) -> None:
    assert page.viewport_size is not None
    known = f"KEPT{page.viewport_size['width']}"
    expect(fetch(page, known, f"First of {known}")).to_contain_text("Succeeded", timeout=30_000)
    for name, again, said in (("Second", False, "$"), ("Third", True, "; yahoo has nothing new")):
        fetch(page, known, f"{name} of {known}", again=again)
        symbols = page.get_by_role("list", name=f"Symbols of {name} of {known}")
        expected = re.compile(f"already stored: bars of {SESSIONS} days{said}")
        expect(symbols.get_by_role("listitem")).to_contain_text(expected, timeout=30_000)


def test_the_symbols_to_watch_are_chosen_and_kept(page: Page) -> None:
    page.goto("/")
    watched = page.get_by_role("list", name="Watched symbols")
    page.get_by_role("searchbox", name="Find a symbol to watch").fill("MSFT")
    page.get_by_role("button", name="Add MSFT").click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Stop watching AAPL").click()
    page.get_by_role("button", name="Move MSFT up").click()
    assert violations(page) == []
    page.reload()
    expect(watched.get_by_role("button", name=re.compile("^MSFT"))).to_be_visible()
    expect(watched.get_by_role("button", name=re.compile("^AAPL"))).to_have_count(0)


def test_arrow_keys_read_the_candles(page: Page) -> None:
    page.goto("/?symbol=IBM")
    chart = page.get_by_role("group", name=re.compile("^Chart"))
    chart.focus()
    page.keyboard.press("Home")
    expect(chart.get_by_role("status")).to_contain_text(re.compile(r"^\d{4}-\d\d-\d\d: open "))
    first = chart.get_by_role("status").inner_text()
    page.keyboard.press("ArrowRight")
    expect(chart.get_by_role("status")).not_to_have_text(first)
    page.get_by_role("button", name="Log").click()
    expect(page).to_have_url(re.compile("scale=log"))
