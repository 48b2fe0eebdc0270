"""What must not change the answer: units, order of the series, order of the shards."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from causeway import infer_network
from causeway.analysis.information import (
    GaussianSettings,
    KsgSettings,
    TargetResult,
    benjamini_yekutieli,
    transfer_entropy,
)
from causeway.analysis.information.inference.results import NetworkResult, SourceEstimate
from causeway.market_data.known_market import known_market

MARKET = known_market(4, 300, 3, seed=2, n_nonlinear=1, partial_r2=(0.2, 0.4))
CLEAR = {
    (one.source, one.target) for one in infer_network(MARKET.log_returns, names=MARKET.symbols).links if one.q < 1e-6
}
SCALES = st.floats(0.01, 100) | st.floats(-100, -0.01)
SHIFTS = st.floats(-100, 100)


def shape(network: NetworkResult) -> set[tuple[str, str, int, tuple[int, ...]]]:
    return {(link.source, link.target, link.lag_bars, link.lags) for link in network.kept_links}


def numbers(network: NetworkResult) -> list[float]:
    links = sorted(network.kept_links, key=lambda link: (link.source, link.target))
    return [number for link in links for number in (link.te_nats, link.p, link.q)]


@given(st.lists(st.tuples(SCALES, SHIFTS), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_units_do_not_matter(units: list[tuple[float, float]]) -> None:
    scale, shift = np.array(units).T
    standard = MARKET.log_returns / MARKET.log_returns.std(axis=0)
    expected = infer_network(standard, names=MARKET.symbols)
    found = infer_network(standard * scale + shift, names=MARKET.symbols)
    assert shape(found) == shape(expected)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-6, abs=1e-9)


@given(st.permutations(range(4)))
@settings(max_examples=24, deadline=None)
def test_order_of_series_does_not_matter(order: list[int]) -> None:
    expected = infer_network(MARKET.log_returns, names=MARKET.symbols)
    found = infer_network(MARKET.log_returns[:, order], names=[MARKET.symbols[i] for i in order])
    assert shape(found) == shape(expected)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-8)


def test_order_of_series_does_not_matter_to_ksg_either() -> None:
    """Streams are keyed by name and candidates share their surrogates, so even p is equal."""
    values, order = MARKET.log_returns[:150], [2, 0, 3, 1]
    expected = infer_network(values, names=MARKET.symbols, estimator="ksg", max_lag=2)
    names = [MARKET.symbols[i] for i in order]
    found = infer_network(values[:, order], names=names, estimator="ksg", max_lag=2)
    assert expected.kept_links
    assert shape(found) == shape(expected)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-9)


@pytest.mark.parametrize("choice", [{"mode": "bivariate-te"}, {"estimator": "ordinal"}, {"estimator": "discrete"}])
def test_order_of_series_does_not_matter_to_other_choices(choice: dict[str, Any]) -> None:
    values, order = MARKET.log_returns, [2, 0, 3, 1]
    common = {"max_lag": 2, "n_permutations": 60, "max_link_permutations": 300, "ordinal_order": 2, **choice}
    expected = infer_network(values, names=MARKET.symbols, **common)
    found = infer_network(values[:, order], names=[MARKET.symbols[i] for i in order], **common)
    assert expected.kept_links
    assert shape(found) == shape(expected)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-9)


@given(st.integers(1, 4), st.integers(0, 3))
@settings(max_examples=16, deadline=None)
def test_a_source_that_is_seen_later_has_a_smaller_lag(lag: int, seed: int) -> None:
    """Shifting one series in time moves its lag by as many bars, and nothing else of the link."""
    rng = np.random.default_rng(seed)
    source, target = rng.standard_normal((2, 405))
    target[5:] += source[5 - lag : -lag]
    links = []
    for shift in range(lag):
        values = np.column_stack([source[5 - shift : 400 - shift], target[5:400]])
        (link,) = (one for one in infer_network(values, names="AB").links if one.target == "B")
        links.append(link)
    assert [link.lag_bars for link in links] == [lag - shift for shift in range(lag)]
    assert [link.te_nats for link in links] == pytest.approx([links[0].te_nats] * lag, rel=0.1)


def test_independent_noise_adds_no_link_and_takes_none() -> None:
    """A link of the noise may appear in alpha = 5 % of the networks; true links stay."""
    linked = 0
    for seed in range(60):
        noise = np.random.default_rng(seed).standard_normal((MARKET.log_returns.shape[0], 1))
        network = infer_network(np.hstack([MARKET.log_returns, noise]), names=[*MARKET.symbols, "NOISE"])
        linked += any("NOISE" in (link.source, link.target) for link in network.links)
        assert {(link.source, link.target) for link in network.links} >= CLEAR
    assert binom.sf(linked - 1, 60, 0.05) > 0.001, f"{linked} of 60 networks"


@given(SCALES, SHIFTS, SCALES)
@settings(max_examples=25, deadline=None)
def test_estimates_are_invariant_to_units(a: float, b: float, c: float) -> None:
    x, y = MARKET.log_returns[:, 0] * 100, MARKET.log_returns[:, 1] * 100
    # KSG: rounding may move a point across a distance, which changes a count by one.
    for estimator, tolerance in ((GaussianSettings(), 1e-9), (KsgSettings(), 1e-3)):
        expected = transfer_entropy(x, y, estimator=estimator)
        assert transfer_entropy(a * x + b, c * y, estimator=estimator) == pytest.approx(expected, abs=tolerance)


P = st.floats(0, 1)


@given(st.lists(P, min_size=1, max_size=30), st.integers(0, 100))
def test_q_never_falls_below_p_and_keeps_its_order(p: list[float], extra: int) -> None:
    q = benjamini_yekutieli(p, len(p) + extra)
    assert (q >= np.array(p) * (1 - 1e-12)).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= 0).all()


@given(st.lists(P, min_size=1, max_size=20), st.integers(0, 50))
def test_more_candidates_never_lower_q(p: list[float], extra: int) -> None:
    fewer, more = benjamini_yekutieli(p, len(p)), benjamini_yekutieli(p, len(p) + extra)
    assert (more >= fewer * (1 - 1e-12)).all()


FINITE = st.floats(allow_nan=False, allow_infinity=False)
LAGS = st.lists(st.integers(1, 50), min_size=1, max_size=5).map(tuple)
SOURCES = st.builds(SourceEstimate, st.text(min_size=1), st.integers(1, 50), LAGS, FINITE, P, st.none() | FINITE)


DRIVERS = st.lists(st.tuples(st.text(min_size=1), st.integers(1, 50))).map(tuple)
WARNINGS = st.lists(st.text()).map(tuple)
MANY = st.lists(SOURCES).map(tuple)


@given(st.builds(TargetResult, st.text(min_size=1), LAGS, MANY, FINITE, P, st.integers(1), DRIVERS, WARNINGS))
def test_json_keeps_every_bit(result: TargetResult) -> None:
    assert TargetResult.from_json(json.loads(json.dumps(result.as_json()))) == result
