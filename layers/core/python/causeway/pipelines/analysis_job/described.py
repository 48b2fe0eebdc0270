"""What an answer tells beyond links: details per target and the network window by window, as JSON types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from causeway.analysis.information.robustness.rolling import Window
from causeway.model.job import AnalysisSpec
from causeway.model.signal import Link
from causeway.model.time import isoformat_z
from causeway.pipelines.analysis_job.artifacts import Artifacts, detail_name
from causeway.pipelines.analysis_job.shards import read_results, shard_targets
from causeway.pipelines.data_pipeline import AlignedPanel
from causeway.pipelines.measures import moment_of


def link_json(link: Link) -> dict[str, Any]:
    """A link in JSON types."""
    return {**asdict(link), "lags": list(link.lags)}


def windows_json(windows: Sequence[Window], panel: AlignedPanel, spec: AnalysisSpec) -> dict[str, Any]:
    """Windows with the starts of their first and last bars."""
    return {
        "window_bars": spec.inference.window_bars,
        "windows": [
            {
                "start": isoformat_z(moment_of(int(panel.inference_time_us[window.start]))),
                "end": isoformat_z(moment_of(int(panel.inference_time_us[window.end - 1]))),
                "links": [link_json(link) for link in window.links],
                "skipped": list(window.skipped),
            }
            for window in windows
        ],
    }


def training_times(panel: AlignedPanel) -> list[datetime]:
    """Start of every training bar: what rows of details count into."""
    return [moment_of(int(stamp)) for stamp in panel.inference_time_us]


def read_details(spec: AnalysisSpec, artifacts: Artifacts) -> list[dict[str, Any]]:
    """The details of every target, with what its inference found beside the links."""
    count = len(shard_targets(spec, artifacts.get_panel()))
    found = read_results(artifacts, count)
    return [
        artifacts.get_json(detail_name(i))
        | {"own_lags": list(result.own_lags), "te_nats": result.te_nats, "omnibus_p": result.omnibus_p}
        for i, result in enumerate(found)
    ]


def read_all_windows(spec: AnalysisSpec, artifacts: Artifacts) -> dict[str, Any] | None:
    """The network window by window; None where the question asks for none."""
    if spec.inference.window_bars is None:
        return None
    windows: dict[str, Any] = artifacts.get_json("windows.json")
    return windows
