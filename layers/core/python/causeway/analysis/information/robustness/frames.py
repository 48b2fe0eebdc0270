"""The library's front doors to what stands behind a network: details per target, and networks over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from causeway.analysis.information.inference.frames import panel_of
from causeway.analysis.information.inference.observations import observe
from causeway.analysis.information.inference.parallel import default_workers
from causeway.analysis.information.inference.results import NetworkResult
from causeway.analysis.information.robustness.describe import describe_target, stability_runs
from causeway.analysis.information.robustness.details import TargetDetail
from causeway.analysis.information.robustness.rolling import Window, assemble_windows, infer_windows, windows
from causeway.analysis.information.settings import NetworkSettings


def describe_network(
    frame: Any,
    network: NetworkResult,
    seed: int = 1,
    *,
    names: Sequence[str] | None = None,
    runs: int | None = None,
    workers: int | None = None,
) -> dict[str, TargetDetail]:
    """What is known about each target of ``network`` beyond p and q; ``frame`` is what it was inferred from.

    ``runs`` resamples of time and as many of the asset set; None as in ``stability_runs``. ``workers`` threads share
    the targets and change no bit.

    Raises:
        InvalidInput: as in ``infer_network``.
    """
    settings = network.settings
    panel = panel_of(frame, settings, names)
    seen = observe(panel, settings)
    asked = stability_runs(runs, settings, panel.n_series)
    with ThreadPoolExecutor(workers or default_workers(settings)) as pool:
        found = pool.map(
            lambda result: describe_target(panel, settings, seed, result, asked, observations=seen), network.targets
        )
        return {detail.target: detail for detail in found}


def rolling_networks(
    frame: Any,
    settings: NetworkSettings,
    window_bars: int,
    step_bars: int | None = None,
    seed: int = 1,
    *,
    names: Sequence[str] | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Window]:
    """The network of every window of ``window_bars`` samples; q is corrected over all links of all windows.

    Windows start every ``step_bars`` (None: half a window), and the last one ends at the last sample.

    Raises:
        InvalidInput: as in ``infer_network``, or windows that do not fit.
    """
    panel = panel_of(frame, settings, names)
    spans = windows(panel.n_samples, window_bars, step_bars, settings.max_lag)
    per_target = []
    for index, name in enumerate(panel.names):
        free = name not in settings.condition_on
        per_target.append(infer_windows(panel, index, settings, seed, spans) if free else [])
        if progress is not None:
            progress((index + 1) / panel.n_series)
    return assemble_windows(per_target, panel.names, settings)
