"""A question asked twice with one setting changed, and its two answers side by side."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_main_job import open_known_market, violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def ask_again_with_fewer_lags(page: Page) -> None:
    """From the page of a finished analysis to the page of its finished copy."""
    page.get_by_role("link", name="Copy as new").click()
    form = page.get_by_role("form", name="New analysis")
    form.get_by_label("Name").fill("Fewer lags")
    form.get_by_label(re.compile("^Largest lag")).fill("2")
    form.get_by_role("button", name="Run the analysis").click()
    expect(page.get_by_role("link", name="Compare with…")).to_be_visible(timeout=180_000)


def test_two_answers_are_compared(page: Page) -> None:
    open_known_market(page)
    ask_again_with_fewer_lags(page)
    page.get_by_role("link", name="Compare with…").click()
    expect(page.get_by_label("Analysis A")).to_contain_text("Fewer lags")
    other = page.get_by_label("Analysis B").locator("option", has_not_text="Fewer lags").last.get_attribute("value")
    page.get_by_label("Analysis B").select_option(other)
    expect(page.get_by_role("table", name="What is different")).to_contain_text("Largest lag")
    links = page.get_by_role("table", name="Links of both analyses")
    expect(links.get_by_text("A and B").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^In both")).click()
    expect(page).to_have_url(re.compile("show=both"))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
