"""Our estimators as IDTxl's: after ``install()``, ``settings["cmi_estimator"] = "CausewayKraskovCMI"``, and no more.

They take the settings of the JIDT estimators of the same kind under the same names and with the same defaults, and
give the same numbers (KSG and Gaussian in nats, discrete in bits, as JIDT does). Other settings are IDTxl's own and
are passed over. Source of the interface: ``idtxl.estimator.Estimator``, whose documentation defines the methods.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from idtxl.estimator import Estimator
from numpy.typing import NDArray
from scipy.stats import chi2

from causeway.analysis.idtxl import discrete_chunks, gaussian_chunks, ksg_chunks
from causeway.analysis.idtxl.chunks import Array, collapse, split
from causeway.errors import InvalidInput

Values = NDArray[np.float64]


class Prepared(Protocol):
    """I(x; y | z) with y and z fixed, for chunks of x (n_chunks, n_rows, n_dimensions)."""

    def each(self, x: Array) -> Values:
        """(n_chunks,)."""
        ...

    def local(self, x: Array) -> Values:
        """(n_rows,): local values of one chunk (n_rows, n_dimensions)."""
        ...


class ChunkedEstimator(Estimator):  # type: ignore[misc]  # idtxl carries no types
    """What the three have in common: which variables change from chunk to chunk, and which were repeated."""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings = self._check_settings(settings).copy()
        self._local = _truth(self.settings.get("local_values", False))

    @abstractmethod
    def _prepare(self, y: Array, z: Array) -> Prepared:
        """Fix y and z, (n_rows, n_dimensions) each."""

    def is_parallel(self) -> bool:
        """True: many chunks at once."""
        return True

    def is_analytic_null_estimator(self) -> bool:
        """Whether ``estimate_surrogates_analytic`` exists."""
        return False

    def estimate(self, var1: Array, var2: Array, conditional: Array | None = None, n_chunks: int = 1) -> float | Values:
        """I(var1; var2 | conditional): a float for one chunk, (n_chunks,) for several; one chunk's local values if the
        setting ``local_values`` is true. Without ``conditional`` the mutual information.

        Raises:
            InvalidInput: rows that do not fit, or too few; local values of several chunks.
        """
        chunks = [None if a is None else collapse(split(a, n_chunks)) for a in (var1, var2, conditional)]
        if not self._local:
            values = self._chunks(n_chunks, *chunks)
            return values if n_chunks > 1 else float(values[0])
        if n_chunks > 1:
            raise InvalidInput(f"Local values need a single chunk; found {n_chunks}.")
        x, y, z = self._checked(*chunks)
        return self._prepare(y[0], z[0]).local(x[0])

    def estimate_parallel(self, n_chunks: int = 1, re_use: Sequence[str] | None = None, **data: Array | None) -> Values:
        """(n_chunks,): one estimate per chunk; variables named in ``re_use`` hold one chunk, which serves all."""
        reused = set(re_use or ())
        chunks = [
            None if data.get(name) is None else split(np.asarray(data[name]), 1 if name in reused else n_chunks)
            for name in ("var1", "var2", "conditional")
        ]
        return self._chunks(n_chunks, *chunks)

    def _chunks(self, n_chunks: int, x: Array | None, y: Array | None, z: Array | None) -> Values:
        x, y, z = self._checked(x, y, z)
        if len(x) == 1 and len(y) > 1:  # information is symmetric
            x, y = y, x
        if len(y) == len(z) == 1:
            values = self._prepare(y[0], z[0]).each(x)
            return values if len(x) > 1 else np.repeat(values, n_chunks)
        each = (self._prepare(b, c).each(a[None])[0] for a, b, c in _rounds(n_chunks, x, y, z))
        return np.fromiter(each, dtype=np.float64, count=n_chunks)

    def _checked(self, x: Array | None, y: Array | None, z: Array | None) -> tuple[Array, Array, Array]:
        if x is None or y is None:
            raise InvalidInput("var1 and var2 are needed.")
        z = np.empty((1, x.shape[1], 0), dtype=x.dtype) if z is None else z
        rows = {a.shape[1] for a in (x, y, z)}
        if len(rows) > 1:
            raise InvalidInput(
                f"Unequal number of rows: var1 {x.shape[1]}, var2 {y.shape[1]}, conditional {z.shape[1]}."
            )
        return x, y, z


class CausewayKraskovCMI(ChunkedEstimator):
    """KSG in nats, in place of JidtKraskovCMI. Settings: kraskov_k (4), algorithm_num (1 or 2), theiler_t (0),
    normalise (false), noise_level (1e-8), local_values (false), rng_seed (0: of the noise), exact_surrogates (false).

    Surrogates, which IDTxl only compares, are in single precision unless ``exact_surrogates`` or values are tied.
    num_threads and debug are accepted and change nothing.
    """

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        super().__init__(settings)
        self._ksg = ksg_chunks.KsgChunks.from_idtxl(self.settings)

    def _prepare(self, y: Array, z: Array) -> Prepared:
        return self._ksg.prepare(np.asarray(y, dtype=np.float64), np.asarray(z, dtype=np.float64))


class _AnalyticEstimator(ChunkedEstimator):
    """An estimator whose null is chi-squared: IDTxl draws surrogates from it if it permutes in time."""

    def is_analytic_null_estimator(self) -> bool:
        """True."""
        return True

    def estimate_surrogates_analytic(
        self, n_perm: int = 200, *, var1: Array, var2: Array, conditional: Array | None = None
    ) -> Values:
        """(n_perm,) draws from the null; they use the global generator of numpy, in the order in which JIDT's do."""
        x, y, z = self._checked(*(None if a is None else split(a, 1) for a in (var1, var2, conditional)))
        freedom, scale = self._null(x[0], y[0], z[0])
        uniform = np.random.random(n_perm)  # IDTxl's generator, so that its seed decides
        return np.asarray(chi2.isf(uniform, freedom) * scale) if freedom else np.zeros(n_perm)

    @abstractmethod
    def _null(self, x: Array, y: Array, z: Array) -> tuple[int, float]:
        """Degrees of freedom, and what multiplies chi-squared."""


