"""IDTxl's settings of a network inference, read from and written as its dict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from causeway.analysis.idtxl.legacy_random import Permutation
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator, InferenceMode

ESTIMATORS = {
    "JidtKraskovCMI": Estimator.KSG,
    "OpenCLKraskovCMI": Estimator.KSG,
    "PythonKraskovCMI": Estimator.KSG,
    "CausewayKraskovCMI": Estimator.KSG,
    "JidtGaussianCMI": Estimator.GAUSSIAN,
    "CausewayGaussianCMI": Estimator.GAUSSIAN,
    "JidtDiscreteCMI": Estimator.DISCRETE,
    "CausewayDiscreteCMI": Estimator.DISCRETE,
}
# How a run is carried out, not what it finds.
WITHOUT_MEANING = frozenset({
    "verbose", "debug", "num_threads", "write_ckp", "filename_ckp", "MPI", "max_workers", "mpi_bootup_timeout",
    "analytical_surrogates", "gpuid", "max_mem", "printJobs", "knn_finder", "knn_finder_settings",
    "fdr_correct_by_target",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class IdtxlSettings:
    """IDTxl's settings under its own names, with its own defaults. Lags are bars.

    ``estimator_settings`` are those of the estimator (kraskov_k, algorithm_num, noise_level, alph1, ...), as given.
    ``local_values`` and ``add_conditionals`` are for real IDTxl only.
    """

    cmi_estimator: str
    max_lag_sources: int
    min_lag_sources: int
    max_lag_target: int | None = None
    tau_sources: int = 1
    tau_target: int = 1
    n_perm_max_stat: int = 200
    n_perm_min_stat: int = 500
    n_perm_omnibus: int = 500
    n_perm_max_seq: int = 500
    alpha_max_stat: float = 0.05
    alpha_min_stat: float = 0.05
    alpha_omnibus: float = 0.05
    alpha_max_seq: float = 0.05
    fdr_correction: bool = True
    alpha_fdr: float = 0.05
    correct_by_target: bool = True
    fdr_constant: int = 2
    permute_in_time: bool = False
    perm_type: str = "random"
    max_shift: int = 0
    block_size: int = 0
    perm_range: int = 0
    local_values: bool = False
    add_conditionals: Any = None
    estimator_settings: Mapping[str, Any] = ()  # type: ignore[assignment]  # replaced by a dict below
    mode: InferenceMode = InferenceMode.MULTIVARIATE_TE

    def __post_init__(self) -> None:
        object.__setattr__(self, "estimator_settings", dict(self.estimator_settings))
        object.__setattr__(self, "mode", InferenceMode(self.mode))
        if self.cmi_estimator not in ESTIMATORS:
            _refuse("cmi_estimator", f"one of {', '.join(ESTIMATORS)}", self.cmi_estimator)
        if not 0 <= self.min_lag_sources <= self.max_lag_sources or self.max_lag_sources < 1:
            _refuse("min_lag_sources", "0 <= min_lag_sources <= max_lag_sources, the latter at least 1", self.lags)
        for name in ("tau_sources", "tau_target"):
            if getattr(self, name) < 1:
                _refuse(name, "at least 1", getattr(self, name))
        if self.perm_type not in ("random", "circular", "block", "local"):
            _refuse("perm_type", "random, circular, block or local", self.perm_type)
        for name in _NEEDED_BY[self.perm_type]:
            if getattr(self, name) < 1:
                _refuse(name, f"at least 1 for perm_type {self.perm_type}", getattr(self, name))
        if self.fdr_constant not in (1, 2):
            _refuse("fdr_constant", "1 (Benjamini-Hochberg) or 2 (Benjamini-Yekutieli)", self.fdr_constant)
        for step in ("max_stat", "min_stat", "omnibus", "max_seq"):
            n, alpha = getattr(self, f"n_perm_{step}"), getattr(self, f"alpha_{step}")
            if not 1 / n < alpha:
                _refuse(f"n_perm_{step}", f"more than 1/alpha_{step} = {1 / alpha:g}", n)

    @property
    def lags(self) -> tuple[int, int]:
        """Smallest and largest lag of a source."""
        return self.min_lag_sources, self.max_lag_sources

    @property
    def target_lags(self) -> int:
        """Largest lag of the target's own past; 0 for mutual information, which leaves it out."""
        if not self.is_te:
            return 0
        return self.max_lag_sources if self.max_lag_target is None else self.max_lag_target

    @property
    def current_value(self) -> int:
        """Index of the first sample that is predicted."""
        return max(self.max_lag_sources, self.target_lags)

    @property
    def is_te(self) -> bool:
        """Whether the target's past is conditioned on."""
        return self.mode in (InferenceMode.MULTIVARIATE_TE, InferenceMode.BIVARIATE_TE)

    @property
    def is_multivariate(self) -> bool:
        """Whether the other selected sources are conditioned on."""
        return self.mode in (InferenceMode.MULTIVARIATE_TE, InferenceMode.MULTIVARIATE_MI)

    @property
    def estimator(self) -> Estimator:
        """The kind of estimator that the name stands for."""
        return ESTIMATORS[self.cmi_estimator]

    @property
    def permutation(self) -> Permutation:
        """How surrogates exchange rows."""
        return Permutation(self.perm_type, self.max_shift, self.block_size, self.perm_range)  # type: ignore[arg-type]  # checked above

    def with_estimator(self, name: str) -> IdtxlSettings:
        """The same with another cmi_estimator."""
        return replace(self, cmi_estimator=name)

    @classmethod
    def from_dict(
        cls, settings: Mapping[str, Any], mode: InferenceMode = InferenceMode.MULTIVARIATE_TE
    ) -> IdtxlSettings:
        """Read IDTxl's dict; ``mode`` stands for the class that it is given to (MultivariateTE, BivariateMI, ...).

        Raises:
            InvalidInput: a key that is unknown, missing, or has a value that IDTxl would not take; it is named.
        """
        own = {field.name for field in fields(cls)} - {"estimator_settings", "mode"}
        for name in ("cmi_estimator", "max_lag_sources", "min_lag_sources"):
            if name not in settings:
                raise InvalidInput(f"IDTxl's settings must name {name}.", details={"field": name})
        unknown = sorted(set(settings) - own - WITHOUT_MEANING - ESTIMATOR_SETTINGS)
        if unknown:
            raise InvalidInput(
                f"Not a setting of IDTxl's network inference that is known here: {', '.join(unknown)}. Leave it out, "
                "or run IDTxl itself.",
                details={"field": unknown[0]},
            )
        read = {name: value for name, value in settings.items() if name in own}
        passed = {name: value for name, value in settings.items() if name in ESTIMATOR_SETTINGS}
        return cls(**read, estimator_settings=passed, mode=mode)

    def as_dict(self) -> dict[str, Any]:
        """The dict that IDTxl takes; the inverse of ``from_dict`` but for ``mode``."""
        mine = {field.name: getattr(self, field.name) for field in fields(self)}
        estimator = dict(mine.pop("estimator_settings"))
        mine.pop("mode")
        unset = {name for name in ("max_lag_target", "add_conditionals") if mine[name] is None}
        unset |= {name for name in ("max_shift", "block_size", "perm_range") if mine[name] == 0}
        return {name: value for name, value in mine.items() if name not in unset} | estimator


ESTIMATOR_SETTINGS = frozenset({
    "kraskov_k", "algorithm_num", "theiler_t", "noise_level", "normalise", "base",
    "discretise_method", "n_discrete_bins", "alph1", "alph2", "alphc", "rng_seed", "exact_surrogates",
})  # fmt: skip
_NEEDED_BY: dict[str, tuple[str, ...]] = {
    "random": (),
    "circular": ("max_shift",),
    "block": ("block_size", "perm_range"),
    "local": ("perm_range",),
}


def _refuse(field: str, expected: str, found: object) -> None:
    raise InvalidInput(f"{field} must be {expected}; found {found!r}.", details={"field": field})
