"""The portfolio function over API Gateway events, against numbers worked out by hand.

The account: 100,000 deposited. Bought 100 AAPL at 150.10 (fee 1.00) and sold short 50 MSFT at 300 (fee 1.00):
cash = 100000 - 15010 - 1 + 15000 - 1 = 99988. Quotes AAPL 151.00/151.10 and MSFT 299.00/299.01 give marks
151.05 and 299.005: positions are worth 15105 - 14950.25 = 154.75 net and 30055.25 gross, equity is 100142.75.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest

from causeway.adapters.storage.identity_store import IdentityStore, api_key_finder
from causeway.adapters.storage.portfolio_store import PortfolioStore
from causeway.model.identity import Identity, Role
from causeway.web.lambda_handler import http_handler
from causeway.web.tokens import hash_secret, new_api_key
from functions.portfolio.app import create_app
from functions.portfolio.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys

MakeUser = Callable[..., UUID]


@pytest.fixture
def gateway(databases: Databases, keys: Keys) -> Gateway:
    services = Services(portfolio=PortfolioStore(databases.app))
    return Gateway(http_handler(lambda: create_app(services, keys.verifier())))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def open_account(connection: psycopg.Connection[tuple[object, ...]], user_id: UUID, name: str = "Paper") -> UUID:
    account_id = uuid4()
    connection.execute(
        "INSERT INTO accounts (id, user_id, broker, name) VALUES (%s, %s, 'paper', %s)", [account_id, user_id, name]
    )
    connection.execute(
        "INSERT INTO ledger (account_id, user_id, kind, amount, reference, at) "
        "VALUES (%s, %s, 'deposit', 100000, 'd', %s)",
        [account_id, user_id, at("2024-01-02T09:00")],
    )
    return account_id


@pytest.fixture
def trader(databases: Databases, user_factory: MakeUser) -> UUID:
    """A user with the account of the module's docstring."""
    user_id = user_factory("trader")
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        account_id = open_account(connection, user_id)
        for instrument, symbol, quantity, cost, bid, ask in [
            (1, "AAPL", 100, "150.10", "151.00", "151.10"),
            (2, "MSFT", -50, "300", "299.00", "299.01"),
        ]:
            connection.execute("INSERT INTO instruments (asset_class, name) VALUES ('equity', %s)", [symbol])
            connection.execute("INSERT INTO symbols (symbol, instrument_id) VALUES (%s, %s)", [symbol, instrument])
            connection.execute(
                "INSERT INTO positions VALUES (%s, %s, %s, %s, %s, 0, 1, now())",
                [account_id, instrument, user_id, quantity, cost],
            )
            connection.execute(
                "INSERT INTO latest_quotes VALUES (%s, %s, %s, %s, %s, 100, 100, 0, %s, now(), 'test')",
                [instrument, symbol, bid, ask, bid, at("2024-01-03T15:00")],
            )
            for kind, amount in [("trade", -quantity * Decimal(cost)), ("fee", Decimal(-1))]:
                connection.execute(
                    "INSERT INTO ledger (account_id, user_id, kind, amount, reference, at) "
                    "VALUES (%s, %s, %s, %s, %s, %s)",
                    [account_id, user_id, kind, amount, symbol, at("2024-01-02T10:00")],
                )
        for moment, equity in [("2024-01-02T15:00", "100300"), ("2024-01-02T20:59", "100050.25")]:
            connection.execute(
                "INSERT INTO equity_history VALUES (%s, %s, %s, %s, 99988, 0, %s)",
                [account_id, user_id, at(moment), at(moment), equity],
            )
        connection.execute("UPDATE market_clock SET mode = 'replay', market_time = %s", [at("2024-01-03T15:00")])
        order(connection, user_id, account_id, status="new", reserved="1500.50")
        order(connection, user_id, account_id, status="filled", reserved="999")
    return user_id


