"""KSG on a GPU, through torch and Triton, behind the estimators' protocol.

Source: Kraskov, Stoegbauer & Grassberger 2004, algorithm 1 (equation 8); conditional form by Frenzel & Pompe 2007.

What is reported (``each``, ``joint``, ``local``) is computed on the device in double precision: the kernels subtract,
take maxima and compare, which IEEE 754 rounds alike everywhere, so that every neighbour count is the CPU's and a value
differs only by the rounding of its sum, at most 1e-11 nats (2e-14 at 1,000 rows). Surrogates are in single precision.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.analysis.information.estimators.protocol import Columns, Orders, PreparedCmi, Pulse
from causeway.analysis.information.neighbours.gpu_device import choose_device
from causeway.analysis.information.neighbours.gpu_plan import Call, columns_at_once, in_chunks
from causeway.analysis.information.settings import KsgSettings
from causeway.errors import InvalidInput

if TYPE_CHECKING:
    from torch import Tensor

    from causeway.analysis.information.neighbours.torch_search import Kernels, Search

_log = logging.getLogger(__name__)
_Columns = Callable[[int, int], "Tensor"]  # (start, stop) -> x of shape (n_dimensions, n_rows, stop - start)


class KsgGpuCmi:
    """KSG, algorithm 1, without a Theiler window. Columns are taken as they come, as by ``KsgCmi``.

    Algorithm 2 and a Theiler window have no GPU kernels, and without a GPU there is nothing to run them on: then
    ``prepare`` gives the CPU's ``KsgCmi``, which has the same interface and reports the same values.

    ``device`` as in ``choose_device``; ``"cpu"`` said outright runs the torch kernels on the CPU, which is for tests
    (numba is far faster there). ``kernels`` is for tests and benchmarks: ``"auto"`` takes Triton on a GPU up to k = 16.
    """

    def __init__(self, settings: KsgSettings, device: str = "cuda", kernels: Kernels = "auto") -> None:
        self._settings = settings
        self._kernels: Kernels = kernels
        self._device = device if device == "cpu" else choose_device(device)
        self._on_cpu = _why_on_cpu(settings) if device == "cpu" or self._device != "cpu" else "there is no GPU"
        if self._on_cpu:
            _log.info("KSG runs on the CPU: %s", self._on_cpu)

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedCmi:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: not more than k rows.
        """
        if self._on_cpu:
            from causeway.analysis.information.estimators.ksg import KsgCmi

            return KsgCmi(self._settings).prepare(y, z, pulse)
        k = self._settings.k
        if y.shape[0] <= k:
            raise InvalidInput(f"KSG with k = {k} needs more than {k} rows; found {y.shape[0]}.")
        return PreparedKsgGpu(y, z, k, self._device, self._kernels, pulse or (lambda: None))


class PreparedKsgGpu:
    """``PreparedCmi`` on a device; distances are kept from call to call where they fit."""

    def __init__(self, y: Columns, z: Columns, k: int, device: str, kernels: Kernels, pulse: Pulse) -> None:
        import torch

        from causeway.analysis.information.neighbours.torch_search import Search

        where = torch.device(device)
        self._pulse, self._psi_k = pulse, float(digamma(k))
        self._reported = Search(y, z, k, where, torch.float64, kernels)
        self._drawn = Search(y, z, k, where, torch.float32, kernels)

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        values = self._reported.upload(x)
        return self._batch(self._reported, 1, x.shape[1], lambda start, stop: values[start:stop].T[None])

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        values = self._reported.upload(x)
        return float(self._batch(self._reported, x.shape[1], 1, lambda _start, _stop: values[:, :, None])[0])

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        n_variables = x.shape[1]
        gather = _Gather(self._drawn, x, orders)

        def columns(start: int, stop: int) -> Tensor:  # surrogate after surrogate, all variables of each
            first = start // n_variables
            found = gather(first, -(-stop // n_variables)).reshape(self._drawn.n_rows, -1)
            return found[None, :, start - first * n_variables : stop - first * n_variables]

        values = self._batch(self._drawn, 1, n_variables * len(orders), columns)
        return np.ascontiguousarray(values.reshape(len(orders), n_variables).T)

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        gather = _Gather(self._drawn, x, orders)
        columns = lambda start, stop: gather(start, stop).permute(2, 0, 1)  # noqa: E731
        return self._batch(self._drawn, x.shape[1], len(orders), columns)

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values whose mean is ``joint(x)``."""
        self._pulse()
        terms = self._reported.terms(self._reported.upload(x)[:, :, None])[:, 0]
        return np.asarray(self._psi_k + terms.cpu().numpy() * self._reported.unit)

    def _batch(self, search: Search, n_dimensions: int, n_columns: int, columns: _Columns) -> NDArray[np.float64]:
        """Estimates of all columns, in chunks that fit; ``columns`` gives x (n_dimensions, n_rows, stop - start)."""
        import torch

        from causeway.analysis.information.neighbours.torch_search import free_bytes, give_memory_back

        call = Call(search.n_rows, n_dimensions, n_columns, search.bytes_per_value)
        search.make_ready(call)
        total = np.empty(n_columns, dtype=np.int64)

        def work(start: int, stop: int) -> None:
            self._pulse()
            x = _filled(columns(start, stop), search.width(stop - start))
            total[start:stop] = search.sums(x)[: stop - start].cpu().numpy()

        at_once = columns_at_once(call, free_bytes(search.device))
        in_chunks(n_columns, at_once, work, torch.OutOfMemoryError, give_memory_back)
        return np.asarray(self._psi_k + total * (search.unit / search.n_rows))


class _Gather:
    """Surrogates made on the device: (n_rows, stop - start, n_variables) of the orders ``start`` to ``stop``."""

    def __init__(self, search: Search, x: Columns, orders: Orders) -> None:
        self._values = search.upload(x).T.contiguous()
        self._orders = orders

    def __call__(self, start: int, stop: int) -> Tensor:
        import torch

        chosen = torch.from_numpy(self._orders[start:stop].astype(np.int32)).to(self._values.device)
        return self._values[chosen.T]


def _filled(x: Tensor, width: int) -> Tensor:
    """The columns in an array of ``width`` columns, contiguous; zero in the surplus."""
    if x.shape[2] == width:
        return x.contiguous()
    wide = x.new_zeros((*x.shape[:2], width))
    wide[:, :, : x.shape[2]] = x
    return wide


def _why_on_cpu(settings: KsgSettings) -> str:
    """Why these settings have no GPU kernels; empty where they have."""
    if settings.algorithm != 1:
        return f"algorithm {settings.algorithm} has no GPU kernels"
    return "a Theiler window has no GPU kernels" if settings.theiler_bars else ""
