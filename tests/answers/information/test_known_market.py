"""Known markets: what inference must find, and how often it may err. The truth is built in, not computed by us."""

from __future__ import annotations

import numpy as np
import pytest

from causeway import infer_network
from causeway.analysis.information import NetworkResult
from causeway.market_data.known_market import KnownMarket, LinkKind, Noise, known_market, null_market

Found = set[tuple[str, str, int]]


def truth(market: KnownMarket, *kinds: LinkKind) -> Found:
    return {(k.source, k.target, k.lag_bars) for k in market.links if k.kind in (kinds or LinkKind)}


def found(network: NetworkResult) -> Found:
    return {(link.source, link.target, link.lag_bars) for link in network.links}


def recall_and_false_share(market: KnownMarket) -> tuple[float, float]:
    links = found(infer_network(market.log_returns, names=market.symbols))
    linear = truth(market, LinkKind.LINEAR)
    return len(links & linear) / len(linear), len(links - truth(market)) / max(1, len(links))


@pytest.mark.slow
@pytest.mark.parametrize("noise", list(Noise))
def test_twenty_known_markets(noise: Noise) -> None:
    """Under a common volatility the stated R² is an average over calm and panic, so recall is not asked for."""
    outcomes = np.array([recall_and_false_share(known_market(seed=seed, noise=noise)) for seed in range(20)])
    recall, false_share = outcomes.T
    assert recall.mean() >= 0.9 or noise is Noise.COMMON_VOLATILITY
    assert false_share.mean() <= 0.05 + 2 * false_share.std(ddof=1) / np.sqrt(20)


@pytest.mark.slow
@pytest.mark.parametrize("noise", list(Noise))
def test_two_hundred_null_markets(noise: Noise) -> None:
    any_link = [bool(infer_network(null_market(seed=seed, noise=noise).log_returns).links) for seed in range(200)]
    assert np.mean(any_link) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_part_of_the_market_keeps_its_links() -> None:
    """Links do not change because unrelated series are left out (IDTxl issue 97)."""
    market = known_market(seed=3)
    linked = [s for s in market.symbols if any(s in (k.source, k.target) for k in market.links)]
    columns = [market.symbols.index(s) for s in linked]
    part = infer_network(market.log_returns[:, columns], names=linked)
    assert found(part) == found(infer_network(market.log_returns, names=market.symbols))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ksg_finds_the_nonlinear_link_that_gaussian_misses(seed: int) -> None:
    market = known_market(3, 501, 2, seed, n_nonlinear=1, partial_r2=(0.35, 0.5))
    nonlinear = truth(market, LinkKind.NONLINEAR)
    by_gaussian = infer_network(market.log_returns, names=market.symbols)
    by_ksg = infer_network(market.log_returns, names=market.symbols, estimator="ksg", seed=seed)
    assert not nonlinear & found(by_gaussian)
    assert found(by_ksg) == truth(market)


@pytest.mark.slow
def test_ksg_on_null_markets() -> None:
    """Any link at all in at most 5 % of 20 null markets of 3 series, plus two standard errors."""
    any_link = [
        bool(infer_network(null_market(3, 200, seed).log_returns, max_lag=2, estimator="ksg").links)
        for seed in range(20)
    ]
    assert np.mean(any_link) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 20)
