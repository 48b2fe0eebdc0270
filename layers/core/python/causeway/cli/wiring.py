"""The only module of the command line that picks adapters; everything is imported on use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causeway.adapters.storage.backup import BackupReport
    from causeway.adapters.storage.bar_dataset import DatasetFile, DatasetWriter
    from causeway.adapters.storage.doctor import Finding
    from causeway.adapters.storage.identity_store import IdentityStore
    from causeway.market_data.known_market import KnownMarket
    from causeway.market_data.symbol_history import SymbolHistory
    from causeway.model.bar import BarColumns
    from causeway.ports.blobs import BlobStore


class Users:
    """Users of one installation, as an administrator at its machine sees them."""

    def __init__(self, store: IdentityStore) -> None:
        self._store = store

    def reset_password(self, email: str) -> str:
        return self._store.reset_password(email)

    def create(self, email: str, password: str, role: str) -> None:
        from causeway.model.identity import Role

        self._store.create_user_with_paper_account(email, password, Role(role))


@contextmanager
def identity_store(state_dir: Path) -> Iterator[Users]:
    """The users of the installation in ``state_dir``, which must be running."""
    from causeway.adapters.storage.database import Database
    from causeway.adapters.storage.identity_store import IdentityStore
    from causeway.adapters.storage.installation import read_installation

    database = Database(read_installation(state_dir).service_database_url, pool_size=1)
    try:
        yield Users(IdentityStore(database))
    finally:
        database.close()


def import_symbol_history(state_dir: Path, history: SymbolHistory, source: str) -> dict[str, Any]:
    """Import tickers over time into the installation in ``state_dir``, which must be running; what was done."""
    from dataclasses import asdict

    from causeway.adapters.storage.cache_manager import CacheManager
    from causeway.adapters.storage.cached_series import drop_minutes
    from causeway.adapters.storage.database import Database
    from causeway.adapters.storage.installation import read_installation
    from causeway.adapters.storage.symbol_history_store import SymbolHistoryStore

    installation = read_installation(state_dir)
    with ExitStack() as opened:
        cache = opened.enter_context(closing(CacheManager(installation.redis_url, listens=False)))
        database = Database(installation.service_database_url, pool_size=1, statement_timeout_s=600)
        opened.callback(database.close)
        database.series_changed = drop_minutes(cache)
        return asdict(SymbolHistoryStore(database).import_history(history, source=source))


def backup_to(state_dir: Path, file: Path) -> str:
    """Write a backup; a sentence about it."""
    from causeway.adapters.storage.installed_backup import backup_installation

    return f"written: {_sentence(backup_installation(state_dir, file))}"


def restore_from(state_dir: Path, file: Path, *, overwrite: bool) -> str:
    """Restore a backup; a sentence about it."""
    from causeway.adapters.storage.installed_backup import restore_installation

    report = restore_installation(state_dir, file, overwrite=overwrite)
    _forget_cached(state_dir)
    start = "make up" if state_dir == Path(".causeway") else f"CAUSEWAY_STATE_DIR={state_dir.resolve()} make up"
    return f"restored: {_sentence(report)}. Start with: {start}"


def _forget_cached(state_dir: Path) -> None:
    """A Redis of one's own goes on while the installation is stopped; the one that it starts keeps nothing."""
    from causeway.adapters.storage.cache_manager import CacheManager
    from causeway.adapters.storage.installation import read_installation
    from causeway.errors import NotFound

    try:
        url = read_installation(state_dir).redis_url
    except NotFound:  # restored where nothing was ever started
        return
    with closing(CacheManager(url, listens=False)) as cache:
        cache.invalidate_all()


def _sentence(report: BackupReport) -> str:
    return (
        f"{report.file} ({report.archive_bytes / 1e6:.1f} MB) of {report.created_at}, schema {report.schema_version}, "
        f"{report.blobs} blobs"
    )


def examine(state_dir: Path) -> list[Finding]:
    """Every finding about the installation."""
    from causeway.adapters.storage import doctor

    return doctor.examine(state_dir)


def known_market_file(*, seed: int, n_series: int, n_bars: int, n_links: int) -> tuple[KnownMarket, bytes]:
    """A known market and its bars as CSV."""
    from causeway.adapters.feeds.demo_data import known_market_csv
    from causeway.market_data.known_market import known_market

    market = known_market(n_series, n_bars, n_links, seed, n_nonlinear=min(1, n_links))
    return market, known_market_csv(market)


def dataset_blobs(target: str) -> BlobStore:
    """The directory or ``s3://bucket/prefix`` that ``target`` names."""
    from causeway.adapters.storage.file_storage import open_blobs

    return open_blobs(target if "://" in target else Path(target).resolve().as_uri())


def bars_of_arrow(content: bytes) -> BarColumns:
    """The bars of one symbol out of an Arrow stream."""
    from causeway.adapters.storage.arrow_bars import bars_of_stream

    return bars_of_stream(content)


def dataset_writer(target: str, bar_size: str) -> DatasetWriter:
    """Writes an export."""
    from causeway.adapters.storage.bar_dataset import DatasetWriter

    return DatasetWriter(dataset_blobs(target), bar_size)


class Dataset:
    """An export as it lies in ``target``; every read checks the bytes against the manifest."""

    def __init__(self, target: str) -> None:
        from causeway.adapters.storage import bar_dataset
        from causeway.errors import InvalidInput

        if "://" not in target and not Path(target).exists():
            raise InvalidInput(f"{target} does not exist; expected a directory that causeway export wrote")
        self._reads, self._blobs = bar_dataset, dataset_blobs(target)
        self.manifest = bar_dataset.read_manifest(self._blobs)

    def verify(self) -> Iterator[DatasetFile]:
        return self._reads.verify(self._blobs, self.manifest)

    def bars(self, file: DatasetFile) -> BarColumns:
        return self._reads.read_file(self._blobs, file)

    def actions(self) -> list[dict[str, Any]]:
        return self._reads.read_actions(self._blobs, self.manifest)
