"""Wire shapes of what is known about an answer beyond its links; meanings as in analysis.information.robustness."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, model_validator

from causeway.web.wire import Moment, Wire
from functions.analysis.schemas import FoundLink, SpecRequest


class Stored(Wire):
    """Written by a worker of any version; what this version does not know is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class LagPoint(Stored):
    """One lag of a source alone, given everything selected elsewhere; p is not corrected."""

    lag_bars: int
    te_nats: float
    p: float


class NullSample(Stored):
    """The distribution of the statistic (nats) if there were no link; ``edges`` has one entry more than ``counts``.

    ``surrogates``: counts of ``n`` draws. ``exact``: expected counts per 1000 draws. ``observed`` was tested.
    """

    kind: Literal["surrogates", "exact"]
    edges: list[float]
    counts: list[float]
    observed: float
    n: int


class LagInterval(Wire):
    """Lags in bars, both included."""

    low: int
    high: int

    @model_validator(mode="before")
    @classmethod
    def _of_pair(cls, stored: Any) -> Any:
        """It is stored as a pair."""
        return {"low": stored[0], "high": stored[1]} if isinstance(stored, list | tuple) else stored


class LinkDetail(Stored):
    """One kept link. ``lag_interval`` holds the strongest lag in 95 % of the resamples.

    ``linear_share`` is the part of the information that a linear model explains, ``stability_time`` and
    ``stability_assets`` are shares of resamples in which the link was found again, ``needs`` are series without which
    it was found clearly less often.
    """

    source: str
    target: str
    lag_profile: list[LagPoint]
    effective_lag: float
    lag_interval: LagInterval | None
    linear_share: float | None
    linear_coefficient: float
    stability_time: float | None
    stability_assets: float | None
    needs: list[str]
    null: NullSample | None


class Power(Stored):
    """The weakest link that these samples would have shown with probability ``power``.

    ``needed_p`` is what a lone link needs after correction; ``detectable_r2`` is the partial R² of one lag.
    """

    detectable_te_nats: float
    detectable_r2: float
    power: float
    needed_p: float
    method: str


class TargetDetail(Stored):
    """One target. ``ais_nats`` is what its own past tells, ``te_nats`` what all kept sources add, with its p."""

    target: str
    own_lags: list[int]
    ais_nats: float
    ais_p: float
    te_nats: float
    omnibus_p: float
    power: Power
    stability_runs: int


class Details(Wire):
    """``links`` by rising q; both lists are empty for an answer that was stored before details were."""

    job_id: UUID
    links: list[LinkDetail]
    targets: list[TargetDetail]


class LocalInformation(Wire):
    """Transfer entropy of a link bar by bar, in nats; ``times`` are the starts of the predicted bars.

    Past 5,000 bars the smallest and the largest value of each of 2,500 equal stretches are sent, so that no extreme is
    lost; ``samples`` counts all bars, ``mean_nats`` is over all of them.
    """

    source: str
    target: str
    times: list[Moment]
    te_nats: list[float]
    samples: int
    mean_nats: float
    thinned: bool


class WindowLink(FoundLink, Stored):
    """A link in one window; q is corrected over all links of all windows. ``significant`` means q < alpha."""


class Window(Stored):
    """``start`` and ``end`` are the starts of its first and last bars. ``skipped`` targets could not be analysed."""

    start: Moment
    end: Moment
    links: list[WindowLink]
    skipped: list[str]


class Windows(Wire):
    """The network window by window, oldest first; none where the question asked for none."""

    window_bars: int | None
    windows: list[Window]


class EstimateRequest(Wire):
    """A question that is not asked yet."""

    spec: SpecRequest


class Estimate(Wire):
    """What a question will cost and can show. The first four are null for the installed IDTxl, which nobody measured.

    ``wall_s`` is with ``workers`` processes if nothing else runs; two thirds of the measured runs lay within a factor
    of ``spread``. ``aws_usd`` is the computing of one Batch job per target. A lone link among ``tests`` needs
    ``needed_p``; where surrogates cannot give less than a ``reachable_p`` above it, ``can_be_significant`` is false. A
    linear link with partial R² ``detectable_r2`` is found with probability ``power``.
    """

    cpu_s: float | None
    wall_s: float | None
    spread: float | None
    aws_usd: float | None
    usd_per_vcpu_hour: float
    workers: int
    measured_on: str
    samples: int
    targets: int
    excluded: list[str]
    tests: int
    needed_p: float
    reachable_p: float | None
    can_be_significant: bool
    detectable_te_nats: float
    detectable_r2: float
    power: float
