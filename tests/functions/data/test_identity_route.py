"""POST /v1/data/identity: renames, reuse and delistings over HTTP, for admins.

The companies are those of LEAN's map files: NWSA was renamed FOXA after 2013-06-28, and the ticker went to another
company the next session.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from causeway.adapters.storage.symbol_history_store import SymbolHistoryStore
from causeway.market_data.symbol_history import read_map_rows
from causeway.model.corporate_action import ActionKind, CorporateAction
from functions.data.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres
BARS = """symbol,date,open,high,low,close,volume
NWSA,2013-06-27,32,33,31,32,10
NWSA,2013-06-28,32,33,31,32.6,10
FOXA,2013-07-01,29,30,28,29.2,10
"""
ROWS = [("TFCFA", "2004-11-12", "NWSA"), ("TFCFA", "2013-06-28", "NWSA"), ("TFCFA", "2019-03-18", "FOXA")]
BODY = {"source": "map", "rows": [{"company": one, "date": day, "ticker": ticker} for one, day, ticker in ROWS]}


@pytest.fixture
def admin(gateway: Gateway, keys: Keys, user_factory: Callable[..., UUID]) -> Client:
    return Client(gateway, keys.bearer(user_factory("admin"), "admin"))


def test_an_admin_gives_bars_to_the_company_that_had_the_ticker(admin: Client, databases: Databases) -> None:
    assert admin.upload(BARS).status == 201
    done = admin.post("identity", BODY).json
    assert (done["companies"], done["bars_moved"], done["symbols_changed"], done["findings"]) == (1, 2, 2, [])
    found = admin.get("bars", symbol="FOXA", end="2014-01-01T00:00:00Z").json["bars"]
    assert [bar["close"] for bar in found] == [32, 32.6, 29.2]
    assert admin.get("bars", symbol="FOXA").status == 404  # delisted after 2019-03-18
    assert admin.post("identity", BODY).json["symbols_changed"] == 0
    with psycopg.connect(databases.owner_url) as connection:
        logged = connection.execute(
            "SELECT chain LIKE 'user:%', subject FROM audit_log WHERE action = 'symbol_history.import'"
        ).fetchall()
    assert logged == [(True, "map")]


def test_nobody_below_an_admin_changes_tickers(
    analyst: Client, databases: Databases, user_factory: Callable[..., UUID]
) -> None:
    analyst.upload(BARS)
    assert analyst.post("identity", BODY).status == 403
    store = SymbolHistoryStore(databases.app)
    history = read_map_rows([list(row) for row in ROWS])
    with pytest.raises(InsufficientPrivilege, match="by an admin"):  # nor behind the back of the route
        store.import_history(history, source="map", user_id=user_factory("trader"))


def test_a_map_that_cannot_be_is_refused(admin: Client) -> None:
    rows = [{"company": "A", "date": day, "ticker": "A"} for day in ("2014-01-01", "2013-01-01")]
    answer = admin.post("identity", {"rows": rows})
    assert (answer.status, "ascending" in answer.error["message"]) == (422, True)


def test_a_dividend_that_two_instruments_had_differently_is_named(admin: Client, services: Services) -> None:
    admin.upload(BARS)
    ex_date = date(2013, 6, 28)
    for symbol, value in (("NWSA", "0.09"), ("FOXA", "0.10")):
        action = CorporateAction(ActionKind.DIVIDEND, ex_date, Decimal(value))
        services.market_data.add_corporate_actions({symbol: [action]}, source=f"{symbol}'s vendor")
    [found] = admin.post("identity", BODY).json["findings"]
    assert found.startswith(
        "conflicting_action: TFCFA: the dividend of 2013-06-28 is 0.1 (FOXA's vendor) and 0.09 (NWSA's vendor); "
        "0.1 was kept."
    )
