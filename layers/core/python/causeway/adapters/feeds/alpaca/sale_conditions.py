"""Which trades count for open, high, low and close, by the sale conditions of the consolidated tapes.

A trade counts where each of its conditions updates the consolidated last price. Trades of the extended session (T) do
not in the consolidated day, yet bars of the extended session consist of them: the session decides, not this table.

Source: CTS Multicast Output Binary Specification (tapes A and B) and UTP Data Feed Services Specification (tape C),
tables of sale conditions, column "update last"; Alpaca builds its bars by them
(alpaca.markets/learn-api/stock-minute-bars).
"""

from __future__ import annotations

from collections.abc import Collection

_NOT_LAST = {
    "4": "derivatively priced",
    "7": "qualified contingent trade",
    "C": "cash sale",
    "H": "price variation",
    "I": "odd lot",
    "M": "market centre official close",
    "N": "next day",
    "P": "prior reference price",
    "Q": "market centre official open",
    "R": "seller",
    "U": "extended hours, sold out of sequence",
    "V": "contingent trade",
    "Z": "sold out of sequence",
}
_NOT_LAST_BY_TAPE = {"A": {"B"}, "B": {"B"}, "C": {"G", "W"}}  # average price; bunched sold, average price


def counts_for_prices(conditions: Collection[str], tape: str) -> bool:
    """Whether a trade with these conditions on ``tape`` (A, B or C) counts for open, high, low and close."""
    of_tape = _NOT_LAST_BY_TAPE.get(tape, set())
    return not any(code in _NOT_LAST or code in of_tape for code in conditions)
