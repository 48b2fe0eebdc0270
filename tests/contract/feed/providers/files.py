"""Files: a directory that is written with the market's bars, in our layout as CSV and, for minutes, in LEAN's."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from causeway.adapters.feeds.file_feed import FileFeed
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers.bench import Bench

NEW_YORK = ZoneInfo("America/New_York")
MINUTES_OF = ("2024-03-05", "2024-03-08", "2024-03-11", "2024-11-01", "2024-11-04")


class BreakingFiles(Faults):
    """A fault of a file is there at once, and stays."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._days = directory / "1d" / "MSFT.csv"

    def add(self, fault: Fault, times: int = 1) -> None:
        if fault is Fault.GARBAGE:
            self._days.write_bytes(b"\x00\xff\xfe<<no file>>")
        if fault is Fault.NULLS:
            text = self._days.read_text().replace("2024-03-06,", "2024-03-06,,,,,\n#")
            self._days.write_text("\n".join(line for line in text.splitlines() if not line.startswith("#")))


def rows(bars: BarColumns) -> Iterator[tuple[datetime, list[float]]]:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    for at, *values in zip(bars.time_us.tolist(), *(column.tolist() for column in columns), strict=True):
        yield datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at), values


def write_days(directory: Path, market: SimulatedMarket, symbol: str) -> None:
    bars = market.bars(symbol, BarSize.DAY_1, datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC))
    lines = [f"{at:%Y-%m-%d},{','.join(map(repr, values))}" for at, values in rows(bars)]
    (directory / "1d").mkdir(exist_ok=True)
    (directory / "1d" / f"{symbol}.csv").write_text("\n".join(["date,open,high,low,close,volume", *lines]))


def write_lean_minutes(directory: Path, market: SimulatedMarket, symbol: str, day: str) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK)
    lines = []
    for at, (*prices, volume) in rows(market.bars(symbol, BarSize.MINUTE_1, start, start + timedelta(days=1))):
        local = at.astimezone(NEW_YORK)
        milliseconds = (local.hour * 60 + local.minute) * 60_000
        lines.append(",".join([str(milliseconds), *(str(round(price * 10_000)) for price in prices), f"{volume:.0f}"]))
    folder = directory / "equity" / "usa" / "minute" / symbol.lower()
    folder.mkdir(parents=True, exist_ok=True)
    stem = day.replace("-", "")
    with zipfile.ZipFile(folder / f"{stem}_trade.zip", "w") as archive:
        archive.writestr(f"{stem}_{symbol.lower()}_minute_trade.csv", "\n".join(lines))


@contextmanager
def open_bench(market: SimulatedMarket) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for symbol in ("MSFT", "AAPL"):
            write_days(directory, market, symbol)
        for day in MINUTES_OF:
            write_lean_minutes(directory, market, "MSFT", day)
        breaks = frozenset({Fault.GARBAGE, Fault.NULLS})
        yield Bench(FileFeed(directory), market, BreakingFiles(directory), breaks, BarSize.MINUTE_1)
