"""The library's front door takes what people have, and names the column that it cannot take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray

import causeway
from causeway import infer_network, known_market
from causeway.errors import InvalidInput

MARKET = known_market(4, 600, 3, seed=1, n_nonlinear=0, partial_r2=(0.2, 0.3))
COLUMNS: dict[str, NDArray[np.float64]] = dict(zip(MARKET.symbols, MARKET.log_returns.T, strict=True))
DAYS = pd.date_range("2010-01-01", periods=599, tz="UTC")

MAKERS: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "pandas with a datetime index": lambda: pd.DataFrame(COLUMNS, index=DAYS),
    "pandas with a datetime column": lambda: pd.DataFrame({"time": DAYS, **COLUMNS}),
    "pandas with a date column": lambda: pd.DataFrame({"day": DAYS.date, **COLUMNS}),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "polars with a datetime column": lambda: pl.DataFrame({"time": DAYS.to_pydatetime(), **COLUMNS}),
    "dict of arrays": lambda: COLUMNS,
    "dict of lists": lambda: {name: list(values) for name, values in COLUMNS.items()},
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_form_gives_the_same_network(kind: str) -> None:
    expected = infer_network(MARKET.log_returns, names=MARKET.symbols)
    assert infer_network(MAKERS[kind]()) == expected
    assert len(expected.links) == 3


def test_a_matrix_without_names_is_numbered() -> None:
    assert infer_network(MARKET.log_returns).names == ("x0", "x1", "x2", "x3")


@pytest.mark.parametrize("values", [["a"] * 599, [True] * 599, [1 + 2j] * 599])
def test_a_column_that_is_not_numeric_is_named(values: list[object]) -> None:
    for frame in (pd.DataFrame({**COLUMNS, "odd": values}), {**COLUMNS, "odd": values}):
        with pytest.raises(InvalidInput, match="odd is not numeric"):
            infer_network(frame)


@pytest.mark.parametrize("dtype", [object, pd.Float64Dtype(), float])
def test_gaps_are_refused_not_filled(dtype: Any) -> None:
    frame = pd.DataFrame(COLUMNS).astype(dtype)
    frame.iloc[3, 1] = None
    with pytest.raises(InvalidInput, match=rf"NaN or infinite rows in {MARKET.symbols[1]} \(1\)"):
        infer_network(frame)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": "kernel"}, "estimator must be one of gaussian, copula, ksg"),
        ({"max_lag": 0}, "max_lag"),
        ({"typo": 1}, "Unknown setting"),
        ({"names": ["A"]}, "1 names for 4 columns"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        infer_network(MARKET.log_returns, **arguments)


@pytest.mark.parametrize("frame", [[1.0, 2.0], np.zeros((3, 3, 3)), {}, {"a": [1.0], "b": [1.0, 2.0]}])
def test_what_is_no_table_is_refused(frame: Any) -> None:
    with pytest.raises(InvalidInput):
        infer_network(frame)


def test_the_result_reads_well() -> None:
    network = infer_network(MARKET.log_returns, names=MARKET.symbols)
    text = str(network)
    assert text == repr(network)
    assert text.startswith("3 of 12 candidate links among 4 series (gaussian, lags 1-5, q < 0.05)")
    for link in network.links:
        assert f"{link.source} -> {link.target}  lag {link.lag_bars}" in text


def test_the_frame_holds_every_kept_link() -> None:
    network = infer_network(MARKET.log_returns, names=MARKET.symbols)
    frame = network.to_frame()
    assert len(frame) == len(network.kept_links)
    assert frame["significant"].sum() == len(network.links)
    assert list(frame.columns) == [
        "source", "target", "lag_bars", "lags", "te_nats", "p", "q", "coefficient", "significant",
    ]  # fmt: skip


def test_importing_causeway_loads_nothing_heavy() -> None:
    code = "import causeway, sys; print(sorted({'numpy', 'numba', 'scipy', 'pandas'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_public_names_are_listed_and_others_are_not_there() -> None:
    assert {"infer_network", "known_market", "null_market"} <= set(dir(causeway))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = causeway.no_such_name
