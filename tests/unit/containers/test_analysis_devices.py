"""Which device the workers of the analysis container compute on."""

from __future__ import annotations

import logging

import pytest

from causeway.analysis.information.neighbours import gpu_device
from containers.gpu_batch import wiring


@pytest.fixture(autouse=True)
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_device, "count_devices", lambda: (2, ""))


@pytest.mark.parametrize(
    ("entry", "setting", "number", "expected"),
    [
        ("gpu", "cpu", "0", "cuda:0"),
        ("gpu", "auto", "3", "cuda:1"),
        ("gpu", "cuda", "1", "cuda:1"),
        ("cpu", "cuda", "0", "cpu"),
    ],
)
def test_the_entry_point_names_the_kind_and_the_number_the_device(
    entry: wiring.Device, setting: str, number: str, expected: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("CAUSEWAY_DEVICE", setting)
    monkeypatch.setenv("CAUSEWAY_WORKER_NUMBER", number)
    with caplog.at_level(logging.INFO):
        wiring._engine(entry)
    assert f"shards are computed on {expected}" in caplog.text


def test_a_gpu_worker_without_a_gpu_says_so_and_takes_the_cpu(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gpu_device, "count_devices", lambda: (0, "torch sees no CUDA device"))
    with caplog.at_level(logging.INFO):
        wiring._engine("gpu")
    assert "cuda was asked for, but torch sees no CUDA device: computing on the CPU" in caplog.text
    assert "shards are computed on cpu" in caplog.text
