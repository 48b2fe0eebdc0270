"""One shard: result, details and windows, each stored on its own; progress; and going on where one was stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causeway.analysis.idtxl_engine import IdtxlEngine
from causeway.analysis.information.inference.network import InferenceCancelled, infer_target
from causeway.analysis.information.robustness import rolling as rolling_module
from causeway.model.inference import Estimator, InferenceOptions, Missing
from causeway.model.job import AnalysisSpec
from causeway.pipelines.analysis_job import stages
from causeway.pipelines.analysis_job.artifacts import Artifacts
from causeway.pipelines.analysis_job.checkpoints import BlobCheckpoint
from causeway.pipelines.analysis_job.described import read_all_windows, read_details, training_times
from causeway.pipelines.data_pipeline import History
from causeway.pipelines.measures import moment_of
from tests.unit.pipelines.questions import MemoryBlobs, coupled_market, question, rows_of

QUICK, NO_RUNS = InferenceOptions(stability_runs=4), InferenceOptions(stability_runs=0)


def prepared(**changes: Any) -> tuple[AnalysisSpec, MemoryBlobs, str]:
    histories, blobs = coupled_market(), MemoryBlobs()
    spec = question(histories, **{"inference": QUICK, **changes})
    return spec, blobs, stages.prepare(spec, blobs, lambda _: histories, IdtxlEngine())


def names_under(blobs: MemoryBlobs, found: str) -> list[str]:
    return [key.removeprefix(f"results/{found}/") for key in blobs.keys(f"results/{found}/")]


def run_all(spec: AnalysisSpec, blobs: MemoryBlobs, found: str) -> Artifacts:
    for index in range(len(stages.targets(spec, blobs, found))):
        stages.run_shard(spec, blobs, found, index, IdtxlEngine())
    stages.aggregate(spec, blobs, found, IdtxlEngine())
    return Artifacts(blobs, found)


def test_a_shard_leaves_its_result_and_its_details() -> None:
    spec, blobs, found = prepared()
    stages.run_shard(spec, blobs, found, 2, IdtxlEngine())
    assert names_under(blobs, found) == ["details/0002.json", "panel.npz", "shards/0002.json"]


def test_every_kept_link_has_details_whose_rows_are_training_bars() -> None:
    spec, blobs, found = prepared()
    artifacts = run_all(spec, blobs, found)
    details = read_details(spec, artifacts)
    described = {(link["source"], target["target"]) for target in details for link in target["links"]}
    assert described == {(link.source, link.target) for link in stages.read_links(artifacts)}
    times = training_times(artifacts.get_panel())
    for target in details:
        assert {len(link["local_te_nats"]) for link in target["links"]} <= {len(target["rows"])}
        assert all(spec.max_lag <= row < len(times) for row in target["rows"])
    assert times[-1] + spec.bar_size.width <= spec.train_end


def test_masked_bars_keep_their_times() -> None:
    histories, blobs = coupled_market(), MemoryBlobs()
    spec = question(histories, inference=replace(QUICK, missing=Missing.MASK))
    first = sorted(histories)[0]
    bars = histories[first].bars
    histories[first] = History(rows_of(bars, np.arange(len(bars)) != 100))
    found = stages.prepare(spec, blobs, lambda _: histories, IdtxlEngine())
    artifacts = run_all(spec, blobs, found)
    times = training_times(artifacts.get_panel())
    assert len(times) == 499  # every training bar of any symbol
    for target in read_details(spec, artifacts):
        used = {times[row] for row in target["rows"]}
        assert moment_of(int(bars.time_us[101])) not in used  # a lag would reach into the hole


def test_windows_cover_the_training_bars_and_know_when_they_were() -> None:
    rolling = replace(QUICK, window_bars=200, step_bars=100)
    spec, blobs, found = prepared(inference=rolling)
    artifacts = run_all(spec, blobs, found)
    stored, times = read_all_windows(spec, artifacts), artifacts.get_panel()
    assert stored is not None
    assert stored["window_bars"] == 200
    assert len(stored["windows"]) == (times.n_train - 200) // 100 + 1
    assert stored["windows"][-1]["end"] == training_times(times)[-1].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert any(link["q"] < spec.alpha for window in stored["windows"] for link in window["links"])


def test_what_is_conditioned_on_is_neither_target_nor_source() -> None:
    driver = question(coupled_market()).symbols[0]
    rolling = replace(QUICK, condition_on=(driver,), window_bars=250)
    spec, blobs, found = prepared(inference=rolling)
    assert stages.targets(spec, blobs, found) == spec.symbols[1:]
    artifacts = run_all(spec, blobs, found)
    links = stages.read_links(artifacts)
    assert links
    assert driver not in {name for link in links for name in (link.source, link.target)}


def test_progress_runs_once_from_nothing_to_all() -> None:
    spec, blobs, found = prepared(inference=replace(QUICK, window_bars=250))
    heard: list[float] = []
    stages.run_shard(spec, blobs, found, 1, IdtxlEngine(), progress=heard.append)
    assert heard == sorted(heard)
    assert 0 <= heard[0] < 0.34
    assert heard[-1] == pytest.approx(1.0, abs=0.02)


def test_parts_that_lie_there_are_not_computed_again() -> None:
    spec, blobs, found = prepared()
    stages.run_shard(spec, blobs, found, 0, IdtxlEngine())
    whole = dict(blobs.data)
    del blobs.data[f"results/{found}/details/0000.json"]

    class OnlyDescribes(IdtxlEngine):
        def run_target(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("the result lies there")

    stages.run_shard(spec, blobs, found, 0, OnlyDescribes())
    assert blobs.data == whole


def test_a_stopped_shard_goes_on_where_it_was_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causeway.pipelines.analysis_job.checkpoints.EVERY_S", 0.0)
    sampled = {"estimator": Estimator.KSG, "n_permutations": 20, "max_lag": 1, "train_bars": 140, "inference": NO_RUNS}
    spec, blobs, found = prepared(**sampled)
    stages.run_shard(spec, blobs, found, 0, IdtxlEngine())
    _, stopped, _ = prepared(**sampled)
    asked = 0

    def after_a_while() -> bool:
        nonlocal asked
        asked += 1
        return asked > 8

    with pytest.raises(InferenceCancelled):
        stages.run_shard(spec, stopped, found, 0, IdtxlEngine(), should_stop=after_a_while)
    assert any(name.startswith("checkpoints/0000/") for name in names_under(stopped, found))
    stages.run_shard(spec, stopped, found, 0, IdtxlEngine())
    assert stopped.data == blobs.data


def test_details_that_were_stopped_go_on_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causeway.pipelines.analysis_job.checkpoints.EVERY_S", 0.0)
    spec, blobs, found = prepared()
    stages.run_shard(spec, blobs, found, 2, IdtxlEngine())
    _, stopped, _ = prepared()

    def reached(fraction: float) -> None:
        if fraction > 0.7:  # the inference is the first half; the resamples go on to 0.9
            raise InferenceCancelled

    with pytest.raises(InferenceCancelled):
        stages.run_shard(spec, stopped, found, 2, IdtxlEngine(), progress=reached)
    left = names_under(stopped, found)
    assert "shards/0002.json" in left
    assert any(name.startswith("checkpoints/0002/") for name in left)
    stages.run_shard(spec, stopped, found, 2, IdtxlEngine())
    assert stopped.data == blobs.data


def test_windows_that_were_stopped_go_on_behind_those_that_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causeway.pipelines.analysis_job.checkpoints.EVERY_S", 0.0)
    rolling = replace(NO_RUNS, window_bars=60, step_bars=20)
    sampled = {"estimator": Estimator.KSG, "n_permutations": 20, "max_lag": 1, "train_bars": 140, "inference": rolling}
    spec, blobs, found = prepared(**sampled)
    stages.run_shard(spec, blobs, found, 0, IdtxlEngine())
    _, stopped, _ = prepared(**sampled)

    def reached(fraction: float) -> None:
        if fraction > 0.8:  # two of three parts are done, and of the last one two windows of four
            raise InferenceCancelled

    with pytest.raises(InferenceCancelled):
        stages.run_shard(spec, stopped, found, 0, IdtxlEngine(), progress=reached)
    analysed: list[int] = []

    def counted(panel: Any, *rest: Any, **options: Any) -> Any:
        analysed.append(panel.n_samples)
        return infer_target(panel, *rest, **options)

    monkeypatch.setattr(rolling_module, "infer_target", counted)
    stages.run_shard(spec, stopped, found, 0, IdtxlEngine())
    assert analysed == [60, 60]
    assert stopped.data == blobs.data


class TestBlobCheckpoint:
    """States as blobs."""

    def test_is_read_back_by_another_machine_until_it_is_forgotten(self) -> None:
        blobs, now = MemoryBlobs(), [0.0]
        checkpoint = BlobCheckpoint(blobs, "r/checkpoints/0001/", lambda: now[0])
        assert checkpoint.load("K3A/\u00e9") is None
        now[0] = 3.0
        checkpoint.save("K3A/\u00e9", {"steps": {"a": 0.1}})
        assert BlobCheckpoint(blobs, "r/checkpoints/0001/").load("K3A/\u00e9") == {"steps": {"a": 0.1}}
        checkpoint.forget()
        assert blobs.data == {}

    def test_writes_at_most_every_two_seconds(self) -> None:
        blobs, now = MemoryBlobs(), [0.0]
        checkpoint = BlobCheckpoint(blobs, "c/", lambda: now[0])
        for now[0] in (0.5, 1.9, 2.0, 2.5, 3.9, 4.1):
            checkpoint.save("k", {"at": now[0]})
            at = (BlobCheckpoint(blobs, "c/").load("k") or {}).get("at")
            assert at == {0.5: None, 1.9: None, 2.0: 2.0, 2.5: 2.0, 3.9: 2.0, 4.1: 4.1}[now[0]]

    def test_a_damaged_state_counts_as_absent(self) -> None:
        blobs, now = MemoryBlobs(), [0.0]
        checkpoint = BlobCheckpoint(blobs, "c/", lambda: now[0])
        now[0] = 3.0
        checkpoint.save("k", {})
        blobs.data = dict.fromkeys(blobs.data, b'{"steps": {')
        assert checkpoint.load("k") is None

    def test_one_state_does_not_keep_another_from_being_written(self) -> None:
        blobs, now = MemoryBlobs(), [0.0]
        checkpoint = BlobCheckpoint(blobs, "c/", lambda: now[0])
        checkpoint.load("windows")
        now[0] = 1.5
        checkpoint.load("one window")
        now[0] = 2.0
        checkpoint.save("one window", {"at": 2.0})
        checkpoint.save("windows", {"at": 2.0})
        fresh = BlobCheckpoint(blobs, "c/")
        assert (fresh.load("one window"), fresh.load("windows")) == (None, {"at": 2.0})
