"""PostgreSQL: one pool per process, named queries, transactions that carry the user.

Queries live in ``queries/*.sql``, each headed by ``-- name: area_verb`` and a line that says what it does.
Parameters are ``%(name)s``. Rows come back as dictionaries.

Source: psycopg 3 documentation (pools, dict_row); the named-query file layout follows procrastinate.
"""

from __future__ import annotations

import re
import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

from causeway.errors import CausewayError, Unavailable
from causeway.settings import DatabaseSettings

if TYPE_CHECKING:
    from psycopg import Connection, Cursor
    from psycopg_pool import ConnectionPool

Row = dict[str, Any]
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_REPLICA_WAIT_S = 1.0  # for a connection, before a read goes to the primary
_BESIDE_WAIT_S = 0.1  # for a second connection, before the first does the work alone
# By default a page elsewhere costs as much as four in a row, as on a turning disk; a planner then reads a year
# of bars in the order of the table and sorts it, though the index has it in order (bench store-read, "of a live feed").
_ON_SOLID_STATE = "-c random_page_cost=1.1"
_REPLICA_REST_S = 30.0  # how long a replica that did not answer is left alone


@cache
def named_queries() -> Mapping[str, str]:
    """Every query of ``queries/*.sql`` by name.

    Raises:
        CausewayError: two queries share a name.
    """
    found: dict[str, str] = {}
    for file in sorted(files(__package__).joinpath("queries").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        parts = _NAME.split(file.read_text(encoding="utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise CausewayError(f"the query name {name} stands twice, the second time in {file.name}")
            found[name] = text.strip()
    return found


def load_driver() -> None:
    """Import psycopg now. For processes with threads, before the first of them starts.

    Its modules import one another, and two threads that import different ones of them first, at once, break both.
    """
    for module in ("psycopg", "psycopg.types.json", "psycopg_pool"):
        import_module(module)


class Transaction:
    """One open transaction. Leaving the block commits; an exception rolls back.

    ``changed_series`` takes ids of instruments whose series change: see ``Database.series_changed``.
    """

    def __init__(self, connection: Connection[Row], database: Database | None = None) -> None:
        self.connection = connection
        self.changed_series: set[int] = set()
        self._database = database

    def one(self, query: str, /, **parameters: Any) -> Row | None:
        """The first row, or None."""
        return self._execute(query, parameters).fetchone()

    def all(self, query: str, /, **parameters: Any) -> list[Row]:
        """Every row."""
        return self._execute(query, parameters).fetchall()

    def binary(self, query: str, /, **parameters: Any) -> list[Row]:
        """Every row, with values sent as they are instead of as text: for large bytea."""
        return self.connection.execute(named_queries()[query].encode(), parameters, binary=True).fetchall()

    def run(self, query: str, /, **parameters: Any) -> int:
        """Execute; how many rows were touched."""
        return self._execute(query, parameters).rowcount

    @contextmanager
    def beside(self) -> Iterator[Transaction]:
        """A second transaction of the same moment, on another connection; this one came from ``Database.snapshot``.

        Raises:
            Unavailable: no connection is free at once.
        """
        from psycopg import sql

        if self._database is None:
            raise Unavailable("this connection has no pool beside it; expected a transaction of Database.snapshot.")
        with self._database.read_only(wait_s=_BESIDE_WAIT_S) as second:
            moment = self.connection.execute("SELECT pg_export_snapshot() AS name").fetchone()
            name = sql.Literal(moment["name"] if moment else "")
            second.connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(name))
            yield second

    def _execute(self, query: str, parameters: Mapping[str, Any]) -> Cursor[Row]:
        return self.connection.execute(named_queries()[query].encode(), parameters)


class Database:
    """A pool of connections to one database as one role.

    The pool opens on first use. ``transaction(user_id=...)`` names the user for row-level security, for that
    transaction only, so a pooled connection never carries a user over. ``replica`` serves ``snapshot``.
    ``series_changed``, where it is set, is called after a commit, one that got no answer too, with every symbol, past
    ones too, of the instruments whose bars or corporate actions the transaction changed; it must not raise.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 4,
        statement_timeout_s: float = 30.0,
        wait_s: float = 5.0,
        replica: Database | None = None,
    ) -> None:
        self.url = url
        self.pool_size = pool_size
        self._statement_timeout_s = statement_timeout_s
        self._wait_s = wait_s
        self._replica = replica
        self._replica_rests_until = 0.0
        self._pool: ConnectionPool[Connection[Row]] | None = None
        self._opening = Lock()  # threads that come first at once share one pool
        self.series_changed: Callable[[Sequence[str]], object] | None = None

    @classmethod
    def from_settings(cls, settings: DatabaseSettings) -> Database:
        """As configured."""
        limited = partial(
            cls, pool_size=settings.database_pool_size, statement_timeout_s=settings.database_statement_timeout_s
        )
        named = settings.database_replica_url
        replica = limited(named.get_secret_value(), wait_s=_REPLICA_WAIT_S) if named else None
        return limited(settings.database_url.get_secret_value(), replica=replica)

    @contextmanager
    def transaction(self, *, user_id: UUID | None = None, wait_s: float | None = None) -> Iterator[Transaction]:
        """A transaction as this role, on behalf of ``user_id`` where one is given; ``wait_s`` for a connection.

        A connection that died while it was idle is replaced before anything runs on it; nothing is ever run twice.

        Raises:
            Unavailable: the database does not answer. Nothing was changed, unless it was lost during the commit:
                then the message says that the change may be stored.
        """
        import psycopg
        import psycopg_pool

        committing, symbols = False, list[str]()
        try:
            with self._open_pool().connection(wait_s) as connection:
                if user_id is not None:
                    connection.execute("SELECT set_config('causeway.user_id', %s, true)", [str(user_id)])
                opened = Transaction(connection, self)
                yield opened
                symbols = self._symbols_of(opened)
                committing = True
        except (psycopg_pool.PoolTimeout, psycopg_pool.TooManyRequests, psycopg.OperationalError) as error:
            lost = "was lost during a commit, so the change may or may not be stored; look before you repeat it"
            what = lost if committing else "did not answer"
            raise Unavailable(f"the database {what}: {str(error).strip()}", retry_after_s=2.0) from error
        finally:
            if committing and symbols and self.series_changed is not None:
                self.series_changed(symbols)

    def _symbols_of(self, transaction: Transaction) -> list[str]:
        if not transaction.changed_series or self.series_changed is None:
            return []
        rows = transaction.all("market_data_symbols_of", ids=sorted(transaction.changed_series))
        return [row["symbol"] for row in rows]

    @property
    def has_replica(self) -> bool:
        """Whether ``snapshot`` may be of another moment than the primary's."""
        return self._replica is not None

    @contextmanager
    def snapshot(self, *, may_lag: bool = True) -> Iterator[Transaction]:
        """A read-only transaction in which every query sees the same moment.

        It is the replica's moment where there is a replica, unless ``may_lag`` is false, so what was just stored may be
        missing. A replica that does not answer is left alone for half a minute, and the primary serves.

        Raises:
            Unavailable: the database does not answer, or the replica was lost in the middle: ask again.
        """
        with ExitStack() as opened:
            transaction = self._on_replica(opened) if may_lag else None
            if transaction is None:
                yield opened.enter_context(self.read_only())
                return
            try:
                yield transaction
            except Unavailable:
                self._let_replica_rest()
                raise

    def _on_replica(self, opened: ExitStack) -> Transaction | None:
        if self._replica is None or monotonic() < self._replica_rests_until:
            return None
        try:
            return opened.enter_context(self._replica.read_only())
        except Unavailable:
            self._let_replica_rest()
            return None

    def _let_replica_rest(self) -> None:
        self._replica_rests_until = monotonic() + _REPLICA_REST_S

    @contextmanager
    def read_only(self, *, wait_s: float | None = None) -> Iterator[Transaction]:
        """A read-only transaction of one moment on this very server.

        Raises:
            Unavailable: as ``transaction``.
        """
        from psycopg import IsolationLevel

        with self.transaction(wait_s=wait_s) as transaction:
            transaction.connection.isolation_level = IsolationLevel.REPEATABLE_READ
            transaction.connection.read_only = True
            yield transaction

    def close(self) -> None:
        """Close every connection. A later transaction opens a new pool."""
        if self._replica is not None:
            self._replica.close()
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _open_pool(self) -> ConnectionPool[Connection[Row]]:
        with self._opening:
            if self._pool is None:
                self._pool = self._new_pool()
            return self._pool

    def _new_pool(self) -> ConnectionPool[Connection[Row]]:
        from psycopg import Connection
        from psycopg.rows import dict_row
        from psycopg_pool import ConnectionPool

        options = f"-c statement_timeout={int(self._statement_timeout_s * 1000)} -c timezone=UTC {_ON_SOLID_STATE}"
        return ConnectionPool(
            self.url,
            connection_class=Connection[Row],
            min_size=0,
            max_size=self.pool_size,
            kwargs={"row_factory": dict_row, "options": options},
            check=self._refuse_dead,
            reset=_as_at_first,
            timeout=self._wait_s,
            open=True,
        )

    def _refuse_dead(self, connection: Connection[Row]) -> None:
        """Raise for a connection that died while it was idle, and close every other idle one with it.

        A living idle connection has nothing to read, which costs microseconds to see; only one that has is asked.
        What ends one connection (a restart, a failover) ends all, and the pool waits longer after each dead one.
        """
        from psycopg import OperationalError
        from psycopg_pool import ConnectionPool

        readiness = select.poll()
        readiness.register(connection.fileno(), select.POLLIN)
        if not readiness.poll(0):
            return
        try:
            ConnectionPool.check_connection(connection)
        except OperationalError:
            if self._pool is not None:
                self._pool.drain()
            raise


def _as_at_first(connection: Connection[Row]) -> None:
    """A connection on its way back into the pool forgets that it was for reading."""
    if connection.read_only:
        connection.isolation_level = None
        connection.read_only = None