def order(
    connection: psycopg.Connection[tuple[object, ...]], user_id: UUID, account_id: UUID, *, status: str, reserved: str
) -> UUID:
    order_id = uuid4()
    connection.execute(
        "INSERT INTO orders (id, user_id, account_id, client_order_id, instrument_id, symbol, side, quantity, "
        "order_type, time_in_force, status, reserved_cash, risk_decision, submitted_at, updated_at) "
        "VALUES (%s, %s, %s, %s, 1, 'AAPL', 'buy', 10, 'market', 'day', %s, %s, '{}', now(), now())",
        [order_id, user_id, account_id, str(order_id), status, reserved],
    )
    return order_id


def test_summary_adds_up(gateway: Gateway, keys: Keys, trader: UUID) -> None:
    answer = gateway.get("/v1/portfolio/summary", keys.bearer(trader, "trader"))
    assert answer.status == 200
    found = answer.json
    account = found.pop("account")
    drawdown = found.pop("drawdown")
    assert found == {
        "cash": "99988",
        "reserved": "1500.5",  # the open order only
        "buying_power": "76062.125",  # 99988 - 150 % of the short's 14950.25 - 1500.5
        "positions_value": "154.75",
        "equity": "100142.75",
        "gross_exposure": "30055.25",
        "net_exposure": "154.75",
        "day_pnl": "92.5",  # since 100050.25, the last point of the day before
        "unrealised_pnl": "144.75",  # 100 x 0.95 + 50 x 0.995
        "realised_pnl": "0",
        "fees": "2",
        "market_time": "2024-01-03T15:00:00Z",
    }
    assert drawdown == pytest.approx(100142.75 / 100300 - 1, rel=1e-12)
    assert account["broker"] == "paper"
    assert account["gateway_alive"] is False


def test_a_deposit_of_today_is_no_profit(gateway: Gateway, keys: Keys, trader: UUID, databases: Databases) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO ledger (account_id, user_id, kind, amount, reference, at) "
            "SELECT id, user_id, 'deposit', 5000, 'more', now() FROM accounts"
        )
    found = gateway.get("/v1/portfolio/summary", keys.bearer(trader, "viewer")).json
    assert found["equity"] == "105142.75"
    assert found["day_pnl"] == "92.5"


def test_positions_are_marked_at_the_middle(gateway: Gateway, keys: Keys, trader: UUID) -> None:
    aapl, msft = gateway.get("/v1/portfolio/positions", keys.bearer(trader, "viewer")).json
    assert (aapl["symbol"], aapl["quantity"], aapl["average_cost"]) == ("AAPL", "100", "150.1")
    assert (aapl["mark"], aapl["market_value"], aapl["unrealised_pnl"]) == ("151.05", "15105", "95")
    assert (msft["quantity"], msft["mark"], msft["market_value"], msft["unrealised_pnl"]) == (
        "-50", "299.005", "-14950.25", "49.75",
    )  # fmt: skip
    assert aapl["weight"] == pytest.approx(15105 / 100142.75, rel=1e-12)


def test_a_position_without_a_quote_has_no_mark_and_counts_at_cost(
    gateway: Gateway, keys: Keys, trader: UUID, databases: Databases
) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute("DELETE FROM latest_quotes WHERE symbol = 'MSFT'")
    headers = keys.bearer(trader, "viewer")
    msft = gateway.get("/v1/portfolio/positions", headers).json[1]
    assert (msft["mark"], msft["market_value"], msft["unrealised_pnl"], msft["weight"]) == (None, None, None, None)
    found = gateway.get("/v1/portfolio/summary", headers).json
    assert found["positions_value"] == "105"  # 15105 - 50 x 300
    assert found["unrealised_pnl"] == "95"


def test_the_gateway_lives_while_its_lease_runs(
    gateway: Gateway, keys: Keys, trader: UUID, databases: Databases
) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute("INSERT INTO gateway_leases SELECT id, 'g', 1, now() + interval '1 minute' FROM accounts")
        [live] = gateway.get("/v1/portfolio/accounts", keys.bearer(trader, "viewer")).json
        connection.execute("UPDATE gateway_leases SET expires_at = now() - interval '1 second'")
        [dead] = gateway.get("/v1/portfolio/accounts", keys.bearer(trader, "viewer")).json
    assert (live["gateway_alive"], dead["gateway_alive"]) == (True, False)


