"""Exchanges, whose sessions they keep, and what a symbol or a currency says of them."""

from __future__ import annotations

from datetime import date

import pytest
from yfinance.const import _MIC_TO_YAHOO_SUFFIX

from causeway.adapters.feeds.yahoo_exchanges import class_said, listed_on
from causeway.errors import InvalidInput
from causeway.market_data.exchanges import (
    Listing,
    calendar_by_currency,
    calendar_for,
    check_stored,
    exchange_of_symbol,
    known_exchanges,
    listing_of,
    sessions_of,
)
from causeway.market_data.sessions import session_days
from causeway.model.instrument import AssetClass

OTHER_MIC = {"VS": "XLIT"}  # Vilnius: ISO 10383 has XLIT, yfinance writes XVIL


@pytest.mark.parametrize(
    ("mic", "boxing_day_is_a_session"),
    [("XNAS", True), ("XLON", False), ("XTKS", True), ("XNSE", True), ("MTAA", False)],
)
def test_an_exchange_keeps_the_sessions_of_its_market(mic: str, boxing_day_is_a_session: bool) -> None:
    """Published holidays of 2024: London and Milan are closed on 26 December; New York, Tokyo and Mumbai are not."""
    boxing_day = date(2024, 12, 26)
    assert bool(len(session_days(sessions_of(mic), boxing_day, boxing_day))) is boxing_day_is_a_session


def test_an_unknown_exchange_says_how_to_see_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"'NYC'; expected a MIC such as XNYS.*causeway symbols exchanges"):
        sessions_of("NYC")


def test_coins_and_currencies_are_on_no_exchange() -> None:
    assert calendar_for(AssetClass.CRYPTO, "") == "24/7"
    with pytest.raises(InvalidInput, match="no exchange's sessions"):
        calendar_for(AssetClass.CRYPTO, "XLON")


@pytest.mark.parametrize(("mic", "suffix"), [(m, s) for m, s in sorted(_MIC_TO_YAHOO_SUFFIX.items()) if s])
def test_suffixes_are_those_that_yfinance_lists(mic: str, suffix: str) -> None:
    """yfinance 1.7.0 keeps Yahoo's table of exchanges and suffixes; those without a known calendar stay unknown."""
    found = exchange_of_symbol(f"ABC.{suffix}")
    assert found in ("", OTHER_MIC.get(suffix, mic))
    assert found or mic not in known_exchanges() or suffix in ("NX", "CBT", "CME", "NYB", "NYM")


@pytest.mark.parametrize(
    ("symbol", "mic"),
    [("VOD.L", "XLON"), ("7203.t", "XTKS"), ("SAP.DE", "XETR"), ("M&M.NS", "XNSE"), ("TSCO.LON", "XLON"), ("AAPL", ""),
     ("BRK.B", ""), ("BF.A", ""), ("EURUSD=X", ""), ("L", "")],
)  # fmt: skip
def test_a_suffix_says_where_a_symbol_trades(symbol: str, mic: str) -> None:
    """Yahoo's help page of suffixes; Alpha Vantage's documentation has TSCO.LON."""
    assert exchange_of_symbol(symbol) == mic


@pytest.mark.parametrize(
    ("symbol", "meta", "found"),
    [
        ("OCDO.L", {"exchangeName": "LSE", "exchangeTimezoneName": "Europe/London"}, ("XLON", "XLON")),
        ("AAPL", {"exchangeName": "NMS", "exchangeTimezoneName": "America/New_York"}, ("XNAS", "XNYS")),
        ("^N225", {"exchangeName": "OSA", "exchangeTimezoneName": "Asia/Tokyo"}, ("XTKS", "XTKS")),
        ("^STOXX50E", {"exchangeName": "ZZZ", "exchangeTimezoneName": "Europe/Berlin"}, ("", "XETR")),
        ("EURUSD=X", {"exchangeName": "CCY", "instrumentType": "CURRENCY", "exchangeTimezoneName": "Europe/London"},
         ("", "")),
        ("X", {}, ("", "")),
    ],
)  # fmt: skip
def test_yahoo_says_where_something_is_listed(symbol: str, meta: dict[str, str], found: tuple[str, str]) -> None:
    """``meta`` as in recorded charts of Yahoo, and one of a code that nobody knows."""
    assert listed_on(symbol, meta) == found


@pytest.mark.parametrize(
    ("said", "asset_class"),
    [("EQUITY", "equity"), ("ETF", "etf"), ("INDEX", "index"), ("CURRENCY", "fx"), ("CRYPTOCURRENCY", "crypto"),
     ("FUTURE", "future"), ("MUTUALFUND", "equity"), ("OPTION", None), ("", None), (None, None)],
)  # fmt: skip
def test_yahoo_says_what_something_is(said: str | None, asset_class: str | None) -> None:
    """The values of ``instrumentType`` in Yahoo's charts."""
    assert class_said({"instrumentType": said}) == asset_class


def test_where_a_new_symbol_trades_is_said_or_assumed() -> None:
    equity = AssetClass.EQUITY
    assert listing_of("VOD.L", equity, exchange="xtks", calendar="XNYS") == Listing("XTKS", "XTKS")
    assert listing_of("VOD.L", equity, calendar="XNYS") == Listing("", "XNYS")
    assert listing_of("VOD.L", equity, currency="USD") == Listing("XLON", "XLON")
    assert listing_of("VOD", equity, currency="GBP") == Listing("", "XLON", assumed=True)
    assert listing_of("VOD", equity) == Listing("", "XNYS", assumed=True)
    assert listing_of("BTC-USD", AssetClass.CRYPTO) == Listing("", "24/7")
    assert calendar_by_currency("XAU") == "XNYS"


def test_another_exchange_than_the_stored_one_is_refused() -> None:
    check_stored("AAPL", Listing("", "XNYS"), "XNAS")
    check_stored("AAPL", Listing("XNAS", "XNYS"), "xnas")
    check_stored("AAPL", Listing("XNAS", "XNYS"), "")
    for stored in (Listing("XLON", "XLON"), Listing("XNYS", "XNYS"), Listing("", "XLON")):
        with pytest.raises(InvalidInput, match="causeway symbols set AAPL --exchange XNAS"):
            check_stored("AAPL", stored, "XNAS")
