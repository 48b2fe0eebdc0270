"""Currency and exchange of uploaded files: said, not said, and against what is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.storage.database import Row
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.adapters.storage.instrument_store import InstrumentStore
from causeway.errors import InvalidInput
from causeway.market_data.ingestion import IngestionRequest
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
HEADER = "symbol,date,open,high,low,close,volume\n"
BOXING_DAY = "2024-12-26,10,12,9,11,100"  # a session in New York and none in London: both exchanges' holidays of 2024
DAY_AFTER = "2024-12-27,10,12,9,11.5,100"
Ingest = Callable[..., Row]


@pytest.fixture
def ingest(databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path) -> Ingest:
    analyst = user_factory("analyst")

    def run(*rows: str, **how: object) -> Row:
        path = tmp_path / "bars.csv"
        path.write_text(HEADER + "\n".join(rows) + "\n")
        request = IngestionRequest("bars.csv", **how)  # type: ignore[arg-type]  # test shorthand
        return IngestionStore(databases.app).take_in(analyst, open_table(path), request)

    return run


@pytest.fixture
def instruments(databases: Databases) -> InstrumentStore:
    return InstrumentStore(databases.app)


def codes(row: Row) -> dict[str, int]:
    return {one["code"]: one["rows"] for one in row["findings"]}


def test_a_currency_that_was_not_said_is_that_of_what_is_stored(ingest: Ingest) -> None:
    ingest(f"VOD,{BOXING_DAY}", currency="GBP")
    again = ingest(f"VOD,{DAY_AFTER}")
    assert (again["rows_inserted"], again["rows_quarantined"]) == (1, 0)


def test_another_currency_than_the_stored_one_keeps_the_bars_out(ingest: Ingest) -> None:
    ingest(f"VOD,{BOXING_DAY}")
    row = ingest(f"VOD,{DAY_AFTER}", f"NEW,{DAY_AFTER}", currency="GBP")
    assert (row["rows_inserted"], row["rows_quarantined"]) == (1, 1)
    [found] = [one for one in row["findings"] if one["code"] == "other_currency"]
    assert "quoted in GBP, while the instrument is stored with USD" in found["example"]
    assert "causeway symbols set SYMBOL --currency GBP" in found["example"]


def test_pence_are_kept_out_as_a_fetch_keeps_them_out(ingest: Ingest) -> None:
    row = ingest(f"VOD,{BOXING_DAY}", currency="GBp")
    assert (row["rows_inserted"], codes(row)["other_currency"]) == (0, 1)


def test_the_exchange_says_which_days_are_sessions(ingest: Ingest, instruments: InstrumentStore) -> None:
    there = ingest(f"AAA,{BOXING_DAY}", f"AAA,{DAY_AFTER}", exchange="XLON", currency="GBP")
    here = ingest(f"BBB,{BOXING_DAY}", f"BBB,{DAY_AFTER}")
    assert (codes(there).get("not_a_session"), codes(here).get("not_a_session")) == (1, None)
    assert (instruments.get("AAA").exchange, instruments.get("AAA").calendar) == ("XLON", "XLON")
    assert (instruments.get("BBB").exchange, instruments.get("BBB").calendar) == ("", "XNYS")
    assert there["notes"] == []
    said = "sessions of XNYS assumed for BBB; correct with: causeway symbols set BBB --exchange MIC"
    assert here["notes"] == [f"{said}, or --asset-class CLASS where it is no equity"]


def test_dollars_are_said_to_be_assumed_where_the_exchange_trades_in_something_else(ingest: Ingest) -> None:
    row = ingest(f"VOD.L,{DAY_AFTER}", f"BBB,{DAY_AFTER}", exchange="")
    said = "currency USD assumed for VOD.L, of XLON; correct with: causeway symbols set VOD.L --currency CODE"
    assert [said in note for note in row["notes"]].count(True) == 1
    assert ingest(f"BP.L,{DAY_AFTER}", currency="GBP")["notes"] == []


def test_each_symbol_of_a_file_is_judged_by_its_own_sessions(ingest: Ingest, instruments: InstrumentStore) -> None:
    ingest(f"AAA,{DAY_AFTER}", exchange="XLON")
    row = ingest(f"AAA,{BOXING_DAY}", f"VOD.L,{BOXING_DAY}", f"BBB,{BOXING_DAY}")
    assert codes(row)["not_a_session"] == 2
    assert instruments.get("VOD.L").exchange == "XLON"


def test_days_that_are_midnights_of_the_exchange_are_read_so_and_noted(
    ingest: Ingest, instruments: InstrumentStore
) -> None:
    """Friday and Monday in Tokyo; as written in UTC they would be Thursday and Sunday."""
    friday, monday = 1706194800, 1706454000  # 2024-01-26 and 2024-01-29, 00:00 +09:00
    days = (f"9984.T,{friday},10,12,9,11,100", f"9984.T,{monday},10,12,9,11.5,100")
    row = ingest(*days, currency="JPY", bar_size=BarSize.DAY_1)
    assert "not_a_session" not in codes(row)
    assert row["notes"][0].startswith("times in UTC were read as days of Asia/Tokyo, whose sessions (XTKS) they fit")
    assert instruments.get("9984.T").calendar == "XTKS"


def test_another_exchange_than_the_stored_one_is_refused_whole(ingest: Ingest, instruments: InstrumentStore) -> None:
    ingest(f"AAA,{DAY_AFTER}")
    with pytest.raises(InvalidInput, match="AAA is stored with the sessions of XNYS; found the exchange XLON"):
        ingest(f"AAA,{BOXING_DAY}", f"NEW,{BOXING_DAY}", exchange="XLON")
    with pytest.raises(InvalidInput, match="causeway symbols exchanges"):
        ingest(f"NEW,{BOXING_DAY}", exchange="NYSE")


def test_symbols_come_back_as_they_went_out(ingest: Ingest, instruments: InstrumentStore) -> None:
    """A guarded cell of a download, and symbols that look like formulas."""
    symbols = ("'@ES#", "^GSPC", "EURUSD=X", "M&M.NS")
    row = ingest(*(f"{symbol},{BOXING_DAY}" for symbol in symbols))
    assert row["rows_quarantined"] == 0
    assert instruments.get("@ES#").symbol == "@ES#"


def test_the_form_of_a_symbol_says_its_class_and_sessions(ingest: Ingest, instruments: InstrumentStore) -> None:
    """Good Friday of 2024, 29 March, is a holiday of New York; the day after is a Saturday."""
    days = ("2024-03-28,10,12,9,11,100", "2024-03-29,10,12,9,11,100", "2024-03-30,10,12,9,11.5,100")
    row = ingest(*(f"{symbol},{day}" for symbol in ("EURUSD=X", "BTC-USD") for day in days))
    facts = {symbol: instruments.get(symbol) for symbol in ("EURUSD=X", "BTC-USD")}
    assert {name: (one.asset_class, one.calendar) for name, one in facts.items()} == {
        "EURUSD=X": ("fx", "24/5"),
        "BTC-USD": ("crypto", "24/7"),
    }
    assert codes(row)["not_a_session"] == 1
    assert row["notes"] == [
        f"class {name} assumed for {symbol} by the form of the symbol; correct with: causeway symbols set {symbol} "
        "--asset-class CLASS"
        for symbol, name in (("EURUSD=X", "fx"), ("BTC-USD", "crypto"))
    ]


def test_a_class_that_is_named_comes_before_the_form(ingest: Ingest, instruments: InstrumentStore) -> None:
    row = ingest(f"ABC-USD,{BOXING_DAY}", asset_class=AssetClass.ETF, exchange="XNYS")
    assert (instruments.get("ABC-USD").asset_class, row["notes"]) == (AssetClass.ETF, [])


def test_an_exchange_and_a_symbol_of_a_currency_do_not_go_together(ingest: Ingest) -> None:
    with pytest.raises(
        InvalidInput, match="EURUSD=X as an instrument of the class fx keeps 24/5 and no exchange's sessions"
    ):
        ingest(f"EURUSD=X,{BOXING_DAY}", exchange="XLON")