def test_equity_comes_oldest_first_and_the_newest_survive_the_limit(gateway: Gateway, keys: Keys, trader: UUID) -> None:
    headers = keys.bearer(trader, "viewer")
    both = gateway.get("/v1/portfolio/equity", headers).json
    assert [point["equity"] for point in both] == ["100300", "100050.25"]
    assert gateway.get("/v1/portfolio/equity", headers, limit=1).json == both[1:]


def test_executions_are_paged_without_loss(gateway: Gateway, keys: Keys, trader: UUID, databases: Databases) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO executions SELECT 'paper', o.account_id, 'x' || n, o.id, o.user_id, 1, 'buy', 1, 150.25, 0.5, "
            "now(), timestamptz '2024-01-03 15:00+00' + (n / 2) * interval '1 second' "
            "FROM generate_series(1, 5) n, (SELECT * FROM orders LIMIT 1) o"
        )
    headers = keys.bearer(trader, "viewer")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = gateway.get("/v1/portfolio/executions", headers, limit=2, cursor=cursor).json
        seen += [item["execution_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["x5", "x4", "x3", "x2", "x1"]


def test_another_users_account_does_not_exist(
    gateway: Gateway, keys: Keys, trader: UUID, databases: Databases, user_factory: MakeUser
) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        stranger = user_factory("admin")
        open_account(connection, stranger)
        [theirs] = connection.execute("SELECT id FROM accounts WHERE user_id = %s", [trader]).fetchall()
    answer = gateway.get("/v1/portfolio/summary", keys.bearer(stranger, "admin"), account_id=theirs[0])
    assert answer.status == 404


def test_one_of_several_accounts_must_be_named(
    gateway: Gateway, keys: Keys, trader: UUID, databases: Databases
) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        second = open_account(connection, trader, "Second")
    headers = keys.bearer(trader, "trader")
    answer = gateway.get("/v1/portfolio/summary", headers)
    assert (answer.status, answer.error["fields"][0]["field"]) == (422, "account_id")
    fresh = gateway.get("/v1/portfolio/summary", headers, account_id=second).json
    assert (fresh["equity"], fresh["day_pnl"], fresh["drawdown"]) == ("100000", "0", 0)


def test_cookie_bearer_and_api_key_see_the_same(keys: Keys, trader: UUID, databases: Databases) -> None:
    """The function connects as the application's role, which may look API keys up but not read their table."""
    services = Services(portfolio=PortfolioStore(databases.app))
    verifier = keys.verifier(find_api_key=api_key_finder(databases.app))
    handler = http_handler(lambda: create_app(services, verifier))
    key = new_api_key()
    IdentityStore(databases.service).create_api_key(
        Identity(trader, "t@example.test", Role.TRADER),
        name="k", role=Role.VIEWER, prefix=key[:9], key_hash=hash_secret(key), expires_at=None,
    )  # fmt: skip
    bearer = keys.bearer(trader, "viewer")
    cookie = {"__Host-causeway-access": bearer["authorization"].removeprefix("Bearer ")}
    answers = [
        Gateway(handler, headers=bearer).get("/v1/portfolio/summary"),
        Gateway(handler, cookies=cookie).get("/v1/portfolio/summary"),
        Gateway(handler, headers={"authorization": f"Bearer {key}"}).get("/v1/portfolio/summary"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert answers[0].json == answers[1].json == answers[2].json


@pytest.mark.parametrize("cursor", ["x", "W10", "bm90IGpzb24", "e" * 2000, "WyIyMDI0LTAxLTAxIiwieCJd"])
def test_a_foreign_cursor_is_refused(gateway: Gateway, keys: Keys, trader: UUID, cursor: str) -> None:
    answer = gateway.get("/v1/portfolio/executions", keys.bearer(trader, "viewer"), cursor=cursor)
    assert (answer.status, answer.error["code"]) == (422, "invalid_input")
