"""Messages of the stream to events. Pure: no socket, no clock.

t trade, q quote, c correction, x cancel or error, s trading status, l price bands (limit up, limit down); b, u, d
(bars), n (news) and subscription are not asked for or say nothing of trades. Times are msgpack timestamps. Sizes of
quotes are round lots.

Source: docs.alpaca.markets/docs/real-time-stock-pricing-data and streaming-market-data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from causeway.adapters.feeds.alpaca import NAME
from causeway.errors import Denied, Unavailable
from causeway.market_data.eligibility import PRICED, us_tape
from causeway.model.tick import PriceBands, QuoteTick, TradeCorrection, TradeTick, TradingStatus
from causeway.ports.feed import FeedEvent, Unreadable

Message = Mapping[str, Any]
_ROUND_LOT = 100
_SHOWN = 80
_SILENT_KINDS = frozenset({"success", "subscription", "b", "u", "d", "n"})
_DENIED = {401, 402, 408, 409, 410, 411}  # not authenticated, refused, or not covered by the plan
_LOST = {404, 406, 407, 500}  # authentication timed out, too many connections, too slow, internal
SYMBOL_LIMIT, ALREADY_SIGNED_IN = 405, 403
# CTA (tapes A and B): 2 halt, 3 resume. UTP (C and O): H halt, P volatility pause, T resume. Any other code leaves
# trading as it was; UTP's Q lets quotes resume while trading is still halted.
_HALT = "Trading Halt"
_HALTED = {"2": True, "H": True, "P": True, "3": False, "T": False}


def read(message: object, received_at: datetime) -> Sequence[FeedEvent]:
    """The events of one message; one that cannot be read is an Unreadable.

    Raises:
        Denied, Unavailable: it is an error that ends the stream, for good or for now.
    """
    if not isinstance(message, dict):
        return (Unreadable(repr(message)[:_SHOWN], "expected an object"),)
    kind = message.get("T")
    if kind in _SILENT_KINDS:
        return ()
    if kind == "error":
        return _error(message)
    reader = _READERS.get(str(kind))
    if reader is None:
        return (Unreadable(repr(message)[:_SHOWN], f"no kind of message is called {kind!r}"),)
    try:
        return (reader(message, received_at),)
    except (KeyError, ValueError, TypeError, InvalidOperation) as error:
        return (Unreadable(repr(message)[:_SHOWN], f"{type(error).__name__}: {error}"),)


def raise_final(message: Message) -> None:
    """Raise what an error message means for the connection; nothing where it goes on."""
    code, said = message.get("code"), f"alpaca's stream says {message.get('code')}: {message.get('msg')}"
    if code in _DENIED:
        raise Denied(
            f"{said}. Check CAUSEWAY_ALPACA_KEY_ID, CAUSEWAY_ALPACA_SECRET_KEY, CAUSEWAY_ALPACA_FEED and the plan."
        )
    if code == 406:
        raise Unavailable(f"{said}. Another process streams with this key; Alpaca allows one.")
    if code in _LOST:
        raise Unavailable(said)


def _error(message: Message) -> Sequence[FeedEvent]:
    raise_final(message)
    if message.get("code") == ALREADY_SIGNED_IN:
        return ()
    return (Unreadable(repr(message)[:_SHOWN], f"alpaca reports: {message.get('msg')}"),)


def _trade(message: Message, received_at: datetime) -> TradeTick:
    return _tick(message, received_at, id_="i", price="p", size="s", conditions="c")


def _tick(message: Message, received_at: datetime, *, id_: str, price: str, size: str, conditions: str) -> TradeTick:
    codes = tuple(str(code) for code in message.get(conditions) or ())
    judged = us_tape(codes, str(message.get("z", "")))
    return TradeTick(
        symbol=_symbol(message),
        time=_time(message),
        price=_number(message[price]),
        size=_number(message[size]) if judged.volume else Decimal(0),
        received_at=received_at,
        source=NAME,
        trade_id=str(message[id_]),
        venue=str(message.get("x", "")),
        conditions=codes,
        eligible=judged.tier == PRICED,
    )


def _quote(message: Message, received_at: datetime) -> QuoteTick:
    """A side without an offer has the price 0."""
    bid, ask = _number(message["bp"]), _number(message["ap"])
    return QuoteTick(
        symbol=_symbol(message),
        time=_time(message),
        bid=bid or None,
        ask=ask or None,
        bid_size=_number(message["bs"]) * _ROUND_LOT,
        ask_size=_number(message["as"]) * _ROUND_LOT,
        received_at=received_at,
        source=NAME,
    )


def _correction(message: Message, received_at: datetime) -> TradeCorrection:
    corrected = _tick(message, received_at, id_="ci", price="cp", size="cs", conditions="cc")
    earlier = _tick(message, received_at, id_="oi", price="op", size="os", conditions="oc")
    return TradeCorrection(corrected.symbol, earlier.trade_id, corrected, received_at, NAME, corrected.venue, earlier)


def _cancel(message: Message, received_at: datetime) -> TradeCorrection:
    earlier = _trade(message, received_at)
    return TradeCorrection(earlier.symbol, earlier.trade_id, None, received_at, NAME, earlier.venue, earlier)


def _status(message: Message, received_at: datetime) -> TradingStatus:
    code = str(message["sc"])
    said = [text for name in ("sm", "rm") if (text := str(message.get(name) or ""))]
    if len(said) > 1 and said[0] == _HALT:
        del said[0]  # ``halted`` says it
    reason = "; ".join(said)
    return TradingStatus(_symbol(message), _time(message), _HALTED.get(code), code, reason, received_at, NAME)


def _bands(message: Message, received_at: datetime) -> PriceBands:
    lower, upper = _number(message["d"]), _number(message["u"])
    return PriceBands(_symbol(message), _time(message), lower, upper, str(message.get("i", "")), received_at, NAME)


def _symbol(message: Message) -> str:
    symbol = message["S"]
    if not isinstance(symbol, str) or not symbol:
        raise ValueError("expected a symbol in S")
    return symbol


def _time(message: Message) -> datetime:
    moment = message["t"]
    if not isinstance(moment, datetime):
        raise TypeError(f"expected a timestamp in t, found {type(moment).__name__}")
    return moment.astimezone(UTC)


def _number(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite() or number < 0:
        raise ValueError(f"expected a number, found {value!r}")
    return number


_READERS: dict[str, Callable[[Message, datetime], FeedEvent]] = {
    "t": _trade,
    "q": _quote,
    "c": _correction,
    "x": _cancel,
    "s": _status,
    "l": _bands,
}
