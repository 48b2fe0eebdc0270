"""A file from its gaps to its chart: stored series, quality, quarantine, repairs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.test_main_job import violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# NYSE's sessions of January 2024 without the 25th; a close of the 30th above its high is held back.
DAYS = [2, 3, 4, 5, 8, 9, 10, 11, 12, 16, 17, 18, 19, 22, 23, 24, 26, 29]
FILE = "symbol,date,open,high,low,close,volume\n" + "".join(
    f"E2E,2024-01-{day:02d},{100 + n / 4},{102 + n / 4},{99 + n / 4},{101 + n / 4},{1000 + n}\n"
    for n, day in enumerate(DAYS)
)
FLAWED = "E2E,2024-01-30,105,106,104,107,1\n"


def take_in(page: Page, content: str) -> dict[str, Any]:
    """As the app sends it: with the page's cookies and its CSRF token."""
    token = page.request.get("/v1/auth/me").json()["csrf_token"]
    origin = page.evaluate("location.origin")
    file: FilePayload = {"name": "e2e.csv", "mimeType": "text/csv", "buffer": content.encode()}
    answer = page.request.post(
        "/v1/data/ingestions", multipart={"file": file}, headers={"X-CSRF-Token": token, "Origin": origin}
    )
    assert answer.status == 201, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_is_looked_at_from_its_gaps_to_its_chart(page: Page) -> None:
    page.goto("/data")
    assert take_in(page, FILE + FLAWED)["rows_quarantined"] == 1
    page.reload()
    page.get_by_role("searchbox", name="Search symbols and names").fill("e2")
    series = page.get_by_role("table", name="Stored series")
    expect(series.get_by_role("row")).to_have_count(2)
    series.get_by_role("button", name=re.compile("^E2E")).click()
    expect(page).to_have_url(re.compile("symbol=E2E"))
    picture = page.get_by_role("table", name=re.compile("^Missing bars of E2E"))
    expect(picture.get_by_text("1 of 19 bars missing, 1 whole session")).to_be_attached()
    page.get_by_text("Gaps, one by one").click()
    expect(page.get_by_role("table", name="Gaps")).to_contain_text("2024-01-25")
    expect(page.get_by_role("table", name=re.compile("in quarantine$"))).to_contain_text("Close outside range")
    expect(page.get_by_role("table", name="Ingestions")).to_contain_text("e2e.csv")
    page.get_by_role("button", name="Look for repairs").click()
    expect(page.get_by_text("No new repair")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_chart_of_the_dashboard_is_adjusted_as_the_address_says(page: Page) -> None:
    page.goto("/?symbol=AAPL")
    chart = page.get_by_role("img", name=re.compile("^Candles of AAPL"))
    expect(chart).to_be_visible()
    page.get_by_label("Adjusted for").select_option("raw")
    expect(page).to_have_url(re.compile("adjust=raw"))
    expect(chart).to_be_visible()
    page.reload()
    expect(page.get_by_label("Adjusted for")).to_have_value("raw")
