"""Level 1 lines to events. Pure: no socket, no clock.

Of the kinds of line, Q (update) and P (summary) carry trades and quotes, C a corrected trade, n a symbol that is not
known, S the system, E an error. T (time), F (fundamental), R (regional) and N (news) say nothing about a stream of
trades and quotes. Message contents name what an update changed: C a trade that counts as last, E an extended trade
that counts, O any other; b the bid, a the ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from causeway.adapters.feeds.iqfeed import NAME
from causeway.adapters.feeds.iqfeed.new_york import near, to_utc
from causeway.errors import Denied
from causeway.model.tick import QuoteTick, TradeCorrection, TradeTick
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, SymbolRefused, Unreadable

_PRICE, _SIZE = "Most Recent Trade", "Most Recent Trade Size"
_DATE, _TIME = "Most Recent Trade Date", "Most Recent Trade Time"
_VENUE, _CONDITIONS = "Most Recent Trade Market Center", "Most Recent Trade Conditions"
UPDATE_FIELDS = (
    *("Symbol", _PRICE, _SIZE, _DATE, _TIME, _VENUE, _CONDITIONS, "TickID"),
    *("Bid", "Bid Size", "Bid Time", "Ask", "Ask Size", "Ask Time", "Message Contents"),
)
_COUNTS, _TRADES, _QUOTES = frozenset("CE"), frozenset("CEO"), frozenset("ab")
_SILENT_KINDS = frozenset("TFRN")
_ODD_LOT = "87"
_SHOWN = 80


class Level1Reader:
    """Reads lines whose Q and P messages have ``fields`` in this order, as IQConnect confirmed them."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._at = {name: position for position, name in enumerate(fields, start=1)}
        self._readers: dict[str, Callable[[list[str], datetime], Sequence[FeedEvent]]] = {
            "Q": self._update,
            "P": self._summary,
            "C": _correction,
            "S": _system,
            "n": _not_found,
            "E": _error,
        }

    def read(self, line: str, received_at: datetime) -> Sequence[FeedEvent]:
        """The events of one line; a line that cannot be read is an Unreadable.

        Raises:
            Denied: the login may not stream.
        """
        fields = line.split(",")
        kind = fields[0]
        if kind in _SILENT_KINDS or not line:
            return ()
        reader = self._readers.get(kind)
        if reader is None:
            return (Unreadable(line[:_SHOWN], "no message of level 1 begins like this"),)
        try:
            return reader(fields, received_at)
        except (ValueError, IndexError, InvalidOperation) as error:
            return (Unreadable(line[:_SHOWN], f"{type(error).__name__}: {error}"),)

    def _update(self, fields: list[str], received_at: datetime) -> Sequence[FeedEvent]:
        contents = frozenset(self._get(fields, "Message Contents"))
        events: list[FeedEvent] = []
        if contents & _TRADES:
            events.append(self._trade(fields, received_at, eligible=bool(contents & _COUNTS)))
        if contents & _QUOTES:
            events.append(self._quote(fields, received_at))
        return events

    def _summary(self, fields: list[str], received_at: datetime) -> Sequence[FeedEvent]:
        """The state when a symbol is first watched. Its trade is an old one, so that only its quote is handed on."""
        return (self._quote(fields, received_at),)

    def _trade(self, fields: list[str], received_at: datetime, *, eligible: bool) -> TradeTick:
        return TradeTick(
            symbol=self._get(fields, "Symbol"),
            time=_moment(self._get(fields, _DATE), self._get(fields, _TIME)),
            price=_number(self._get(fields, _PRICE)),
            size=_number(self._get(fields, _SIZE)),
            received_at=received_at,
            source=NAME,
            trade_id=self._get(fields, "TickID"),
            venue=self._get(fields, _VENUE),
            conditions=_pairs(self._get(fields, _CONDITIONS)),
            eligible=eligible,
        )

    def _quote(self, fields: list[str], received_at: datetime) -> QuoteTick:
        clocks = [text for name in ("Bid Time", "Ask Time") if (text := self._get(fields, name))]
        moments = [near(time.fromisoformat(text), received_at) for text in clocks]
        return QuoteTick(
            symbol=self._get(fields, "Symbol"),
            time=max(moments, default=received_at),
            bid=_price(self._get(fields, "Bid")),
            ask=_price(self._get(fields, "Ask")),
            bid_size=_number(self._get(fields, "Bid Size") or "0"),
            ask_size=_number(self._get(fields, "Ask Size") or "0"),
            received_at=received_at,
            source=NAME,
        )

    def _get(self, fields: list[str], name: str) -> str:
        return fields[self._at[name]]


def _correction(fields: list[str], received_at: datetime) -> Sequence[FeedEvent]:
    """``C,symbol,I or D,date,time,price,size,tick id,conditions,market centre``: a trade put in late, or taken out."""
    _, symbol, what, day, clock, price, size, trade_id, conditions, venue = fields[:10]
    if what not in ("I", "D"):
        raise ValueError(f"expected I or D for a correction, found {what!r}")
    codes = _pairs(conditions)
    trade = TradeTick(
        *(symbol, _moment(day, clock), _number(price), _number(size), received_at, NAME, trade_id, venue, codes),
        eligible=_ODD_LOT not in codes,
    )
    if what == "D":
        return (TradeCorrection(symbol, trade_id, None, received_at, NAME, venue, earlier=trade),)
    return (TradeCorrection(symbol, trade_id, trade, received_at, NAME, venue),)


def _system(fields: list[str], received_at: datetime) -> Sequence[FeedEvent]:
    what = fields[1]
    if what == "SERVER CONNECTED":
        return (ConnectionChange(Connection.UP, received_at),)
    if what in ("SERVER DISCONNECTED", "SERVER RECONNECT FAILED"):
        reason = f"IQConnect says {what}: it has no connection to IQFeed. Is it signed in?"
        return (ConnectionChange(Connection.LOST, received_at, reason),)
    if what == "SYMBOL LIMIT REACHED":
        return (SymbolRefused(fields[2], "the subscription's number of symbols is used up"),)
    return ()  # KEY, IP, CUST, CURRENT PROTOCOL and other news about IQConnect itself


def _not_found(fields: list[str], _received_at: datetime) -> Sequence[FeedEvent]:
    return (SymbolRefused(fields[1], "IQFeed knows no such symbol"),)


def _error(fields: list[str], _received_at: datetime) -> Sequence[FeedEvent]:
    said = ",".join(fields[1:]).rstrip(",")
    if said.startswith("Unauthorized"):
        raise Denied(f"IQFeed refuses to stream: {said} Check the subscription of the login in IQConnect.")
    return (Unreadable(f"E,{said}"[:_SHOWN], "IQFeed reports an error"),)


def _moment(day: str, clock: str) -> datetime:
    """``03/30/2021`` and ``19:59:14.503633`` in New York."""
    month, day_of_month, year = day.split("/")
    return to_utc(datetime.combine(date(int(year), int(month), int(day_of_month)), time.fromisoformat(clock)))


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"expected a number, found {text!r}")
    return number


def _price(text: str) -> Decimal | None:
    """None for a side that nobody offers; IQFeed leaves it empty or sends 0."""
    price = _number(text or "0")
    return price if price else None


def _pairs(codes: str) -> tuple[str, ...]:
    """``3D87`` is two conditions in hexadecimal."""
    return tuple(codes[at : at + 2] for at in range(0, len(codes), 2))
