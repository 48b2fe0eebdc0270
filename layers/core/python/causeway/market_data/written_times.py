"""One written time to a wall time and an offset. What could mean two moments is not read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

import numpy as np

from causeway.model.time import is_storable

NO_TIME = np.iinfo(np.int64).min
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times without a zone are subtracted from it
_DAY_US = 86_400_000_000
_US = timedelta(microseconds=1)
# The year first leaves one order for the rest, whatever stands between.
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})\2(\d{1,2})(?!\d)")
_WHOLE = re.compile(r"(\d{10}|\d{13}|\d{16}|\d{19})\.0+")  # whole numbers in a column of floats
_ONE_DIGIT_HOUR = re.compile(r"\d:")


class Stamp(StrEnum):
    """Which moment of a bar a source writes."""

    START = "start"
    END = "end"


def read_time(text: str) -> tuple[int, int]:
    """Wall microseconds and offset microseconds of one cell; ``NO_TIME`` for what is not there.

    ISO 8601, or the like with a year first (2024/01/31, 2024.01.31), an offset or `` UTC`` behind it; whole numbers of
    10, 13, 16 or 19 digits are Unix time in seconds, milli-, micro- or nanoseconds.
    """
    text = text.strip()
    if whole := _WHOLE.fullmatch(text):
        text = whole[1]
    if text.isdecimal() and len(text) >= 10:
        if len(text) in {10, 13, 16, 19}:
            return int(text) * 10**6 // 10 ** (len(text) - 10), 0
        if len(text) not in {12, 14}:
            return NO_TIME, NO_TIME
    try:
        moment = datetime.fromisoformat(_iso(text))
    except ValueError:
        return NO_TIME, NO_TIME
    offset = moment.utcoffset()
    if not is_storable(moment.replace(tzinfo=moment.tzinfo or UTC)):
        return NO_TIME, NO_TIME
    wall = (moment.replace(tzinfo=None) - EPOCH) // _US
    return wall, NO_TIME if offset is None else offset // _US


def read_date_and_clock(day: str, clock: str) -> tuple[int, int]:
    """The same of a date and a time of day in two columns. A clock cell that holds a whole moment stands for itself."""
    whole = read_time(clock)
    if whole[0] != NO_TIME:
        return whole
    date_us, offset = read_time(day)
    if date_us == NO_TIME or offset != NO_TIME or date_us % _DAY_US:
        return NO_TIME, NO_TIME
    clock = clock.strip()
    try:
        at = time.fromisoformat(f"0{clock}" if _ONE_DIGIT_HOUR.match(clock) else clock)
    except ValueError:
        return NO_TIME, NO_TIME
    since_midnight = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    offset_of_clock = at.utcoffset()
    return date_us + since_midnight // _US, NO_TIME if offset_of_clock is None else offset_of_clock // _US


def _iso(text: str) -> str:
    if text.isdecimal():
        return f"{text[:8]}T{text[8:]}".rstrip("T")
    if year_first := _YEAR_FIRST.match(text):
        year, _, month, day = year_first.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{text[year_first.end() :]}"
    return f"{text[:-4]}+00:00" if text.endswith(" UTC") else text
