"""docs/component-map.md is true: every named part has a row, what is there exists, what is "not yet" does not."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source_files import ROOT

# The parts that the architecture document names, in its own words.
_NAMED = """
idtxl_engine ml_engine nn_engine transfer_entropy random_forest lstm_model data_pipeline feature_pipeline
signal_pipeline gpu_worker cpu_worker ibkr_adapter alpaca_adapter paper_trader order_manager smart_router algo_engine
position_manager risk_calculator circuit_breaker performance alerts iqfeed_client yahoo_client alpha_vantage normalizer
aggregator validator timeseries_db cache_manager file_storage websocket_server kafka_producer
components/charts components/forms components/common pages/Dashboard pages/Analysis pages/Trading pages/Portfolio
contexts/AuthContext contexts/WebSocketContext contexts/ThemeContext hooks services utils api/auth api/data api/analysis
api/trading api/portfolio core/config.py core/security.py core/database.py models middleware cdk.json
""".split()  # noqa: SIM905 -- as a list of quoted names it is harder to read
_TABLES = ["users", "symbols", "market_data", "analysis_results", "orders", "positions"]
_ROW = re.compile(r"^\| ([^|]+) \| (not yet: )?`([^`]+)` \|", re.MULTILINE)
_ROWS = [(part.strip(), bool(missing), path) for part, missing, path in _ROW.findall(
    (ROOT / "docs/component-map.md").read_text(encoding="utf-8")
)]  # fmt: skip


@pytest.mark.parametrize("part", [*_NAMED, *(f"table {name}" for name in _TABLES)])
def test_every_named_part_has_a_row(part: str) -> None:
    assert [row for row, _, _ in _ROWS if row == part or row.startswith(f"{part} (")] != []


@pytest.mark.parametrize(("part", "missing", "path"), _ROWS)
def test_a_row_is_true(part: str, missing: bool, path: str) -> None:
    exists = (ROOT / path).exists()
    assert exists is not missing, f"{part}: {path} {'exists' if exists else 'does not exist'}; mend the row"


@pytest.mark.parametrize("table", _TABLES)
def test_the_migration_of_a_table_makes_it(table: str) -> None:
    path = next(path for part, _, path in _ROWS if part == f"table {table}")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"CREATE TABLE {table} \(|create_series\('{table}'", text)


def test_no_row_stands_twice() -> None:
    assert len({part for part, _, _ in _ROWS}) == len(_ROWS)
