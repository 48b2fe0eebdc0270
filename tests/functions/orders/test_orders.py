"""The orders function over API Gateway events. Prices are AAPL 99.99/100.01; the account holds 100,000."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.fixtures.gateway import Answer, Gateway, Keys
from tests.fixtures.trading import TradingWorld

pytestmark = pytest.mark.postgres
MakeUser = Callable[..., UUID]


def order(**terms: Any) -> dict[str, Any]:
    plain = {"client_order_id": "c1", "symbol": "AAPL", "side": "buy", "quantity": "10", "order_type": "market"}
    return plain | terms


def stored(world: TradingWorld) -> int:
    return int(world.value("SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_events)"))


def failed(answer: Answer) -> list[str]:
    return [check["name"] for check in answer.json["checks"] if not check["passed"]]


def test_submit_stores_order_event_outbox_and_audit(api: Gateway, world: TradingWorld) -> None:
    answer = api.post("/v1/orders", order())
    assert answer.status == 201, answer.body
    made = answer.json
    assert (made["status"], made["quantity"], made["filled_quantity"]) == ("pending_new", "10", "0")
    assert made["submitted_market_time"] == "2024-01-03T17:00:00Z"
    assert failed(answer) == []
    assert world.value("SELECT count(*) FROM outbox WHERE state = 'ready'") == 1
    assert world.value("SELECT count(*) FROM audit_log WHERE action = 'order.submitted'") == 1
    assert world.kinds(UUID(made["id"])) == ["submitted"]


def test_the_same_client_order_id_is_one_order(api: Gateway, world: TradingWorld) -> None:
    first = api.post("/v1/orders", order())
    again = api.post("/v1/orders", order(quantity="10.0", symbol="aapl"))  # the same terms, written otherwise
    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    other = api.post("/v1/orders", order(quantity="11"))
    assert (other.status, other.error["code"]) == (409, "conflict")
    assert world.value("SELECT count(*) FROM orders") == 1


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"symbol": "NOPE"}, "symbol"),
        ({"symbol": "AA\x00PL"}, "symbol"),
        ({"symbol": "\ud800"}, "symbol"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"quantity": "Infinity"}, "quantity"),
        ({"quantity": "1e30"}, "quantity"),
        ({"quantity": "0.0000000001"}, "quantity"),
        ({"order_type": "limit"}, "limit_price"),
        ({"limit_price": "100"}, "limit_price"),
        ({"order_type": "limit", "limit_price": "-5"}, "limit_price"),
        ({"order_type": "limit", "limit_price": "NaN"}, "limit_price"),
        ({"side": "hold"}, "side"),
        ({"client_order_id": "has space"}, "client_order_id"),
        ({"client_order_id": "x" * 65}, "client_order_id"),
        ({"surprise": 1}, "surprise"),
        ({"job_id": str(uuid4())}, "job_id"),
    ],
)
def test_bad_input_is_refused_and_stores_nothing(
    api: Gateway, world: TradingWorld, terms: dict[str, Any], field: str
) -> None:
    answer = api.post("/v1/orders", order(**terms))
    assert (answer.status, answer.error["code"]) == (422, "invalid_input")
    assert field in json.dumps(answer.error)
    assert stored(world) == 0


def test_a_body_that_is_too_large_or_no_json_is_refused(api: Gateway, world: TradingWorld) -> None:
    assert api.post("/v1/orders", order(client_order_id="x" * 2_000_000)).status == 413
    assert api.post("/v1/orders", b"{", {"content-type": "application/json"}).status == 400
    assert stored(world) == 0


@pytest.mark.parametrize(
    ("terms", "check"),
    [
        ({"quantity": "2000000"}, "quantity"),
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "20000"}, "notional"),  # worth 2.0 million
        ({"quantity": "1500"}, "buying_power"),  # worth 150 thousand
        ({"order_type": "limit", "limit_price": "120"}, "price_collar"),
        ({"order_type": "limit", "limit_price": "100.001"}, "price_collar"),  # ticks of 0.01
    ],
)
def test_a_risk_denial_is_a_stored_value(api: Gateway, world: TradingWorld, terms: dict[str, Any], check: str) -> None:
    answer = api.post("/v1/orders", order(**terms))
    assert (answer.status, answer.json["status"]) == (201, "denied")
    assert check in failed(answer)
    assert answer.json["reason"]
    assert world.value("SELECT count(*) FROM outbox") == 0
    assert world.value("SELECT count(*) FROM audit_log WHERE action = 'order.denied'") == 1


def test_open_orders_are_reserved(api: Gateway) -> None:
    """Each of 600 shares at 100 is 60,000 of 100,000: the second does not fit."""
    terms: dict[str, Any] = {"quantity": "600", "order_type": "limit", "limit_price": "100"}
    assert api.post("/v1/orders", order(**terms)).json["status"] == "pending_new"
    second = api.post("/v1/orders", order(**terms, client_order_id="c2"))
    assert failed(second) == ["buying_power"]


def test_stale_and_closed_markets_deny(api: Gateway, world: TradingWorld) -> None:
    world.tick(3600)
    assert "stale_quote" in failed(api.post("/v1/orders", order(client_order_id="late")))
    world.quote("AAPL", "99.99", "100.01")
    world.tick(0, mode="closed")
    assert "stale_quote" in failed(api.post("/v1/orders", order(client_order_id="closed")))
    world.tick(0)
    world.sql("UPDATE market_clock SET updated_at = now() - interval '1 minute'")
    assert "stale_quote" in failed(api.post("/v1/orders", order(client_order_id="dead-feed")))


@pytest.mark.parametrize(("bid", "ask"), [("100.02", "100.01"), ("NaN", "100.01"), ("0", "100.01"), ("-1", "100.01")])
def test_impossible_quotes_deny(api: Gateway, world: TradingWorld, bid: str, ask: str) -> None:
    world.quote("AAPL", bid, ask)
    assert "stale_quote" in failed(api.post("/v1/orders", order()))


def test_preview_stores_nothing(api: Gateway, world: TradingWorld) -> None:
    answer = api.post("/v1/orders/preview", order())
    assert answer.status == 200
    preview = answer.json
    assert preview["allowed"] is True
    assert (preview["reference_price"], preview["notional"]) == ("100.01", "1000.1")
    assert preview["estimated_fee"] == "1"  # IBKR's minimum
    assert Decimal(preview["buying_power"]) == 100_000
    assert Decimal(preview["buying_power_after"]) < Decimal(100_000) - 1000
    assert stored(world) == 0


def test_orders_are_listed_newest_first_by_page(api: Gateway) -> None:
    made = [api.post("/v1/orders", order(client_order_id=f"c{n}")).json["id"] for n in range(5)]
    first = api.get("/v1/orders", limit=3).json
    rest = api.get("/v1/orders", limit=3, cursor=first["next_cursor"]).json
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert len(api.get("/v1/orders", status="open", symbol="aapl").json["items"]) == 5
    assert api.get("/v1/orders", symbol="MSFT").json["items"] == []
    assert api.get("/v1/orders", cursor="nonsense").status == 422
    assert api.get("/v1/orders", symbol="\x00").status == 422


def test_an_order_is_read_with_its_events(api: Gateway, world: TradingWorld) -> None:
    made = api.post("/v1/orders", order()).json["id"]
    world.gateway().turn()
    found = api.get(f"/v1/orders/{made}").json
    assert found["status"] == "filled"
    assert [event["kind"] for event in found["events"]] == ["submitted", "sent", "accepted", "fill"]
    assert [event["seq"] for event in found["events"]] == [1, 2, 3, 4]
    assert found["events"][3]["payload"]["price"] == "100.01"


def test_cancel_is_asked_once_and_refused_after_the_end(api: Gateway, world: TradingWorld) -> None:
    made = api.post("/v1/orders", order(order_type="limit", limit_price="95")).json["id"]
    world.gateway().turn()
    for _ in range(2):
        answer = api.post(f"/v1/orders/{made}/cancel")
        assert (answer.status, answer.json["status"]) == (202, "pending_cancel")
    assert world.value("SELECT count(*) FROM outbox WHERE command = 'cancel'") == 1
    world.gateway().turn()
    ended = api.post(f"/v1/orders/{made}/cancel")
    assert (ended.status, ended.error["code"]) == (409, "conflict")
    assert api.post(f"/v1/orders/{uuid4()}/cancel").status == 404


def test_another_users_orders_do_not_exist(
    api: Gateway, world: TradingWorld, keys: Keys, user_factory: MakeUser
) -> None:
    made = api.post("/v1/orders", order()).json["id"]
    stranger = keys.bearer(user_factory("trader"), "trader")
    assert api.get(f"/v1/orders/{made}", stranger).status == 404
    assert api.post(f"/v1/orders/{made}/cancel", headers=stranger).status == 404
    assert api.get("/v1/orders", stranger).json["items"] == []
    on_his_account = order(client_order_id="c9", account_id=str(world.account_id))
    assert api.post("/v1/orders", on_his_account, stranger).status == 404
    assert api.post("/v1/orders", order(client_order_id="c9"), stranger).status == 404  # he has no account
    assert world.value("SELECT count(*) FROM orders") == 1


@pytest.mark.parametrize(
    "path", ["", "/preview", "/signal", "/trading-state", "/00000000-0000-4000-8000-000000000000/cancel"]
)
def test_trading_needs_the_role_trader(api: Gateway, keys: Keys, world: TradingWorld, path: str) -> None:
    assert api.post(f"/v1/orders{path}", {}, keys.bearer(world.user_id, "analyst")).status == 403
    assert api.post(f"/v1/orders{path}", {}, {"authorization": ""}).status == 401


def test_the_limits_of_one_order_are_told_to_whoever_may_look(api: Gateway, world: TradingWorld, keys: Keys) -> None:
    limits = {
        "max_quantity": "1000000", "max_notional": "1000000", "price_collar": 0.1, "max_quote_age_s": 60.0,
        "orders_in_halt": "limit",
    }  # fmt: skip
    assert api.get("/v1/orders/limits", keys.bearer(world.user_id, "viewer")).json == limits


def test_a_halted_symbol_refuses_market_orders_and_warns_of_limit_orders(api: Gateway, world: TradingWorld) -> None:
    world.hear_of_halts(world.market_time)
    world.hear("AAPL", halted=True)
    denied = api.post("/v1/orders", order())
    assert (denied.status, denied.json["status"], failed(denied)) == (201, "denied", ["symbol_halted"])
    (check,) = (one for one in denied.json["checks"] if one["name"] == "symbol_halted")
    assert (check["limit"], check["found"]) == ("no market order in a halt", "halted")
    assert denied.json["reason"] == check["message"]
    warned = api.post("/v1/orders/preview", order(order_type="limit", limit_price="100")).json
    assert warned["allowed"] is True
    assert [one["name"] for one in warned["checks"] if one["message"]] == ["symbol_halted"]


def test_whether_trading_goes_on_is_told_as_the_risk_checks_know_it(api: Gateway, world: TradingWorld) -> None:
    def told() -> dict[str, str]:
        found = api.get("/v1/orders/trading-now", symbols="msft,AAPL,NOPE").json
        return {one["symbol"]: f"{one['trading']}: {one['situation']}" for one in found}

    assert told() == {"AAPL": "untold: ", "MSFT": "untold: "}
    world.hear_of_halts(world.market_time)
    world.hear("AAPL", halted=True)
    world.hear("MSFT", halted=False)
    assert told() == {"AAPL": "halted: Trading in AAPL is halted (News Pending).", "MSFT": "goes_on: "}
    world.hear_of_halts(None)
    lost = "is halted is not known: the feed's connection is lost."
    assert told() == {"AAPL": f"unknown: Whether AAPL {lost}", "MSFT": f"unknown: Whether MSFT {lost}"}
    assert api.get("/v1/orders/trading-now", symbols=",").status == 422


def test_halting_denies_new_orders_and_cancels_open_ones(api: Gateway, world: TradingWorld) -> None:
    gateway = world.gateway()
    resting = [
        api.post("/v1/orders", order(client_order_id=f"c{n}", order_type="limit", limit_price="95")).json["id"]
        for n in range(2)
    ]
    gateway.turn()
    unsent = api.post("/v1/orders", order(client_order_id="unsent")).json["id"]
    answer = api.post("/v1/orders/trading-state", {"state": "halted", "reason": "a drill"})
    assert (answer.status, answer.json["cancels_requested"]) == (200, 3)
    assert failed(api.post("/v1/orders", order(client_order_id="new"))) == ["account_state"]
    gateway.turn()
    for order_id in [*resting, unsent]:
        assert api.get(f"/v1/orders/{order_id}").json["status"] == "canceled"
    assert world.value("SELECT count(*) FROM paper_orders") == 2  # the unsent one never left
    api.post("/v1/orders/trading-state", {"state": "active", "reason": "the drill is over"})
    assert api.post("/v1/orders", order(client_order_id="after")).json["status"] == "pending_new"
    assert world.value("SELECT count(*) FROM audit_log WHERE action = 'account.state'") == 2


@pytest.mark.parametrize(
    "body", [{"state": "halted"}, {"state": "off", "reason": "x"}, {"state": "halted", "reason": "\x00"}]
)
def test_a_bad_trading_state_changes_nothing(api: Gateway, world: TradingWorld, body: dict[str, str]) -> None:
    assert api.post("/v1/orders/trading-state", body).status == 422
    assert world.value("SELECT state FROM accounts") == "active"


def test_a_reducing_account_may_only_shrink(api: Gateway, world: TradingWorld) -> None:
    api.post("/v1/orders", order())
    world.gateway().turn()
    api.post("/v1/orders/trading-state", {"state": "reducing", "reason": "month end"})
    assert failed(api.post("/v1/orders", order(client_order_id="more"))) == ["account_state"]
    assert failed(api.post("/v1/orders", order(client_order_id="flip", side="sell", quantity="11"))) == [
        "account_state"
    ]
    assert api.post("/v1/orders", order(client_order_id="less", side="sell")).json["status"] == "pending_new"


def test_a_short_sale_needs_half_its_value(api: Gateway, world: TradingWorld) -> None:
    """1,900 shares at 100 are 190,000: half of it is 95,000 of 100,000. 2,100 shares would need 105,000."""
    big = api.post("/v1/orders", order(client_order_id="big", side="sell", quantity="2100"))
    assert failed(big) == ["buying_power"]
    world.quote("AAPL", "99.99", "100.01", size=5000)
    fits = api.post("/v1/orders", order(client_order_id="fits", side="sell", quantity="1900"))
    assert fits.json["status"] == "pending_new"
    world.gateway().turn()
    assert world.held() == -1900
    world.assert_books_agree()
