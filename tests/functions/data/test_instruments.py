"""What is known of an instrument, its correction, and what follows from it at once."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import psycopg
import pytest

from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Answer
from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres
# London was closed on 26 December 2024 and New York was not; both were closed on the 25th and open on the others.
DAYS = ("2024-12-23", "2024-12-24", "2024-12-27")
ROWS = "".join(f"VOD.X,{day},10,12,9,{close},100\n" for day, close in zip(DAYS, (10, 10.5, 11), strict=True))


@pytest.fixture
def stored(analyst: Client) -> Client:
    answer = analyst.upload(f"symbol,date,open,high,low,close,volume\n{ROWS}")
    assert answer.status == 201, answer.body
    return analyst


def correct(client: Client, symbol: str = "VOD.X", **body: object) -> Answer:
    path = f"/v1/data/symbols/{quote(symbol, safe='')}"
    return client.gateway.send("PATCH", path, body=body, headers=client.headers)


def test_what_is_known_of_a_symbol(stored: Client) -> None:
    facts = stored.get("symbols/vod.x").json
    del facts["instrument_id"]
    assert facts == {
        "symbol": "VOD.X", "currency": "USD", "exchange": "", "calendar": "XNYS", "asset_class": "equity", "name": "",
        "time_zone": "America/New_York", "revision": 1,
    }  # fmt: skip
    assert stored.get("symbols/NOPE").status == 404


def test_sessions_follow_a_corrected_exchange_at_once_and_bars_stay(stored: Client) -> None:
    before = stored.get("bars", symbol="VOD.X").json["bars"]
    assert stored.get("coverage/VOD.X").json["gaps"] == [{"first": "2024-12-26", "last": "2024-12-26", "sessions": 1}]
    answer = correct(stored, revision=1, exchange="XLON", currency="GBP", name="Vodafone")
    assert answer.status == 200, answer.body
    assert answer.json["facts"]["calendar"] == "XLON"
    assert answer.json["facts"]["time_zone"] == "Europe/London"
    assert stored.get("symbols", query="VOD.X").json["items"][0]["time_zone"] == "Europe/London"
    assert [one["field"] for one in answer.json["changes"]] == ["name", "exchange", "currency", "calendar"]
    assert stored.get("coverage/VOD.X").json["gaps"] == []
    assert stored.get("quality/VOD.X").json["calendar"] == "XLON"
    assert stored.get("coverage", symbols="VOD.X").json[0]["expected_bars"] == 3
    assert stored.get("bars", symbol="VOD.X").json["bars"] == before
    found = stored.get("symbols", query="Vodafone").json["items"][0]
    assert (found["exchange"], found["currency"]) == ("XLON", "GBP")


def test_two_people_do_not_overwrite_each_other(stored: Client) -> None:
    assert correct(stored, revision=1, currency="GBP").status == 200
    late = correct(stored, revision=1, currency="EUR")
    assert (late.status, late.error["code"]) == (409, "conflict")
    assert "expected revision 1, found 2 (currency GBP" in late.error["message"]
    assert stored.get("symbols/VOD.X").json["currency"] == "GBP"


def test_what_was_so_before_is_no_revision(stored: Client) -> None:
    answer = correct(stored, revision=1, currency="USD").json
    assert (answer["changes"], answer["facts"]["revision"]) == ([], 1)


def test_a_correction_is_in_the_audit_log_of_who_made_it(stored: Client, databases: Databases) -> None:
    correct(stored, revision=1, exchange="XLON")
    with psycopg.connect(databases.owner_url) as connection:
        rows = connection.execute(
            "SELECT subject, detail FROM audit_log WHERE action = 'instrument.correct'"
        ).fetchall()
    assert rows == [("VOD.X", {"exchange": ["", "XLON"], "calendar": ["XNYS", "XLON"]})]


def test_a_viewer_reads_and_corrects_nothing(stored: Client, viewer: Client) -> None:
    assert viewer.get("symbols/VOD.X").status == 200
    assert correct(viewer, revision=1, currency="GBP").status == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [({"exchange": "NYC"}, "exchange"), ({"currency": "GBX"}, "currency"), ({"asset_class": "fx", "exchange": "XLON"},
     "exchange")],
)  # fmt: skip
def test_what_cannot_be_so_is_refused(stored: Client, body: dict[str, str], field: str) -> None:
    answer = correct(stored, revision=1, **body)
    assert (answer.status, answer.error["fields"][0]["field"]) == (422, field), answer.body
    assert stored.get("symbols/VOD.X").json["revision"] == 1


def test_exchanges_that_can_be_named(stored: Client) -> None:
    found = {one["mic"]: one["calendar"] for one in stored.get("exchanges").json}
    assert (found["XNAS"], found["XLON"], found["MTAA"]) == ("XNYS", "XLON", "XMIL")


@pytest.mark.parametrize("symbol", ["BRK/B", "M&M.NS", "@ES#"])
def test_symbols_with_signs_of_a_url(analyst: Client, symbol: str) -> None:
    analyst.upload(f"symbol,date,open,high,low,close,volume\n{symbol},2024-12-24,10,12,9,11,100\n")
    assert correct(analyst, symbol, revision=1, name="A name").json["facts"]["name"] == "A name"


def test_a_download_that_begins_like_a_formula_is_guarded_and_taken_in_again(analyst: Client) -> None:
    symbols = ("@ES#", "^GSPC", "EURUSD=X")
    rows = "".join(f"{symbol},2024-12-24,10,12,9,11,100\n" for symbol in symbols)
    analyst.upload(f"symbol,date,open,high,low,close,volume\n{rows}")
    text = analyst.get("bars/several", symbols=",".join(symbols), accept="text/csv").body
    found = [row["symbol"] for row in csv.DictReader(io.StringIO(text if isinstance(text, str) else text.decode()))]
    assert sorted(found) == ["'@ES#", "EURUSD=X", "^GSPC"]
    again = analyst.upload(text)
    assert (again.json["rows_unchanged"], again.json["rows_quarantined"]) == (3, 0)


def test_a_currency_in_small_letters_is_the_currency(analyst: Client) -> None:
    """Stored as usd it would keep out every later file and fetch in USD."""
    text = "symbol,date,open,high,low,close,volume\nZZZ,2024-01-{},10,12,9,11,100\n"
    counts = [analyst.upload(text.format(day), currency=name).json for day, name in ((12, "usd"), (16, "USD"))]
    assert [one["rows_inserted"] for one in counts] == [1, 1]
    assert analyst.get("symbols/ZZZ").json["currency"] == "USD"
    pence = analyst.upload(text.format(17), currency="GBp").json
    assert (pence["rows_quarantined"], pence["findings"][0]["code"]) == (1, "other_currency")
