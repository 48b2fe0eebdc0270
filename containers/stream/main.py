"""``python -m containers.stream.main``: the feed, the WebSocket server, or both (CAUSEWAY_STREAM_ROLE)."""

from __future__ import annotations

import logging
import signal
import threading
from functools import partial
from typing import Any

from causeway.settings import LogSettings, StreamSettings
from containers.stream import wiring
from containers.stream.upkeep import keep_in_shape

# A frame costs less to send than to compress, and a compressor per connection takes a quarter of a megabyte.
SOCKET_OPTIONS: dict[str, Any] = {
    "ws": "websockets-sansio",
    "ws_max_size": 64 * 1024,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,
    "log_config": None,
    "access_log": False,
    "timeout_graceful_shutdown": 5,
}
_log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT; then write the replay's position and leave."""
    wiring.fill_settings()
    logging.basicConfig(level=LogSettings().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = StreamSettings()
    try:
        if settings.stream_role == "feed":
            _feed_alone()
        else:
            _serve(settings)
    finally:
        wiring.close()


def _feed_alone() -> None:
    stop = _stop_on_signal()
    upkeep = _start_upkeep(stop)
    wiring.feed().run(stop)
    upkeep.join(timeout=10)


def _start_upkeep(stop: threading.Event) -> threading.Thread:
    """A daemon, so that a long step does not hold the process."""
    work = partial(keep_in_shape, wiring.upkeep(), stop, look=wiring.watch_schedules())
    thread = threading.Thread(target=work, name="upkeep", daemon=True)
    thread.start()
    return thread


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _serve(settings: StreamSettings) -> None:
    """The feed runs beside the server where the role is all.

    uvicorn raises the signal that ended it once more; our handler takes it, so that the feed can let go of the clock.
    """
    import uvicorn

    from containers.stream.websocket_server import create_app

    stop = _stop_on_signal()
    wiring.database()  # one, before the threads that share it
    feed = threading.Thread(target=lambda: wiring.feed().run(stop), name="feed")
    if settings.stream_role == "all":
        feed.start()
        _start_upkeep(stop)
    try:
        uvicorn.run(
            create_app(wiring.services()),
            host=settings.stream_host,
            port=settings.stream_port,
            **SOCKET_OPTIONS,
        )
    finally:
        stop.set()
        if feed.is_alive():
            feed.join(timeout=10)


if __name__ == "__main__":
    main()
