"""The WebSocket protocol of docs/contracts/websocket.md, without sockets and with time passed in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from causeway.errors import CorruptData
from causeway.streaming.board import QuoteBoard
from causeway.streaming.requests import (
    AcknowledgeAlerts,
    SubscribeAlerts,
    SubscribeJobs,
    SubscribeOrders,
    SubscribeQuotes,
    SubscribeStatus,
)
from causeway.streaming.session import Session, SessionLimits

NOW = "2026-01-01T00:00:00Z"
ACCOUNT = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


class Client:
    """A session with a clock and a transport that always has room."""

    def __init__(self, board: QuoteBoard | None = None, **limits: Any) -> None:
        self.time = 100.0
        self.session = Session("c1", SessionLimits(**limits), NOW, self.time, board)

    def say(self, **message: Any) -> Any:
        return self.session.receive(json.dumps(message))

    def frames(self) -> list[dict[str, Any]]:
        found = []
        while frame := self.session.take(self.time, NOW):
            found.append(json.loads(frame))
        return found


@pytest.fixture
def client() -> Client:
    made = Client(frame_s=0.1, heartbeat_s=15.0, max_symbols=3)
    assert made.frames() == [{"type": "welcome", "connection_id": "c1", "heartbeat_s": 15.0, "server_time": NOW}]
    return made


def _quote(symbol: str, last: str, millisecond: int) -> dict[str, Any]:
    return {"symbol": symbol, "last": last, "received_at": f"2026-01-01T00:00:00.{millisecond:03}000Z"}


def _events(*numbers: int, kind: str = "accepted") -> list[dict[str, Any]]:
    return [{"seq": number, "kind": kind, "order": {}} for number in numbers]


def test_a_ping_is_answered(client: Client) -> None:
    assert client.say(op="ping", id="x") is None
    assert client.frames() == [{"type": "pong", "id": "x"}]


def test_a_subscription_asks_the_server_for_a_snapshot(client: Client) -> None:
    assert client.say(op="subscribe", channel="quotes", symbols=["AAPL"]) == SubscribeQuotes(("AAPL",))
    assert client.say(op="subscribe", channel="orders", after={ACCOUNT: 12}) == SubscribeOrders({ACCOUNT: 12})
    assert client.say(op="subscribe", channel="orders") == SubscribeOrders({})
    assert client.say(op="subscribe", channel="jobs") == SubscribeJobs()


def test_quotes_of_one_frame_time_are_conflated_and_the_latest_wins(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL", "MSFT"])
    client.session.quotes([_quote("AAPL", "1", 0)])
    assert [quote["last"] for quote in client.frames()[0]["quotes"]] == ["1"]
    client.session.quotes([_quote("AAPL", "2", 1), _quote("AAPL", "3", 2), _quote("MSFT", "9", 2)])
    assert client.frames() == []  # the frame time has not passed
    client.time += 0.1
    (frame,) = client.frames()
    assert {quote["symbol"]: quote["last"] for quote in frame["quotes"]} == {"AAPL": "3", "MSFT": "9"}


def test_quote_frames_are_counted_from_one(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    numbers = []
    for step in range(3):
        client.time += 1.0
        client.session.quotes([_quote("AAPL", "1", step)])
        numbers += [frame["seq"] for frame in client.frames()]
    assert numbers == [1, 2, 3]


def test_memory_stays_bounded_while_the_transport_is_blocked(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    for step in range(999):
        client.session.quotes([_quote("AAPL", str(step), step)])
        client.session.market("replay", f"t{step}", 1.0)
    client.time += 60
    market, quotes, *rest = client.frames()
    assert (market["market_time"], quotes["quotes"][0]["last"], rest) == ("t998", "998", [])


def test_an_older_quote_never_replaces_a_newer_one(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    client.session.quotes([_quote("AAPL", "new", 500)])
    client.session.quotes([{"symbol": "AAPL", "last": "old", "received_at": "2026-01-01T00:00:00Z"}])
    assert client.frames()[0]["quotes"][0]["last"] == "new"


def test_only_wanted_symbols_are_sent_and_unsubscribing_stops_them(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    client.session.quotes([_quote("IBM", "1", 0)])
    client.session.quotes([_quote("AAPL", "1", 0)])
    client.say(op="unsubscribe", channel="quotes", symbols=["AAPL"])
    client.session.quotes([_quote("AAPL", "2", 1)])
    client.time += 1
    assert client.frames() == []
    assert client.session.symbols == frozenset()


def test_too_many_symbols_are_refused_and_the_connection_stays(client: Client) -> None:
    assert client.say(op="subscribe", channel="quotes", symbols=["A", "B", "C", "D"]) is None
    (frame,) = client.frames()
    assert (frame["type"], frame["code"]) == ("error", "invalid_input")
    assert client.session.closing is None


def test_order_events_are_queued_never_conflated_and_go_out_in_order(client: Client) -> None:
    client.say(op="subscribe", channel="orders", after={ACCOUNT: 12})
    client.session.follow_orders({ACCOUNT: 12, OTHER: 0})
    client.session.order_events(ACCOUNT, _events(13, 14))
    client.session.order_events(ACCOUNT, _events(15))
    client.session.order_events(OTHER, _events(1))
    spans = [(frame["account_id"], frame["from_seq"], frame["to_seq"]) for frame in client.frames()]
    assert spans == [(ACCOUNT, 13, 14), (ACCOUNT, 15, 15), (OTHER, 1, 1)]
    assert client.session.order_cursors == {ACCOUNT: 15, OTHER: 1}


def test_events_that_come_twice_go_out_once(client: Client) -> None:
    client.say(op="subscribe", channel="orders")
    client.session.follow_orders({ACCOUNT: 12})
    client.session.order_events(ACCOUNT, _events(13, 14))
    client.session.order_events(ACCOUNT, _events(13, 14, 15))
    seqs = [event["seq"] for frame in client.frames() for event in frame["events"]]
    assert seqs == [13, 14, 15]


def test_a_gap_in_the_events_is_an_error_not_a_silence(client: Client) -> None:
    client.say(op="subscribe", channel="orders")
    client.session.follow_orders({ACCOUNT: 12})
    with pytest.raises(CorruptData, match="without gaps"):
        client.session.order_events(ACCOUNT, _events(14))


def test_events_of_foreign_accounts_and_without_subscription_are_ignored(client: Client) -> None:
    client.session.order_events(ACCOUNT, _events(1))
    client.say(op="subscribe", channel="orders")
    client.session.follow_orders({ACCOUNT: 0})
    client.session.order_events(OTHER, _events(1))
    assert client.frames() == []


def _alerts(*numbers: int) -> list[dict[str, Any]]:
    return [{"seq": number, "text": str(number)} for number in numbers]


def test_alerts_are_never_conflated_and_those_that_come_twice_go_out_once(client: Client) -> None:
    assert client.say(op="subscribe", channel="alerts", after=4) == SubscribeAlerts(4)
    client.session.follow_alerts(4)
    client.session.alerts(_alerts(5, 6))
    client.session.alerts(_alerts(5, 6, 7))
    assert [(frame["from_seq"], frame["to_seq"]) for frame in client.frames()] == [(5, 6), (7, 7)]
    assert client.session.alert_cursor == 7


def test_a_gap_in_the_alerts_is_an_error_not_a_silence(client: Client) -> None:
    client.session.follow_alerts(4)
    with pytest.raises(CorruptData, match="without gaps"):
        client.session.alerts(_alerts(6))


def test_without_a_subscription_and_after_unsubscribing_there_are_no_alerts(client: Client) -> None:
    client.session.alerts(_alerts(1))
    client.say(op="subscribe", channel="alerts")
    client.session.follow_alerts(0)
    client.session.alerts(_alerts(1))
    client.say(op="unsubscribe", channel="alerts")
    assert client.frames() == []


def test_acknowledging_is_handed_to_the_server(client: Client) -> None:
    assert client.say(op="acknowledge", channel="alerts", to_seq=3) == AcknowledgeAlerts(3)


def test_sessions_on_one_board_get_the_same_quotes_each_by_its_own_subscription() -> None:
    board = QuoteBoard()
    first, second = Client(board=board), Client(board=board)
    first.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    second.say(op="subscribe", channel="quotes", symbols=["AAPL", "MSFT"])
    board.put([_quote("AAPL", "1", 0), _quote("MSFT", "2", 0)])
    found = [[quote["last"] for frame in one.frames() for quote in frame.get("quotes", ())] for one in (first, second)]
    assert found == [["1"], ["1", "2"]]


def test_a_frame_that_was_a_little_late_does_not_delay_the_next(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    for millisecond, at in ((0, 100.0), (1, 100.13)):
        client.time = at
        client.session.quotes([_quote("AAPL", "1", millisecond)])
        assert len(client.frames()) == 1
    client.session.quotes([_quote("AAPL", "2", 2)])
    client.time = 100.2
    assert len(client.frames()) == 1


def test_a_fill_says_once_that_the_portfolio_changed(client: Client) -> None:
    client.say(op="subscribe", channel="orders")
    client.session.follow_orders({ACCOUNT: 0})
    client.session.order_events(ACCOUNT, _events(1))
    client.session.order_events(ACCOUNT, _events(2, kind="fill"))
    client.session.order_events(ACCOUNT, _events(3, kind="fill"))
    assert [frame["type"] for frame in client.frames()] == ["orders", "orders", "orders", "portfolio"]


def test_jobs_go_out_when_they_changed(client: Client) -> None:
    client.say(op="subscribe", channel="jobs")
    first, second = {"id": "1", "progress": 0.1}, {"id": "2", "progress": 0.0}
    client.session.jobs([first, second])
    assert client.frames() == [{"type": "jobs", "jobs": [first, second]}]
    client.session.jobs([first, second])
    assert client.frames() == []
    moved = first | {"progress": 0.5}
    client.session.jobs([moved, second])
    assert client.frames() == [{"type": "jobs", "jobs": [moved]}]


def test_the_market_goes_out_when_it_changed(client: Client) -> None:
    for moment in ("t1", "t1", "t2"):
        client.session.market("replay", moment, 390.0)
    assert [frame["market_time"] for frame in client.frames()] == ["t2"]
    client.session.market("replay", "t2", 390.0)
    assert client.frames() == []


def test_silence_is_broken_by_a_heartbeat(client: Client) -> None:
    client.time += 14.9
    assert client.frames() == []
    assert client.session.wake_at() == pytest.approx(115.0)
    client.time += 0.1
    assert client.frames() == [{"type": "heartbeat", "server_time": NOW}]


def test_waiting_quotes_wake_the_writer_at_the_next_frame_time(client: Client) -> None:
    client.say(op="subscribe", channel="quotes", symbols=["AAPL"])
    client.session.quotes([_quote("AAPL", "1", 0)])
    client.frames()
    client.session.quotes([_quote("AAPL", "2", 1)])
    assert client.session.wake_at() == pytest.approx(100.1)


@pytest.mark.parametrize("text", ["{", "[]", "1", '"x"', "x" * 70_000, "[" * 60_000])
def test_what_is_no_message_closes_the_connection(client: Client, text: str) -> None:
    assert client.session.receive(text) is None
    assert client.session.closing is not None
    assert client.session.closing.code == 4400


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"op": "buy"},
        {"op": "subscribe"},
        {"op": "subscribe", "channel": "secrets"},
        {"op": "subscribe", "channel": "quotes"},
        {"op": "subscribe", "channel": "quotes", "symbols": []},
        {"op": "subscribe", "channel": "quotes", "symbols": [1]},
        {"op": "subscribe", "channel": "quotes", "symbols": ["aapl; DROP"]},
        {"op": "subscribe", "channel": "alerts", "after": -1},
        {"op": "acknowledge", "channel": "orders", "to_seq": 1},
        {"op": "acknowledge", "channel": "alerts"},
        {"op": "subscribe", "channel": "orders", "after": [1]},
        {"op": "subscribe", "channel": "orders", "after": {"x": 1}},
        {"op": "subscribe", "channel": "orders", "after": {ACCOUNT: -1}},
        {"op": "subscribe", "channel": "orders", "after": {ACCOUNT: True}},
        {"op": "subscribe", "channel": "orders", "after": {ACCOUNT: 1.5}},
    ],
)
def test_a_message_that_cannot_be_carried_out_is_refused(client: Client, message: dict[str, Any]) -> None:
    assert client.say(**message) is None
    (frame,) = client.frames()
    assert (frame["type"], frame["code"]) == ("error", "invalid_input")
    assert client.session.closing is None


def test_a_client_that_never_reads_its_answers_is_closed(client: Client) -> None:
    for number in range(101):
        client.say(op="ping", id=str(number))
    assert client.session.closing is not None


def _state(symbol: str, second: int, *, halted: bool = True) -> dict[str, Any]:
    return {"symbol": symbol, "halted": halted, "received_at": f"2026-01-01T00:00:{second:02}Z"}


def test_states_of_trading_are_sent_once_per_change_and_the_latest_wins(client: Client) -> None:
    assert client.say(op="subscribe", channel="status", symbols=["AAPL"]) == SubscribeStatus(("AAPL",))
    assert client.session.status.put([_state("AAPL", 1), _state("IBM", 1)])
    client.session.status.put([_state("AAPL", 2, halted=False)])
    assert client.frames() == [{"type": "status", "statuses": [_state("AAPL", 2, halted=False)]}]
    assert not client.session.status.put([_state("AAPL", 2, halted=False), _state("AAPL", 1)])
    assert client.frames() == []


def test_a_client_that_asks_for_states_again_gets_them_again(client: Client) -> None:
    client.say(op="subscribe", channel="status", symbols=["AAPL"])
    client.session.status.put([_state("AAPL", 1)])
    client.frames()
    client.say(op="subscribe", channel="status", symbols=["AAPL"])
    client.session.status.put([_state("AAPL", 1)])
    assert client.frames() == [{"type": "status", "statuses": [_state("AAPL", 1)]}]
    client.say(op="unsubscribe", channel="status", symbols=["AAPL"])
    assert not client.session.status.put([_state("AAPL", 2)])


def test_states_have_the_limit_of_quotes(client: Client) -> None:
    assert client.say(op="subscribe", channel="status", symbols=["A", "B", "C", "D"]) is None
    assert client.frames()[0]["code"] == "invalid_input"
