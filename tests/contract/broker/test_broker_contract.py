"""What every broker adapter must do, numbered. Orders are limit buys of AAPL at 100."""

from __future__ import annotations

from decimal import Decimal

import pytest

from causeway.errors import NotFound
from causeway.model.order import OrderRequest, OrderStatus, OrderType, Side, TimeInForce
from causeway.ports.broker import BrokerReport, ReportKind
from tests.contract.broker.conftest import Bench


def buy(client_order_id: str = "c1", quantity: str = "10", symbol: str = "AAPL") -> OrderRequest:
    return OrderRequest(
        client_order_id, symbol, Side.BUY, Decimal(quantity), OrderType.LIMIT, TimeInForce.GTC, Decimal(100)
    )


def told(bench: Bench, after: str = "") -> list[BrokerReport]:
    return bench.broker.reports(bench.account_id, after, 100)


def kinds(bench: Bench) -> list[str]:
    return [report.kind.value for report in told(bench)]


def test_b01_an_accepted_order_is_reported_and_found(bench: Bench) -> None:
    made = bench.broker.submit(bench.account_id, buy())
    assert kinds(bench) == ["accepted"]
    report = told(bench)[0]
    assert (report.client_order_id, report.broker_order_id) == ("c1", made.broker_order_id)
    assert bench.broker.find(bench.account_id, "c1") == made
    assert made.status is OrderStatus.NEW


def test_b02_one_client_order_id_is_one_order(bench: Bench) -> None:
    """Holds for every broker that promises refuses_duplicates."""
    assert bench.broker.refuses_duplicates
    first, again = (bench.broker.submit(bench.account_id, buy()) for _ in range(2))
    assert first.broker_order_id == again.broker_order_id
    assert kinds(bench) == ["accepted"]


def test_b03_an_unknown_order_is_not_found(bench: Bench) -> None:
    assert bench.broker.find(bench.account_id, "never") is None


def test_b04_a_fill_names_its_execution_quantity_and_price(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.trade("c1", "10", "100")
    fill = told(bench)[-1]
    assert (fill.kind, fill.quantity, fill.price) == (ReportKind.FILL, Decimal(10), Decimal(100))
    assert fill.execution_id
    found = bench.broker.find(bench.account_id, "c1")
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, Decimal(10))


def test_b05_partial_fills_are_executions_of_their_own(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.trade("c1", "4", "100")
    bench.trade("c1", "4", "100")  # the same price and quantity: still another execution
    fills = [report for report in told(bench) if report.kind is ReportKind.FILL]
    assert [fill.quantity for fill in fills] == [4, 4]
    assert len({fill.execution_id for fill in fills}) == len({fill.event_id for fill in fills}) == 2
    found = bench.broker.find(bench.account_id, "c1")
    assert found is not None
    assert found.status is OrderStatus.PARTIALLY_FILLED


def test_b06_a_cancel_is_answered_with_its_id(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.broker.cancel(bench.account_id, "c1", "x1")
    assert (told(bench)[-1].kind, told(bench)[-1].cancel_id) == (ReportKind.CANCELED, "x1")


def test_b07_the_same_cancel_twice_is_one_cancel(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    for _ in range(2):
        bench.broker.cancel(bench.account_id, "c1", "x1")
    assert kinds(bench) == ["accepted", "canceled"]


def test_b08_a_cancel_after_the_end_is_rejected(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.trade("c1", "10", "100")
    bench.broker.cancel(bench.account_id, "c1", "x1")
    assert (told(bench)[-1].kind, told(bench)[-1].cancel_id) == (ReportKind.CANCEL_REJECTED, "x1")


def test_b09_a_cancel_of_an_unknown_order_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.broker.cancel(bench.account_id, "never", "x1")
    assert kinds(bench) == []


def test_b10_reading_on_from_any_cursor_skips_and_repeats_nothing(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.trade("c1", "4", "100")
    bench.broker.cancel(bench.account_id, "c1", "x1")
    everything = told(bench)
    for place, report in enumerate(everything):
        assert told(bench, report.cursor) == everything[place + 1 :]


def test_b11_a_limit_gives_the_oldest_reports(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy("c1"))
    bench.broker.submit(bench.account_id, buy("c2"))
    assert bench.broker.reports(bench.account_id, "", 1) == told(bench)[:1]


def test_b12_a_refusal_is_a_report(bench: Bench) -> None:
    refused = bench.broker.submit(bench.account_id, buy(symbol="NOPE"))
    assert refused.status is OrderStatus.REJECTED
    assert kinds(bench) == ["rejected"]


def test_b13_a_canceled_order_keeps_its_fills(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.trade("c1", "4", "100")
    bench.broker.cancel(bench.account_id, "c1", "x1")
    found = bench.broker.find(bench.account_id, "c1")
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.CANCELED, Decimal(4))


def test_b14_accounts_do_not_see_one_another(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    assert bench.broker.find(bench.other_account_id, "c1") is None
    assert bench.broker.reports(bench.other_account_id, "", 100) == []
    bench.broker.submit(bench.other_account_id, buy())
    assert kinds(bench) == ["accepted"]


def test_b15_a_report_id_is_unique_in_its_account(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    bench.trade("c1", "4", "100")
    bench.trade("c1", "6", "100")
    ids = [report.report_id for report in told(bench)]
    assert len(ids) == len(set(ids)) == 3


def test_b16_times_are_aware(bench: Bench) -> None:
    bench.broker.submit(bench.account_id, buy())
    report = told(bench)[0]
    assert report.market_time.tzinfo is not None
    assert report.wall_time.tzinfo is not None
