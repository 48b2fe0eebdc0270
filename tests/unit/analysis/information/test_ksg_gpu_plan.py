"""How a call is cut to fit a device's memory, which device is chosen, and the exact sums; none of it needs torch."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import digamma

from causeway.analysis.information.neighbours import gpu_device
from causeway.analysis.information.neighbours.gpu_plan import (
    Call,
    columns_at_once,
    digamma_units,
    in_chunks,
    nearness,
)
from causeway.analysis.information.neighbours.gpu_roofline import Peak, peak_of, share_of_peak, work
from causeway.errors import InvalidInput

GIB = 2**30


class OutOfMemory(RuntimeError):
    """Stands for torch's error."""


class Device:
    """Has room for so many columns at a time, and notes what was done."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.done: list[int] = []
        self.attempts: list[int] = []
        self.recovered = 0

    def work(self, start: int, stop: int) -> None:
        self.attempts.append(stop - start)
        if stop - start > self.room:
            raise OutOfMemory
        self.done.extend(range(start, stop))

    def recover(self) -> None:
        self.recovered += 1


@given(n_columns=st.integers(1, 300), at_once=st.integers(1, 300), room=st.integers(1, 300))
def test_every_column_is_computed_once_and_in_order_however_little_fits(
    n_columns: int, at_once: int, room: int
) -> None:
    device = Device(room)
    in_chunks(n_columns, at_once, device.work, OutOfMemory, device.recover)
    assert device.done == list(range(n_columns))


def test_a_chunk_that_does_not_fit_is_halved_and_the_size_is_kept() -> None:
    device = Device(room=30)
    in_chunks(200, 100, device.work, OutOfMemory, device.recover)
    assert device.attempts == [100, 50, *[25] * 8]
    assert device.recovered == 2


def test_one_column_that_does_not_fit_is_an_error_that_says_what_to_do() -> None:
    device = Device(room=0)
    with pytest.raises(InvalidInput, match=r"One surrogate does not fit.*fewer rows"):
        in_chunks(8, 8, device.work, OutOfMemory, device.recover)


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    def work(start: int, stop: int) -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        in_chunks(8, 8, work, OutOfMemory, lambda: None)


def test_a_launch_takes_what_half_of_the_free_memory_holds() -> None:
    call = Call(n_rows=20_000, n_dimensions=1, n_columns=10**6)
    at_once = columns_at_once(call, GIB // 2)
    assert at_once == GIB // 4 // (20_000 * (2 * 4 + 4 + 2))  # x as gathered and padded, orders, sums
    assert columns_at_once(call, 0) == 1


def test_a_launch_ends_soon_enough_to_obey_a_stop() -> None:
    assert columns_at_once(Call(n_rows=100_000, n_dimensions=1, n_columns=10**6), 80 * GIB) == 50


@pytest.mark.parametrize(
    ("n_columns", "free", "expected"),
    [
        (10, 80 * GIB, "on the fly"),
        (200, 80 * GIB, "matrices"),
        (5000, 80 * GIB, "lists"),
        (5000, 14 * GIB, "matrices"),
        (5000, GIB, "on the fly"),
    ],
)
def test_what_is_kept_of_the_distances_depends_on_the_columns_and_on_the_memory(
    n_columns: int, free: int, expected: str
) -> None:
    assert nearness(Call(n_rows=20_000, n_dimensions=1, n_columns=n_columns), free) == expected


@pytest.mark.parametrize("n_rows", [2, 1000, 20_000, 300_000])
def test_whole_number_digammas_are_exact_enough_and_cannot_overflow(n_rows: int) -> None:
    units, unit = digamma_units(n_rows)
    np.testing.assert_allclose(units[1:] * unit, digamma(np.arange(1, n_rows + 1)), rtol=0, atol=unit / 2 + 1e-15)
    largest_term = 2 * int(units[-1]) - 2 * int(units[1])
    assert largest_term * n_rows < 2**63
    assert 1.5 * unit < {2: 1e-16, 1000: 2.2e-14, 20_000: 7e-13, 300_000: 1.1e-11}[n_rows]


Devices = Callable[[int], None]


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Devices:
    def install(count: int) -> None:
        monkeypatch.setattr(gpu_device, "count_devices", lambda: (count, "" if count else "torch sees no CUDA device"))

    return install


@pytest.mark.parametrize(
    ("wanted", "count", "environment", "expected"),
    [
        ("auto", 0, {}, "cpu"),
        ("auto", 1, {}, "cuda:0"),
        ("cpu", 4, {}, "cpu"),
        ("cuda", 4, {"AWS_BATCH_JOB_ARRAY_INDEX": "6"}, "cuda:2"),
        ("auto", 4, {"CAUSEWAY_SHARD_INDEX": "3", "AWS_BATCH_JOB_ARRAY_INDEX": "6"}, "cuda:3"),
        ("cuda:1", 2, {"CAUSEWAY_SHARD_INDEX": "0"}, "cuda:1"),
    ],
)
def test_workers_are_spread_over_the_gpus(
    gpus: Devices, wanted: str, count: int, environment: dict[str, str], expected: str
) -> None:
    gpus(count)
    assert gpu_device.choose_device(wanted, environment) == expected


@pytest.mark.parametrize(("wanted", "count"), [("cuda", 0), ("cuda:3", 2)])
def test_a_gpu_that_is_not_there_becomes_the_cpu_and_the_log_says_so(
    gpus: Devices, caplog: pytest.LogCaptureFixture, wanted: str, count: int
) -> None:
    gpus(count)
    with caplog.at_level(logging.WARNING):
        assert gpu_device.choose_device(wanted, {}) == "cpu"
    assert f"{wanted} was asked for, but torch sees" in caplog.text


def test_without_a_wish_for_a_gpu_none_is_missed(gpus: Devices, caplog: pytest.LogCaptureFixture) -> None:
    gpus(0)
    assert gpu_device.choose_device("auto", {}) == "cpu"
    assert caplog.text == ""


@pytest.mark.parametrize("wanted", ["gpu", "cuda:x", "cpu:1", ""])
def test_another_word_is_refused(wanted: str) -> None:
    with pytest.raises(InvalidInput, match="device must be auto, cpu, cuda"):
        gpu_device.choose_device(wanted, {})


def test_work_grows_with_pairs_and_surrogates() -> None:
    flops, _ = work(1000, 3, 200)
    # per pair: 2 differences, 2 maxima with the given, 7 of the insertion, 3 comparisons, 3 counts; matrices: 8
    assert flops == 10**6 * (200 * 17 + 8)
    assert work(2000, 3, 200)[0] == 4 * flops


def test_the_share_of_the_peak_is_that_of_the_tighter_limit() -> None:
    peak = Peak("a device", flops_per_s=1e12, bytes_per_s=1e11)
    assert share_of_peak(10**12, 1, 2.0, peak) == pytest.approx(0.5)
    assert share_of_peak(1, 10**11, 4.0, peak) == pytest.approx(0.25)


def test_the_peak_of_a_chip_is_that_of_its_data_sheet(gpus: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """H100 SXM: 66.9 TFLOP/s in float32, of which a fused pair counts two, and 3.35 TB/s (NVIDIA's data sheet)."""
    gpus(1)
    h100 = SimpleNamespace(
        name="H100", major=9, minor=0, clock_rate=1_980_000, memory_clock_rate=2_619_000, memory_bus_width=5120,
        multi_processor_count=132,
    )  # fmt: skip
    cuda = SimpleNamespace(get_device_properties=lambda _: h100)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda, device=lambda name: name))
    peak = peak_of("cuda")
    assert peak is not None
    assert peak.flops_per_s == pytest.approx(66.9e12 / 2, rel=1e-3)
    assert peak.bytes_per_s == pytest.approx(3.35e12, rel=1e-3)
    h100.major = 99  # a chip whose lanes are not known
    assert peak_of("cuda") is None


def test_without_a_device_there_is_no_peak(gpus: Devices) -> None:
    gpus(0)
    assert peak_of("cuda") is None


def test_a_torch_without_cuda_is_not_imported_to_learn_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ``version.py`` says so, in the form of torch 2.13's."""
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('this takes seconds')")
    (package / "version.py").write_text("__version__ = '2.13.0+cpu'\ncuda = None\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert gpu_device.count_devices() == (0, "torch 2.13.0+cpu is built without CUDA")
