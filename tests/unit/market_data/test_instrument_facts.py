"""What follows from correcting an instrument."""

from __future__ import annotations

import pytest

from causeway.errors import InvalidInput
from causeway.market_data.instrument_facts import Change, Facts, corrected
from causeway.model.instrument import AssetClass

STORED = Facts("VOD.L", 7, "", "", AssetClass.EQUITY, "USD", "XNYS", 3)


def test_the_sessions_follow_the_exchange() -> None:
    done = corrected(STORED, {"exchange": "xlon"})
    assert (done.facts.exchange, done.facts.calendar, done.facts.revision) == ("XLON", "XLON", 4)
    assert done.changes == (Change("exchange", "", "XLON"), Change("calendar", "XNYS", "XLON"))
    assert "follow the sessions of XLON" in done.consequences[0]


def test_another_currency_converts_nothing_and_says_so() -> None:
    done = corrected(STORED, {"currency": "GBP"})
    assert done.changes == (Change("currency", "USD", "GBP"),)
    assert "none was converted" in done.consequences[0]
    assert "in USD goes to quarantine" in done.consequences[1]


def test_what_was_so_before_is_no_change() -> None:
    done = corrected(STORED, {"currency": "USD", "name": " ", "asset_class": "equity"})
    assert (done.facts, done.changes, done.consequences) == (STORED, (), ())


def test_an_exchange_that_is_not_known_gives_back_the_sessions_of_the_class() -> None:
    there = corrected(STORED, {"exchange": "XTKS"}).facts
    assert corrected(there, {"exchange": ""}).facts.calendar == "XNYS"


def test_another_class_keeps_the_sessions_while_it_trades_on_exchanges() -> None:
    there = corrected(STORED, {"exchange": "XTKS"}).facts
    assert corrected(there, {"asset_class": "etf"}).facts.calendar == "XTKS"
    coin = corrected(there, {"asset_class": "crypto"}).facts
    assert (coin.exchange, coin.calendar) == ("", "24/7")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"exchange": "LSE"}, "causeway symbols exchanges"),
        ({"currency": "GBp"}, "Name GBP"),
        ({"currency": "pounds"}, "such as GBP"),
        ({"asset_class": "fx", "exchange": "XLON"}, "no exchange's sessions"),
    ],
)
def test_what_cannot_be_so_is_refused(given: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        corrected(STORED, given)
