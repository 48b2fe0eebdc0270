"""The last known state of trading per symbol: halts, and the bands between which prices may move.

What a provider said before its connection was lost may no longer hold. A state is known again once the provider says
so, or once the symbol trades.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from causeway.model.tick import PriceBands, TradeTick, TradingState, TradingStatus
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, Gap


@dataclass(slots=True)
class StatusBoard:
    """Not for several threads. What is older than what is known changes nothing.

    ``since``: the connection is up since then, and every halt was told; None while it is down. ``losses``: how often
    it was lost.
    """

    since: datetime | None = None
    losses: int = 0
    _states: dict[str, TradingState] = field(default_factory=dict)
    _changed: dict[str, TradingState] = field(default_factory=dict)
    _resumed_at: dict[str, datetime] = field(default_factory=dict)

    def seed(self, states: Iterable[TradingState]) -> None:
        """States as they are stored: they go on from there, and are not handed over."""
        self._states.update((state.symbol, state) for state in states)

    def take(self, event: TradingStatus | PriceBands, instrument_id: int) -> None:
        """Take one event of the provider."""
        held = self._held(event, instrument_id)
        new = _with_bands(held, event) if isinstance(event, PriceBands) else _with_status(held, event, self.since)
        if new is not held:
            self._put(held, new)

    def follow(self, event: FeedEvent) -> None:
        """Follow the connection: what may have been missed is no longer known."""
        match event:
            case ConnectionChange(state, at):
                self.since = at if state is Connection.UP else None
                self.losses += state is Connection.LOST
            case Gap(symbol, end=end):
                held = self._states.get(symbol)
                if held is not None and held.known_at is not None and held.known_at < end:
                    self._put(held, replace(held, known_at=None))
            case _:
                pass

    def traded(self, trade: TradeTick, instrument_id: int) -> None:
        """A trade of the present connection: where nothing surer is known, trading goes on."""
        held = self._states.get(trade.symbol)
        if self.since is None or trade.time < self.since:
            return
        if held is not None and held.instrument_id == instrument_id and _holds(held, self.since, trade.time):
            return
        held = self._held(trade, instrument_id)
        code, reason = ("", "") if held.halted else (held.code, held.reason)
        self._put(
            held,
            replace(
                held, halted=False, code=code, reason=reason, source=_vendor(trade), received_at=trade.received_at,
                known_at=trade.time,
            ),
        )  # fmt: skip

    def is_of_now(self, symbol: str, quoted_at: datetime | None, losses: int) -> bool:
        """Whether a quote is of the market as it is: of this connection, and not of before a halt that is over.

        ``losses``: as they were when the quote came.
        """
        resumed_at = self._resumed_at.get(symbol)
        return losses == self.losses and (resumed_at is None or (quoted_at is not None and quoted_at >= resumed_at))

    def hand_over_all(self) -> None:
        """Another process wrote meanwhile: the next ``drain`` hands over every state."""
        self._changed = dict(self._states)

    def _held(self, event: TradingStatus | PriceBands | TradeTick, instrument_id: int) -> TradingState:
        held = self._states.get(event.symbol)
        return (
            held if held is not None and held.instrument_id == instrument_id else _nothing_known(event, instrument_id)
        )

    def _put(self, held: TradingState, new: TradingState) -> None:
        if held.halted and not new.halted and new.known_at is not None:
            self._resumed_at[new.symbol] = new.known_at
        self._states[new.symbol] = self._changed[new.symbol] = new

    def drain(self) -> list[TradingState]:
        """States that changed since the last call, one per symbol."""
        changed, self._changed = list(self._changed.values()), {}
        return changed


def _nothing_known(event: TradingStatus | PriceBands | TradeTick, instrument_id: int) -> TradingState:
    at = event.received_at
    return TradingState(event.symbol, instrument_id, False, "", "", None, None, None, None, at, event.source)


def _with_status(held: TradingState, event: TradingStatus, since: datetime | None) -> TradingState:
    if held.status_time is not None and event.time < held.status_time:
        return held
    new = replace(
        held, code=event.code, reason=event.reason, status_time=event.time, source=event.source,
        received_at=event.received_at,
    )  # fmt: skip
    if event.halted is None:
        return new
    return replace(new, halted=event.halted, known_at=max(event.time, since or event.time))


def _holds(held: TradingState, since: datetime, traded_at: datetime) -> bool:
    """It is known, or a status is newer than the trade."""
    known = held.known_at is not None and held.known_at >= since
    return known or (held.status_time is not None and held.status_time > traded_at)


def _vendor(trade: TradeTick) -> str:
    """Without the word for trades that history gave."""
    return trade.source.removesuffix(" history")


def _with_bands(held: TradingState, event: PriceBands) -> TradingState:
    if held.bands_time is not None and event.time < held.bands_time:
        return held
    return replace(
        held, lower=event.lower, upper=event.upper, bands_time=event.time, source=event.source,
        received_at=event.received_at,
    )  # fmt: skip