class CausewayGaussianCMI(_AnalyticEstimator):
    """Linear-Gaussian in nats, in place of JidtGaussianCMI. Setting: local_values (false).

    A variable that is a linear combination of the others carries nothing, and its null is all zero.
    """

    def _prepare(self, y: Array, z: Array) -> gaussian_chunks.PreparedGaussian:
        return gaussian_chunks.PreparedGaussian(np.asarray(y, dtype=np.float64), np.asarray(z, dtype=np.float64))

    def _null(self, x: Array, y: Array, z: Array) -> tuple[int, float]:
        return self._prepare(y, z).null_freedom(x), 1 / (2 * x.shape[0])


class CausewayDiscreteCMI(_AnalyticEstimator):
    """Plug-in over symbols in bits, in place of JidtDiscreteCMI. Settings: discretise_method (none, equal, max_ent),
    n_discrete_bins, alph1, alph2, alphc (2 each), local_values (false).

    The null is chi2/(2 N ln 2) bits. JIDT's leaves the ln 2 out and so compares bits with nats.
    """

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        super().__init__(settings)
        self._symbols = discrete_chunks.Symbols.from_idtxl(self.settings)

    def _prepare(self, y: Array, z: Array) -> Prepared:
        return discrete_chunks.PreparedDiscrete(y, z, self._symbols)

    def _null(self, x: Array, y: Array, z: Array) -> tuple[int, float]:
        freedom = self._symbols.null_freedom(x.shape[1], y.shape[1], z.shape[1])
        return freedom, 1 / (2 * x.shape[0] * np.log(2))


def _rounds(n_chunks: int, *variables: Array) -> Iterator[tuple[Array, ...]]:
    """Chunk after chunk; a variable with a single chunk gives it every time."""
    for i in range(n_chunks):
        yield tuple(variable[i if len(variable) > 1 else 0] for variable in variables)


def _truth(value: object) -> bool:
    """IDTxl's settings hold booleans, or the words for them."""
    return value if isinstance(value, bool) else str(value).lower() == "true"
