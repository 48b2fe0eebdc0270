"""Row-level security, proven with raw SQL as the application's role: one user's rows do not exist for another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, RaiseException
from psycopg.rows import dict_row

from tests.fixtures.databases import Databases

Connection = psycopg.Connection[dict[str, Any]]

# One row per table for a user; {name} is filled per user, so that two users' rows differ in every key.
SEED = [
    "INSERT INTO users (id, email, password_hash, role) VALUES ({user}, {email}, 'none', 'trader')",
    "INSERT INTO sessions (user_id, family_id, refresh_hash, expires_at) VALUES ({user}, {other}, {hash}, now())",
    "INSERT INTO api_keys (user_id, name, prefix, key_hash, role) VALUES ({user}, 'k', 'cw_', {hash}, 'viewer')",
    "INSERT INTO accounts (id, user_id, broker, name) VALUES ({account}, {user}, 'paper', 'Paper')",
    "INSERT INTO ingestions (id, user_id, source, bar_size, state) VALUES ({other}, {user}, 'csv', '1d', 'done')",
    "INSERT INTO quarantine (user_id, ingestion_id, row_number, symbol, bar_size, row_time, raw, reasons, row_hash) "
    "VALUES ({user}, {other}, 1, 'X', '1d', '', '{{}}', '[]', 'h')",
    "INSERT INTO fetch_jobs (id, user_id, spec) VALUES ({job}, {user}, '{{}}')",
    "INSERT INTO jobs (id, user_id, spec) VALUES ({job}, {user}, '{{}}')",
    "INSERT INTO orders (id, user_id, account_id, client_order_id, instrument_id, symbol, side, quantity, order_type, "
    "time_in_force, status, risk_decision, submitted_at, updated_at) "
    "VALUES ({order}, {user}, {account}, 'c', 1, 'X', 'buy', 1, 'market', 'day', 'new', '{{}}', now(), now())",
    "INSERT INTO order_events (account_id, seq, user_id, order_id, kind, source, source_event_id, "
    "status_after, wall_time) VALUES ({account}, 1, {user}, {order}, 'submitted', 's', '1', 'new', now())",
    "INSERT INTO executions VALUES ('paper', {account}, 'x', {order}, {user}, 1, 'buy', 1, 1, 0, now(), now())",
    "INSERT INTO positions VALUES ({account}, 1, {user}, 1, 1, 0, 0, now())",
    "INSERT INTO repair_proposals (user_id, instrument_id, bar_size, time, code, reason, found, proposed) "
    "VALUES ({user}, 1, '1d', '2024-01-02', 'unit_error', 'r', '{{}}', '{{}}')",
    "INSERT INTO ledger (account_id, user_id, kind, amount, reference, at) "
    "VALUES ({account}, {user}, 'deposit', 1, 'd', now())",
    "INSERT INTO outbox (account_id, user_id, order_id, command) VALUES ({account}, {user}, {order}, 'submit')",
    "INSERT INTO equity_history VALUES ({account}, {user}, now(), now(), 1, 0, 1)",
    "INSERT INTO alert_heads VALUES ({user}, 1)",
    "INSERT INTO alerts (user_id, seq, kind, severity, text) VALUES ({user}, 1, 'feed_outage', 'info', 't')",
    "INSERT INTO alert_subjects VALUES ({user}, 'feed_outage', 'iqfeed', now())",
    "INSERT INTO stream_tickets (ticket_hash, user_id, role, expires_at) "
    "VALUES (sha256({hash}), {user}, 'trader', now())",
    "SELECT audit_append('user:' || {user}::uuid, {user}, 'a', 'b', 'c', '{{}}')",
]
INSTRUMENT = "INSERT INTO instruments (asset_class) VALUES ('equity')"
USER_TABLES = [
    "accounts", "alert_heads", "alert_subjects", "alerts", "api_keys", "audit_chains", "audit_log", "equity_history",
    "executions", "fetch_jobs",
    "ingestions",
    "jobs", "ledger", "order_events", "orders", "outbox", "positions", "quarantine", "repair_proposals", "sessions",
    "stream_tickets",
]  # fmt: skip
SECRET_TABLES = ["api_keys", "sessions", "stream_tickets"]  # not even their owner reads these through the application
UNREADABLE = ["login_attempts", "paper_orders", "paper_reports", "schema_migrations"]


@dataclass
class World:
    """Two users with one row in every table, and a connection as the application's role."""

    owner: Connection
    app: Connection
    ann: UUID
    bob: UUID
    accounts: dict[UUID, UUID]

    def act_as(self, user: UUID | None) -> None:
        """The rest of the transaction runs for this user, as ``Database.transaction`` does it."""
        self.app.rollback()
        self.app.execute("SELECT set_config('causeway.user_id', %s, true)", [str(user) if user else ""])

    def row(self, table: str, user: UUID) -> str:
        """The user's row as JSON, seen by the owner of the tables."""
        query = sql.SQL("SELECT row_to_json(t) AS row FROM {} t WHERE user_id = %s").format(sql.Identifier(table))
        found = self.owner.execute(query, [user]).fetchone()
        assert found is not None
        return json.dumps(found["row"])

    def refused(self, query: sql.Composed, parameters: list[Any]) -> bool:
        """Whether the statement is refused, or touches nothing."""
        try:
            touched: int = self.app.execute(query, parameters).rowcount
        except InsufficientPrivilege:
            return True
        return touched == 0


