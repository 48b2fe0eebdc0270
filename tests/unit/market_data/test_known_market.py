"""The known market is what it says: couplings, bars and names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.known_market import LinkKind, Noise, TrueLink, known_market, null_market, truth_for


def test_log_returns_of_the_bars_are_the_coupled_series() -> None:
    market = known_market(seed=4)
    for i, symbol in enumerate(market.symbols):
        returns = np.diff(np.log(market.bars[symbol].close))
        np.testing.assert_allclose(returns, market.log_returns[:, i], rtol=0, atol=1e-14)


def test_bars_are_consistent() -> None:
    for bars in known_market(seed=4).bars.values():
        assert len(bars) == 2000
        assert (bars.low < np.minimum(bars.open, bars.close)).all()
        assert (bars.high > np.maximum(bars.open, bars.close)).all()
        assert (bars.low > 0).all()
        assert (bars.volume > 1000).all()
        assert (bars.volume == np.round(bars.volume)).all()


def test_days_are_business_days_up_to_the_demo() -> None:
    (bars, *_) = known_market(seed=4).bars.values()
    days = [datetime.fromtimestamp(t / 1e6, UTC) for t in bars.time_us]
    assert days[-1] == datetime(2013, 3, 1, tzinfo=UTC)
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
    assert all(later > earlier for earlier, later in pairwise(days))


def test_the_same_seed_gives_the_same_market_and_another_seed_another() -> None:
    first, again, other = known_market(seed=1), known_market(seed=1), known_market(seed=2)
    assert first.links == again.links
    np.testing.assert_array_equal(first.log_returns, again.log_returns)
    assert first.links != other.links
    assert not set(first.symbols) & set(other.symbols)


def test_symbols_obey_the_symbol_table() -> None:
    for market in (known_market(seed=123_456), known_market(30, 100, 6, 0), null_market(seed=7)):
        assert len(set(market.symbols)) == len(market.symbols)
        assert all(re.fullmatch(r"[A-Z0-9]{1,32}", symbol) for symbol in market.symbols)
    assert known_market(seed=7).symbols[:2] == ("K7A", "K7B")


@pytest.mark.parametrize("shape", [(4, 2000, 6), (10, 300, 6), (10, 2000, 2), (30, 60, 0), (50, 200, 99)])
def test_another_shape_has_other_symbols_and_its_truth_is_read_off_them(shape: tuple[int, int, int]) -> None:
    n_series, n_bars, n_links = shape
    market = known_market(n_series, n_bars, n_links, 7, n_nonlinear=min(1, n_links))
    assert not set(market.symbols) & set(known_market(seed=7).symbols)
    assert all(re.fullmatch(r"[A-Z0-9]{1,32}", symbol) for symbol in market.symbols)
    assert truth_for(market.symbols) == market.links
    assert truth_for(known_market(seed=7).symbols) == known_market(seed=7).links


def test_the_name_of_a_shape_is_published() -> None:
    assert known_market(4, 300, 2, seed=7).symbols == ("K7X4X300X2A", "K7X4X300X2B", "K7X4X300X2C", "K7X4X300X2D")


@pytest.mark.parametrize(
    "symbols",
    [
        ("K7A", "K7X4X300X2A"),
        ("K7X4X300X2E",),
        ("K7X1X300X0A",),
        ("K7X999999999999X300X0A",),
        ("K7X4X300X99A",),
        ("K7X10X2000X6A",),
        ("K7K",),
        ("AAPL",),
        (),
    ],
)
def test_what_is_no_known_market_has_no_truth(symbols: tuple[str, ...]) -> None:
    assert truth_for(symbols) is None


def test_a_seed_too_long_for_a_symbol_is_refused() -> None:
    with pytest.raises(InvalidInput, match="32 characters"):
        known_market(n_bars=60, seed=10**32)


def test_truth_has_the_published_form() -> None:
    market = known_market(seed=0)
    truth = market.truth_as_json()
    assert truth["symbols"] == list(market.symbols)
    assert len(truth["links"]) == 6
    assert set(truth["links"][0]) == {"source", "target", "lag_bars"}


def measured_r2(x: np.ndarray, link: TrueLink, symbols: tuple[str, ...]) -> float:
    """Squared correlation of the target with the source's term, at the link's lag."""
    drive = x[: -link.lag_bars, symbols.index(link.source)]
    drive = np.abs(drive) if link.kind is LinkKind.NONLINEAR else drive
    return float(np.corrcoef(drive, x[link.lag_bars :, symbols.index(link.target)])[0, 1] ** 2)


def test_links_have_the_strength_that_they_state() -> None:
    market = known_market(10, 100_000, 3, seed=5, n_nonlinear=1)
    for link in market.links:
        # Standard error of R² near 0.035 over 100,000 bars is about 2 sqrt(R² / n) = 0.0012.
        assert measured_r2(market.log_returns, link, market.symbols) == pytest.approx(link.partial_r2, abs=0.006)


@pytest.mark.parametrize("noise", list(Noise))
def test_innovations_have_unit_variance(noise: Noise) -> None:
    market = null_market(4, 20_000, seed=3, noise=noise)
    volatility = market.log_returns.std(axis=0)
    assert (volatility > 0.006).all()
    assert (volatility < 0.018).all()
    squares = (market.log_returns / volatility) ** 2
    clustering = [np.corrcoef(s[:-1], s[1:])[0, 1] for s in squares.T]
    assert abs(np.mean(clustering)) < 0.01 if noise is Noise.GAUSSIAN else np.mean(clustering) > 0.05


def test_default_market_has_one_nonlinear_link() -> None:
    kinds = [link.kind for link in known_market(seed=9).links]
    assert kinds.count(LinkKind.NONLINEAR) == 1
    assert kinds.count(LinkKind.LINEAR) == 5


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_series": 1},
        {"n_bars": 10},
        {"n_series": 2, "n_links": 3},
        {"n_links": 2, "n_nonlinear": 3},
        {"partial_r2": (0.5, 0.1)},
        {"partial_r2": (0.0, 0.1)},
        {"seed": -1},
    ],
)
def test_impossible_markets_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        known_market(**arguments)  # type: ignore[arg-type]  # a mapping of mixed values
