"""Alpaca REST against a server that answers wrongly: whole answers are bounded, failures are in plain words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from causeway.adapters.feeds.alpaca.rest import DataRest
from causeway.errors import Unavailable
from causeway.settings import AlpacaDataSettings

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def rest(url: str, *, timeout_s: float = 5.0, longest_s: float = 5.0, most_bytes: int = 1 << 20) -> DataRest:
    settings = AlpacaDataSettings(
        alpaca_key_id="key", alpaca_secret_key=SecretStr("secret"), alpaca_data_url=url
    )  # fmt: skip
    return DataRest(settings, timeout_s, longest_s=longest_s, most_bytes=most_bytes)


def head(handler: BaseHTTPRequestHandler, status: int = 200, length: int = 1_000_000, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def test_an_answer_that_trickles_is_given_up_as_a_whole() -> None:
    over = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        head(handler)
        while not over.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    with served(trickle) as url:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"not whole after 0\.4 s"):
            rest(url, longest_s=0.4).fetch("/stocks/bars", {})
        assert time.monotonic() - began < 2.0
        over.set()


def test_an_answer_without_end_is_given_up_by_its_size() -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        head(handler, length=200_000)
        handler.wfile.write(b" " * 200_000)

    with served(flood) as url, pytest.raises(Unavailable, match="more than 100,000 bytes"):
        rest(url, most_bytes=100_000).fetch("/stocks/bars", {})


def test_an_answer_that_ends_early_is_cut() -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        head(handler)
        handler.wfile.write(b'{"bars"')
        handler.close_connection = True

    with served(cut) as url, pytest.raises(Unavailable, match="cut in the middle of its answer"):
        rest(url).fetch("/stocks/bars", {})


def test_silence_is_said_with_its_length() -> None:
    over = threading.Event()

    def say_nothing(_handler: BaseHTTPRequestHandler) -> None:
        over.wait(10)

    with served(say_nothing) as url:
        with pytest.raises(Unavailable, match=r"nothing came for 0\.2 s"):
            rest(url, timeout_s=0.2).fetch("/stocks/bars", {})
        over.set()


def test_an_outage_that_names_a_wait_hands_it_on() -> None:
    def down(handler: BaseHTTPRequestHandler) -> None:
        head(handler, 503, 2, Retry_After="17")
        handler.wfile.write(b"{}")

    with served(down) as url, pytest.raises(Unavailable) as caught:
        rest(url).fetch("/stocks/bars", {})
    assert (caught.value.retry_after_s, caught.value.says_when) == (17.0, True)
