"""Yahoo's spelling of symbols, from its site: finance.yahoo.com/quote/BRK-B, EURUSD=X, ^GSPC, BTC-USD, VOD.L."""

from __future__ import annotations

import pytest

from causeway.adapters.feeds.yahoo_symbols import from_yahoo, major_currency, to_yahoo


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("AAPL", "AAPL"),
        ("BRK.B", "BRK-B"),
        ("BF.A", "BF-A"),
        ("EURUSD", "EURUSD=X"),
        ("USDJPY", "USDJPY=X"),
        ("^GSPC", "^GSPC"),
        ("BTC-USD", "BTC-USD"),
        ("VOD.L", "VOD.L"),
        ("7203.T", "7203.T"),
        ("SAP.DE", "SAP.DE"),
    ],
)
def test_there_and_back(ours: str, theirs: str) -> None:
    assert to_yahoo(ours) == theirs
    assert from_yahoo(theirs) == ours


def test_pairs_with_a_slash_and_lower_case() -> None:
    assert to_yahoo("eur/usd") == "EURUSD=X"
    assert to_yahoo("BTC/USD") == "BTC-USD"


def test_six_letters_that_are_no_two_currencies_are_a_share() -> None:
    assert to_yahoo("GOOGLX") == "GOOGLX"


def test_hundredths_of_a_currency() -> None:
    assert major_currency("GBp") == ("GBP", 100)
    assert major_currency("ZAc") == ("ZAR", 100)
    assert major_currency("ILA") == ("ILS", 100)
    assert major_currency("GBP") == ("GBP", 1)
