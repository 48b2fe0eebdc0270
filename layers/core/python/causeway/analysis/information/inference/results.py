"""What inference found: per target (one shard), and for the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from causeway.analysis.information.inference.multiple_testing import smallest_needed_p
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator
from causeway.model.signal import Link

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 20  # links that the printed form lists


@dataclass(frozen=True, slots=True)
class SourceEstimate:
    """A source that was kept for a target, before correction over the network; fields as in ``Link``."""

    source: str
    lag_bars: int
    lags: tuple[int, ...]
    te_nats: float
    p: float
    coefficient: float | None


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One target. ``own_lags`` is its selected past, ``te_nats`` what all kept sources add to that (nats),
    ``omnibus_p`` the p of all sources that survived pruning, 1 if none did. ``n_rows`` bars were predicted.
    """

    target: str
    own_lags: tuple[int, ...]
    sources: tuple[SourceEstimate, ...]
    te_nats: float
    omnibus_p: float
    n_rows: int

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types; floats survive the round trip bit by bit."""
        fields = asdict(self)
        fields["own_lags"] = list(self.own_lags)
        fields["sources"] = [{**asdict(source), "lags": list(source.lags)} for source in self.sources]
        return fields

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> TargetResult:
        """The inverse of ``as_json``."""
        sources = (SourceEstimate(**{**source, "lags": tuple(source["lags"])}) for source in fields["sources"])
        return cls(**{**fields, "own_lags": tuple(fields["own_lags"]), "sources": tuple(sources)})


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """The network over ``names``.

    ``kept_links`` holds every link that selection kept, by rising q; ``links`` only those with q below
    ``settings.alpha``, which is what was found. ``n_candidates`` links were corrected for.
    """

    names: tuple[str, ...]
    settings: NetworkSettings
    targets: tuple[TargetResult, ...]
    kept_links: tuple[Link, ...]
    n_candidates: int

    @property
    def links(self) -> list[Link]:
        """The significant links: q < alpha."""
        return [link for link in self.kept_links if link.q < self.settings.alpha]

    @property
    def warnings(self) -> list[str]:
        """What limits this result, in sentences; empty if nothing does."""
        if self.settings.estimator is not Estimator.KSG:
            return []
        needed = smallest_needed_p(len(self.names), self.settings.alpha)
        if 1 / (self.settings.max_link_permutations + 1) < needed:
            return []
        return [
            f"{self.settings.max_link_permutations} surrogates cannot bring a lone link among {len(self.names)} series "
            f"below q = {self.settings.alpha:g}: it would need p < {needed:.1e}. Analyse fewer series, or use the "
            "Gaussian estimator."
        ]

    def to_frame(self) -> pd.DataFrame:
        """Every kept link as a row, with a column ``significant``. Needs pandas."""
        import pandas as pd

        columns = ["source", "target", "lag_bars", "lags", "te_nats", "p", "q", "coefficient"]
        frame = pd.DataFrame([asdict(link) for link in self.kept_links], columns=columns)
        frame["significant"] = frame["q"] < self.settings.alpha
        return frame

    def __str__(self) -> str:
        found = self.links
        lines = [
            f"{len(found)} of {self.n_candidates} candidate links among {len(self.names)} series "
            f"({self.settings.estimator.value}, lags 1-{self.settings.max_lag}, q < {self.settings.alpha:g})"
        ]
        lines += [
            f"  {link.source} -> {link.target}  lag {link.lag_bars}  {link.te_nats:.4f} nats  "
            f"p {link.p:.2g}  q {link.q:.2g}"
            for link in found[:_SHOWN]
        ]
        if len(found) > _SHOWN:
            lines.append(f"  and {len(found) - _SHOWN} more")
        return "\n".join([*lines, *(f"  Note: {warning}" for warning in self.warnings)])

    __repr__ = __str__
