"""Links between series, and the signals that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Link:
    """``source`` drives ``target``.

    ``te_nats`` is the transfer entropy of all selected lags of the source given everything else selected;
    ``lag_bars`` the lag with the strongest contribution, ``lags`` all of them; ``p`` tests the link,
    ``q`` is p corrected over every candidate link (Benjamini-Yekutieli). ``coefficient`` is the standardised
    linear coefficient at ``lag_bars``, for the sign; None where the estimator gives none.
    """

    source: str
    target: str
    lag_bars: int
    lags: tuple[int, ...]
    te_nats: float
    p: float
    q: float
    coefficient: float | None = None


@dataclass(frozen=True, slots=True)
class TargetWeight:
    """A signal's wish for one symbol: the fraction of capital to hold, known at ``time`` (a bar's end)."""

    time: datetime
    symbol: str
    weight: float
    forecast: float
