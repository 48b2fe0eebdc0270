"""``python -m local up``: servers, migrations, processes, first start; then it looks after them until it is stopped."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypeVar
from urllib.parse import urlsplit

from causeway.errors import Conflict, Unavailable
from causeway.settings import LocalSettings
from local import children
from local.first_start import FirstStart, StartReport
from local.postgres import postgres_log, start_postgres
from local.servers import Server, free_port, start_redis
from local.state import State, write_private
from local.supervisor import Child, Process, Supervisor
from local.wiring import (
    Installation,
    ensure_database,
    ensure_login_role,
    held_lock,
    migrate,
    write_installation,
)

PROJECT = Path(__file__).resolve().parent.parent
_APP_LOGIN, _SERVICE_LOGIN = "causeway_app_login", "causeway_service_login"
_DATABASE = "causeway"
ResultT = TypeVar("ResultT")


class Stopped(Exception):  # noqa: N818 -- a wish, not an error
    """A signal asked this process to end."""


def up(settings: LocalSettings) -> None:
    """Start everything and stay until stopped.

    Raises:
        Conflict: it runs already, or the port is taken.
        Unavailable: a server or a program does not start; the message names its log.
    """
    began = time.monotonic()
    state = State.open(settings.state_dir)
    with held_lock(state.directory), _stopped_by_signals():
        write_private(state.pid_file, str(os.getpid()).encode())
        supervisor = Supervisor(state, _say)
        try:
            installation = _start_everything(state, settings, supervisor)
            report = FirstStart(state, installation, demo=settings.demo).run(supervisor.tick)
            if settings.demo:
                supervisor.add(children.feed(state, installation, report.replay))
            _print_ready(installation, report, time.monotonic() - began)
            supervisor.run()
        except Stopped:
            _say("stopping")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            supervisor.stop()
            state.pid_file.unlink(missing_ok=True)
    _say("stopped")


def _start_everything(state: State, settings: LocalSettings, supervisor: Supervisor) -> Installation:
    port = _available_port(settings.port)
    owner_url = _stage("PostgreSQL", lambda: _database(state, settings, supervisor))
    redis_url = _stage("Redis", lambda: _redis(state, settings, supervisor))
    applied = _stage("migrations", lambda: migrate(owner_url))
    if applied:
        _say(f"  applied {', '.join(applied)}")
    installation = Installation(
        url=f"http://127.0.0.1:{port}",
        owner_database_url=owner_url,
        app_database_url=_login(state, owner_url, _APP_LOGIN, "causeway_app"),
        service_database_url=_login(state, owner_url, _SERVICE_LOGIN, "causeway_service"),
        redis_url=redis_url,
        blob_url=state.blobs.as_uri(),
        project_dir=str(PROJECT),
        database_command=() if settings.database_url else (sys.executable, "-m", "local", "database"),
    )
    write_installation(state.directory, installation)
    _stage("API", lambda: _serve(state, supervisor, installation, port))
    return installation


def _serve(state: State, supervisor: Supervisor, installation: Installation, port: int) -> None:
    api = children.api(state, installation, port)
    supervisor.add(api)
    supervisor.add(children.gateway(state, installation))
    supervisor.add(children.job_runner(state, installation))
    supervisor.add(children.ingest(state, installation))
    _await_api(installation.url, api)


def _database(state: State, settings: LocalSettings, supervisor: Supervisor) -> str:
    if settings.database_url:
        return settings.database_url.get_secret_value()
    port = free_port()
    log = postgres_log(state.directory)
    server = _supervised(
        supervisor, "postgresql", lambda: start_postgres(state.directory, port=port, ends_with_parent=True), log,
        signal.SIGINT,
    )  # fmt: skip
    return ensure_database(server.url, _DATABASE)


def _redis(state: State, settings: LocalSettings, supervisor: Supervisor) -> str:
    if settings.redis_url:
        return settings.redis_url.get_secret_value()
    port, password, folder = free_port(), state.password("redis"), state.logs

    def start() -> Server:
        return start_redis(folder, port=port, password=password, ends_with_parent=True)

    return _supervised(supervisor, "redis", start, folder / "redis.log", signal.SIGTERM).url


def _supervised(
    supervisor: Supervisor, name: str, start: Callable[[], Server], log: Path, stop_signal: signal.Signals
) -> Server:
    """Start a server now; a later start after a crash answers at the same address."""
    servers: list[Server] = []

    def start_process() -> Process:
        servers[:] = [start()]
        return servers[0].process

    supervisor.add(Child(name, start_process, log, stop_signal))
    return servers[0]


def _login(state: State, owner_url: str, login: str, member_of: str) -> str:
    """URL of the login role, which gets the password that this installation keeps."""
    password = state.password(login)
    ensure_login_role(owner_url, login=login, password=password, member_of=member_of)
    parts = urlsplit(owner_url)
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{login}:{password}@{address}").geturl()


def _await_api(url: str, api: Child, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if api.process is not None and api.process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/v1/portfolio/health", timeout=2).close()  # noqa: S310 -- our own address
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    tail = "\n".join(api.log.read_text(errors="replace").splitlines()[-12:])
    raise Unavailable(f"the API does not answer on {url}; the end of {api.log}:\n{tail}")


def _available_port(port: int) -> int:
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Conflict(
                f"port {port} of 127.0.0.1 is taken by another program. Choose another: make up PORT={port + 1}"
            ) from error
    return port


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    yield


def _stage(name: str, work: Callable[[], ResultT]) -> ResultT:
    began = time.monotonic()
    result = work()
    _say(f"· {name}: done in {time.monotonic() - began:.1f} s")
    return result


def _print_ready(installation: Installation, report: StartReport, seconds: float) -> None:
    _say(f"\nCauseway is ready after {seconds:.1f} s: {installation.url}")
    if report.admin_password:
        _say(f"  user      {report.admin_email}\n  password  {report.admin_password}   (shown only now)")
    else:
        _say(f"  user      {report.admin_email}   (a new password: .venv/bin/causeway admin reset-password)")
    _say("  next      sign in, open Analysis: it shows which series drive which, and why to believe it")
    _say("  stop      Ctrl-C here, or 'make down'\n")


def _say(line: str) -> None:
    print(line, flush=True)
