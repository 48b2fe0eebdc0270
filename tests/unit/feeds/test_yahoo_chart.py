"""Yahoo's charts in our terms. Numbers are worked out by hand from what the charts mean."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from causeway.adapters.feeds.yahoo_chart import ChartFacts, read_bars, read_facts
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize

EARLY, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def chart(currency: str = "USD", zone: str = "America/New_York", **events: Any) -> dict[str, Any]:
    return {"meta": {"currency": currency, "exchangeTimezoneName": zone}, "events": events}


def frame(stamps: list[str], zone: str, closes: list[float], volumes: list[float] | None = None) -> pd.DataFrame:
    index = pd.DatetimeIndex(pd.to_datetime(stamps)).tz_localize(zone)
    columns = dict.fromkeys(("Open", "High", "Low", "Close"), closes)
    return pd.DataFrame({**columns, "Volume": volumes or [1.0] * len(closes)}, index=index)


def facts(currency: str = "USD", divisor: int = 1, zone: str = "America/New_York", end: str = "") -> ChartFacts:
    return ChartFacts("X", zone, currency, divisor, at(end) if end else None, (), ())


def read(table: pd.DataFrame, about: ChartFacts, size: BarSize, now: datetime = LATE) -> tuple[BarColumns, Any]:
    return read_bars(table, about, size, EARLY, LATE, now)


def test_a_dividend_is_undone_to_what_was_paid() -> None:
    """AAPL paid 0.82 on 2020-05-08, before it split 4 for 1 on 2020-08-31; Yahoo says 0.205."""
    paid, split = int(at("2020-05-08T13:30").timestamp()), int(at("2020-08-31T13:30").timestamp())
    found = read_facts(
        "AAPL",
        chart(
            dividends={"1": {"amount": 0.205, "date": paid}},
            splits={"2": {"date": split, "numerator": 4, "denominator": 1}},
        ),
    )
    assert [(one.kind, one.ex_date, one.value) for one in found.actions] == [
        (ActionKind.DIVIDEND, date(2020, 5, 8), Decimal("0.82")),
        (ActionKind.SPLIT, date(2020, 8, 31), Decimal(4)),
    ]


def test_what_a_chart_says_of_its_instrument() -> None:
    """A chart of Yahoo's of a currency pair, shortened."""
    said = chart("USD", "Europe/London")
    said["meta"] |= {"instrumentType": "CURRENCY", "exchangeName": "CCY"}
    about = read_facts("EURUSD=X", said)
    assert (about.asset_class, about.exchange, about.calendar) == (AssetClass.FX, "", "")
    assert read_facts("AAPL", chart()).asset_class is None


def test_pence_become_pounds_in_prices_and_dividends() -> None:
    day = int(at("2024-06-06T07:00").timestamp())
    about = read_facts("VOD.L", chart("GBp", "Europe/London", dividends={"1": {"amount": 3.8, "date": day}}))
    assert (about.currency, about.divisor) == ("GBP", 100)
    assert about.actions[0].value == Decimal("0.038")
    bars, _ = read(frame(["2024-06-06"], "Europe/London", [72.5]), about, BarSize.DAY_1)
    assert bars.close.tolist() == [0.725]


def test_a_dividend_in_another_currency_is_not_taken_for_ours() -> None:
    day = int(at("2024-06-06T07:00").timestamp())
    about = read_facts(
        "HSBA.L", chart("GBp", "Europe/London", dividends={"1": {"amount": 0.1, "date": day, "currency": "USD"}})
    )
    assert about.actions == ()
    assert about.foreign_dividends == (date(2024, 6, 6),)


def test_a_day_starts_at_midnight_utc_of_the_exchanges_date() -> None:
    """Midnight in Tokyo is the day before in UTC."""
    bars, _ = read(frame(["2024-03-05"], "Asia/Tokyo", [1.0]), facts(zone="Asia/Tokyo"), BarSize.DAY_1)
    assert bars.time_us.tolist() == [int(at("2024-03-05").timestamp() * 1e6)]


def test_single_precision_is_read_as_the_number_that_was_meant() -> None:
    """Yahoo's chart of AAPL for 2020-01-02 says 300.3500061035156 where 300.35 was traded."""
    bars, _ = read(frame(["2020-01-02"], "America/New_York", [300.3500061035156]), facts(), BarSize.DAY_1)
    assert bars.close.tolist() == [300.35]


def test_rows_without_values_are_holes() -> None:
    table = frame(["2024-03-05", "2024-03-06"], "America/New_York", [1.0, np.nan])
    bars, holes = read(table, facts(), BarSize.DAY_1)
    assert len(bars) == 1
    assert holes == (at("2024-03-06"),)


def test_todays_bar_forms_until_its_session_ends() -> None:
    table = frame(["2024-03-05", "2024-03-06"], "America/New_York", [1.0, 2.0])
    open_until = facts(end="2024-03-06T21:00")
    assert len(read(table, open_until, BarSize.DAY_1, at("2024-03-06T20:59"))[0]) == 1
    assert len(read(table, open_until, BarSize.DAY_1, at("2024-03-06T21:00"))[0]) == 2


def test_an_intraday_bar_forms_until_its_end() -> None:
    table = frame(["2024-03-06 09:30", "2024-03-06 09:35"], "America/New_York", [1.0, 2.0])
    assert len(read(table, facts(), BarSize.MINUTE_5, at("2024-03-06T14:39:59"))[0]) == 1
    assert len(read(table, facts(), BarSize.MINUTE_5, at("2024-03-06T14:40:00"))[0]) == 2


def test_a_row_without_a_volume_is_a_hole() -> None:
    table = frame(["2024-03-04", "2024-03-05"], "America/New_York", [1.0, 2.0], [float("nan"), 5.0])
    bars, holes = read(table, facts(), BarSize.DAY_1)
    assert (bars.volume.tolist(), holes) == ([5.0], (at("2024-03-04"),))
