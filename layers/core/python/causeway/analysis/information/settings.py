"""How information is estimated and how a network is inferred: frozen, comparable, free of data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from numbers import Integral
from typing import Any, assert_never

from causeway.analysis.information.estimators.settings import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    OrdinalSettings,
)
from causeway.errors import InvalidInput
from causeway.model.inference import (
    Autocorrelation,
    Correction,
    CorrectOver,
    Estimator,
    InferenceMode,
    Missing,
    SurrogateScheme,
    Tail,
    Transform,
)
from causeway.model.job import AnalysisSpec, Measure

__all__ = [
    "CopulaSettings",
    "DiscreteSettings",
    "EstimatorSettings",
    "GaussianSettings",
    "KsgSettings",
    "NetworkSettings",
    "OrdinalSettings",
    "SurrogateScheme",
]


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Network inference; meanings of the choices stand in ``causeway.model.inference``.

    ``alpha`` bounds q over all links; ``alpha_step`` is the level of each selection, pruning and omnibus test.
    ``n_permutations`` surrogates decide a step where the null is sampled (Gaussian and copula have exact nulls and
    draw none). The p of a link draws more, up to ``max_link_permutations``, so that it can pass the correction; where
    more than 2,000 would be needed a tail is fitted to 2,000, unless ``tail`` is COUNTED.
    ``k``, ``ksg_algorithm`` and ``theiler_bars`` concern KSG, ``n_bins`` discrete, ``ordinal_order`` ordinal inference.
    ``condition_on`` names each series once; a plain string is one name.
    ``block_bars`` None means max(10, 2 max_lag), 0 a length chosen from the target's memory (Politis & White 2004).
    """

    max_lag: int = 5
    estimator: Estimator = Estimator.GAUSSIAN
    alpha: float = 0.05
    alpha_step: float = 0.05
    n_permutations: int = 200
    max_link_permutations: int = 20_000
    mode: InferenceMode = InferenceMode.MULTIVARIATE_TE
    transform: Transform = Transform.NONE
    k: int = 4
    ksg_algorithm: int = 1
    theiler_bars: int = 0
    n_bins: int = 3
    ordinal_order: int = 3
    surrogates: SurrogateScheme = SurrogateScheme.BLOCK
    block_bars: int | None = None
    tail: Tail = Tail.FITTED
    autocorrelation: Autocorrelation = Autocorrelation.BARTLETT
    correction: Correction = Correction.BY
    correct_over: CorrectOver = CorrectOver.LINKS
    condition_on: tuple[str, ...] = ()
    missing: Missing = Missing.DROP
    compat: str = ""

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            _set_choice(self, name, choices)
        _require(
            self.surrogates is not SurrogateScheme.AUTO,
            "surrogates auto needs a measure to choose by; name a scheme: volatility for returns, else block.",
            "surrogates",
        )
        named = (self.condition_on,) if isinstance(self.condition_on, str) else self.condition_on
        object.__setattr__(self, "condition_on", tuple(dict.fromkeys(named)))
        for name in ("alpha", "alpha_step"):
            value = getattr(self, name)
            _require(0 < value < 1, f"{name} must lie between 0 and 1; found {value}.", name)
        for name, least in _LEAST.items():
            value = getattr(self, name)
            whole = isinstance(value, Integral) and not isinstance(value, bool)
            _require(whole and value >= least, f"{name} must be at least {least} and whole; found {value!r}.", name)
            object.__setattr__(self, name, int(value))
        _require(
            self.ksg_algorithm in (1, 2), f"ksg_algorithm must be 1 or 2; found {self.ksg_algorithm}.", "ksg_algorithm"
        )
        _require(self.compat in ("", "idtxl"), f"compat must be empty or idtxl; found {self.compat!r}.", "compat")
        _require(
            1 / (self.n_permutations + 1) <= self.alpha_step,
            f"{self.n_permutations} permutations cannot reach p <= {self.alpha_step}; "
            f"use at least {int(1 / self.alpha_step)}.",
            "n_permutations",
        )
        _require(
            self.max_link_permutations >= self.n_permutations,
            "max_link_permutations must not be below n_permutations.",
            "max_link_permutations",
        )
        _require(self.block_bars is None or self.block_bars >= 0, "block_bars must not be negative.", "block_bars")

    @classmethod
    def from_spec(cls, spec: AnalysisSpec) -> NetworkSettings:
        """The settings that an analysis job asks for."""
        asked = {name: getattr(spec.inference, name) for name in _FROM_OPTIONS}
        if spec.inference.surrogates is SurrogateScheme.AUTO:
            asked["surrogates"] = _scheme_for(spec)
        return cls(
            max_lag=spec.max_lag,
            estimator=spec.estimator,
            alpha=spec.alpha,
            n_permutations=spec.n_permutations,
            max_link_permutations=max(spec.n_permutations, 20_000),
            **asked,
        )

    @property
    def block_length_bars(self) -> int:
        """Length of a block under the block scheme."""
        return self.block_bars if self.block_bars is not None else max(10, 2 * self.max_lag)

    @property
    def has_exact_nulls(self) -> bool:
        """Whether p follows from theory, without surrogates."""
        return self.estimator in (Estimator.GAUSSIAN, Estimator.COPULA)

    @property
    def estimator_settings(self) -> EstimatorSettings:
        """What ``estimators.registry`` makes the estimator from."""
        match self.estimator:
            case Estimator.GAUSSIAN:
                return GaussianSettings()
            case Estimator.COPULA:
                return CopulaSettings()
            case Estimator.KSG:
                return KsgSettings(
                    k=self.k, algorithm=2 if self.ksg_algorithm == 2 else 1, theiler_bars=self.theiler_bars
                )
            case Estimator.DISCRETE:
                return DiscreteSettings(n_bins=self.n_bins)
            case Estimator.ORDINAL:
                return OrdinalSettings(order=self.ordinal_order)
        assert_never(self.estimator)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> NetworkSettings:
        """The inverse of ``as_json``."""
        return cls(**fields)


