"""KSG on a real CUDA device: the CPU's values, by every kernel, at sizes that the interpreter cannot do."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.estimators.ksg_gpu import KsgGpuCmi
from causeway.analysis.information.estimators.protocol import Orders
from causeway.analysis.information.neighbours import gpu_plan
from causeway.analysis.information.neighbours.gpu_device import count_devices
from causeway.analysis.information.settings import KsgSettings
from tests.fixtures.ksg_definition import Columns, tied_or_continuous

pytestmark = pytest.mark.gpu

REPORTED = 1e-11  # nats
SURROGATE = 1e-4  # nats, single precision


@pytest.fixture(scope="module", autouse=True)
def _device() -> None:
    """Asked when the first test runs: importing torch takes seconds, in every process that only collects."""
    n_devices, why_none = count_devices()
    if n_devices == 0:
        pytest.skip(why_none)


def example(
    n_rows: int, n_given: int, *, tied: bool = False, n_orders: int = 40
) -> tuple[Columns, Columns, Columns, Orders]:
    rng = np.random.default_rng(n_rows + n_given)
    x, y, z = (tied_or_continuous(rng, n_rows, d, tied=tied) for d in (3, 1, n_given))
    orders = np.stack([rng.permutation(n_rows) for _ in range(n_orders)])
    return x, y + x[:, :1], z, orders


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("k", [1, 4, 8, 16, 20])
@pytest.mark.parametrize("n_given", [0, 1, 3, 6])
def test_values_are_those_of_the_cpu(n_given: int, k: int, tied: bool) -> None:
    x, y, z, orders = example(1000, n_given, tied=tied)
    gpu = KsgGpuCmi(KsgSettings(k=k)).prepare(y, z)
    cpu = KsgCmi(KsgSettings(k=k)).prepare(y, z)
    np.testing.assert_allclose(gpu.each(x), cpu.each(x), rtol=0, atol=REPORTED)
    np.testing.assert_allclose(gpu.joint(x), cpu.joint(x), rtol=0, atol=REPORTED)
    np.testing.assert_allclose(gpu.local(x), cpu.local(x), rtol=0, atol=REPORTED)
    for found, expected in (
        (gpu.each_surrogate(x, orders), cpu.each_surrogate(x, orders)),
        (gpu.joint_surrogates(x, orders), cpu.joint_surrogates(x, orders)),
    ):
        np.testing.assert_allclose(found, expected, rtol=0, atol=SURROGATE)


@pytest.mark.parametrize("how", ["lists", "matrices", "on the fly"])
@pytest.mark.parametrize("n_given", [0, 3])
def test_every_kernel_gives_the_bits_of_plain_torch(n_given: int, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from causeway.analysis.information.neighbours import torch_search

    x, y, z, orders = example(3000, n_given)
    expected = KsgGpuCmi(KsgSettings(), kernels="torch").prepare(y, z).each_surrogate(x, orders)
    monkeypatch.setattr(torch_search, "nearness", lambda _call, _free: how)
    for _ in range(2):
        found = KsgGpuCmi(KsgSettings()).prepare(y, z).each_surrogate(x, orders)
        np.testing.assert_array_equal(found, expected)


def test_a_chunk_that_is_too_large_for_the_device_becomes_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from causeway.analysis.information.estimators import ksg_gpu

    x, y, z, orders = example(5000, 1, n_orders=400)
    expected = KsgGpuCmi(KsgSettings()).prepare(y, z).each_surrogate(x, orders)
    monkeypatch.setattr(ksg_gpu, "columns_at_once", lambda call, _free: call.n_columns)
    prepared = KsgGpuCmi(KsgSettings()).prepare(y, z)
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(max(0.002, 320 * 2**20 / total))
    try:
        np.testing.assert_array_equal(prepared.each_surrogate(x, orders), expected)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_a_plan_uses_the_memory_that_the_device_has() -> None:
    import torch

    from causeway.analysis.information.neighbours.torch_search import free_bytes

    free = free_bytes(torch.device("cuda:0"))
    assert 0 < free <= torch.cuda.get_device_properties(0).total_memory
    assert gpu_plan.columns_at_once(gpu_plan.Call(1000, 1, 200), free) == 200