def _seed(owner: Connection) -> tuple[UUID, UUID]:
    user, account = uuid4(), uuid4()
    values = {
        "user": user, "account": account, "email": f"{user}@example.test", "hash": user.bytes,
        "other": uuid4(), "job": uuid4(), "order": uuid4(),
    }  # fmt: skip
    for statement in SEED:
        owner.execute(sql.SQL(statement).format(**{key: sql.Literal(value) for key, value in values.items()}))
    return user, account


@pytest.fixture(params=["databases", "databases_15"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    databases: Databases = request.getfixturevalue(request.param)
    with (
        psycopg.connect(databases.owner_url, autocommit=True, row_factory=dict_row) as owner,
        psycopg.connect(databases.app_url, row_factory=dict_row) as app,
    ):
        owner.execute(INSTRUMENT)
        (ann, ann_account), (bob, bob_account) = _seed(owner), _seed(owner)
        yield World(owner, app, ann, bob, {ann: ann_account, bob: bob_account})


def test_every_table_with_a_user_is_covered_and_secured(world: World) -> None:
    rows = world.owner.execute(
        "SELECT c.relname, c.relrowsecurity FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'user_id'"
    ).fetchall()
    assert sorted(row["relname"] for row in rows) == USER_TABLES
    assert all(row["relrowsecurity"] for row in rows)


def test_another_users_rows_cannot_be_seen(world: World, subtests: pytest.Subtests) -> None:
    for table in USER_TABLES:
        with subtests.test(table):
            count = sql.SQL("SELECT count(*) AS n FROM {} WHERE user_id = %s").format(sql.Identifier(table))
            seen = {}
            for user in (world.ann, world.bob):
                world.act_as(world.ann)
                try:
                    seen[user] = world.app.execute(count, [user]).fetchone()
                except InsufficientPrivilege:
                    seen[user] = None
            expected = None if table in SECRET_TABLES else {"n": 1}
            assert seen[world.ann] == expected  # so that an empty answer below means something
            assert seen[world.bob] in (None, {"n": 0})


def test_without_a_user_nothing_is_seen(world: World, subtests: pytest.Subtests) -> None:
    for table in USER_TABLES:
        with subtests.test(table):
            world.act_as(None)
            assert world.refused(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(table)), [])


def test_another_users_rows_cannot_be_changed_or_deleted(world: World, subtests: pytest.Subtests) -> None:
    for table in USER_TABLES:
        with subtests.test(table):
            before = world.row(table, world.bob)
            for statement in (
                "UPDATE {} SET user_id = %s WHERE user_id = %s",
                "DELETE FROM {} WHERE %s <> user_id AND user_id = %s",
            ):
                world.act_as(world.ann)
                assert world.refused(sql.SQL(statement).format(sql.Identifier(table)), [world.ann, world.bob])
                world.app.rollback()
            assert world.row(table, world.bob) == before


def test_rows_cannot_be_planted_on_another_user(world: World, subtests: pytest.Subtests) -> None:
    for table in USER_TABLES:
        with subtests.test(table):
            insert = sql.SQL(
                "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_record(NULL::{0}, %s::json)"
            )
            planted = world.row(table, world.bob)
            world.act_as(world.ann)
            with pytest.raises(InsufficientPrivilege):
                world.app.execute(insert.format(sql.Identifier(table)), [planted])


def test_own_rows_cannot_be_given_away(world: World, subtests: pytest.Subtests) -> None:
    for table in ["accounts", "jobs", "orders", "ingestions"]:
        with subtests.test(table):
            world.act_as(world.ann)
            with pytest.raises(InsufficientPrivilege):
                world.app.execute(
                    sql.SQL("UPDATE {} SET user_id = %s WHERE user_id = %s").format(sql.Identifier(table)),
                    [world.bob, world.ann],
                )


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE jobs SET result_id = 'r'",  # would open another user's answer
        "INSERT INTO jobs (user_id, spec, result_id) VALUES (current_user_id(), '{}', 'r')",
        "UPDATE jobs SET spec = '{}'",
        "UPDATE orders SET quantity = 1",
        "UPDATE accounts SET broker = 'alpaca'",
    ],
)
def test_what_no_function_writes_cannot_be_written(world: World, query: str) -> None:
    world.act_as(world.ann)
    with pytest.raises(InsufficientPrivilege):
        world.app.execute(query.encode())


