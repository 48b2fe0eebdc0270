"""Small markets and questions about them, shared by the tests of the pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from causeway.errors import NotFound
from causeway.market_data.known_market import known_market
from causeway.model.bar import BarColumns
from causeway.model.inference import Estimator
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import BarSize
from causeway.pipelines.data_pipeline import History
from causeway.pipelines.measures import moment_of


class MemoryBlobs:
    """A BlobStore in a dictionary."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        self.data[key] = data

    def get(self, key: str) -> bytes:
        if key not in self.data:
            raise NotFound(f"there is no blob {key}")
        return self.data[key]

    def exists(self, key: str) -> bool:
        return key in self.data

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.data if key.startswith(prefix)))

    def delete_prefix(self, prefix: str) -> int:
        doomed = list(self.keys(prefix))
        for key in doomed:
            del self.data[key]
        return len(doomed)


def coupled_market(n_bars: int = 700, *, partial_r2: tuple[float, float] = (0.1, 0.2)) -> dict[str, History]:
    """Four series with three strong linear links."""
    market = known_market(4, n_bars, 3, seed=3, n_nonlinear=0, partial_r2=partial_r2)
    return {symbol: History(bars) for symbol, bars in market.bars.items()}


def question(histories: dict[str, History], train_bars: int = 500, **changes: Any) -> AnalysisSpec:
    """Returns of every symbol, Gaussian, trained on the first ``train_bars`` bars of the first symbol."""
    times = next(iter(histories.values())).bars.time_us
    spec = AnalysisSpec(
        symbols=tuple(sorted(histories)),
        measure=Measure.RETURNS,
        estimator=Estimator.GAUSSIAN,
        bar_size=BarSize.DAY_1,
        start=moment_of(int(times[0])),
        train_end=moment_of(int(times[train_bars - 1])) + timedelta(days=1),
        end=moment_of(int(times[-1])) + timedelta(days=1),
    )
    return replace(spec, **changes)


def rows_of(bars: BarColumns, rows: Any) -> BarColumns:
    """A selection of bars."""
    return BarColumns(*(getattr(bars, column.name)[rows] for column in fields(bars)))


def daily(closes: list[float], first: datetime = datetime(2020, 1, 6, tzinfo=UTC)) -> BarColumns:
    """Daily bars whose open is the close before, with a range of one percent around both."""
    close = np.array(closes, dtype=np.float64)
    opened = np.concatenate([close[:1], close[:-1]])
    time_us = int(first.timestamp()) * 1_000_000 + np.arange(len(closes), dtype=np.int64) * 86_400_000_000
    return BarColumns(
        time_us, opened, np.maximum(opened, close) * 1.01, np.minimum(opened, close) * 0.99, close, np.ones(len(closes))
    )


def restless_market(n_bars: int = 700) -> dict[str, History]:
    """Three series; the log-volatility of VA drives that of VB at lag 2, and VB drives VC at lag 1."""
    rng = np.random.default_rng(11)
    level = rng.normal(0, 0.3, (n_bars, 3))
    for t in range(2, n_bars):
        level[t] += 0.4 * level[t - 1]
        level[t, 1] += 0.5 * level[t - 2, 0]
        level[t, 2] += 0.5 * level[t - 1, 1]
    sigma = 0.01 * np.exp(level)
    closes = 100 * np.exp(np.cumsum(0.2 * sigma * rng.standard_normal((n_bars, 3)), axis=0))
    market = {}
    for i, symbol in enumerate(("VA", "VB", "VC")):
        bars = daily(closes[:, i].tolist())
        reach = np.exp(0.5 * sigma[:, i])
        high, low = np.maximum(bars.open, bars.close) * reach, np.minimum(bars.open, bars.close) / reach
        market[symbol] = History(BarColumns(bars.time_us, bars.open, high, low, bars.close, bars.volume))
    return market
