"""Details and rolling networks from a frame, as a library user asks for them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causeway import NetworkSettings, describe_network, infer_network, rolling_networks


def coupled(n: int = 600) -> pd.DataFrame:
    """x drives y at lag 1."""
    rng = np.random.default_rng(4)
    x, y, z = rng.standard_normal((3, n))
    y[1:] += 0.6 * x[:-1]
    return pd.DataFrame({"x": x, "y": y, "z": z})


def test_every_target_is_described() -> None:
    frame = coupled()
    network = infer_network(frame, max_lag=2, condition_on=["@mean"])
    details = describe_network(frame, network, runs=4)
    assert list(details) == ["x", "y", "z"]
    assert [link.source for link in details["y"].links] == ["x"]
    assert details["y"].stability_runs == 4


def test_threads_change_no_bit() -> None:
    frame = coupled()
    network = infer_network(frame, max_lag=2)
    assert describe_network(frame, network, runs=3, workers=1) == describe_network(frame, network, runs=3, workers=3)


def test_networks_over_time_leave_drivers_out() -> None:
    heard: list[float] = []
    settings = NetworkSettings(max_lag=2, condition_on=("@mean",))
    found = rolling_networks(coupled(), settings, window_bars=300, step_bars=300, progress=heard.append)
    assert [(window.start, window.end) for window in found] == [(0, 300), (300, 600)]
    assert all(("x", "y") in {(link.source, link.target) for link in window.links} for window in found)
    assert heard[-1] == 1.0
