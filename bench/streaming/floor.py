"""The floor: ``websockets.broadcast`` of the same frames, made in its own process; no Redis, no checks, no sessions."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.streaming.load import GROUPS, SYMBOLS, UPDATES_PER_S, symbols_of, ticks
from causeway.model.tick import Quote
from causeway.streaming.wire import quote_json

_STEP_S = 0.025


async def main(port: int, frame_hz: float) -> None:
    """Serve until SIGTERM."""
    groups: defaultdict[str, set[ServerConnection]] = defaultdict(set)
    pieces: dict[str, str] = {}  # what changed since the last frame

    async def take(connection: ServerConnection) -> None:
        first = json.loads(await connection.recv())["symbols"][0]
        groups[first].add(connection)
        try:
            await connection.wait_closed()
        finally:
            groups[first].discard(connection)

    async def make() -> None:
        began, made = time.perf_counter(), 0
        while True:
            due = int((time.perf_counter() - began) * UPDATES_PER_S)
            for tick in ticks(made, due - made):
                assert tick.bid is not None and tick.ask is not None  # noqa: PT018
                quote = Quote(
                    tick.symbol, 1, tick.bid, tick.ask, tick.bid, tick.bid_size, tick.ask_size, tick.bid_size,
                    tick.time, tick.received_at, tick.source,
                )  # fmt: skip
                pieces[tick.symbol] = json.dumps(quote_json(quote), separators=(",", ":"))
            made = due
            await asyncio.sleep(_STEP_S)

    async with serve(take, "127.0.0.1", port, compression=None, ping_interval=None):
        maker = asyncio.create_task(make())
        number, at = 0, time.perf_counter()
        while not maker.done():
            at += 1 / frame_hz
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            number += 1
            for group in range(GROUPS):
                mine = symbols_of(group)
                if texts := ",".join(pieces[symbol] for symbol in mine if symbol in pieces):
                    broadcast(groups[mine[0]], f'{{"type":"quotes","seq":{number},"quotes":[{texts}]}}')
            pieces.clear()


if __name__ == "__main__":
    assert len(SYMBOLS) % GROUPS == 0
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
