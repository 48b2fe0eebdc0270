"""How information is estimated and how a network is inferred: frozen, comparable, free of data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from causeway.errors import InvalidInput
from causeway.model.job import AnalysisSpec, Estimator


class SurrogateScheme(StrEnum):
    """How a surrogate of a variable is drawn; every scheme keeps the values and breaks their timing.

    BLOCK keeps the memory of the series within blocks, PERMUTATION keeps none, CIRCULAR keeps all of it but
    offers no more than about n_samples distinct draws, and with them a coarse p.
    """

    BLOCK = "block"
    PERMUTATION = "permutation"
    CIRCULAR = "circular"


@dataclass(frozen=True, slots=True)
class GaussianSettings:
    """Linear-Gaussian plug-in estimator: -ln(1 - R²)/2 nats, without bias correction."""


@dataclass(frozen=True, slots=True)
class KsgSettings:
    """Kraskov-Stoegbauer-Grassberger, algorithm 1, maximum norm.

    ``k`` is the neighbour that sets the scale. ``standardise`` divides each column by its standard deviation
    (ddof 1) first, as JIDT does. Ties are kept, no noise is added: counts are strictly inside the distance
    of the k-th neighbour.
    """

    k: int = 4
    standardise: bool = True

    def __post_init__(self) -> None:
        _require(self.k >= 1, f"k must be at least 1; found {self.k}.", "k")


EstimatorSettings = GaussianSettings | KsgSettings


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Multivariate network inference.

    ``alpha`` bounds q over all links; ``alpha_step`` is the level of each selection, pruning and omnibus test.
    ``n_permutations`` surrogates decide a step under KSG (the Gaussian path has exact nulls and draws none).
    The p of a link draws more, up to ``max_link_permutations``, so that it can pass the correction.
    ``block_bars`` None means max(10, 2 max_lag).
    """

    max_lag: int = 5
    estimator: Estimator = Estimator.GAUSSIAN
    alpha: float = 0.05
    alpha_step: float = 0.05
    n_permutations: int = 200
    max_link_permutations: int = 20_000
    k: int = 4
    surrogates: SurrogateScheme = SurrogateScheme.BLOCK
    block_bars: int | None = None

    def __post_init__(self) -> None:
        _set_choice(self, "estimator", Estimator)
        _set_choice(self, "surrogates", SurrogateScheme)
        _require(self.max_lag >= 1, f"max_lag must be at least 1 bar; found {self.max_lag}.", "max_lag")
        for name in ("alpha", "alpha_step"):
            value = getattr(self, name)
            _require(0 < value < 1, f"{name} must lie between 0 and 1; found {value}.", name)
        _require(self.k >= 1, f"k must be at least 1; found {self.k}.", "k")
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
        _require(self.block_bars is None or self.block_bars >= 1, "block_bars must be at least 1.", "block_bars")

    @classmethod
    def from_spec(cls, spec: AnalysisSpec) -> NetworkSettings:
        """The settings that an analysis job asks for."""
        return cls(
            max_lag=spec.max_lag,
            estimator=spec.estimator,
            alpha=spec.alpha,
            n_permutations=spec.n_permutations,
            max_link_permutations=max(spec.n_permutations, 20_000),
        )

    @property
    def block_length_bars(self) -> int:
        """Length of a block under the block scheme."""
        return self.block_bars if self.block_bars is not None else max(10, 2 * self.max_lag)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> NetworkSettings:
        """The inverse of ``as_json``."""
        return cls(**fields)


def _set_choice(settings: NetworkSettings, field: str, choices: type[StrEnum]) -> None:
    """A plain string becomes the member that it names."""
    value = getattr(settings, field)
    _require(value in list(choices), f"{field} must be one of {', '.join(choices)}; found {value!r}.", field)
    object.__setattr__(settings, field, choices(value))


def _require(condition: bool, message: str, field: str) -> None:
    if not condition:
        raise InvalidInput(message, details={"field": field})
