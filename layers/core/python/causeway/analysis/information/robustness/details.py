"""What is known about a target and its kept links beyond p and q: plain numbers for a page or a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LagPoint:
    """One lag of a source alone, given everything selected elsewhere: information (nats) and its p, not corrected."""

    lag_bars: int
    te_nats: float
    p: float


@dataclass(frozen=True, slots=True)
class NullSample:
    """The null distribution behind a link's p, as a histogram of the statistic (nats).

    ``edges`` has one entry more than ``counts``. ``kind`` "surrogates": counts of ``n`` draws; "exact": expected counts
    per 1000 draws from theory. ``observed`` is the statistic that was tested.
    """

    kind: str
    edges: tuple[float, ...]
    counts: tuple[float, ...]
    observed: float
    n: int


@dataclass(frozen=True, slots=True)
class LinkDetail:
    """One kept link.

    ``lag_profile`` covers lags 1..max_lag. ``effective_lag`` is the mean lag weighted by information, over lags with
    p <= 0.05; ``lag_interval`` holds the strongest lag in 95 % of the resamples, None with fewer than five.
    ``linear_share`` is the part of the information that the Gaussian estimator explains: 1 for Gaussian inference, None
    where the information is not positive or values were turned into symbols. ``linear_coefficient`` is standardised, at
    the strongest lag given everything else selected; its sign is the link's sign. ``stability_time`` and
    ``stability_assets`` are shares of resamples in which the link was found again: of blocks of time, of random halves
    of the other series (None where there is one). ``needs`` names series without which it was found clearly less often.
    ``local_te_nats`` has one value per predicted bar, oldest first.
    """

    source: str
    lag_profile: tuple[LagPoint, ...]
    effective_lag: float
    lag_interval: tuple[int, int] | None
    linear_share: float | None
    linear_coefficient: float
    stability_time: float | None
    stability_assets: float | None
    needs: tuple[str, ...]
    null: NullSample | None
    local_te_nats: tuple[float, ...]

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> LinkDetail:
        """The inverse of ``asdict``, also after JSON made tuples into lists."""
        null, interval = fields["null"], fields["lag_interval"]
        typed = {
            "lag_profile": tuple(LagPoint(**point) for point in fields["lag_profile"]),
            "lag_interval": None if interval is None else (interval[0], interval[1]),
            "needs": tuple(fields["needs"]),
            "null": None if null is None else _null(null),
            "local_te_nats": tuple(fields["local_te_nats"]),
        }
        return cls(**{**fields, **typed})


@dataclass(frozen=True, slots=True)
class Power:
    """The weakest link that these samples could have shown.

    ``detectable_te_nats`` (and the same as ``detectable_r2``, the partial R² of one lag) is found with probability
    ``power`` at the p that a lone link needs after correction (``needed_p``). ``method`` names how it was computed.
    """

    detectable_te_nats: float
    detectable_r2: float
    power: float
    needed_p: float
    method: str


@dataclass(frozen=True, slots=True)
class TargetDetail:
    """One target. ``rows`` are the samples that the local values belong to. ``ais_nats`` is active information storage.

    ``stability_runs`` resamples of time could be analysed; of the asset set as many were drawn.
    """

    target: str
    rows: tuple[int, ...]
    ais_nats: float
    ais_p: float
    power: Power
    stability_runs: int
    links: tuple[LinkDetail, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types; floats survive the round trip bit by bit."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> TargetDetail:
        """The inverse of ``as_json``, also after JSON made tuples into lists."""
        links = tuple(LinkDetail.from_json(link) for link in fields["links"])
        return cls(**{**fields, "rows": tuple(fields["rows"]), "power": Power(**fields["power"]), "links": links})


def _null(fields: dict[str, Any]) -> NullSample:
    return NullSample(**{**fields, "edges": tuple(fields["edges"]), "counts": tuple(fields["counts"])})
