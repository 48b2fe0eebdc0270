"""Level 1 lines as events. Lines marked * are those of IQFeed.CSharpApiClient's tests (MIT), with its field order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from causeway.adapters.feeds.iqfeed.level1_messages import UPDATE_FIELDS, Level1Reader
from causeway.errors import Denied
from causeway.model.tick import QuoteTick, TradeCorrection, TradeTick
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, SymbolRefused, Unreadable

NOW = datetime(2021, 3, 30, 23, 59, 14, 600_000, tzinfo=UTC)  # 19:59:14 in New York
VALUES = {
    "Symbol": "AAPL",
    "Most Recent Trade": "188.3500",
    "Most Recent Trade Size": "40",
    "Most Recent Trade Date": "03/30/2021",
    "Most Recent Trade Time": "19:59:14.503633",
    "Most Recent Trade Market Center": "11",
    "Most Recent Trade Conditions": "873D17",
    "TickID": "101123",
    "Bid": "188.2500",
    "Bid Size": "100",
    "Bid Time": "19:59:13.000001",
    "Ask": "188.3600",
    "Ask Size": "200",
    "Ask Time": "19:59:14.100000",
}


def update(contents: str, kind: str = "Q", **changed: str) -> str:
    values = {**VALUES, "Message Contents": contents, **changed}
    return ",".join((kind, *(values[name] for name in UPDATE_FIELDS), ""))


def read(line: str, now: datetime = NOW) -> list[FeedEvent]:
    return list(Level1Reader(UPDATE_FIELDS).read(line, now))


def test_a_trade_has_the_markets_time_in_utc_and_everything_that_the_line_says() -> None:
    assert read(update("C")) == [
        TradeTick(
            symbol="AAPL",
            time=datetime(2021, 3, 30, 23, 59, 14, 503_633, tzinfo=UTC),
            price=Decimal("188.35"),
            size=Decimal(40),
            received_at=NOW,
            source="iqfeed",
            trade_id="101123",
            venue="11",
            conditions=("87", "3D", "17"),
            eligible=True,
        )
    ]


@pytest.mark.parametrize(
    ("contents", "eligible"), [("C", True), ("E", True), ("O", False), ("Cv", True), ("Obav", False)]
)
def test_last_qualified_and_extended_trades_count_and_others_do_not(contents: str, eligible: bool) -> None:
    trades = [event for event in read(update(contents)) if isinstance(event, TradeTick)]
    assert [trade.eligible for trade in trades] == [eligible]


def test_a_winter_trade_is_five_hours_from_utc() -> None:
    (trade,) = read(
        update("C", **{"Most Recent Trade Date": "01/04/2021", "Most Recent Trade Time": "09:30:00.000001"})
    )
    assert isinstance(trade, TradeTick)
    assert trade.time == datetime(2021, 1, 4, 14, 30, 0, 1, tzinfo=UTC)


def test_a_quote_has_the_later_of_its_two_times() -> None:
    assert read(update("a")) == [
        QuoteTick(
            symbol="AAPL",
            time=datetime(2021, 3, 30, 23, 59, 14, 100_000, tzinfo=UTC),
            bid=Decimal("188.25"),
            ask=Decimal("188.36"),
            bid_size=Decimal(100),
            ask_size=Decimal(200),
            received_at=NOW,
            source="iqfeed",
        )
    ]


def test_a_quote_from_before_midnight_belongs_to_yesterday() -> None:
    after_midnight = datetime(2021, 3, 31, 4, 0, 1, tzinfo=UTC)
    (quote,) = read(update("b", **{"Bid Time": "23:59:59", "Ask Time": ""}), after_midnight)
    assert isinstance(quote, QuoteTick)
    assert quote.time == datetime(2021, 3, 31, 3, 59, 59, tzinfo=UTC)


def test_a_side_that_nobody_offers_is_none() -> None:
    (quote,) = read(update("ba", **{"Bid": "", "Bid Size": "", "Ask": "0.0000", "Ask Size": "0"}))
    assert isinstance(quote, QuoteTick)
    assert (quote.bid, quote.ask, quote.bid_size) == (None, None, Decimal(0))


def test_the_summary_gives_the_quote_and_not_the_old_trade() -> None:
    (quote,) = read(update("Cbacv", kind="P"))
    assert isinstance(quote, QuoteTick)


def test_an_update_of_neither_trade_nor_quote_says_nothing() -> None:
    assert read(update("v")) == []


def test_fields_are_read_in_the_order_that_iqconnect_confirmed() -> None:
    fields = tuple(reversed(UPDATE_FIELDS))
    values = {**VALUES, "Message Contents": "C"}
    (trade,) = Level1Reader(fields).read(",".join(("Q", *(values[name] for name in fields))), NOW)
    assert trade == read(update("C"))[0]


def test_a_deleted_trade_is_a_correction_without_a_trade() -> None:
    line = "C,AAPL,D,03/30/2021,19:59:14.503633,183.3600,13,101123,8801,17"
    (correction,) = read(line)
    assert isinstance(correction, TradeCorrection)
    assert (correction.symbol, correction.trade_id, correction.venue) == ("AAPL", "101123", "17")
    assert correction.corrected is None
    assert correction.earlier is not None
    assert (correction.earlier.price, correction.earlier.size) == (Decimal("183.36"), Decimal(13))


def test_an_inserted_trade_is_a_correction_with_it() -> None:
    (correction,) = read("C,AAPL,I,03/30/2021,19:59:14.503633,183.3600,13,101123,8801,17")  # *
    assert isinstance(correction, TradeCorrection)
    trade = correction.corrected
    assert trade is not None
    assert (trade.price, trade.size, trade.conditions) == (Decimal("183.36"), Decimal(13), ("88", "01"))
    assert trade.time == datetime(2021, 3, 30, 23, 59, 14, 503_633, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "T,20180709 14:18:31",  # *
        "N,1234,1122,AAPL:NFLX,20000102 152001,Very cool news,",  # *
        "R,AAPL,X,1.23,100,13:00:00,1.24,200,13:00:01,0,1,2,",  # *
        "F,MSFT,5,65.6,28624000,97.9500,67.1400,97.9500,83.8300,",  # *, its beginning
        "S,KEY,0",
        "S,CUST,real_time,127.0.0.1,60050,x,6.2",
        "",
    ],
)
def test_what_says_nothing_of_trades_and_quotes_is_passed_over(line: str) -> None:
    assert read(line) == []


def test_an_unknown_symbol_is_refused() -> None:
    assert read("n,AAPL") == [SymbolRefused("AAPL", "IQFeed knows no such symbol")]  # *


def test_one_symbol_too_many_is_refused_by_name() -> None:
    (refused,) = read("S,SYMBOL LIMIT REACHED,AAPL")
    assert isinstance(refused, SymbolRefused)
    assert refused.symbol == "AAPL"


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("S,SERVER CONNECTED", Connection.UP),  # *
        ("S,SERVER DISCONNECTED", Connection.LOST),
        ("S,SERVER RECONNECT FAILED", Connection.LOST),
    ],
)
def test_iqconnects_own_connection_counts(line: str, state: Connection) -> None:
    (change,) = read(line)
    assert isinstance(change, ConnectionChange)
    assert change.state is state


@pytest.mark.parametrize(
    "line",
    [
        "Q,AAPL",  # *
        "Q,AAPL,123.0000,50,19:59:53.475143,0,",  # *, with another choice of fields
        update("C", **{"Most Recent Trade": "NaN"}),
        update("C", **{"Most Recent Trade": ""}),
        update("C", **{"Most Recent Trade Date": "30/03/2021"}),
        update("C", **{"Most Recent Trade Time": "25:00:00"}),
        "C,AAPL,X,03/30/2021,19:59:14.503633,183.3600,13,101123,8801,17",
        "n",
        "\x00\xff\x80",
        "@,no,such,kind",
        "E,Disconnected from server",  # *
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_a_reason(line: str) -> None:
    (unreadable,) = read(line)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.text
    assert unreadable.reason


def test_a_login_without_the_right_is_denied() -> None:
    with pytest.raises(Denied, match="IQConnect"):
        read("E,Unauthorized user ID.,")
