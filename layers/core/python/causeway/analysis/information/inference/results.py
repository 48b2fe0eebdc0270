"""What inference found: per target (one shard), and for the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from causeway.analysis.information.inference.multiple_testing import needed_p
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Correction, CorrectOver, InferenceMode, Tail, Transform
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
    """One target. ``own_lags`` is its selected past, ``driver_lags`` what was selected of the series conditioned on, as
    (name, lag); ``te_nats`` is what all kept sources add to both (nats). ``omnibus_p`` is the p of all sources that
    survived pruning, 1 if none did. ``n_rows`` bars were predicted. ``warnings`` are sentences about the data.
    """

    target: str
    own_lags: tuple[int, ...]
    sources: tuple[SourceEstimate, ...]
    te_nats: float
    omnibus_p: float
    n_rows: int
    driver_lags: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types; floats survive the round trip bit by bit."""
        fields = asdict(self)
        fields["own_lags"] = list(self.own_lags)
        fields["sources"] = [{**asdict(source), "lags": list(source.lags)} for source in self.sources]
        fields["driver_lags"] = [list(pair) for pair in self.driver_lags]
        fields["warnings"] = list(self.warnings)
        return fields

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> TargetResult:
        """The inverse of ``as_json``, also of what was stored before there were drivers and warnings."""
        typed = {
            "own_lags": tuple(fields["own_lags"]),
            "sources": tuple(
                SourceEstimate(**{**source, "lags": tuple(source["lags"])}) for source in fields["sources"]
            ),
            "driver_lags": tuple((name, lag) for name, lag in fields.get("driver_lags", ())),
            "warnings": tuple(fields.get("warnings", ())),
        }
        return cls(**{**fields, **typed})


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """The network over ``names``.

    ``kept_links`` holds every link that selection kept, by rising q; ``links`` only those with q below
    ``settings.alpha``, which is what was found. There were ``n_candidates`` candidate links; all were corrected for,
    unless the correction is over targets.
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
        found = [*self._resolution(), *self._validity()]
        return [*found, *dict.fromkeys(warning for target in self.targets for warning in target.warnings)]

    def _resolution(self) -> list[str]:
        settings = self.settings
        needed = needed_p(len(self.names), settings)
        fine = settings.has_exact_nulls or settings.tail is Tail.FITTED
        if fine or 1 / (settings.max_link_permutations + 1) < needed:
            return []
        lone = "target" if settings.correct_over is CorrectOver.TARGETS else "link"
        return [
            f"{settings.max_link_permutations} surrogates cannot bring a lone {lone} among {len(self.names)} series "
            f"below q = {settings.alpha:g}: it would need p < {needed:.1e}. Analyse fewer series, or use the "
            "Gaussian estimator."
        ]

    def _validity(self) -> list[str]:
        if self.settings.correct_over is not CorrectOver.TARGETS:
            return []
        return [
            "Correction over targets uses the p of all sources together, which neither pays for their selection nor "
            "allows for a volatility that series share (of null markets with one, nearly all showed a link): more "
            "links are false than q says. Correction over links sees to both."
        ]

    def to_frame(self) -> pd.DataFrame:
        """Every kept link as a row, with a column ``significant``. Needs pandas."""
        import pandas as pd

        columns = ["source", "target", "lag_bars", "lags", "te_nats", "p", "q", "coefficient"]
        frame = pd.DataFrame([asdict(link) for link in self.kept_links], columns=columns)
        frame["significant"] = frame["q"] < self.settings.alpha
        return frame

    def _method(self) -> str:
        """The estimator and lags, and every choice that is not the default."""
        settings, parts = self.settings, [self.settings.estimator.value, f"lags 1-{self.settings.max_lag}"]
        for name, default in (
            ("mode", InferenceMode.MULTIVARIATE_TE),
            ("transform", Transform.NONE),
            ("correction", Correction.BY),
        ):
            choice = getattr(settings, name)
            parts += [f"{name} {choice.value}"] if choice is not default else []
        parts += ["corrected over targets"] if settings.correct_over is CorrectOver.TARGETS else []
        parts += [f"given {', '.join(settings.condition_on)}"] if settings.condition_on else []
        return ", ".join(parts)

    def __str__(self) -> str:
        found = self.links
        lines = [
            f"{len(found)} of {self.n_candidates} candidate links among {len(self.names)} series "
            f"({self._method()}, q < {self.settings.alpha:g})"
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
