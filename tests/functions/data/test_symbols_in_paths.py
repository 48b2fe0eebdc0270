"""Symbols with signs that mean something in a URL.

Spellings: finance.yahoo.com/quote/^GSPC, EURUSD=X and M&M.NS, NYSE's BRK/B, IQFeed's @ES#, Nasdaq's suffixes. ``?`` and
``%`` are in no stored symbol; who asks for one is told that it is not known, and not about another symbol.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres
SYMBOLS = ("^GSPC", "EURUSD=X", "BRK/B", "A+B", "CME:ES-1", "M&M.NS", "@ES#", "BAC-$", "ABC*", "ES1!", "A")
NOBODYS = ("A?B", "A#B", "A%2FB", "A/REPAIRS")


@pytest.fixture
def stored(analyst: Client) -> Client:
    days = ("2024-01-12,10,12,9,11,100", "2024-01-16,11,13,10,11.5,120")
    rows = "\n".join(f"{symbol},{day}" for symbol in SYMBOLS for day in days)
    answer = analyst.upload(f"symbol,date,open,high,low,close,volume\n{rows}\n")
    assert (answer.status, answer.json["rows_inserted"]) == (201, 2 * len(SYMBOLS)), answer.body
    return analyst


def test_a_symbol_as_parameter(stored: Client) -> None:
    for symbol in SYMBOLS:
        assert stored.get("bars", symbol=symbol).json["symbol"] == symbol
        assert stored.get("symbols", query=symbol).json["items"][0]["symbol"] == symbol
        assert stored.get("corporate-actions", symbol=symbol).json == []
    found = stored.get("coverage", symbols=",".join(SYMBOLS)).json
    assert {one["symbol"] for one in found} == set(SYMBOLS)


@pytest.mark.parametrize("resource", ["coverage", "quality"])
def test_a_symbol_in_the_path(stored: Client, resource: str) -> None:
    for symbol in SYMBOLS:
        answer = stored.get(f"{resource}/{quote(symbol, safe='')}")
        assert (answer.status, answer.json.get("symbol")) == (200, symbol), answer.body


@pytest.mark.parametrize("resource", ["coverage", "quality"])
def test_a_symbol_that_is_not_known_is_named_whole(stored: Client, resource: str) -> None:
    for symbol in NOBODYS:
        answer = stored.get(f"{resource}/{quote(symbol, safe='')}")
        assert (answer.status, symbol in answer.error["message"]) == (404, True), answer.body


def test_repairs_are_looked_for_under_the_symbol(stored: Client) -> None:
    for symbol in SYMBOLS:
        assert stored.post(f"quality/{quote(symbol, safe='')}/repairs", {}).json == {"proposed": 0}


def test_a_download_is_named_by_signs_that_every_disk_takes(stored: Client) -> None:
    named = stored.get("bars", symbol="BRK/B", accept="text/csv").headers["content-disposition"]
    assert named == 'attachment; filename="BRK_B-1d.csv"'
