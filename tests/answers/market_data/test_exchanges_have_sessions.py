"""Every exchange that can be named has a calendar, and Yahoo's codes lead to exchanges of their country.

Source: exchange_calendars (which calendars there are and can be made); yfinance 1.7.0 (Yahoo's codes by country).
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import exchange_calendars
import pytest
from yfinance.const import EQUITY_SCREENER_EQ_MAP

from causeway.adapters.feeds.yahoo_exchanges import _CODES
from causeway.market_data.exchanges import _BY_CURRENCY, UNMADE, known_exchanges
from causeway.market_data.sessions import _SAME_HOLIDAYS as SAME_HOLIDAYS

JANUARY = datetime(2024, 1, 15)  # noqa: DTZ001 - a wall time, to ask zones for their offset


@cache
def made(calendar: str) -> Any:
    """By the library, for a month: quicker than all years."""
    return exchange_calendars.get_calendar(SAME_HOLIDAYS.get(calendar, calendar), start="2024-12-01", end="2024-12-31")


@pytest.mark.parametrize("calendar", sorted({*known_exchanges().values(), *_BY_CURRENCY.values()}))
def test_every_exchange_that_can_be_named_has_sessions(calendar: str) -> None:
    assert len(made(calendar).sessions) >= 15


@pytest.mark.parametrize("calendar", sorted(UNMADE))
def test_a_calendar_that_the_library_cannot_make_is_not_offered(calendar: str) -> None:
    with pytest.raises((ValueError, NotImplementedError)):
        exchange_calendars.get_calendar(calendar)
    assert calendar not in known_exchanges()


@pytest.mark.parametrize(("country", "codes"), sorted(EQUITY_SCREENER_EQ_MAP["exchange"].items()))
def test_codes_of_one_country_keep_one_countrys_time(country: str, codes: set[str]) -> None:
    """yfinance 1.7.0 lists Yahoo's codes by country; German and Spanish venues have several calendars of one zone."""
    known = known_exchanges()
    clocks = {made(known[_CODES[code]]).tz.utcoffset(JANUARY) for code in codes if _CODES.get(code) in known}
    assert len(clocks) <= 1, country
