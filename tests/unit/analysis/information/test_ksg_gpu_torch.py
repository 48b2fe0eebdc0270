"""The torch kernels on the CPU, which stand for every device: same counts as the definition and as the CPU's class."""

from __future__ import annotations

import logging
from importlib.util import find_spec

import numpy as np
import pytest

from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.estimators.ksg_gpu import KsgGpuCmi
from causeway.analysis.information.estimators.protocol import PreparedCmi
from causeway.analysis.information.settings import KsgSettings
from causeway.errors import InvalidInput
from tests.fixtures.ksg_definition import Columns, ksg_terms, tied_or_continuous

pytestmark = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed: the gpu extra brings it")

REPORTED = 1e-12  # nats: the digamma unit at these sizes, and the rounding of a sum
SURROGATE = 1e-4  # nats, single precision; 4.2e-5 is the largest difference seen on real sizes


def prepared(y: Columns, z: Columns, k: int = 4, **options: int) -> PreparedCmi:
    return KsgGpuCmi(KsgSettings(k=k, **options), device="cpu").prepare(y, z)  # type: ignore[arg-type]  # int settings


def example(n_rows: int = 120, n_x: int = 3, n_given: int = 2, *, tied: bool = False) -> tuple[Columns, ...]:
    rng = np.random.default_rng(n_rows + n_x + n_given)
    x, y, z = (tied_or_continuous(rng, n_rows, d, tied=tied) for d in (n_x, 1, n_given))
    return x, y + x[:, :1], z


def orders(n_rows: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(count)
    return np.stack([rng.permutation(n_rows) for _ in range(count)])


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("k", [1, 4, 8])
@pytest.mark.parametrize("n_given", [0, 1, 2, 3])
def test_local_values_are_those_of_the_definition(n_given: int, k: int, tied: bool) -> None:
    x, y, z = example(90, 1, n_given, tied=tied)
    np.testing.assert_allclose(prepared(y, z, k).local(x), ksg_terms(x, y, z, k), rtol=0, atol=REPORTED)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("n_given", [0, 3])
def test_reported_values_are_those_of_the_cpu(n_given: int, tied: bool) -> None:
    x, y, z = example(n_given=n_given, tied=tied)
    here, cpu = prepared(y, z), KsgCmi(KsgSettings()).prepare(y, z)
    np.testing.assert_allclose(here.each(x), cpu.each(x), rtol=0, atol=REPORTED)
    np.testing.assert_allclose(here.joint(x), cpu.joint(x), rtol=0, atol=REPORTED)
    np.testing.assert_allclose(here.local(x), cpu.local(x), rtol=0, atol=REPORTED)
    assert here.local(x).mean() == pytest.approx(here.joint(x), abs=REPORTED)


@pytest.mark.parametrize("n_given", [0, 1, 3])
def test_surrogates_differ_from_the_cpus_by_single_precision_only(n_given: int) -> None:
    x, y, z = example(n_given=n_given)
    drawn = orders(len(x), 9)
    here, cpu = prepared(y, z), KsgCmi(KsgSettings()).prepare(y, z)
    np.testing.assert_allclose(here.each_surrogate(x, drawn), cpu.each_surrogate(x, drawn), rtol=0, atol=SURROGATE)
    np.testing.assert_allclose(here.joint_surrogates(x, drawn), cpu.joint_surrogates(x, drawn), rtol=0, atol=SURROGATE)


def test_surrogates_of_whole_numbers_are_exact_however_large_their_offset() -> None:
    x, y, z = example(tied=True)
    drawn = orders(len(x), 5)
    x, y, z = x + 2.0**40, y - 2.0**40, z + 2.0**30
    expected = KsgCmi(KsgSettings()).prepare(y, z).each_surrogate(x, drawn)
    np.testing.assert_allclose(prepared(y, z).each_surrogate(x, drawn), expected, rtol=0, atol=REPORTED)


def test_the_order_that_changes_nothing_gives_the_observed_value() -> None:
    x, y, z = example()
    same = np.arange(len(x))[None, :]
    here = prepared(y, z)
    np.testing.assert_allclose(here.each_surrogate(x, same)[:, 0], here.each(x), rtol=0, atol=SURROGATE)


def test_a_value_does_not_depend_on_what_else_is_in_the_batch() -> None:
    x, y, z = example(80)
    drawn = orders(len(x), 6)
    here = prepared(y, z)
    together = here.each_surrogate(x, drawn)
    alone = np.array([[here.each_surrogate(x[:, [v]], drawn[[s]])[0, 0] for s in range(6)] for v in range(3)])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(here.each(x), [here.each(x[:, [v]])[0] for v in range(3)])
    np.testing.assert_array_equal(together, prepared(y, z).each_surrogate(x, drawn))


@pytest.mark.parametrize("free", [1, 100_000])
def test_chunks_of_any_size_give_the_same_bits(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    from causeway.analysis.information.neighbours import torch_search

    x, y, z = example(50)
    drawn = orders(len(x), 4)
    whole = prepared(y, z)
    expected = whole.each_surrogate(x, drawn), whole.joint_surrogates(x, drawn), whole.each(x), whole.local(x)
    monkeypatch.setattr(torch_search, "free_bytes", lambda _device: free)
    cut = prepared(y, z)
    found = cut.each_surrogate(x, drawn), cut.joint_surrogates(x, drawn), cut.each(x), cut.local(x)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_out_of_memory_makes_smaller_chunks_and_the_same_values(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from causeway.analysis.information.neighbours import torch_kernels

    x, y, z = example()
    drawn = orders(len(x), 8)
    expected = prepared(y, z).each_surrogate(x, drawn)
    widths, sums = [], torch_kernels.sums

    def with_room_for_five(x, lists, units, k):  # type: ignore[no-untyped-def]  # as torch_kernels.sums
        widths.append(x.shape[2])
        if x.shape[2] > 5:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return sums(x, lists, units, k)

    monkeypatch.setattr(torch_kernels, "sums", with_room_for_five)
    np.testing.assert_array_equal(prepared(y, z).each_surrogate(x, drawn), expected)
    assert widths == [24, 12, 6, *[3] * 8]


def test_the_pulse_is_felt_between_chunks_and_may_stop_the_work() -> None:
    class Stop(Exception):
        pass

    def pulse() -> None:
        raise Stop

    x, y, z = example()
    with pytest.raises(Stop):
        KsgGpuCmi(KsgSettings(), device="cpu").prepare(y, z, pulse).each(x)


@pytest.mark.parametrize(("options", "why"), [({"algorithm": 2}, "algorithm 2"), ({"theiler_bars": 3}, "Theiler")])
def test_what_has_no_gpu_kernel_runs_on_the_cpu_and_the_log_says_so(
    options: dict[str, int], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    x, y, z = example()
    with caplog.at_level(logging.INFO):
        here = prepared(y, z, **options)
    assert f"KSG runs on the CPU: {'a ' if why == 'Theiler' else ''}{why}" in caplog.text
    cpu = KsgCmi(KsgSettings(**options)).prepare(y, z)  # type: ignore[arg-type]  # int settings
    np.testing.assert_array_equal(here.each(x), cpu.each(x))


def test_too_few_rows_are_refused() -> None:
    x, y, z = example(4)
    with pytest.raises(InvalidInput, match="needs more than 4 rows; found 4"):
        prepared(y, z)
    assert np.isfinite(prepared(y, z, k=3).each(x)).all()
