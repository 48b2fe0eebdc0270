"""How a symbol is written: the characters that vendors use, and no others.

Letters, digits and ``. _ : / ^ = + - & # @ $ * !``, at most 32, beginning with a letter, a digit, ``^``, ``@``, ``$``
or ``#``. No symbol begins with a point, a slash, ``=``, ``+`` or ``-``, so none is a path upwards, a hidden file or an
option.

Source: Yahoo (``^GSPC``, ``EURUSD=X``, ``ES=F``, ``M&M.NS``); IQFeed (``@ES#``, ``QCL#``); Alpaca (``BTC/USD``,
``BRK.B``); Nasdaq Trader, "Ticker Symbol Convention", suffixes of its integrated platform: ``-`` preferred, ``+``
warrants, ``=`` units, ``^`` rights, ``#`` when issued, ``$`` when distributed, ``*`` called, ``!`` emerging company,
``@`` partly paid. Its ``%`` (convertible) and ``~`` (test) are left out: no provider here sends them.
"""

from __future__ import annotations

import re

SYMBOL_PATTERN = r"^[A-Za-z0-9^@$#][A-Za-z0-9._:/^=+&#@$*!-]*$"
SYMBOL_WORDS = "1 to 32 letters, digits or . _ : / ^ = + - & # @ $ * !"
_SYMBOL = re.compile(r"[A-Z0-9^@$#][A-Z0-9._:/^=+&#@$*!-]{0,31}")


def is_symbol(text: str) -> bool:
    """Whether ``text`` is a symbol in upper case."""
    return _SYMBOL.fullmatch(text) is not None
