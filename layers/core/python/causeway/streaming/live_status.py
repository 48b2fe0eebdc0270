"""The last known state of trading per symbol: halts, and the bands between which prices may move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from causeway.model.tick import PriceBands, TradingState, TradingStatus


@dataclass(slots=True)
class StatusBoard:
    """Not for several threads. What is older than what is known changes nothing."""

    _states: dict[str, TradingState] = field(default_factory=dict)
    _changed: dict[str, TradingState] = field(default_factory=dict)

    def seed(self, states: Iterable[TradingState]) -> None:
        """States as they are stored: they go on from there, and are not handed over."""
        self._states.update((state.symbol, state) for state in states)

    def take(self, event: TradingStatus | PriceBands, instrument_id: int) -> None:
        """Take one event of the provider."""
        held = self._states.get(event.symbol)
        if held is None or held.instrument_id != instrument_id:
            held = _nothing_known(event, instrument_id)
        new = _with_bands(held, event) if isinstance(event, PriceBands) else _with_status(held, event)
        if new is not held:
            self._states[event.symbol] = self._changed[event.symbol] = new

    def drain(self) -> list[TradingState]:
        """States that changed since the last call, one per symbol."""
        changed, self._changed = list(self._changed.values()), {}
        return changed


def _nothing_known(event: TradingStatus | PriceBands, instrument_id: int) -> TradingState:
    at = event.received_at
    return TradingState(event.symbol, instrument_id, False, "", "", None, None, None, None, at, event.source)


def _with_status(held: TradingState, event: TradingStatus) -> TradingState:
    if held.status_time is not None and event.time < held.status_time:
        return held
    halted = held.halted if event.halted is None else event.halted
    return replace(
        held, halted=halted, code=event.code, reason=event.reason, status_time=event.time, source=event.source,
        received_at=event.received_at,
    )  # fmt: skip


def _with_bands(held: TradingState, event: PriceBands) -> TradingState:
    if held.bands_time is not None and event.time < held.bands_time:
        return held
    return replace(
        held, lower=event.lower, upper=event.upper, bands_time=event.time, source=event.source,
        received_at=event.received_at,
    )  # fmt: skip
