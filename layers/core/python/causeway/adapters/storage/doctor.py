"""What is wrong with an installation, and how to mend it: one small function per check.

Checks are independent: a failed one does not hide the next, and a check that cannot run says so as its finding.
Those that ask the database are skipped once it did not answer, so a dead one is waited for once.
"""

from __future__ import annotations

import shutil
import stat
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from causeway.adapters.storage.database import Transaction
from causeway.adapters.storage.installation import Installation, is_running, read_installation
from causeway.adapters.storage.migrator import pending
from causeway.errors import CausewayError, NotFound

_LEAST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 1_000_000_000
_MOST_CLOCK_SKEW_S = 5.0
_MOST_FEED_AGE_S = 30.0
_SECRETS = ("installation.json", "keys", "passwords")
_CONNECT_TIMEOUT_S = 3
_MEND_NOT_STARTED = "Run 'make up', or name the directory of one that was started with --state-dir."
_MEND_OTHERS_FIRST = "Mend the findings above first, then run doctor again."


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome. ``mend`` says what to do; it is empty when the check passed."""

    check: str
    ok: bool
    message: str
    mend: str = ""


Check = Callable[[Path, Installation], Finding]


def examine(state_dir: Path) -> list[Finding]:
    """Every finding, in the order in which a person should mend them."""
    findings = [
        _python(),
        _guarded("state directory", lambda: _state_directory(state_dir)),
        _guarded("disk space", lambda: _disk(state_dir)),
    ]
    try:
        installation = read_installation(state_dir)
    except CausewayError as error:
        return [*findings, Finding("installation", False, error.message, _MEND_NOT_STARTED)]
    except OSError as error:
        return [*findings, Finding("installation", False, f"cannot be read: {error}", "Mend the findings above first.")]
    return findings + list(_checked(state_dir, installation))


def _checked(state_dir: Path, installation: Installation) -> Iterator[Finding]:
    database_answers = True
    for name, check in _CHECKS.items():
        if name in _ASK_THE_DATABASE and not database_answers:
            yield Finding(name, False, "skipped: the database does not answer", "Mend the database first.")
            continue
        finding = _guarded(name, partial(check, state_dir, installation))
        database_answers = database_answers and (name != "database" or finding.ok)
        yield finding


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except CausewayError as error:
        return Finding(name, False, error.message, _MEND_OTHERS_FIRST)
    except Exception as error:  # whatever is broken here is a finding; it must not hide the others
        return Finding(
            name, False, f"could not be checked: {type(error).__name__}: {error}".strip(), _MEND_OTHERS_FIRST
        )


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < _LEAST_PYTHON:
        return Finding("python", False, f"Python {found} is too old", "Install Python 3.11 or later, then 'make up'.")
    return Finding("python", True, f"Python {found}")


def _state_directory(state_dir: Path) -> Finding:
    if not state_dir.is_dir():
        return Finding("state directory", False, f"{state_dir} does not exist", _MEND_NOT_STARTED)
    open_to_others = [
        str(path)
        for path in (state_dir, *(state_dir / name for name in _SECRETS))
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        names = " ".join(open_to_others)
        return Finding("state directory", False, f"others can read {names}", f"Run: chmod -R go-rwx {names}")
    return Finding("state directory", True, f"{state_dir}, readable by this user only")


def _disk(state_dir: Path) -> Finding:
    free = shutil.disk_usage(state_dir if state_dir.is_dir() else Path.cwd()).free
    message = f"{free / 1e9:.1f} GB free below {state_dir}"
    if free < _LEAST_FREE_BYTES:
        return Finding("disk space", False, message, "Free at least 1 GB; PostgreSQL stops when the disk is full.")
    return Finding("disk space", True, message)


def _running(state_dir: Path, installation: Installation) -> Finding:
    if is_running(state_dir):
        return Finding("supervisor", True, f"running, serving {installation.url}")
    return Finding("supervisor", False, "nothing is running here", "Run 'make up'.")


def _database(_: Path, installation: Installation) -> Finding:
    import psycopg

    try:
        with _transaction(installation.service_database_url) as transaction:
            version = transaction.connection.info.server_version
    except psycopg.OperationalError as error:
        mend = "Run 'make up', or start the server that DATABASE_URL names. See PostgreSQL's log."
        return Finding("database", False, f"does not answer: {str(error).strip()}", mend)
    return Finding("database", True, f"PostgreSQL {version // 10000}.{version % 10000} answers")


def _redis(_: Path, installation: Installation) -> Finding:
    import redis

    try:
        with redis.Redis.from_url(installation.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        return Finding(
            "redis", False, f"does not answer: {error}", "Run 'make down' and 'make up'; see logs/redis.log."
        )
    return Finding("redis", True, "answers")


def _migrations(_: Path, installation: Installation) -> Finding:
    missing = pending(installation.owner_database_url)
    if missing:
        what = f"{len(missing)} not applied: {', '.join(missing)}"
        return Finding("migrations", False, what, "Run 'make down' and 'make up'; it applies them.")
    return Finding("migrations", True, "at head")


def _roles(_: Path, installation: Installation) -> Finding:
    wrong = []
    for url in (installation.app_database_url, installation.service_database_url):
        with _transaction(url) as transaction:
            role = transaction.one("doctor_login_role") or {}
        powers = [name for name in ("is_superuser", "bypasses_rls", "owns_tables") if role.get(name)]
        wrong += [f"{role.get('name')}: {', '.join(powers)}"] if powers else []
    if wrong:
        mend = (
            "Row-level security does not hold. Connect the services as causeway_app_login and causeway_service_login."
        )
        return Finding("database roles", False, "; ".join(wrong), mend)
    return Finding("database roles", True, "neither superuser nor owner")


def _clock(_: Path, installation: Installation) -> Finding:
    with _transaction(installation.service_database_url) as transaction:
        row = transaction.one("doctor_clock") or {}
    skew_s = abs((datetime.now(UTC) - row["now"]).total_seconds())
    if skew_s > _MOST_CLOCK_SKEW_S:
        return Finding(
            "clock", False, f"differs from the database's by {skew_s:.1f} s", "Synchronise both machines' clocks (NTP)."
        )
    return Finding("clock", True, f"within {skew_s:.2f} s of the database's")


def _audit(_: Path, installation: Installation) -> Finding:
    with _transaction(installation.service_database_url) as transaction:
        broken = transaction.all("doctor_audit")
    if broken:
        what = "; ".join(f"{row['chain']} from row {row['broken']}" for row in broken)
        return Finding("audit log", False, f"hash chain broken: {what}", "Rows were changed by hand: compare a backup.")
    return Finding("audit log", True, "every hash chain is whole")


def _api(_: Path, installation: Installation) -> Finding:
    try:
        with urllib.request.urlopen(f"{installation.url}/v1/openapi.json", timeout=5) as answer:  # noqa: S310 -- ours
            status = answer.status
    except (urllib.error.URLError, OSError) as error:
        mend = "Run 'make up'; if the port is taken, choose another with PORT=. See logs/api.log."
        return Finding("web server", False, f"{installation.url} does not answer: {error}", mend)
    return Finding("web server", True, f"{installation.url} answers {status}")


def _web_app(_: Path, installation: Installation) -> Finding:
    page = Path(installation.project_dir) / "frontend" / "dist" / "index.html"
    if not page.exists():
        mend = "Run 'make up'; if the build fails, see .causeway/logs/webapp.log."
        return Finding("web app", False, "is not built", mend)
    newer = _newest(page.parents[1] / "src") > page.stat().st_mtime
    if newer:
        return Finding(
            "web app", False, "is older than its sources", "Run 'make down' and 'make up'; it builds it anew."
        )
    return Finding("web app", True, "built from the present sources")


def _gateway(_: Path, installation: Installation) -> Finding:
    with _transaction(installation.service_database_url) as transaction:
        accounts = transaction.all("doctor_leases")
    idle = [row["account"] for row in accounts if not row["alive"]]
    if idle:
        mend = "Orders wait until a gateway runs. See logs/gateway.log, then 'make down' and 'make up'."
        return Finding("broker gateway", False, f"no gateway holds {', '.join(idle)}", mend)
    return Finding("broker gateway", True, f"{len(accounts)} accounts held")


def _feed(_: Path, installation: Installation) -> Finding:
    with _transaction(installation.service_database_url) as transaction:
        clock = transaction.one("doctor_market")
    if clock is None:
        raise NotFound("the table market_clock is empty")
    if clock["mode"] == "closed":
        return Finding("market feed", True, "closed: no replay or live feed was asked for")
    if clock["age_s"] > _MOST_FEED_AGE_S:
        mend = "See logs/feed.log, or start a replay: causeway replay."
        return Finding("market feed", False, f"{clock['mode']} stands still since {clock['age_s']:.0f} s", mend)
    return Finding("market feed", True, f"{clock['mode']}, market time {clock['market_time']:%Y-%m-%d %H:%M:%S}Z")


_CHECKS: dict[str, Check] = {
    "supervisor": _running,
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "database roles": _roles,
    "clock": _clock,
    "audit log": _audit,
    "web server": _api,
    "web app": _web_app,
    "broker gateway": _gateway,
    "market feed": _feed,
}


_ASK_THE_DATABASE = frozenset({"migrations", "database roles", "clock", "audit log", "broker gateway", "market feed"})


@contextmanager
def _transaction(url: str) -> Iterator[Transaction]:
    """One connection without a pool, which would try again and log what a finding says."""
    import psycopg
    from psycopg.rows import dict_row

    options = "-c statement_timeout=10000 -c timezone=UTC"
    with psycopg.connect(url, row_factory=dict_row, connect_timeout=_CONNECT_TIMEOUT_S, options=options) as connection:
        yield Transaction(connection)


def _newest(folder: Path) -> float:
    return max((file.stat().st_mtime for file in folder.rglob("*") if file.is_file()), default=0.0)
