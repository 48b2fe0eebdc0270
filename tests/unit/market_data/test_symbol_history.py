"""Tickers over time: who had which symbol, and what an import makes of what is stored.

The histories are those of real companies, from QuantConnect's LEAN map files.
"""

from __future__ import annotations

from datetime import date

import pytest

from causeway.errors import InvalidInput
from causeway.market_data.symbol_history import (
    EVER,
    STILL,
    StoredSpan,
    SymbolSpan,
    plan_import,
    read_map_rows,
)

ROWS = [
    line.split(",")
    for line in """GOOG,2014-03-27,GOOCV,Q
GOOG,2014-04-02,GOOCV,Q
GOOG,2050-12-31,GOOG,Q
GOOGL,2004-08-19,GOOG,Q
GOOGL,2014-04-02,GOOG,Q
GOOGL,2050-12-31,GOOGL,Q
BAC,1998-01-02,NB,N
BAC,1998-09-30,NB,N
BAC,2050-12-31,BAC,N
FB,20120518,FB,Q
FB,20501231,FB,Q
FB.1,19990929,FB,
FB.1,20030328,FB,
TFCFA,2004-11-12,NWSA,Q
TFCFA,2013-06-28,NWSA,Q
TFCFA,2019-03-18,FOXA,Q
TFCFA,2019-03-20,TFCFA,Q""".splitlines()
]
HISTORY = read_map_rows(ROWS)


@pytest.mark.parametrize(
    ("symbol", "day", "company"),
    [
        ("GOOG", "2014-04-02", "GOOGL"),
        ("GOOG", "2014-04-03", "GOOG"),
        ("goocv", "2014-04-02", "GOOG"),
        ("GOOGL", "2014-04-02", None),
        ("GOOGL", "2014-04-03", "GOOGL"),
        ("NB", "1998-09-30", "BAC"),
        ("NB", "1975-01-02", "BAC"),
        ("NB", "1998-10-01", None),
        ("BAC", "2030-01-01", "BAC"),
        ("FB", "2003-03-28", "FB.1"),
        ("FB", "2008-01-02", None),
        ("FB", "2012-05-18", "FB"),
        ("NWSA", "2013-06-28", "TFCFA"),
        ("FOXA", "2013-07-01", "TFCFA"),
        ("TFCFA", "2019-03-21", None),
        ("NONE", "2019-03-21", None),
    ],
)
def test_who_had_a_symbol(symbol: str, day: str, company: str | None) -> None:
    assert HISTORY.resolve(symbol, date.fromisoformat(day)) == company


def test_the_names_of_a_company() -> None:
    assert [span.symbol for span in HISTORY.of_company("TFCFA")] == ["NWSA", "FOXA", "TFCFA"]
    assert HISTORY.symbol_of("GOOGL", date(2010, 1, 4)) == "GOOG"
    assert HISTORY.symbol_of("FB.1", date(2010, 1, 4)) is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [["A", "2001-01-02", "X"], ["A", "2050-12-31", "X"], ["B", "2005-01-03", "X"], ["B", "2006-01-03", "X"]],
            "one company a day",
        ),
        ([["A", "2006-01-02", "X"], ["A", "2005-12-31", "X"]], "ascending"),
        ([["A", "2006-01-02", "X"]], "first day"),
        ([["A", "some day", "X"]], "row 1"),
        ([["A", "2006-01-02"]], "row 1"),
        ([["A", "2006-01-02", ""]], "no ticker"),
    ],
)  # fmt: skip
def test_a_history_that_cannot_be_is_refused(rows: list[list[str]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_map_rows(rows)


def test_two_ticker_files_of_one_company_and_a_ticker_that_was_reused() -> None:
    """NWSA, FOXA and FB were loaded as files per ticker: instruments 3, 4 and 7, each valid at all times."""
    stored = [StoredSpan("NWSA", EVER, STILL, 3), StoredSpan("FOXA", EVER, STILL, 4), StoredSpan("FB", EVER, STILL, 7)]

    def holds(instrument: int, first: date, last: date) -> bool:
        """NWSA went on as another company's ticker."""
        return instrument == 3 and last > date(2013, 7, 1)

    plan = plan_import(HISTORY, stored, holds)
    assert (plan.instrument["TFCFA"], plan.instrument["FB"]) == (4, 7)
    assert "FB.1" in plan.new
    assert {(one.source, one.company, one.first, one.last) for one in plan.moves} == {
        (3, "TFCFA", date(2004, 11, 12), date(2013, 6, 28)),
        (7, "FB.1", date(1999, 9, 29), date(2003, 3, 28)),
    }
    assert plan.kept == (StoredSpan("NWSA", date(2013, 6, 29), STILL, 3),)


def test_planned_again_nothing_moves() -> None:
    number = {company: at for at, company in enumerate(HISTORY.companies, start=1)}
    stored = [StoredSpan(one.symbol, one.first, one.last, number[one.company]) for one in HISTORY.spans]
    plan = plan_import(HISTORY, stored, lambda *_: False)
    assert (plan.instrument, plan.new, plan.moves, plan.kept) == (number, (), (), ())
    assert SymbolSpan(EVER, date(1998, 9, 30), "NB", "BAC") in plan.validity


SHARED = [
    ["OLD", "1998-01-02", "T"], ["OLD", "2005-11-18", "T"], ["SBC", "1998-01-02", "SBC"],
    ["SBC", "2005-11-18", "SBC"], ["SBC", "2050-12-31", "T"],
]  # fmt: skip


def test_companies_that_follow_one_another_share_no_day() -> None:
    """A later name begins the day after the last day of the name before: LEAN's rows are last days."""
    history = read_map_rows(SHARED)
    assert history.findings == ()
    assert (history.resolve("T", date(2005, 11, 18)), history.resolve("T", date(2005, 11, 19))) == ("OLD", "SBC")


def test_a_shared_day_is_the_later_companys_and_is_said() -> None:
    """In the shape of LEAN's FB.1 and FB, were FB listed on the day on which FB.1 ended."""
    history = read_map_rows([["FB.1", "1999-09-29", "FB"], ["FB.1", "2003-03-28", "FB"],
                             ["FB", "2003-03-28", "FB"], ["FB", "2050-12-31", "FB"]])  # fmt: skip
    assert history.resolve("FB", date(2003, 3, 27)) == "FB.1"
    assert history.resolve("FB", date(2003, 3, 28)) == "FB"
    assert history.findings == ("FB on 2003-03-28: last day of FB.1 and first day of FB; the day is FB's",)


def test_a_company_whose_only_day_is_shared_had_no_ticker() -> None:
    history = read_map_rows([["A", "2003-03-28", "X"], ["A", "2003-03-28", "X"],
                             ["B", "2003-03-28", "X"], ["B", "2050-12-31", "X"]])  # fmt: skip
    assert (history.resolve("X", date(2003, 3, 28)), history.of_company("A")) == ("B", ())


def test_two_shared_days_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one company a day, or one day that both name"):
        read_map_rows([["A", "1999-09-29", "X"], ["A", "2003-03-28", "X"],
                       ["B", "2003-03-27", "X"], ["B", "2050-12-31", "X"]])  # fmt: skip
