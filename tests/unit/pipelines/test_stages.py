"""The numeric stages on a small known market, from bars to a report."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causeway.analysis.idtxl_engine import IdtxlEngine
from causeway.errors import NotFound
from causeway.market_data.known_market import null_market
from causeway.model.job import AnalysisSpec, Measure
from causeway.pipelines.analysis_job import stages
from causeway.pipelines.analysis_job.artifacts import Artifacts
from causeway.pipelines.data_pipeline import History
from tests.unit.pipelines.questions import MemoryBlobs, coupled_market, question, restless_market, rows_of

ENGINE = IdtxlEngine()


def run(spec: AnalysisSpec, histories: dict[str, History], blobs: MemoryBlobs, order: list[int] | None = None) -> str:
    found = stages.prepare(spec, blobs, lambda _: histories, ENGINE)
    for index in order or range(len(stages.targets(spec, blobs, found))):
        stages.run_shard(spec, blobs, found, index, ENGINE)
    stages.aggregate(spec, blobs, found, ENGINE)
    stages.signals(spec, blobs, found)
    stages.evaluation(spec, blobs, found)
    return found


def test_the_whole_way_finds_the_links_and_reports() -> None:
    histories, blobs = coupled_market(), MemoryBlobs()
    spec = question(histories)
    found = run(spec, histories, blobs)
    links = stages.read_links(Artifacts(blobs, found))
    report = Artifacts(blobs, found).get_json("evaluation.json")
    assert any(link.q < spec.alpha for link in links)
    assert report["tradable"]
    assert report["bars"] == 700 - 500 - 6 - 1
    assert len(report["equity"]) == report["bars"] + 1
    last = stages.summary(spec, blobs, found)["signal"]
    assert sum(abs(weight["weight"]) for weight in last) <= 1.0


def test_shards_in_any_order_leave_the_same_bytes() -> None:
    histories, one, other = coupled_market(), MemoryBlobs(), MemoryBlobs()
    spec = question(histories)
    run(spec, histories, one)
    run(spec, histories, other, order=[3, 1, 0, 2])
    assert one.data == other.data


@pytest.mark.parametrize("measure", list(Measure))
def test_later_bars_move_no_bit_of_network_or_earlier_signals(measure: Measure) -> None:
    histories = coupled_market() if measure is Measure.RETURNS else restless_market()
    spec, cut = question(histories, measure=measure), 600
    changed = {
        symbol: History(replace(one.bars, close=_scaled(one.bars.close, cut), high=_scaled(one.bars.high, cut, 1.2)))
        for symbol, one in histories.items()
    }
    shorter = {symbol: History(rows_of(one.bars, slice(0, 650))) for symbol, one in histories.items()}
    (before, first), *rest = (_run_alone(spec, market) for market in (histories, changed, shorter))
    for after, later in rest:
        assert first != later  # another answer, because other data
        network = [Artifacts(blobs, key).get_json("network.json") for blobs, key in ((before, first), (after, later))]
        assert network[0] == network[1]
        assert any(link["q"] < spec.alpha for link in network[0]["links"])
        old, new = (Artifacts(blobs, key).get_signal() for blobs, key in ((before, first), (after, later)))
        unchanged = cut - 1 - 499 - 6  # evaluation rows before the first changed bar
        assert np.isfinite(old.forecasts[:unchanged]).any()
        assert old.weights[:unchanged].tobytes() == new.weights[:unchanged].tobytes()
        assert old.forecasts[:unchanged].tobytes() == new.forecasts[:unchanged].tobytes()


def _run_alone(spec: AnalysisSpec, histories: dict[str, History]) -> tuple[MemoryBlobs, str]:
    blobs = MemoryBlobs()
    return blobs, run(spec, histories, blobs)


def _scaled(prices: np.ndarray, cut: int, size: float = 1.1) -> np.ndarray:
    wave = np.where(np.arange(len(prices)) % 3 == 0, size, 1.0) if size == 1.1 else np.full(len(prices), size)
    return np.where(np.arange(len(prices)) >= cut, prices * wave, prices)


def test_no_link_means_no_forecast_no_trade_and_an_honest_page() -> None:
    market = null_market(4, 700, seed=5)
    histories = {symbol: History(bars) for symbol, bars in market.bars.items()}
    spec, blobs = question(histories), MemoryBlobs()
    found = run(spec, histories, blobs)
    report = Artifacts(blobs, found).get_json("evaluation.json")
    assert (report["verdict"], report["tradable"]) == ("no_links", False)
    assert (report["total_return"], report["sharpe"], report["forecast_r2"]) == (0.0, None, {})
    assert report["benchmark_sharpe"] is not None
    assert stages.summary(spec, blobs, found)["signal"] == []


def test_a_missing_shard_is_named() -> None:
    histories, blobs = coupled_market(), MemoryBlobs()
    spec = question(histories)
    found = stages.prepare(spec, blobs, lambda _: histories, ENGINE)
    for index in (0, 1, 3):
        stages.run_shard(spec, blobs, found, index, ENGINE)
    with pytest.raises(NotFound, match=spec.symbols[2]):
        stages.aggregate(spec, blobs, found, ENGINE)


def test_the_answer_is_named_by_question_data_and_code() -> None:
    histories, blobs = coupled_market(), MemoryBlobs()
    spec, longer = question(histories), dict(zip(histories, coupled_market(701).values(), strict=True))
    names = {
        stages.prepare(spec, blobs, lambda _: histories, ENGINE),
        stages.prepare(spec, blobs, lambda _: histories, ENGINE),
        stages.prepare(replace(spec, seed=2), blobs, lambda _: histories, ENGINE),
        stages.prepare(spec, blobs, lambda _: longer, ENGINE),
    }
    assert len(names) == 3
