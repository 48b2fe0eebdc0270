"""Alpaca's corporate actions in our terms. Its fields are those of its documentation; the numbers are made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from causeway.adapters.feeds.alpaca.columns import corporate_actions
from causeway.model.corporate_action import ActionKind, CorporateAction, one_a_day

DAY = date(2024, 3, 15)


def test_a_special_dividend_adds_to_the_regular_one_of_its_day() -> None:
    """We keep one dividend a day: of two, the one that came last would have been all that is left."""
    paid = [{"ex_date": "2024-03-15", "rate": rate, "special": rate > 1} for rate in (0.25, 3.75)]
    found = one_a_day(corporate_actions({"corporate_actions": {"cash_dividends": paid}}))
    assert found == [CorporateAction(ActionKind.DIVIDEND, DAY, Decimal("4.00"))]


def test_a_stock_dividend_multiplies_with_the_split_of_its_day() -> None:
    """2 for 1, then 5 % in stock: 2.1 new shares for an old one. A dividend of that day stands apart."""
    answer = {
        "forward_splits": [{"ex_date": "2024-03-15", "new_rate": 2, "old_rate": 1}],
        "stock_dividends": [{"ex_date": "2024-03-15", "rate": 0.05}],
        "cash_dividends": [{"ex_date": "2024-03-15", "rate": 0.5}, {"ex_date": "2024-03-01", "rate": 0.5}],
    }
    assert one_a_day(corporate_actions({"corporate_actions": answer})) == [
        CorporateAction(ActionKind.DIVIDEND, date(2024, 3, 1), Decimal("0.5")),
        CorporateAction(ActionKind.DIVIDEND, DAY, Decimal("0.5")),
        CorporateAction(ActionKind.SPLIT, DAY, Decimal("2.10")),
    ]
