"""The user's order of providers, and that no vendor's library is loaded before it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from causeway.adapters.feeds.gap_backfill import BackfilledFeed
from causeway.adapters.feeds.wiring import open_feeds, open_live_feed
from causeway.errors import InvalidInput
from causeway.settings import FeedSettings


def test_providers_stand_in_the_users_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAUSEWAY_FEED_DIRECTORY", str(tmp_path))
    assert open_feeds(FeedSettings(feeds="alphavantage, files,yahoo,files")).name == "alphavantage,files,yahoo"


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(InvalidInput, match="bloomberg; expected providers of yahoo, alphavantage, iqfeed"):
        open_feeds(FeedSettings(feeds="yahoo,bloomberg"))


def test_files_need_a_directory() -> None:
    with pytest.raises(InvalidInput, match="CAUSEWAY_FEED_DIRECTORY"):
        open_feeds(FeedSettings(feeds="files"))


def test_nothing_of_a_vendor_is_loaded_before_the_first_fetch() -> None:
    program = (
        "import sys\nfrom causeway.adapters.feeds.wiring import open_feeds\n"
        "from causeway.settings import FeedSettings\n"
        "open_feeds(FeedSettings(feeds='yahoo')); print({'yfinance', 'pandas', 'httpx', 'alpaca'} & set(sys.modules))"
    )
    package = Path(__file__).parents[3] / "layers/core/python"
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(package), "PATH": ""},
    )
    assert run.stdout.strip() == "set()"


def test_no_live_feed_is_none() -> None:
    assert open_live_feed(FeedSettings(live_feed="")) is None


@pytest.mark.parametrize("name", ["iqfeed", "alpaca"])
def test_a_live_feed_has_its_gaps_filled(name: str) -> None:
    opened = open_live_feed(FeedSettings(live_feed=name))
    assert opened is not None
    live, history = opened
    assert isinstance(live, BackfilledFeed)
    assert (live.name, history.name) == (name, name)


def test_a_provider_that_does_not_stream_is_named() -> None:
    with pytest.raises(InvalidInput, match="CAUSEWAY_LIVE_FEED names yahoo; expected one of iqfeed, alpaca"):
        open_live_feed(FeedSettings(live_feed="yahoo"))
