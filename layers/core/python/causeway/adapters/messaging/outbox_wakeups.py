"""PostgreSQL NOTIFY on new outbox rows, as a call. The truth stays in the table; a lost notification costs one poll."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)
_QUIET_S = 1.0


def listen_outbox(database_url: str, notify: Callable[[], None], stop: threading.Event) -> None:
    """Call ``notify`` for each new outbox row until ``stop`` is set; reconnects by itself."""
    import psycopg

    while not stop.is_set():
        try:
            with psycopg.connect(database_url, autocommit=True) as connection:
                connection.execute("LISTEN causeway_outbox")
                notify()  # whatever came while nobody listened
                while not stop.is_set():
                    for _ in connection.notifies(timeout=_QUIET_S):
                        notify()
        except psycopg.OperationalError as error:
            _log.warning("listening for outbox rows was interrupted: %s", str(error).strip())
            stop.wait(_QUIET_S)
