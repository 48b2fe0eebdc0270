"""The local product's own commands: ``python -m local up | down | status | database``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time

from causeway.errors import CausewayError, NotFound
from causeway.settings import LocalSettings
from local.postgres import start_postgres
from local.state import State
from local.wiring import ensure_database, held_lock, is_running, read_installation

_LONGEST_STOP_S = 60.0


def main() -> int:
    commands = {"up": _up, "down": _down, "status": _status, "database": _database}
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument(
        "command",
        choices=commands,
        help="up: start and stay; down: stop it; status: what runs; database: PostgreSQL alone until stdin closes",
    )
    settings = LocalSettings()
    try:
        return commands[parser.parse_args().command](settings)
    except CausewayError as error:
        print(error.message, file=sys.stderr)
        return 1


def _up(settings: LocalSettings) -> int:
    state = State.open(settings.state_dir)
    if is_running(state.directory) and state.pid_file.exists():
        print(_already_running(state))
        return 0
    from local.up import up

    up(settings)
    return 0


def _already_running(state: State) -> str:
    try:
        return f"already running at {read_installation(state.directory).url}"
    except NotFound:
        return "already starting for the first time; 'make status' tells when it runs"


def _down(settings: LocalSettings) -> int:
    state = State.at(settings.state_dir)
    if not is_running(state.directory) or not state.pid_file.exists():
        print("not running")
        return 0
    os.kill(int(state.pid_file.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + _LONGEST_STOP_S
    while is_running(state.directory):
        if time.monotonic() > deadline:
            print(f"still stopping after {_LONGEST_STOP_S:.0f} s; see {state.logs}", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print("stopped")
    return 0


def _status(settings: LocalSettings) -> int:
    state = State.at(settings.state_dir)
    if not is_running(state.directory):
        print("not running")
        return 0
    print(f"running at {read_installation(state.directory).url}")
    for row in json.loads((state.directory / "status.json").read_text()):
        process = f"process {row['pid']}" if row["pid"] else "down, starts again soon"
        restarts = f", {row['restarts']} restarts" if row["restarts"] else ""
        print(f"  {row['name']:11} {process}{restarts}")
    return 0


def _database(settings: LocalSettings) -> int:
    """PostgreSQL alone, for a restore: prints the owner's URL as a line of JSON, ends when stdin closes."""
    state = State.open(settings.state_dir)
    with held_lock(state.directory):
        server = start_postgres(state.directory, ends_with_parent=True)
        try:
            print(json.dumps({"owner_database_url": ensure_database(server.url, "causeway")}), flush=True)
            sys.stdin.read()
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
