"""Many clients in one process, as light as they can be: a frame is counted, and every sixteenth is read and timed.

Prints one line of JSON: frames and quotes a second, and percentiles of milliseconds from the moment a quote was made
to the moment it is here: of every quote, and of the newest one in each frame.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from datetime import datetime
from functools import partial

from bench.streaming.load import A_CLIENT, symbols_of

_EVERY = 16


class Tally:
    """What all clients saw while ``on``."""

    def __init__(self) -> None:
        self.on = False
        self.frames = 0
        self.quotes = 0
        self.read = 0
        self.lost = 0
        self.ages_ms: list[float] = []
        self.newest_ms: list[float] = []

    def take(self, payload: bytes) -> None:
        """Read one frame of quotes."""
        now = time.time()
        frame = json.loads(payload)
        if frame["type"] != "quotes":
            return
        ages = [(now - datetime.fromisoformat(quote["received_at"]).timestamp()) * 1e3 for quote in frame["quotes"]]
        self.read += 1
        self.quotes += len(ages)
        self.ages_ms += ages
        self.newest_ms.append(min(ages))

    def as_json(self, seconds: float) -> dict[str, float]:
        """Rates and percentiles."""
        ages, newest = sorted(self.ages_ms), sorted(self.newest_ms)
        return {
            "frames_per_s": self.frames / seconds,
            "quotes_a_frame": self.quotes / max(1, self.read),
            "p50_ms": _percentile(ages, 0.50),
            "p95_ms": _percentile(ages, 0.95),
            "p99_ms": _percentile(ages, 0.99),
            "newest_p50_ms": _percentile(newest, 0.50),
            "newest_p95_ms": _percentile(newest, 0.95),
        }


def _percentile(ascending: list[float], share: float) -> float:
    return ascending[int(share * (len(ascending) - 1))]


class LightClient(asyncio.Protocol):
    """Just enough of RFC 6455 to read unfragmented frames of a server without extensions."""

    def __init__(self, number: int, tally: Tally) -> None:
        self._number, self._tally, self._buffer, self._open = number, tally, b"", False
        self._count = number  # so that not all clients read the same frames
        self.welcome = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        lines = (
            "GET /v1/stream HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
        )  # fmt: skip
        transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())  # type: ignore[attr-defined]

    def connection_lost(self, _: Exception | None) -> None:
        self._tally.lost += 1

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._open:
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            self._open = True
            self._subscribe()
        at, size = 0, len(buffer)
        while at + 2 <= size:
            length, begin = buffer[at + 1] & 127, at + 2
            if length >= 126:
                width = 2 if length == 126 else 8
                if begin + width > size:
                    break
                length, begin = int.from_bytes(buffer[begin : begin + width]), begin + width
            if begin + length > size:
                break
            if buffer[at] & 15 == 1:
                self._frame(buffer, begin, begin + length)
            elif buffer[at] & 15 == 9:
                self._write(0x8A, buffer[begin : begin + length])  # a server drops who does not answer its ping
            at = begin + length
        self._buffer = buffer[at:]

    def _frame(self, buffer: bytes, begin: int, end: int) -> None:
        if not buffer.startswith(b'{"type":"quotes"', begin):
            return
        if not self.welcome.done():
            self.welcome.set_result(None)
        if self._tally.on:
            self._tally.frames += 1
            self._count += 1
            if self._count % _EVERY == 0:
                self._tally.take(buffer[begin:end])

    def _subscribe(self) -> None:
        message = {"op": "subscribe", "channel": "quotes", "symbols": symbols_of(self._number)}
        self._write(0x81, json.dumps(message).encode())

    def _write(self, kind: int, payload: bytes) -> None:
        long = len(payload) > 125
        length = bytes([0x80 | 126]) + len(payload).to_bytes(2) if long else bytes([0x80 | len(payload)])
        frame = bytes([kind]) + length + b"\0\0\0\0" + payload  # masked with zeros
        self._transport.write(frame)  # type: ignore[attr-defined]


async def main(port: int, clients: int, seconds: float) -> None:
    """Connect, wait until all have quotes, measure."""
    tally, loop = Tally(), asyncio.get_running_loop()
    made: list[LightClient] = []
    for number in range(clients):
        _, client = await loop.create_connection(partial(LightClient, number, tally), "127.0.0.1", port)
        made.append(client)
        if number % 25 == 24:
            await asyncio.sleep(0.05)
    await asyncio.wait_for(asyncio.gather(*(client.welcome for client in made)), 120)
    await asyncio.sleep(1.0)
    print("measuring", flush=True)
    tally.on, began, cpu = True, time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    tally.on, passed = False, time.perf_counter() - began
    if tally.lost:
        raise SystemExit(f"{tally.lost} of {clients} clients lost their connection: nothing was measured")
    print(json.dumps({**tally.as_json(passed), "clients_cpu": (time.process_time() - cpu) / passed}), flush=True)
    os._exit(0)  # a thousand orderly goodbyes measure nothing


if __name__ == "__main__":
    assert A_CLIENT * 12 < 2**15
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
