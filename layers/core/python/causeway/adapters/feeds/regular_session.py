"""Which bars lie in the regular session of US stocks, holidays and early closes included."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.sessions import session_bounds

_DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)


def in_regular_session(time_us: NDArray[np.int64], width: timedelta) -> NDArray[np.bool_]:
    """True for bars of ``width`` that start before the close and end after the open of a session of XNYS.

    So the hour from 9:00 is among them: it holds what is traded from 9:30, and before where the provider counts that.
    """
    if not len(time_us):
        return np.zeros(0, dtype=np.bool_)
    first, last = (
        _EPOCH + timedelta(days=int(at) // _DAY_US + more) for at, more in ((time_us[0], -1), (time_us[-1], 1))
    )
    _, opens, closes = session_bounds("XNYS", first, last)
    if not len(opens):
        return np.zeros(len(time_us), dtype=np.bool_)
    ends = time_us + width // timedelta(microseconds=1)
    session = np.searchsorted(opens, ends, side="left") - 1  # the last session that opens before the bar ends
    return np.asarray((session >= 0) & (time_us < closes[np.maximum(session, 0)]), dtype=np.bool_)
