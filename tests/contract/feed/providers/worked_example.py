"""The provider of docs/contracts/how-to-add-a-provider.md, taken from that page, and the vendor that it speaks of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causeway.adapters.feeds.retrying import Retries
from causeway.errors import NotFound
from causeway.model.time import BarSize
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.http_faults import TRANSPORT_FAULTS, Answer, send_answer
from causeway.simulators.http_server import HttpServer
from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers.bench import Bench

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PAGE = Path(__file__).parents[4] / "docs/contracts/how-to-add-a-provider.md"
REFUSALS = {
    Fault.THROTTLE: Answer(b"slow down", 429, headers=(("retry-after", "0.05"),)),
    Fault.UNAUTHORISED: Answer(b"wrong key", 401),
}


def provider() -> Any:
    """The class of the page's one block of Python."""
    [source] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module: dict[str, Any] = {"__name__": "example"}
    exec(compile(source, str(PAGE), "exec"), module)
    return module["ExampleFeed"]


class Vendor:
    def __init__(self, market: SimulatedMarket, faults: Faults) -> None:
        self._market = market
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        fault = self._faults.take(*REFUSALS, *TRANSPORT_FAULTS)
        answer = REFUSALS[fault] if fault in REFUSALS else self._answer(dict(Request(scope).query_params))
        await send_answer(answer, fault, scope, receive, send)

    def _answer(self, query: dict[str, str]) -> Answer:
        start, end = (datetime.fromisoformat(query[name]).replace(tzinfo=UTC) for name in ("from", "to"))
        try:
            bars = self._market.bars(query["symbol"], BarSize.DAY_1, start, end)
        except NotFound:
            return Answer(f"no symbol {query['symbol']}".encode(), 404)
        days = [datetime.fromtimestamp(at / 1e6, tz=UTC).date().isoformat() for at in bars.time_us.tolist()]
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        rows = [list(row) for row in zip(days, *(column.tolist() for column in columns), strict=True)]
        if rows and self._faults.take(Fault.NULLS):
            rows[0][1] = None
        return Answer(json.dumps({"bars": rows}).encode())


@contextmanager
def open_bench(market: SimulatedMarket) -> Iterator[Bench]:
    faults = Faults()
    retries = Retries(budget_s=4.0, first_wait_s=0.02, longest_wait_s=0.05, attempts=3)
    with HttpServer(Vendor(market, faults)) as server:
        opened = ExitStack()

        def feed(**clock: Any) -> Any:
            made = provider()(server.url, "key-of-the-test", timeout_s=1.0, retries=retries, **clock)
            opened.callback(made.close)
            return made

        breaks = frozenset({*REFUSALS, *TRANSPORT_FAULTS, Fault.NULLS})
        with opened:
            yield Bench(feed(), market, faults, breaks, at=lambda now: feed(now=lambda: now))