_CHOICES: dict[str, type[StrEnum]] = {
    "estimator": Estimator,
    "mode": InferenceMode,
    "transform": Transform,
    "surrogates": SurrogateScheme,
    "tail": Tail,
    "autocorrelation": Autocorrelation,
    "correction": Correction,
    "correct_over": CorrectOver,
    "missing": Missing,
}
_LEAST = {
    "max_lag": 1, "k": 1, "theiler_bars": 0, "n_bins": 2, "ordinal_order": 2, "n_permutations": 1,
    "max_link_permutations": 1,
}  # fmt: skip
_FROM_OPTIONS = (
    "mode", "transform", "k", "ksg_algorithm", "theiler_bars", "n_bins", "ordinal_order", "surrogates", "block_bars",
    "tail", "autocorrelation",
    "correction", "correct_over", "condition_on", "missing", "compat",
)  # fmt: skip


def _scheme_for(spec: AnalysisSpec) -> SurrogateScheme:
    """Returns panic together, which other schemes take for information (docs/nulls.md). IDTxl has no such scheme."""
    by_idtxl = spec.inference.compat or spec.inference.engine.is_idtxl
    strata = spec.measure is Measure.RETURNS and not by_idtxl
    return SurrogateScheme.VOLATILITY if strata else SurrogateScheme.BLOCK


def _set_choice(settings: NetworkSettings, field: str, choices: type[StrEnum]) -> None:
    """A plain string becomes the member that it names."""
    value = getattr(settings, field)
    _require(value in list(choices), f"{field} must be one of {', '.join(choices)}; found {value!r}.", field)
    object.__setattr__(settings, field, choices(value))


def _require(condition: bool, message: str, field: str) -> None:
    if not condition:
        raise InvalidInput(message, details={"field": field})
