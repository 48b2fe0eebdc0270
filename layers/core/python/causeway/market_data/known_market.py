"""A synthetic market whose couplings are known: the truth that an inference can be held against.

Daily log returns r of each series are its volatility times a coupled process x,

    x_i(t) = e_i(t) + sum over links j -> i of c g(x_j(t - lag) / sd(x_j)),   e standard normal,

with g(u) = u for linear links and g(u) = (|u| - E|u|) / sd(|u|) for non-linear ones, which are invisible to linear
methods because u and |u| are uncorrelated. c = sqrt(R² / (1 - R²)), so that R² is the share of the variance of
x_i, given all its other drivers, that the link explains.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.model.bar import BarColumns

LAST_DATE = date(2013, 3, 1)  # the last session of the demo's real data, so that both can be replayed together
MAX_LAG_BARS = 5
_BURN_IN = 200
_NUMBER = r"(0|[1-9][0-9]{0,17})"
_SYMBOL = re.compile(rf"K{_NUMBER}(?:X{_NUMBER}X{_NUMBER}X{_NUMBER})?[A-Z]{{1,2}}")
_DEFAULT_SHAPE = (10, 2000, 6)  # series, bars, links
_LONGEST_SYMBOL = 32
_ABS_MEAN = float(np.sqrt(2 / np.pi))  # of the absolute value of a standard normal
_ABS_SD = float(np.sqrt(1 - 2 / np.pi))


class LinkKind(StrEnum):
    LINEAR = "linear"
    NONLINEAR = "nonlinear"


class Noise(StrEnum):
    """Innovations of variance 1.

    GARCH: GARCH(1,1) with 0.05 and 0.90, each series on its own, Student-t(6) shocks. COMMON_VOLATILITY: one
    stochastic volatility for all series, its logarithm an AR(1) with 0.98 and innovations of 0.2: markets that calm
    and panic together, though no series drives another.
    """

    GAUSSIAN = "gaussian"
    GARCH = "garch"
    COMMON_VOLATILITY = "common-volatility"


@dataclass(frozen=True, slots=True)
class TrueLink:
    """``partial_r2``: share of the target's variance, given its other drivers, that this link explains."""

    source: str
    target: str
    lag_bars: int
    kind: LinkKind
    partial_r2: float


@dataclass(frozen=True, slots=True, eq=False)
class KnownMarket:
    """``log_returns`` (n_bars - 1, n_series): row t is the return from bar t to bar t + 1, close to close."""

    symbols: tuple[str, ...]
    links: tuple[TrueLink, ...]
    log_returns: NDArray[np.float64]
    bars: Mapping[str, BarColumns]
    seed: int

    def truth_as_json(self) -> dict[str, Any]:
        """``{"symbols": [...], "links": [{"source", "target", "lag_bars"}]}``."""
        links = [{"source": k.source, "target": k.target, "lag_bars": k.lag_bars} for k in self.links]
        return {"symbols": list(self.symbols), "links": links}


def known_market(
    n_series: int = 10,
    n_bars: int = 2000,
    n_links: int = 6,
    seed: int = 0,
    *,
    n_nonlinear: int = 1,
    partial_r2: tuple[float, float] = (0.02, 0.05),
    noise: Noise = Noise.GAUSSIAN,
) -> KnownMarket:
    """A market with ``n_links`` links, of which ``n_nonlinear`` act through the absolute value of the source.

    Each link joins another pair of series at a lag of 1..5 bars, with a partial R² drawn evenly from
    ``partial_r2``. Daily bars on business days end at ``LAST_DATE``; their log close-to-close returns are
    ``log_returns`` to float rounding. Symbols carry the seed (K7A, K7B, ... for seed 7) and, where it is not the
    default, the shape as series X bars X links (K7X4X300X2A), so that several markets can stand in one database. The
    same arguments give the same market.

    Raises:
        InvalidInput: fewer than 2 series, more links than pairs, more non-linear links than links, fewer than 30
            bars, a partial R² outside (0, 0.9], or a seed that is too long for a symbol.
    """
    _check(n_series, n_bars, n_links, n_nonlinear, partial_r2)
    return _market(
        _prefix(seed, (n_series, n_bars, n_links)), n_series, n_bars, n_links, n_nonlinear, partial_r2, noise, seed
    )


