"""Sessions that are written down: the same as the library's, all of them, and there without pandas."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import exchange_calendars
import numpy as np
import pytest

from causeway.market_data.kept_sessions import KeptSessions, kept_sessions
from causeway.market_data.library_sessions import LibrarySessions
from scripts.exchange_sessions import CALENDARS, TARGET, described

EVERY = slice(None)


def _kept(calendar: str) -> KeptSessions:
    found = kept_sessions(calendar)
    assert found is not None
    return found


@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_session_is_the_librarys(calendar: str) -> None:
    kept = _kept(calendar)
    made = exchange_calendars.get_calendar(calendar, start=kept.first.isoformat(), end=kept.last.isoformat())
    of_library = LibrarySessions(made, made.sessions.values.astype("datetime64[D]").astype(np.int64))
    assert kept.zone == of_library.zone
    assert kept.days.tolist() == of_library.days.tolist()
    assert kept.opens_us(EVERY).tolist() == of_library.opens_us(EVERY).tolist()
    assert kept.closes_us(EVERY).tolist() == of_library.closes_us(EVERY).tolist()
    for found, expected in zip(kept.breaks_us(EVERY), of_library.breaks_us(EVERY), strict=True):
        assert found.tolist() == expected.tolist()


def test_the_file_holds_what_its_script_writes() -> None:
    assert list(json.loads(TARGET.read_text())) == list(CALENDARS)
    assert json.loads(TARGET.read_text())["24/7"] == described("24/7")


def test_what_lies_outside_is_not_answered_from_the_file() -> None:
    new_york, tokyo = _kept("XNYS"), _kept("XTKS")
    assert new_york.covers(date(1990, 1, 1), date(2030, 12, 31))
    assert not new_york.covers(date(1989, 12, 29), date(2000, 1, 1))
    assert not new_york.covers(date(2000, 1, 1), date(2031, 1, 1))
    assert tokyo.covers(date(1980, 1, 1), date(2000, 1, 1))  # the library's own begins in 1997
    assert kept_sessions("XMARS") is None


def test_calendars_of_instruments_need_no_pandas() -> None:
    """A process's first question waits for no import of pandas, which takes a second and more."""
    code = (
        "import sys; from datetime import date as d; from causeway.market_data.sessions import *;"
        "from causeway.market_data.schedule import exchange_schedule;"
        "[exchange_schedule(one, d(1998, 1, 1), d(2026, 12, 31)) for one in set(CALENDAR_OF.values())];"
        "[time_zone(one) for one in CALENDAR_OF.values()];"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
