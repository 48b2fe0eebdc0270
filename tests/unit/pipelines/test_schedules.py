"""When a schedule is due. Sessions: NYSE's calendar of 2024 and 2025, nyse.com/markets/hours-calendars."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from causeway.errors import InvalidInput
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from causeway.pipelines.schedules import chosen, load_schedules

(DAILY,) = [one for one in load_schedules() if one.name == "us-daily"]  # 18:30 New York


@pytest.mark.parametrize(
    ("now", "session"),
    [
        (datetime(2024, 7, 3, 22, 29, tzinfo=UTC), date(2024, 7, 2)),  # 18:29 in New York
        (datetime(2024, 7, 3, 22, 30, tzinfo=UTC), date(2024, 7, 3)),
        (datetime(2024, 7, 4, 22, 30, tzinfo=UTC), date(2024, 7, 3)),  # Independence Day
        (datetime(2024, 7, 7, 23, 0, tzinfo=UTC), date(2024, 7, 5)),  # a Sunday
        (datetime(2024, 1, 2, 23, 30, tzinfo=UTC), date(2024, 1, 2)),  # 18:30 in New York in winter
        (datetime(2024, 1, 2, 23, 29, tzinfo=UTC), date(2023, 12, 29)),
        (datetime(2025, 1, 9, 23, 30, tzinfo=UTC), date(2025, 1, 8)),  # closed for President Carter
    ],
)
def test_the_last_session_whose_time_has_come_is_due(now: datetime, session: date) -> None:
    assert DAILY.due_session(now) == session


def test_the_same_definition_is_an_expression_for_eventbridge() -> None:
    # the form: docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    assert DAILY.cron() == "cron(30 18 ? * MON-FRI *)"


def test_it_asks_for_everything_since_its_start() -> None:
    spec = DAILY.spec()
    assert (spec.bar_size, spec.start, spec.end) == (BarSize.DAY_1, datetime(2020, 1, 1, tzinfo=UTC), None)


def test_only_named_schedules_run() -> None:
    shipped = load_schedules()
    assert chosen(shipped, "") == ()
    assert chosen(shipped, "us-daily") == (DAILY,)
    assert chosen(shipped, "all") == shipped
    with pytest.raises(InvalidInput, match="no schedule weekly; expected of us-daily, us-minutes"):
        chosen(shipped, "us-daily, weekly")


def _file(path: Path, **change: object) -> str:
    one = {
        "name": "crypto", "calendar": "24/7", "time_zone": "UTC", "at": "00:05", "days": "*", "symbols": ["BTC-USD"],
        "bar_size": "1d", "start": "2021-01-01", "providers": ["yahoo"], "asset_class": "crypto",
    }  # fmt: skip
    path.write_text(json.dumps([one | change]))
    return str(path)


def test_a_file_of_ones_own_takes_their_place(tmp_path: Path) -> None:
    (crypto,) = load_schedules(_file(tmp_path / "own.json"))
    assert (crypto.symbols, crypto.providers, crypto.spec().check_against) == (("BTC-USD",), ("yahoo",), ())
    [checked] = load_schedules(_file(tmp_path / "checked.json", check_against=["alpaca"]))
    assert checked.spec().check_against == ("alpaca",)
    assert crypto.spec().asset_class is AssetClass.CRYPTO
    [open_class] = load_schedules(_file(tmp_path / "open.json", asset_class="", exchange="XLON"))
    assert open_class.spec().asset_class is None
    sunday = datetime(2024, 7, 7, 0, 5, tzinfo=UTC)
    assert crypto.due_session(sunday) == date(2024, 7, 7)


@pytest.mark.parametrize(
    "change", [{"at": "25:00"}, {"time_zone": "Mars"}, {"bar_size": "2d"}, {"start": "soon"}, {"more": 1}]
)
def test_a_wrong_definition_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="the schedule crypto"):
        load_schedules(_file(tmp_path / "own.json", **change))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.json cannot be read"):
        load_schedules(str(tmp_path / "none.json"))