def truth_for(symbols: Sequence[str]) -> tuple[TrueLink, ...] | None:
    """The links among ``symbols`` of ``known_market(series, bars, links, seed)``, read off their names.

    None if they are not all of one such market. Only the links are drawn again, not the market: they do not depend on
    its number of bars.
    """
    markets = {match.groups() if (match := _SYMBOL.fullmatch(symbol)) else None for symbol in symbols}
    if len(markets) != 1 or (found := markets.pop()) is None:
        return None
    seed = int(found[0])
    shape = (int(found[1]), int(found[2]), int(found[3])) if found[1] else _DEFAULT_SHAPE
    if not _is_possible(shape):
        return None
    n_series, _, n_links = shape
    every = _symbols(_prefix(seed, shape), n_series)
    if not set(symbols) <= set(every):
        return None
    graph = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[0])
    links = _draw_links(graph, every, n_links, min(1, n_links), (0.02, 0.05))
    return tuple(link for link in links if link.source in symbols and link.target in symbols)


def _prefix(seed: int, shape: tuple[int, int, int]) -> str:
    return f"K{seed}" if shape == _DEFAULT_SHAPE else f"K{seed}X" + "X".join(map(str, shape))


def _symbols(prefix: str, n_series: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{_letters(i, n_series)}" for i in range(n_series))


def _is_possible(shape: tuple[int, int, int]) -> bool:
    n_series, n_bars, n_links = shape
    try:
        _check(n_series, n_bars, n_links, 0, (0.02, 0.05))
    except InvalidInput:
        return False
    return True


def null_market(n_series: int = 10, n_bars: int = 2000, seed: int = 0, *, noise: Noise = Noise.GAUSSIAN) -> KnownMarket:
    """A market without links, otherwise like ``known_market``; symbols N7A, N7B, ... for seed 7."""
    _check(n_series, n_bars, 0, 0, (0.02, 0.05))
    return _market(f"N{seed}", n_series, n_bars, 0, 0, (0.02, 0.05), noise, seed)


def _check(n_series: int, n_bars: int, n_links: int, n_nonlinear: int, partial_r2: tuple[float, float]) -> None:
    low, high = partial_r2
    pairs = n_series * (n_series - 1)
    for valid, message in (
        (2 <= n_series <= 500, f"n_series must lie in 2..500; found {n_series}."),
        (30 <= n_bars <= 100_000, f"n_bars must lie in 30..100000; found {n_bars}."),
        (0 <= n_links <= pairs, f"{n_series} series have {pairs} directed pairs; found n_links = {n_links}."),
        (0 <= n_nonlinear <= n_links, f"n_nonlinear must lie in 0..{n_links}; found {n_nonlinear}."),
        (0 < low <= high <= 0.9, f"partial_r2 must be a range within (0, 0.9]; found {partial_r2}."),
    ):
        if not valid:
            raise InvalidInput(message)


def _market(
    prefix: str,
    n_series: int,
    n_bars: int,
    n_links: int,
    n_nonlinear: int,
    partial_r2: tuple[float, float],
    noise: Noise,
    seed: int,
) -> KnownMarket:
    if seed < 0:
        raise InvalidInput(f"seed must not be negative; found {seed}.", details={"field": "seed"})
    symbols = _symbols(prefix, n_series)
    if len(symbols[-1]) > _LONGEST_SYMBOL:
        raise InvalidInput(
            f"symbols have at most {_LONGEST_SYMBOL} characters; found {symbols[-1]}: choose a shorter seed.",
            details={"field": "seed"},
        )
    graph, innovations, prices = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3))
    links = _draw_links(graph, symbols, n_links, n_nonlinear, partial_r2)
    shocks = _innovations(innovations, n_bars - 1 + _BURN_IN, n_series, noise)
    volatility = prices.uniform(0.008, 0.016, n_series)
    log_returns = _couple(shocks, links, symbols)[_BURN_IN:] * volatility
    bars = {symbol: _bars(prices, log_returns[:, i], volatility[i]) for i, symbol in enumerate(symbols)}
    log_returns.setflags(write=False)
    return KnownMarket(symbols, links, log_returns, bars, seed)


