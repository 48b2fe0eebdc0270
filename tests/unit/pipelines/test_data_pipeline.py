"""The panel: what is used, what is left out and why, and what names it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.inference import InferenceOptions, Missing
from causeway.model.job import Measure
from causeway.pipelines.data_pipeline import History, build_panel
from causeway.pipelines.measures import log_range_volatility, total_returns
from tests.unit.pipelines.questions import coupled_market, daily, question, restless_market, rows_of


def test_a_short_history_is_named_and_does_not_shorten_the_overlap() -> None:
    histories = coupled_market()
    spec = question(histories)
    short = sorted(histories)[0]
    cut = {**histories, short: History(rows_of(histories[short].bars, slice(450, None)))}
    panel = build_panel(spec, cut)
    assert [gone.symbol for gone in panel.excluded] == [short]
    assert "50 1d bars" in panel.excluded[0].reason
    assert panel.n_train == 499
    assert short not in panel.symbols


def test_exclusion_does_not_look_past_train_end() -> None:
    histories = coupled_market()
    spec = question(histories)
    gone = sorted(histories)[1]
    panel = build_panel(spec, {**histories, gone: History(rows_of(histories[gone].bars, slice(0, 600)))})
    assert panel.excluded == ()
    assert panel.time_us.shape[0] == 599
    assert any(gone in warning for warning in panel.warnings)


def test_bars_that_one_symbol_misses_are_left_out_and_returns_span_them() -> None:
    histories = coupled_market()
    first, second = sorted(histories)[:2]
    bars = histories[first].bars
    holed = {**histories, first: History(rows_of(bars, np.arange(len(bars)) != 100))}
    panel = build_panel(question(histories), holed)
    row = int(np.searchsorted(panel.time_us, bars.time_us[101]))
    closes = histories[second].bars.close
    assert panel.returns[row, panel.symbols.index(second)] == pytest.approx(closes[101] / closes[99] - 1, rel=1e-12)
    assert panel.warnings == ("1 of 700 bars were left out because not every symbol has a value there",)


def test_a_constant_series_is_excluded_with_its_reason() -> None:
    histories = coupled_market()
    still = sorted(histories)[2]
    bars = histories[still].bars
    flat = replace(bars, close=np.full(len(bars), 42.0))
    panel = build_panel(question(histories), {**histories, still: History(flat)})
    assert "constant" in panel.excluded[0].reason


def test_a_series_with_many_missing_prices_is_excluded_with_the_count() -> None:
    histories = coupled_market()
    holed = sorted(histories)[0]
    bars = histories[holed].bars
    close = np.where(np.arange(len(bars)) % 10 == 0, np.nan, bars.close)
    panel = build_panel(question(histories), {**histories, holed: History(replace(bars, close=close))})
    assert panel.excluded[0].reason.startswith("50 of 500 training bars carry no value")


def test_bars_without_range_are_left_out_of_log_volatility() -> None:
    histories = restless_market()
    bars = histories["VA"].bars
    still = np.arange(len(bars)) == 200
    flat = replace(bars, high=np.where(still, bars.close, bars.high), low=np.where(still, bars.close, bars.low))
    flat = replace(flat, open=np.where(still, bars.close, bars.open))
    panel = build_panel(question(histories, measure=Measure.LOG_VOLATILITY), {**histories, "VA": History(flat)})
    assert bars.time_us[200] not in panel.time_us
    assert np.isfinite(panel.values).all()


def test_the_hash_covers_values_times_symbols_and_adjustments() -> None:
    histories = coupled_market()
    spec = question(histories)
    first = sorted(histories)[0]
    action = CorporateAction(ActionKind.DIVIDEND, date(2012, 12, 3), Decimal("0.5"))
    paid = {**histories, first: History(histories[first].bars, (action,))}
    hashes = {
        build_panel(spec, histories).data_hash(),
        build_panel(spec, coupled_market()).data_hash(),
        build_panel(spec, paid).data_hash(),
        build_panel(replace(spec, train_end=spec.train_end - timedelta(days=7)), histories).data_hash(),
    }
    assert len(hashes) == 3


def test_too_few_training_bars_say_how_many_are_needed() -> None:
    histories = coupled_market()
    with pytest.raises(InvalidInput, match=r"too few bars to train on: 80 .* 107 are needed"):
        build_panel(question(histories, train_bars=80), histories)


def test_too_few_later_bars_say_how_many_are_needed() -> None:
    histories = coupled_market()
    with pytest.raises(InvalidInput, match=r"too few bars to evaluate on: 20 .* 27 are needed"):
        build_panel(question(histories, train_bars=680), histories)


def test_an_unknown_symbol_is_named() -> None:
    histories = coupled_market()
    spec = replace(question(histories), symbols=(*sorted(histories), "ZZZ"))
    with pytest.raises(InvalidInput, match="unknown symbol ZZZ"):
        build_panel(spec, histories)


def test_a_split_is_no_loss_and_a_dividend_is_a_gain() -> None:
    bars = daily([100.0, 50.0, 49.0])
    split = CorporateAction(ActionKind.SPLIT, date(2020, 1, 7), Decimal(2))
    paid = CorporateAction(ActionKind.DIVIDEND, date(2020, 1, 8), Decimal(1))
    assert total_returns(bars, (split, paid))[1:] == pytest.approx([0.0, 0.0], abs=1e-15)


def test_an_ex_date_between_bars_belongs_to_the_next_bar() -> None:
    bars = rows_of(daily([100.0, 100.0, 100.0, 50.0, 50.0]), [0, 1, 3, 4])
    split = CorporateAction(ActionKind.SPLIT, date(2020, 1, 8), Decimal(2))
    assert total_returns(bars, (split,))[1:].tolist() == [0.0, 0.0, 0.0]


def test_garman_klass_by_hand() -> None:
    # H/L = e^0.02, C/O = e^0.01: sigma^2 = 0.5 * 0.0004 - 0.38629436 * 0.0001
    bars = replace(
        daily([100.0]),
        open=np.array([100.0]),
        high=100 * np.exp([0.015]),
        low=100 * np.exp([-0.005]),
        close=100 * np.exp([0.01]),
    )
    assert np.exp(2 * log_range_volatility(bars))[0] == pytest.approx(0.0002 - 0.3862943611198906e-4, rel=1e-9)


def test_masks_keep_the_bars_that_others_have_and_no_return_across_a_hole() -> None:
    histories = coupled_market()
    first, second = sorted(histories)[:2]
    bars = histories[first].bars
    holed = {**histories, first: History(rows_of(bars, np.arange(len(bars)) != 100))}
    spec = question(histories, inference=InferenceOptions(missing=Missing.MASK))
    panel = build_panel(spec, holed)
    row = int(np.searchsorted(panel.inference_time_us, bars.time_us[100]))
    of_first = panel.inference_values[:, panel.symbols.index(first)]
    assert panel.inference_values.shape == (499, 4)
    assert np.flatnonzero(np.isnan(of_first)).tolist() == [row, row + 1]  # no price; then a return of two bars
    closes = histories[second].bars.close
    of_second = panel.inference_values[row, panel.symbols.index(second)]
    assert of_second == pytest.approx(np.log(closes[100] / closes[99]), rel=1e-12)
    assert "with holes masked" in panel.warnings[0]


def test_a_hole_in_volatility_is_one_bar() -> None:
    histories = restless_market()
    bars = histories["VA"].bars
    holed = {**histories, "VA": History(rows_of(bars, np.arange(len(bars)) != 200))}
    options = InferenceOptions(missing=Missing.MASK)
    panel = build_panel(question(histories, measure=Measure.LOG_VOLATILITY, inference=options), holed)
    holes = np.isnan(panel.inference_values[:, panel.symbols.index("VA")])
    assert panel.inference_time_us[holes].tolist() == [bars.time_us[200]]


def test_masks_use_no_bar_after_training() -> None:
    histories = coupled_market()
    panel = build_panel(question(histories, inference=InferenceOptions(missing=Missing.MASK)), histories)
    np.testing.assert_array_equal(panel.inference_values, panel.training)
    np.testing.assert_array_equal(panel.inference_time_us, panel.time_us[: panel.n_train])


def test_the_hash_knows_what_was_masked() -> None:
    histories = coupled_market()
    first = sorted(histories)[0]
    bars = histories[first].bars
    holed = {**histories, first: History(rows_of(bars, np.arange(len(bars)) != 100))}
    masked = question(histories, inference=InferenceOptions(missing=Missing.MASK))
    assert build_panel(masked, holed).data_hash() != build_panel(question(histories), holed).data_hash()


@pytest.mark.parametrize("first", [499, 600, 700])
def test_nothing_to_train_on_says_how_much_is_needed(first: int) -> None:
    histories = coupled_market()
    late = {symbol: History(rows_of(one.bars, slice(first, None))) for symbol, one in histories.items()}
    with pytest.raises(InvalidInput, match="too few bars to train on"):
        build_panel(question(histories), late)


def test_a_driver_that_is_left_out_is_refused_with_the_reason() -> None:
    histories = coupled_market()
    market = sorted(histories)[0]
    short = {**histories, market: History(rows_of(histories[market].bars, slice(450, None)))}
    spec = question(histories, inference=InferenceOptions(condition_on=(market,)))
    with pytest.raises(InvalidInput, match=f"{market} is to be conditioned on but is left out .history too short"):
        build_panel(spec, short)


def test_beside_the_drivers_two_symbols_must_be_left() -> None:
    histories = coupled_market()
    names = sorted(histories)
    short = {**histories, names[3]: History(rows_of(histories[names[3]].bars, slice(450, None)))}
    spec = question(histories, inference=InferenceOptions(condition_on=(names[0], names[1])))
    with pytest.raises(InvalidInput, match="at least two symbols are needed; 1 left"):
        build_panel(spec, short)
