"""The GPU's lines with a device that is not there: what they carry, and what they say without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from bench.__main__ import main
from bench.cases import te_gpu
from bench.compare import Question
from bench.line import Line
from bench.registry import NoPeers, Run
from bench.timing import Timing
from causeway.analysis.information.neighbours import gpu_roofline
from causeway.analysis.information.neighbours.gpu_roofline import Peak

RUN = Run(NoPeers())
QUICK = Run(NoPeers(), quick=True)


def _line(name: str, run: Run = RUN) -> Line:
    return next(case for case in te_gpu.BENCHMARK.cases() if case.name == name).measure(run)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device on which nothing takes any time."""
    monkeypatch.setattr(te_gpu, "cuda_device", lambda: "a device")
    monkeypatch.setattr(te_gpu, "surrogate_values", lambda *_: 0.0)


def test_without_a_cuda_device_every_case_says_so_and_no_goal_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(te_gpu, "cuda_device", lambda: None)
    assert main(["te-gpu", "--json", "--no-peers"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(line["ok"], line["ours_s"], line["note"]) for line in lines} == {(None, None, "no CUDA device here")}


@pytest.mark.usefixtures("device")
def test_surrogates_carry_their_share_of_the_roofline(monkeypatch: pytest.MonkeyPatch) -> None:
    """N 1000, dim Z 3, 200 surrogates: 3.408e9 operations, by the count in docs/operations/gpu.md."""
    monkeypatch.setattr(gpu_roofline, "peak_of", lambda _: Peak("a device", flops_per_s=3.408e12, bytes_per_s=1e15))
    line = _line("N 1000, dim Z 3")
    assert line.ours is not None
    assert line.measured["share_of_roofline"] == pytest.approx(0.001 / line.ours.wall_s)
    assert line.note == "a device"


@pytest.mark.usefixtures("device")
def test_a_chip_of_unknown_peak_has_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_roofline, "peak_of", lambda _: None)
    assert _line("N 1000, dim Z 3").measured == {"share_of_roofline": None}


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize(("run", "asked", "times"), [(RUN, 100, 1), (QUICK, 2, 50)])
def test_the_wide_network_states_its_minutes(monkeypatch: pytest.MonkeyPatch, run: Run, asked: int, times: int) -> None:
    def work(name: str, targets: Iterable[int], device: str) -> Callable[[], int]:
        assert (name, device) == ("linear-100x2500", "cuda")
        return lambda: len(list(targets))

    def alone(_: Run, question: Question, ours: Callable[[], int], *, warm: bool) -> Line:
        assert not warm
        return Line(question.name, question.case, Timing(60.0, 6.0, ours()))

    monkeypatch.setattr(te_gpu, "ksg_targets", work)
    monkeypatch.setattr(te_gpu, "alone", alone)
    line = _line("100 x 2500", run)
    assert line.ours is not None
    assert line.ours.value == asked
    assert line.measured == {"minutes": times}
    assert ("extrapolated" in line.note) == run.quick
    assert line.ok is None  # no goal
