"""POST /v1/orders/signal: from a stored result to orders. Mids are AAPL 100 and MSFT 200."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.fixtures.gateway import Gateway, Keys
from tests.fixtures.trading import TradingWorld

pytestmark = pytest.mark.postgres


def result(
    world: TradingWorld,
    weights: dict[str, float],
    *,
    tradable: bool = True,
    user_id: UUID | None = None,
    days: list[tuple[str, float]] | None = None,
) -> UUID:
    """A job that succeeded, with a signal: only the last weight that is known at market time counts."""
    job_id, result_id = uuid4(), uuid4().hex
    verdict = "distinguishable" if tradable else "no_links"
    world.sql(
        "INSERT INTO analysis_results (result_id, analysis_type, spec, seed, data_hash, code_version, engine_version, "
        "summary, evaluation, processing_time_ms) VALUES (%s, 'network', '{}', 1, 'd', 'c', 'e', '{}', %s, 1)",
        result_id,
        json.dumps({"tradable": tradable, "verdict": verdict}),
    )
    world.sql(
        "INSERT INTO jobs (id, user_id, spec, state, result_id) VALUES (%s, %s, '{}', 'succeeded', %s)",
        job_id,
        user_id or world.user_id,
        result_id,
    )
    for symbol, weight in weights.items():
        for day, value in days or [("2023-12-28", 0.99), ("2023-12-29", weight), ("2030-01-02", 0.77)]:
            world.sql("INSERT INTO signals VALUES (%s, %s, %s, 0, %s)", result_id, symbol, day, value)
    return job_id


def wish(job_id: UUID, **terms: Any) -> dict[str, Any]:
    return {"job_id": str(job_id), "capital": "10000", "client_order_id_prefix": "s1"} | terms


def test_weights_become_whole_lots(api: Gateway, world: TradingWorld) -> None:
    """0.256 of 10,000 at 100 is 25.6 shares, so 25; -0.111 at 200 is -5.55, so -5."""
    answer = api.post("/v1/orders/signal", wish(result(world, {"AAPL": 0.256, "MSFT": -0.111})))
    assert answer.status == 200, answer.body
    planned = {trade["symbol"]: (trade["side"], trade["quantity"]) for trade in answer.json["planned"]}
    assert planned == {"AAPL": ("buy", "25"), "MSFT": ("sell", "5")}
    assert {made["client_order_id"] for made in answer.json["orders"]} == {"s1:AAPL", "s1:MSFT"}
    assert {made["status"] for made in answer.json["orders"]} == {"pending_new"}
    world.gateway().turn()
    assert [world.held("AAPL"), world.held("MSFT")] == [25, -5]


def test_a_weight_of_the_future_is_not_traded(api: Gateway, world: TradingWorld) -> None:
    """Under a replay the stored signal reaches past the market's time; trading it would be looking ahead."""
    job_id = result(world, {"AAPL": 0.5}, days=[("2030-01-02", 0.5)])
    answer = api.post("/v1/orders/signal", wish(job_id))
    assert (answer.status, answer.json["error"]["code"]) == (409, "conflict")
    assert world.value("SELECT count(*) FROM orders") == 0


def test_the_same_prefix_again_returns_the_same_orders(api: Gateway, world: TradingWorld) -> None:
    body = wish(result(world, {"AAPL": 0.25, "MSFT": 0.0}))
    first = api.post("/v1/orders/signal", body).json
    world.gateway().turn()
    again = api.post("/v1/orders/signal", body).json
    assert [made["id"] for made in again["orders"]] == [made["id"] for made in first["orders"]]
    assert world.value("SELECT count(*) FROM orders") == 1


def test_a_prefix_belongs_to_one_signal(api: Gateway, world: TradingWorld) -> None:
    assert api.post("/v1/orders/signal", wish(result(world, {"AAPL": 0.25}))).status == 200
    answer = api.post("/v1/orders/signal", wish(result(world, {"AAPL": -0.5})))
    assert (answer.status, answer.json["error"]["fields"][0]["field"]) == (409, "client_order_id_prefix")
    assert world.value("SELECT count(*) FROM orders") == 1


def test_a_second_signal_trades_the_difference(api: Gateway, world: TradingWorld) -> None:
    api.post("/v1/orders/signal", wish(result(world, {"AAPL": 0.25})))
    open_counts = api.post("/v1/orders/signal", wish(result(world, {"AAPL": 0.25}), client_order_id_prefix="s2")).json
    assert open_counts["skipped"] == {"AAPL": "the account already holds or has ordered 25"}
    world.gateway().turn()
    flipped = api.post("/v1/orders/signal", wish(result(world, {"AAPL": -0.05}), client_order_id_prefix="s3")).json
    assert [(trade["side"], trade["quantity"]) for trade in flipped["planned"]] == [("sell", "30")]


def test_what_cannot_be_traded_is_named(api: Gateway, world: TradingWorld) -> None:
    world.list_symbol("IBM")
    job_id = result(world, {"AAPL": 0.001, "IBM": 0.5, "GONE": 0.5, "MSFT": 0.5})
    answer = api.post("/v1/orders/signal", wish(job_id, preview=True)).json
    assert set(answer["skipped"]) == {"AAPL", "IBM", "GONE"}
    assert "less than one lot" in answer["skipped"]["AAPL"]
    assert "no quote" in answer["skipped"]["IBM"]
    assert "known instrument" in answer["skipped"]["GONE"]
    assert answer["orders"] == []
    assert world.value("SELECT count(*) FROM orders") == 0


def test_a_halted_symbol_is_left_out_and_named(api: Gateway, world: TradingWorld) -> None:
    world.hear_of_halts(world.market_time)
    world.hear("AAPL", halted=True)
    world.hear("MSFT", halted=False)
    answer = api.post("/v1/orders/signal", wish(result(world, {"AAPL": 0.256, "MSFT": -0.111})))
    assert answer.json["skipped"] == {"AAPL": "Trading in AAPL is halted (News Pending)."}
    assert [made["symbol"] for made in answer.json["orders"]] == ["MSFT"]


def test_an_untradable_signal_is_refused(api: Gateway, world: TradingWorld) -> None:
    answer = api.post("/v1/orders/signal", wish(result(world, {"AAPL": 0.5}, tradable=False)))
    assert (answer.status, answer.error["code"]) == (409, "conflict")
    assert "no significant link" in answer.error["message"]
    assert world.value("SELECT count(*) FROM orders") == 0


def test_an_unfinished_or_foreign_analysis_is_refused(
    api: Gateway, world: TradingWorld, keys: Keys, user_factory: Any
) -> None:
    waiting = uuid4()
    world.sql("INSERT INTO jobs (id, user_id, spec) VALUES (%s, %s, '{}')", waiting, world.user_id)
    assert api.post("/v1/orders/signal", wish(waiting)).status == 409
    foreign = result(world, {"AAPL": 0.5}, user_id=user_factory("trader"))
    assert api.post("/v1/orders/signal", wish(foreign)).status == 404
    assert api.post("/v1/orders/signal", wish(waiting, capital="-1")).status == 422


def test_each_planned_order_passes_the_risk_checks(api: Gateway, world: TradingWorld) -> None:
    answer = api.post("/v1/orders/signal", wish(result(world, {"AAPL": 1.0}), capital="500000")).json
    assert [made["status"] for made in answer["orders"]] == ["denied"]  # 500,000 on an account of 100,000
