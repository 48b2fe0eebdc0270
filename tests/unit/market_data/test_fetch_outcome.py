"""What a fetch says of a symbol: never success without a bar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from causeway.errors import NotFound, TooMany, Unavailable
from causeway.market_data.fetch_outcome import Question, Received, failed, judge, worth_waiting_s
from causeway.market_data.fetch_plan import Held, Span
from causeway.model.fetch import Outcome
from causeway.model.time import BarSize


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def held(*days: str) -> Held:
    return Held(np.array([(at(day) - at("1970-01-01")).days for day in days], dtype=np.int64))


YEAR = Span(at("2024-01-01"), at("2025-01-01"))
ASKED = Question(
    BarSize.DAY_1, YEAR, [Span(at("2024-01-02"), at("2025-01-01"))], Held(), ["yahoo"], "XNYS", at("2026-01-05")
)
WHOLE = Received(252, 252, 0, at("2024-01-02"), at("2024-12-31"), ("yahoo",))


def test_stored_bars_are_counted_with_their_range() -> None:
    verdict = judge(ASKED, WHOLE)
    assert (verdict.outcome, verdict.error) == (Outcome.STORED, None)
    assert verdict.message == "stored 252 bars from yahoo, 2024-01-02 to 2024-12-31"


def test_a_provider_whose_history_begins_later_is_named() -> None:
    """Facebook's first session on the Nasdaq was 2012-05-18."""
    since_2000 = replace(ASKED, planned=[Span(at("2000-01-03"), at("2012-06-01"))])
    verdict = judge(since_2000, replace(WHOLE, stored=9, first_bar=at("2012-05-18"), last_bar=at("2012-05-31")))
    assert verdict.message.endswith("; yahoo has nothing before 2012-05-18")


def test_a_series_that_ended_is_named() -> None:
    """Twitter's last session was 2022-10-27."""
    since_2022 = replace(ASKED, planned=[Span(at("2022-10-03"), at("2023-06-01"))])
    verdict = judge(since_2022, replace(WHOLE, first_bar=at("2022-10-03"), last_bar=at("2022-10-27")))
    assert verdict.message.endswith("; yahoo has nothing after 2022-10-27")


def test_what_was_stored_before_is_a_success_without_a_request() -> None:
    verdict = judge(replace(ASKED, planned=(), held=held("2024-01-02", "2024-01-03")), Received())
    assert (verdict.outcome, verdict.message) == (Outcome.ALREADY_STORED, "already stored: bars of 2 days")


def test_stored_bars_to_which_a_provider_adds_nothing_are_a_success() -> None:
    verdict = judge(replace(ASKED, held=held("2024-01-02")), Received())
    assert verdict.message == "already stored: bars of 1 day; yahoo has nothing new"


def test_an_empty_answer_is_a_failure_that_names_provider_and_range() -> None:
    verdict = judge(
        replace(ASKED, wanted=Span(at("1950-01-01"), at("1951-01-01")), held=held("1980-12-12")), Received()
    )
    assert verdict.outcome is Outcome.NOTHING
    assert isinstance(verdict.error, NotFound)
    assert verdict.error.message == (
        "yahoo has no 1d bars from 1950-01-01 to 1951-01-01, stored bars begin 1980-12-12; ask for another range"
    )


def test_a_future_range_is_a_failure_that_says_so() -> None:
    verdict = judge(replace(ASKED, wanted=Span(at("2027-01-01"), at("2027-02-01")), planned=()), Received())
    assert verdict.error is not None
    assert verdict.error.message == (
        "the range begins at 2027-01-01, in the future; ask for one that began before 2026-01-05"
    )


def test_a_weekend_is_a_failure_that_names_the_calendar() -> None:
    verdict = judge(replace(ASKED, wanted=Span(at("2024-03-09"), at("2024-03-11")), planned=()), Received())
    assert verdict.error is not None
    assert "XNYS has no session from 2024-03-09 to 2024-03-11" in verdict.error.message


def test_a_range_that_was_asked_for_before_in_vain_is_a_failure_that_says_how_to_ask_again() -> None:
    verdict = judge(replace(ASKED, planned=()), Received())
    assert verdict.outcome is Outcome.NOTHING
    assert verdict.error is not None
    assert "had nothing when asked before; --again" in verdict.error.message


def test_a_range_beyond_the_reach_of_the_providers_says_where_their_bars_begin() -> None:
    """Yahoo serves minutes of the last 30 days."""
    minutes = replace(
        ASKED, bar_size=BarSize.MINUTE_1, wanted=Span(at("2020-01-02"), at("2020-01-04")), planned=(),
        reaches=at("2026-10-29"),
    )  # fmt: skip
    verdict = judge(minutes, Received())
    assert verdict.outcome is Outcome.NOTHING
    assert verdict.error is not None
    assert verdict.error.message == (
        "bars of 1m reach back to 2026-10-29 at yahoo, and 2020-01-02 to 2020-01-04 lies before; ask for a later "
        "range, longer bars or another provider"
    )


def test_bars_that_all_went_to_quarantine_are_a_failure() -> None:
    verdict = judge(ASKED, Received(2, 0, 2, at("2024-01-02"), at("2024-01-03"), ("yahoo",)))
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.error is not None
    assert verdict.error.message.startswith("2 bars came from yahoo, and every one went to quarantine")


def test_bars_in_quarantine_are_counted_beside_those_that_were_stored() -> None:
    verdict = judge(ASKED, replace(WHOLE, stored=250, quarantined=2))
    assert verdict.message.endswith("; 2 bars went to quarantine")


def test_what_took_bars_to_quarantine_is_named() -> None:
    some = replace(WHOLE, stored=220, quarantined=32, errors={"spike": 2, "unit_error": 30})
    assert judge(ASKED, some).message.endswith("; 32 bars went to quarantine (unit_error: 30, spike: 2)")
    resumed = replace(some, quarantined=50)
    assert judge(ASKED, resumed).message.endswith("(among them unit_error: 30, spike: 2)")
    before = replace(some, stored=0)
    kept = judge(replace(ASKED, held=held("2024-01-02")), before)
    assert kept.message.endswith("32 bars of yahoo went to quarantine (unit_error: 30, spike: 2)")
    error = judge(ASKED, before).error
    assert error is not None
    assert "every one went to quarantine (unit_error: 30, spike: 2); look" in error.message


def test_an_unknown_symbol_is_told_from_an_outage() -> None:
    assert failed(NotFound("yahoo knows no NOPE")).outcome is Outcome.UNKNOWN
    assert failed(Unavailable("down")).outcome is Outcome.FAILED


def test_several_providers_have_nothing_in_the_plural() -> None:
    two, three = (replace(ASKED, providers=names) for names in (["yahoo", "iqfeed"], ["yahoo", "iqfeed", "alpaca"]))
    for question, said in (
        (two, "yahoo and iqfeed have no 1d bars"),
        (three, "yahoo, iqfeed and alpaca have no 1d bars"),
    ):
        error = judge(question, Received()).error
        assert error is not None
        assert error.message.startswith(said)


def test_a_throttle_is_worth_waiting_for_and_an_unknown_symbol_for_the_patient_alone() -> None:
    assert worth_waiting_s(TooMany("later", retry_after_s=60), patient=False) == 60
    unknown = NotFound("yahoo knows no NOPE", details={"not_asked": {"alphavantage": 7200.0, "alpaca": 3600.0}})
    assert worth_waiting_s(unknown, patient=False) is None
    assert worth_waiting_s(unknown, patient=True) == 3600
    assert worth_waiting_s(NotFound("nobody knows NOPE"), patient=True) is None
