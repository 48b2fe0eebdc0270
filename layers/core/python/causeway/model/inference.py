"""How a network is inferred: the part of a question that is about statistics, not about data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class Estimator(StrEnum):
    """What is assumed about the dependence between series; see ``analysis.information.estimators``."""

    GAUSSIAN = "gaussian"  # linear, jointly normal; exact nulls, seconds for hundreds of series
    COPULA = "copula"  # the same after each series' ranks became normal scores: monotone, heavy tails
    KSG = "ksg"  # any dependence, by nearest neighbours
    DISCRETE = "discrete"  # values in bins
    ORDINAL = "ordinal"  # order patterns (symbolic transfer entropy)


class InferenceMode(StrEnum):
    """Multivariate conditions on all that was selected, bivariate on the target's past alone; MI leaves that out."""

    MULTIVARIATE_TE = "multivariate-te"
    BIVARIATE_TE = "bivariate-te"
    MULTIVARIATE_MI = "multivariate-mi"
    BIVARIATE_MI = "bivariate-mi"


class Transform(StrEnum):
    """What is done to each series before inference."""

    NONE = "none"
    RANK = "rank"  # ranks as normal scores, so that heavy tails do not decide


class SurrogateScheme(StrEnum):
    """How a surrogate of a variable is drawn; every scheme keeps its values and breaks their timing.

    BLOCK keeps the memory of the series within blocks, PERMUTATION keeps none, CIRCULAR keeps all of it but
    offers no more than about n_samples distinct draws, and with them a coarse p. LOCAL permutes among rows whose
    conditioning set is alike (Runge 2018), VOLATILITY among times when the target moved as much, so that volatility's
    clustering stays aligned. REPLICATIONS exchanges whole replications of an experiment. AUTO is VOLATILITY for
    returns, which panic together, and BLOCK otherwise. See docs/nulls.md.
    """

    AUTO = "auto"
    BLOCK = "block"
    PERMUTATION = "permutation"
    CIRCULAR = "circular"
    LOCAL = "local"
    VOLATILITY = "volatility"
    REPLICATIONS = "replications"


class Tail(StrEnum):
    """p of a rare value: COUNTED is at least 1 / (draws + 1), FITTED follows from the shape of the surrogates' tail."""

    COUNTED = "counted"
    FITTED = "fitted"


class Autocorrelation(StrEnum):
    """BARTLETT: fewer rows count in exact tests where both residuals are autocorrelated (Cliff et al. 2021)."""

    BARTLETT = "bartlett"
    NONE = "none"


class Correction(StrEnum):
    """False-discovery control: BY under any dependence, BH for independent or positively dependent tests."""

    BY = "by"
    BH = "bh"


class CorrectOver(StrEnum):
    """LINKS: q over every candidate link. TARGETS: over the targets' omnibus p; a link inherits its target's q."""

    LINKS = "links"
    TARGETS = "targets"


class Missing(StrEnum):
    """DROP keeps the bars that all series have; MASK keeps all bars and uses, per target, rows with no hole inside."""

    DROP = "drop"
    MASK = "mask"


class Engine(StrEnum):
    CAUSEWAY = "causeway"
    IDTXL = "idtxl"  # the installed IDTxl package, with our estimators plugged in
    IDTXL_JIDT = "idtxl-jidt"  # the same with its own, JIDT's, which run on Java

    @property
    def is_idtxl(self) -> bool:
        """Whether the installed IDTxl answers."""
        return self is not Engine.CAUSEWAY


MADE_DRIVERS = ("@mean", "@pc1")  # common drivers made of all series: their mean, their first principal component


@dataclass(frozen=True, slots=True)
class InferenceOptions:
    """Everything about inference beyond lags, alpha, permutations and seed; every default is the recommended choice.

    ``block_bars`` None means max(10, 2 max_lag), 0 a length chosen from the target. ``stability_runs`` resamples of
    time, and as many of the asset set, say how far each link can be trusted; None means 50 where nulls are exact and
    the network has at most 150 series, else none. ``window_bars`` repeats the inference on windows that start every
    ``step_bars``; None means the whole range only.
    ``condition_on`` names series that act on all others (a market, a sector), or ``MADE_DRIVERS``: conditioned on,
    never a source or target.
    ``compat`` "idtxl" reproduces IDTxl's decisions, defects included.
    """

    mode: InferenceMode = InferenceMode.MULTIVARIATE_TE
    transform: Transform = Transform.NONE
    k: int = 4
    ksg_algorithm: int = 1
    theiler_bars: int = 0
    n_bins: int = 3
    ordinal_order: int = 3
    surrogates: SurrogateScheme = SurrogateScheme.AUTO
    block_bars: int | None = None
    tail: Tail = Tail.FITTED
    autocorrelation: Autocorrelation = Autocorrelation.BARTLETT
    correction: Correction = Correction.BY
    correct_over: CorrectOver = CorrectOver.LINKS
    condition_on: tuple[str, ...] = ()
    missing: Missing = Missing.DROP
    stability_runs: int | None = None
    window_bars: int | None = None
    step_bars: int | None = None
    engine: Engine = Engine.CAUSEWAY
    compat: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self) | {"condition_on": list(self.condition_on)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> InferenceOptions:
        """The inverse of ``as_json``; what was stored before an option existed gets its default."""
        typed = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        for name, kind in _CHOICES.items():
            if name in typed:
                typed[name] = kind(typed[name])
        if "condition_on" in typed:
            typed["condition_on"] = tuple(typed["condition_on"])
        return cls(**typed)


_CHOICES: dict[str, type[StrEnum]] = {
    "mode": InferenceMode,
    "transform": Transform,
    "surrogates": SurrogateScheme,
    "tail": Tail,
    "autocorrelation": Autocorrelation,
    "correction": Correction,
    "correct_over": CorrectOver,
    "missing": Missing,
    "engine": Engine,
}