@pytest.mark.parametrize(
    "query", ["SELECT password_hash FROM users", "SELECT * FROM users", "SELECT refresh_hash FROM sessions"]
)
def test_hashes_of_secrets_are_out_of_reach(world: World, query: str) -> None:
    world.act_as(world.ann)
    with pytest.raises(InsufficientPrivilege):
        world.app.execute(query.encode())


def test_what_belongs_to_no_user_is_out_of_reach(world: World, subtests: pytest.Subtests) -> None:
    for table in UNREADABLE:
        with subtests.test(table):
            world.act_as(world.ann)
            with pytest.raises(InsufficientPrivilege):
                world.app.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(table)))


def test_only_oneself_is_seen_among_the_users(world: World) -> None:
    world.act_as(world.ann)
    assert world.app.execute("SELECT id FROM users").fetchall() == [{"id": world.ann}]


def test_another_users_answer_is_not_seen(world: World) -> None:
    world.owner.execute(
        "INSERT INTO analysis_results VALUES ('r', 't', '{}', 1, 'h', 'c', 'e', '{}', '{}', 1);"
        "INSERT INTO links VALUES ('r', 'A', 'B', 1, '{1}', 0.1, 0.1, 0.1);"
        "INSERT INTO signals VALUES ('r', 'A', now(), 0, 0);"
    )
    world.owner.execute("UPDATE jobs SET result_id = 'r' WHERE user_id = %s", [world.bob])
    world.owner.execute(
        "INSERT INTO job_shards (job_id, target) SELECT id, 'A' FROM jobs WHERE user_id = %s", [world.bob]
    )
    for table in (b"analysis_results", b"links", b"signals", b"job_shards"):
        for user, expected in [(world.ann, 0), (world.bob, 1)]:
            world.act_as(user)
            assert len(world.app.execute(b"SELECT 1 FROM " + table).fetchall()) == expected


def test_the_role_can_neither_leave_its_limits_nor_change_the_schema(world: World) -> None:
    roles = world.app.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS mighty FROM pg_roles "
        "WHERE rolname IN (current_user, 'causeway_app', 'causeway_service')"
    ).fetchall()
    assert [row["mighty"] for row in roles] == [False] * 3
    owned = world.app.execute("SELECT count(*) AS n FROM pg_class WHERE relowner = current_user::regrole").fetchone()
    assert owned == {"n": 0}
    for statement in (
        b"ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
        b"DROP POLICY own ON orders",
        b"SET ROLE causeway_service",
        b"CREATE TABLE mine (x int)",
        b"TRUNCATE audit_log",
    ):
        world.act_as(world.ann)
        with pytest.raises(InsufficientPrivilege):
            world.app.execute(statement)


APPEND = "SELECT audit_append(%s, %s, 'ann', 'forged', 's', '{}')"


def test_the_application_appends_to_its_users_own_chains(world: World) -> None:
    world.act_as(world.ann)
    for chain in (f"user:{world.ann}", f"account:{world.accounts[world.ann]}"):
        world.app.execute(APPEND, [chain, world.ann])
    world.app.commit()


def test_the_application_appends_to_nobody_elses_chain(world: World) -> None:
    ann, bob = world.ann, world.bob
    for chain, user in [
        (f"user:{bob}", bob),
        (f"user:{bob}", ann),
        (f"account:{world.accounts[bob]}", ann),
        (f"account:{world.accounts[bob]}", bob),
        ("system", None),
        ("system", ann),
    ]:
        world.act_as(ann)
        with pytest.raises(InsufficientPrivilege):
            world.app.execute(APPEND, [chain, user])
    world.act_as(None)
    with pytest.raises(InsufficientPrivilege):
        world.app.execute(APPEND, [f"user:{ann}", ann])


def test_a_chain_shows_where_it_was_tampered_with(world: World) -> None:
    chain = f"user:{world.ann}"
    for _ in range(4):
        world.owner.execute(APPEND, [chain, world.ann])
    first_broken = "SELECT audit_first_broken(%s) AS seq"
    assert world.owner.execute(first_broken, [chain]).fetchone() == {"seq": None}
    with pytest.raises((RaiseException, psycopg.IntegrityError)):
        world.owner.execute("UPDATE audit_log SET action = 'x' WHERE chain = %s AND seq = 3", [chain])
    world.owner.execute("ALTER TABLE audit_log DISABLE TRIGGER immutable")
    world.owner.execute("UPDATE audit_log SET action = 'x' WHERE chain = %s AND seq = 3", [chain])
    assert world.owner.execute(first_broken, [chain]).fetchone() == {"seq": 3}
