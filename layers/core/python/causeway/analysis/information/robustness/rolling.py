"""Rolling windows: the same inference on stretches of time, corrected across windows and links together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from causeway.analysis.information.inference.checkpoints import Checkpoint, journal_of
from causeway.analysis.information.inference.multiple_testing import corrected
from causeway.analysis.information.inference.network import Progress, ShouldStop, infer_target
from causeway.analysis.information.inference.panel import MIN_SAMPLES, Panel, make_panel
from causeway.analysis.information.inference.results import TargetResult
from causeway.analysis.information.inference.selection import search_for
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.signal import Link


@dataclass(frozen=True, slots=True)
class WindowTarget:
    """One target in one window of samples ``start`` <= row < ``end``.

    ``result`` is None and ``reason`` says why where the window could not be analysed (a series that stands still).
    """

    start: int
    end: int
    result: TargetResult | None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self), "result": None if self.result is None else self.result.as_json()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> WindowTarget:
        """The inverse of ``as_json``."""
        result = fields["result"]
        return cls(**{**fields, "result": None if result is None else TargetResult.from_json(result)})


@dataclass(frozen=True, slots=True)
class Window:
    """The network of one window; ``links`` were kept, q is corrected over all links of all windows."""

    start: int
    end: int
    links: tuple[Link, ...]
    skipped: tuple[str, ...]  # targets that could not be analysed


def windows(n_samples: int, window_bars: int, step_bars: int | None, max_lag: int) -> list[tuple[int, int]]:
    """(start, end) of every whole window; the last one ends at the last sample. ``step_bars`` None: half a window.

    Raises:
        InvalidInput: a window longer than the sample, or too short for ``max_lag``; a step below one bar.
    """
    least = max_lag + MIN_SAMPLES
    if not least <= window_bars <= n_samples:
        raise InvalidInput(
            f"window_bars must lie between {least} (max_lag + {MIN_SAMPLES}) and the {n_samples} samples; "
            f"found {window_bars}.",
            details={"field": "window_bars"},
        )
    if step_bars is not None and step_bars < 1:
        raise InvalidInput(f"step_bars must be at least 1; found {step_bars}.", details={"field": "step_bars"})
    step = step_bars if step_bars is not None else max(1, window_bars // 2)
    ends = range(n_samples, window_bars - 1, -step)
    return [(end - window_bars, end) for end in reversed(ends)]


def infer_windows(
    panel: Panel,
    target_index: int,
    settings: NetworkSettings,
    seed: int,
    spans: Sequence[tuple[int, int]],
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    checkpoint: Checkpoint | None = None,
) -> list[WindowTarget]:
    """One target in every window. A window that cannot be analysed is kept with its reason, not dropped.

    ``checkpoint`` keeps the windows that are done, and of the one at hand what ``infer_target`` keeps; a second start
    goes on behind them, to the same bits.

    Raises:
        InvalidInput: ``settings`` that fit no window: an unknown series to condition on, or one that is the target.
        InferenceCancelled: ``should_stop`` returned true.
    """
    search_for(panel.names, target_index, settings)
    journal = journal_of(checkpoint, panel, target_index, settings, seed, "cpu", part="windows-")
    found = []
    for done, (start, end) in enumerate(spans):
        step = f"{start}:{end}"
        if (kept := journal.decided(step)) is None:
            one = _infer_window(panel, target_index, settings, seed, (start, end), should_stop, checkpoint)
            journal.decide(step, one.as_json())
        else:
            one = WindowTarget.from_json(kept)
        found.append(one)
        if progress is not None:
            progress((done + 1) / len(spans))
    return found


def _infer_window(
    panel: Panel,
    target_index: int,
    settings: NetworkSettings,
    seed: int,
    span: tuple[int, int],
    should_stop: ShouldStop | None,
    checkpoint: Checkpoint | None,
) -> WindowTarget:
    start, end = span
    try:
        part = make_panel(panel.values[start:end], panel.names, settings.max_lag, settings.missing)
        result = infer_target(part, target_index, settings, seed, should_stop=should_stop, checkpoint=checkpoint)
    except InvalidInput as error:
        return WindowTarget(start, end, None, error.message)
    return WindowTarget(start, end, result)


def assemble_windows(
    per_target: Sequence[Sequence[WindowTarget]], names: Sequence[str], settings: NetworkSettings
) -> list[Window]:
    """Windows in order of time; q over all n (n - 1) candidate links of every window that was analysed.

    ``per_target`` has one entry for each of ``names``, empty for a series that is conditioned on; n counts the others.
    Overlapping windows are dependent, which Benjamini-Yekutieli allows for.
    """
    spans = sorted({(one.start, one.end) for series in per_target for one in series})
    analysed = [one for series in per_target for one in series if one.result is not None]
    found = [(one, result, source) for one in analysed if (result := one.result) for source in result.sources]
    n_candidates = len(analysed) * (sum(map(bool, per_target)) - 1)
    q = corrected([source.p for *_, source in found], n_candidates, settings.correction)
    links: dict[tuple[int, int], list[Link]] = {span: [] for span in spans}
    for (one, result, s), value in zip(found, q, strict=True):
        link = Link(s.source, result.target, s.lag_bars, s.lags, s.te_nats, s.p, float(value), s.coefficient)
        links[one.start, one.end].append(link)
    skipped = {span: _skipped(span, per_target, names) for span in spans}
    return [
        Window(*span, tuple(sorted(links[span], key=lambda link: (link.q, link.p))), skipped[span]) for span in spans
    ]


def _skipped(
    span: tuple[int, int], per_target: Sequence[Sequence[WindowTarget]], names: Sequence[str]
) -> tuple[str, ...]:
    """Targets without an answer in this window; shards come in the order of ``names``."""
    return tuple(
        name
        for name, series in zip(names, per_target, strict=True)
        for one in series
        if (one.start, one.end) == span and one.result is None
    )
