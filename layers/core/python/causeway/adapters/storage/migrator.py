"""Forward-only SQL migrations: one transaction per file, checksums, an advisory lock, two phases.

``pre`` files run before new code is rolled out and must suit the running code; ``post`` files run after. Files are
``NNNN_<phase>_<what>.sql`` in ``migrations/`` and never change once released: a changed checksum stops everything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from causeway.errors import CorruptData, InvalidInput

if TYPE_CHECKING:
    from psycopg import Connection

Phase = Literal["pre", "post"]
_FILE = re.compile(r"^(\d{4})_(pre|post)_(\w+)\.sql$")
_LOCK = 7_203_551  # any constant that nothing else in this database takes


@dataclass(frozen=True, slots=True)
class Migration:
    version: str
    phase: Phase
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Every migration of the package, in order."""
    return list(_read())


def migrate(owner_url: str, *, phases: tuple[Phase, ...] = ("pre", "post")) -> list[str]:
    """Apply what is missing, and make partitions ahead of time; the names of what was applied, in order.

    Raises:
        CorruptData: an applied migration's text has changed, or the database knows a newer one than this code.
    """
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations "
            "(version text PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
            "applied_at timestamptz DEFAULT now())"
        )
        missing = [step for step in _missing(connection) if step.phase in phases]
        for step in missing:
            with connection.transaction():
                connection.execute(step.sql.encode())
                connection.execute(
                    "INSERT INTO schema_migrations (version, name, checksum) VALUES (%s, %s, %s)",
                    [step.version, step.name, step.checksum],
                )
        if connection.execute("SELECT to_regprocedure('series.ensure_ahead()') IS NOT NULL").fetchone() == (True,):
            connection.execute("SELECT series.ensure_ahead()")
        return [f"{step.version}_{step.phase}_{step.name}" for step in missing]


def pending(owner_url: str) -> list[str]:
    """Names of migrations that are not applied yet."""
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,):
            return [step.name for step in migrations()]
        return [step.name for step in _missing(connection)]


def ensure_database(server_url: str, name: str) -> str:
    """URL of the database ``name`` of a server, made where it is missing; for a server of our own."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(server_url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server_url.rpartition('/')[0]}/{name}"


def ensure_login_role(owner_url: str, *, login: str, password: str, member_of: str) -> None:
    """A login role that is neither superuser nor owner, and member of one of the two group roles.

    Raises:
        InvalidInput: ``member_of`` is not causeway_app or causeway_service.
    """
    import psycopg
    from psycopg import sql

    if member_of not in {"causeway_app", "causeway_service"}:
        raise InvalidInput(f"member_of must be causeway_app or causeway_service; found {member_of!r}")
    with psycopg.connect(owner_url, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
        verb = sql.SQL("ALTER") if exists else sql.SQL("CREATE")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE INHERIT PASSWORD {}").format(
                verb, sql.Identifier(login), sql.Literal(password)
            )
        )
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(member_of), sql.Identifier(login)))


def _read() -> Iterator[Migration]:
    for entry in sorted(files(__package__).joinpath("migrations").iterdir(), key=lambda item: item.name):
        match = _FILE.match(entry.name)
        if match:
            phase: Any = match[2]
            yield Migration(match[1], phase, match[3], entry.read_text(encoding="utf-8"))


def _missing(connection: Connection[Any]) -> list[Migration]:
    applied = dict(connection.execute("SELECT version, checksum FROM schema_migrations").fetchall())
    known = {step.version: step for step in _read()}
    for version, checksum in applied.items():
        if version not in known:
            raise CorruptData(
                f"the database has migration {version}, which this code does not know: it was made by a newer "
                "version of Causeway. Update the code (git pull), or restore a backup of the older schema."
            )
        if known[version].checksum != checksum:
            raise CorruptData(
                f"migration {version} was applied with another text than this code holds. Migrations never change "
                "once released; restore the file, or start from a fresh state directory."
            )
    return [step for version, step in known.items() if version not in applied]