def _letters(index: int, count: int) -> str:
    """A, B, ... or, past 26 series, AA, AB, ..."""
    return chr(65 + index) if count <= 26 else chr(65 + index // 26) + chr(65 + index % 26)


def _draw_links(
    rng: np.random.Generator,
    symbols: tuple[str, ...],
    n_links: int,
    n_nonlinear: int,
    partial_r2: tuple[float, float],
) -> tuple[TrueLink, ...]:
    pairs = [(a, b) for a in symbols for b in symbols if a != b]
    chosen = rng.choice(len(pairs), size=n_links, replace=False)
    lags = rng.integers(1, MAX_LAG_BARS + 1, size=n_links)
    strengths = rng.uniform(*partial_r2, size=n_links)
    kinds = [LinkKind.NONLINEAR] * n_nonlinear + [LinkKind.LINEAR] * (n_links - n_nonlinear)
    links = [
        TrueLink(pairs[pair][0], pairs[pair][1], int(lag), kind, float(strength))
        for pair, lag, kind, strength in zip(chosen, lags, kinds, strengths, strict=True)
    ]
    return tuple(sorted(links, key=lambda link: (link.source, link.target)))


def _innovations(rng: np.random.Generator, n: int, n_series: int, noise: Noise) -> NDArray[np.float64]:
    if noise is Noise.GAUSSIAN:
        return rng.standard_normal((n, n_series))
    if noise is Noise.COMMON_VOLATILITY:
        return _common_volatility(rng, n)[:, None] * rng.standard_normal((n, n_series))
    shocks = rng.standard_t(6, size=(n, n_series)) / np.sqrt(1.5)
    values = np.empty((n, n_series))
    variance = np.ones(n_series)
    for t in range(n):
        values[t] = np.sqrt(variance) * shocks[t]
        variance = 0.05 + 0.05 * values[t] ** 2 + 0.90 * variance
    return values


def _common_volatility(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """exp(h / 2) with h the AR(1), scaled so that its square has mean 1."""
    persistence, step = 0.98, 0.2
    stationary_variance = step**2 / (1 - persistence**2)
    h = np.empty(n)
    h[0] = np.sqrt(stationary_variance) * rng.standard_normal()
    for t in range(1, n):
        h[t] = persistence * h[t - 1] + step * rng.standard_normal()
    return np.exp(h / 2 - stationary_variance / 4)


def _couple(shocks: NDArray[np.float64], links: tuple[TrueLink, ...], symbols: tuple[str, ...]) -> NDArray[np.float64]:
    position = {symbol: i for i, symbol in enumerate(symbols)}
    odds = [link.partial_r2 / (1 - link.partial_r2) for link in links]
    variance = np.ones(len(symbols))
    for link, ratio in zip(links, odds, strict=True):
        variance[position[link.target]] += ratio
    scale = np.sqrt(variance)
    x = shocks.copy()
    for t in range(MAX_LAG_BARS, x.shape[0]):
        for link, ratio in zip(links, odds, strict=True):
            source = position[link.source]
            drive = x[t - link.lag_bars, source] / scale[source]
            if link.kind is LinkKind.NONLINEAR:
                drive = (abs(drive) - _ABS_MEAN) / _ABS_SD
            x[t, position[link.target]] += np.sqrt(ratio) * drive
    return x


def _bars(rng: np.random.Generator, returns: NDArray[np.float64], volatility: float) -> BarColumns:
    """Opens gap a little from the last close; high and low reach beyond open and close by part of a day's range."""
    n = returns.shape[0] + 1
    log_close = np.log(rng.uniform(20, 200)) + np.concatenate([[0.0], np.cumsum(returns)])
    gap = rng.normal(0, 0.2 * volatility, n)
    log_open = np.concatenate([[log_close[0]], log_close[:-1]]) + gap
    reach = 0.4 * volatility * np.abs(rng.standard_normal((2, n))) + 1e-4
    activity = np.abs(log_close - log_open) / volatility
    volume = np.round(np.exp(rng.normal(13.5, 0.3, n) + 0.2 * activity))
    return BarColumns(
        time_us=_business_days(n),
        open=np.exp(log_open),
        high=np.exp(np.maximum(log_open, log_close) + reach[0]),
        low=np.exp(np.minimum(log_open, log_close) - reach[1]),
        close=np.exp(log_close),
        volume=volume,
    )


def _business_days(n: int) -> NDArray[np.int64]:
    """Midnight UTC of the last ``n`` Mondays to Fridays up to ``LAST_DATE``, in microseconds since 1970."""
    days = np.busday_offset(np.datetime64(LAST_DATE), np.arange(1 - n, 1))
    return days.astype("datetime64[us]").astype(np.int64)
