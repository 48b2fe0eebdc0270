"""How (conditional) mutual information is estimated: frozen, comparable, free of data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from causeway.errors import InvalidInput

Binning = Literal["equal_width", "quantile"]
BiasCorrection = Literal["none", "miller_madow", "grassberger"]


@dataclass(frozen=True, slots=True)
class GaussianSettings:
    """Linear-Gaussian plug-in estimator: -ln(1 - R²)/2 nats, without bias correction."""


@dataclass(frozen=True, slots=True)
class KsgSettings:
    """Kraskov-Stoegbauer-Grassberger, maximum norm.

    ``k`` is the neighbour that sets the scale. ``algorithm`` 1 counts within one distance for all variables,
    2 within one for each variable. Rows less than or exactly ``theiler_bars`` apart in time are never neighbours.
    ``standardise`` divides each column by its standard deviation (ddof 1) first, as JIDT does. Ties are kept,
    no noise is added.
    """

    k: int = 4
    algorithm: Literal[1, 2] = 1
    theiler_bars: int = 0
    standardise: bool = True

    def __post_init__(self) -> None:
        _least("k", self.k, 1)
        _one_of("algorithm", self.algorithm, (1, 2))
        _least("theiler_bars", self.theiler_bars, 0)


@dataclass(frozen=True, slots=True)
class DiscreteSettings:
    """Plug-in estimator over symbols.

    ``n_bins`` None takes the values as symbols and asks that they be whole numbers; otherwise each variable is cut
    into that many bins, of equal width or of equal counts. ``correction`` of the bias of each entropy: Miller-Madow
    adds (occupied states - 1)/(2 n_rows), the better where each state has many rows; Grassberger 2003 replaces ln n
    in each count, the better where states have few. With either, an estimate may be below zero. Corrections that
    need one conditional distribution per stimulus (Panzeri & Treves 1996) are not defined for conditional mutual
    information and not offered.
    """

    n_bins: int | None = None
    binning: Binning = "quantile"
    correction: BiasCorrection = "miller_madow"

    def __post_init__(self) -> None:
        if self.n_bins is not None:
            _least("n_bins", self.n_bins, 2)
        _one_of("binning", self.binning, get_args(Binning))
        _one_of("correction", self.correction, get_args(BiasCorrection))


@dataclass(frozen=True, slots=True)
class OrdinalSettings:
    """Symbolic estimator: the symbol of a bar is the order of its last ``order`` values, ``delay`` bars apart.

    Equal values are ordered by time. The first (order - 1) delay bars have no symbol. ``correction`` as in
    ``DiscreteSettings``. Source: Bandt & Pompe 2002; transfer entropy by Staniek & Lehnertz 2008.
    """

    order: int = 3
    delay: int = 1
    correction: BiasCorrection = "miller_madow"

    def __post_init__(self) -> None:
        _one_of("order", self.order, range(2, 8))
        _least("delay", self.delay, 1)
        _one_of("correction", self.correction, get_args(BiasCorrection))


@dataclass(frozen=True, slots=True)
class CopulaSettings:
    """Gaussian copula: ranks to normal scores, then the Gaussian estimator. A lower bound of the information.

    Unchanged by any increasing transform of any variable. Ties get their average rank. ``bias_correction``
    subtracts the analytic bias of Gaussian entropies; then an estimate may be below zero. Source: Ince et al. 2017.
    """

    bias_correction: bool = False


EstimatorSettings = GaussianSettings | KsgSettings | DiscreteSettings | OrdinalSettings | CopulaSettings


def _least(field: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        _refuse(field, f"a whole number of at least {least}", value)


def _one_of(field: str, value: object, choices: Collection[object]) -> None:
    if isinstance(value, bool) or value not in choices:
        _refuse(field, f"one of {', '.join(map(str, choices))}", value)


def _refuse(field: str, expected: str, found: object) -> None:
    raise InvalidInput(f"{field} must be {expected}; found {found!r}.", details={"field": field})
