"""What to do with a submit whose answer was lost (docs/decisions/0002)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from causeway.model.order import OrderStatus
from causeway.ports.broker import BrokerOrder
from causeway.trading.reconciliation import Resolution, resolve_lost_submit

FOUND = BrokerOrder("c1", "b1", OrderStatus.NEW, Decimal(0))


@pytest.mark.parametrize(
    ("found", "refuses_duplicates", "resolution"),
    [
        (FOUND, True, Resolution.DONE),
        (FOUND, False, Resolution.DONE),
        (None, True, Resolution.SEND_AGAIN),
        (None, False, Resolution.UNKNOWN),
    ],
)
def test_only_a_broker_that_refuses_duplicates_gets_it_again(
    found: BrokerOrder | None, refuses_duplicates: bool, resolution: Resolution
) -> None:
    assert resolve_lost_submit(found, refuses_duplicates=refuses_duplicates) is resolution
