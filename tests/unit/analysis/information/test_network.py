"""One target, the assembly of all, and what the engine promises its callers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from causeway.analysis.idtxl_engine import ENGINE_VERSION, IdtxlEngine
from causeway.analysis.information import (
    InferenceCancelled,
    NetworkSettings,
    Panel,
    TargetResult,
    assemble_network,
    infer_panel,
    infer_target,
    make_panel,
)
from causeway.errors import InvalidInput
from causeway.market_data.known_market import known_market
from causeway.model.inference import Estimator, Tail
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import BarSize

GAUSSIAN = NetworkSettings(max_lag=5)
KSG = NetworkSettings(max_lag=2, estimator=Estimator.KSG, n_permutations=50, max_link_permutations=400)
SPEC = AnalysisSpec(
    symbols=("A", "B"),
    measure=Measure.RETURNS,
    estimator=Estimator.GAUSSIAN,
    bar_size=BarSize.DAY_1,
    start=datetime(2010, 1, 1, tzinfo=UTC),
    train_end=datetime(2012, 1, 1, tzinfo=UTC),
    end=datetime(2013, 1, 1, tzinfo=UTC),
    seed=7,
)


def panel(n_series: int = 4, n_bars: int = 600, strength: float = 0.2) -> Panel:
    market = known_market(n_series, n_bars, 3, seed=1, n_nonlinear=0, partial_r2=(strength, strength))
    return make_panel(market.log_returns, market.symbols, 5)


@pytest.mark.parametrize("settings", [GAUSSIAN, KSG])
def test_progress_rises_from_zero_to_one(settings: NetworkSettings) -> None:
    heard: list[float] = []
    infer_target(panel(n_bars=150), 0, settings, 1, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[0] == 0
    assert heard[-1] == 1


@pytest.mark.parametrize("settings", [GAUSSIAN, KSG])
@pytest.mark.parametrize("after", [0, 2])
def test_work_stops_when_asked(settings: NetworkSettings, after: int) -> None:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) > after

    with pytest.raises(InferenceCancelled):
        infer_target(panel(n_bars=150), 0, settings, 1, should_stop=should_stop)
    assert len(asked) == after + 1


def test_shards_give_what_the_whole_gives() -> None:
    whole = infer_panel(panel(), GAUSSIAN, 1)
    shards = [infer_target(panel(), i, GAUSSIAN, 1) for i in (3, 1, 0, 2)]
    stored = [TargetResult.from_json(json.loads(json.dumps(shard.as_json()))) for shard in shards]
    assert assemble_network(stored, whole.names, GAUSSIAN) == whole
    assert len(whole.links) == 3


def test_ksg_repeats_exactly() -> None:
    values = panel(3, 200, 0.4)
    first, again = (infer_target(values, 1, KSG, seed=1) for _ in range(2))
    assert first == again
    assert [source.source for source in first.sources] == ["K1X3X200X3A"]


def test_a_result_survives_json_bit_by_bit() -> None:
    result = infer_target(panel(), 2, GAUSSIAN, 1)
    assert TargetResult.from_json(json.loads(json.dumps(result.as_json()))) == result


def test_settings_survive_json_and_follow_the_spec() -> None:
    assert NetworkSettings.from_json(json.loads(json.dumps(KSG.as_json()))) == KSG
    settings = NetworkSettings.from_spec(replace(SPEC, max_lag=3, alpha=0.01, n_permutations=99))
    assert (settings.max_lag, settings.alpha, settings.n_permutations) == (3, 0.01, 99)


def test_a_missing_target_still_counts_in_the_correction() -> None:
    results = [infer_target(panel(), i, GAUSSIAN, 1) for i in range(4)]
    whole = assemble_network(results, panel().names, GAUSSIAN)
    part = assemble_network(results[:3], panel().names, GAUSSIAN)
    assert part.n_candidates == whole.n_candidates == 12
    assert {link.target for link in part.kept_links} <= {result.target for result in results[:3]}


def test_impossible_results_are_refused() -> None:
    result = infer_target(panel(), 0, GAUSSIAN, 1)
    with pytest.raises(InvalidInput, match="twice"):
        assemble_network([result, result], panel().names, GAUSSIAN)
    with pytest.raises(InvalidInput, match="not in the network"):
        assemble_network([replace(result, target="ZZ")], panel().names, GAUSSIAN)
    with pytest.raises(InvalidInput, match="target_index"):
        infer_target(panel(), 4, GAUSSIAN, 1)


@pytest.mark.parametrize(("n_series", "warned"), [(13, False), (14, True)])
def test_a_resolution_that_is_too_coarse_is_said(n_series: int, warned: bool) -> None:
    """14 series: 182 links, 1 / (20,001) > 0.05 / (182 H(182)) = 4.7e-5."""
    names = [f"S{i}" for i in range(n_series)]
    assert not assemble_network([], names, GAUSSIAN).warnings
    settings = NetworkSettings(estimator=Estimator.KSG, tail=Tail.COUNTED)
    network = assemble_network([], names, settings)
    fitted = replace(settings, tail=Tail.FITTED)
    assert not assemble_network([], names, fitted).warnings
    assert bool(network.warnings) is warned
    assert ("Note: 20000 surrogates" in str(network)) is warned


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_lag", 0),
        ("alpha", 0.0),
        ("alpha_step", 1.0),
        ("k", 0),
        ("n_permutations", 10),
        ("max_link_permutations", 10),
        ("block_bars", -1),
        ("estimator", "kernel"),
        ("surrogates", "magic"),
    ],
)
def test_settings_out_of_range_are_named(field: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=field.replace("n_permutations", "permutations")):
        NetworkSettings.from_json({**GAUSSIAN.as_json(), field: value})


def test_a_lagged_copy_is_found_and_stays_finite() -> None:
    """B is A one bar later, exactly: information is capped, p is zero, nothing is infinite."""
    a = np.random.default_rng(0).standard_normal(200)
    result = infer_target(make_panel(np.column_stack([a, np.roll(a, 1)])[1:], ("A", "B"), 2), 1, GAUSSIAN, 1)
    (source,) = result.sources
    assert (source.source, source.lag_bars) == ("A", 1)
    assert 10 < source.te_nats < 16
    assert source.coefficient == pytest.approx(1, abs=1e-6)


def test_coefficient_carries_the_sign() -> None:
    rng = np.random.default_rng(0)
    a, noise = rng.standard_normal((2, 500))
    b = -0.6 * np.roll(a, 2) + 0.8 * noise
    (source,) = infer_target(make_panel(np.column_stack([a, b]), ("A", "B"), 3), 1, GAUSSIAN, 1).sources
    assert source.coefficient == pytest.approx(-0.6, abs=0.1)


class TestEngine:
    def test_equals_the_library(self) -> None:
        values = panel()
        engine = IdtxlEngine()
        shards = [engine.run_target(values.values, values.names, name, SPEC) for name in values.names]
        network = engine.assemble(shards, values.names, SPEC)
        assert network == infer_panel(values, NetworkSettings.from_spec(SPEC), SPEC.seed)
        assert engine.version == ENGINE_VERSION

    def test_an_unknown_target_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="Target ZZ"):
            IdtxlEngine().run_target(panel().values, panel().names, "ZZ", SPEC)

    def test_no_look_ahead(self) -> None:
        """The engine sees the rows it is given and nothing else: what comes later moves no bit."""
        market = known_market(4, 800, 3, seed=1)
        later = market.log_returns.copy()
        later[500:] = np.random.default_rng(0).standard_normal(later[500:].shape)
        first, second = (
            [IdtxlEngine().run_target(v[:500], market.symbols, name, SPEC) for name in market.symbols]
            for v in (market.log_returns, later)
        )
        assert first == second
