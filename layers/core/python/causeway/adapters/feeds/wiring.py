"""The providers that a user named, in order. A module, and its vendor's library, is imported when it is built.

A further provider: docs/contracts/how-to-add-a-provider.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.adapters.feeds.gap_backfill import BackfilledFeed
from causeway.adapters.feeds.retrying import Retries
from causeway.errors import InvalidInput
from causeway.settings import (
    AlpacaDataSettings,
    AlphaVantageSettings,
    FeedSettings,
    FileFeedSettings,
    IqfeedSettings,
    YahooSettings,
)

if TYPE_CHECKING:
    from causeway.adapters.feeds.alpaca_data import AlpacaHistory
    from causeway.adapters.feeds.iqfeed_client import IqfeedHistory
    from causeway.ports.feed import HistoricalFeed, LiveFeed
    from causeway.ports.request_budget import RequestBudget

Build = Callable[[FeedSettings, "RequestBudget | None"], "HistoricalFeed"]


def open_feeds(settings: FeedSettings, *, budget: RequestBudget | None = None) -> FallbackFeed:
    """The providers of ``settings.feeds``, one behind the other. Nothing is connected before the first fetch.

    ``budget`` keeps the requests that plans count, where they must outlive this process.

    Raises:
        InvalidInput: a provider is not known, or none is named.
    """
    names = [name.strip().lower() for name in settings.feeds.split(",") if name.strip()]
    unknown = [name for name in names if name not in PROVIDERS]
    if unknown:
        raise InvalidInput(
            f"CAUSEWAY_FEEDS names {', '.join(unknown)}; expected providers of {', '.join(PROVIDERS)}.",
            details={"field": "feeds", "unknown": unknown},
        )
    return FallbackFeed([PROVIDERS[name](settings, budget) for name in dict.fromkeys(names)])


def open_live_feed(settings: FeedSettings) -> tuple[LiveFeed, HistoricalFeed] | None:
    """The provider of ``settings.live_feed``, its gaps filled from its history, and that; None where none is named.

    Raises:
        InvalidInput: the provider does not stream.
    """
    name = settings.live_feed.strip().lower()
    if not name:
        return None
    if name not in _LIVE:
        raise InvalidInput(
            f"CAUSEWAY_LIVE_FEED names {name}; expected one of {', '.join(_LIVE)}, or nothing.",
            details={"field": "live_feed", "unknown": [name]},
        )
    return _LIVE[name](settings)


def _yahoo(settings: FeedSettings, _budget: RequestBudget | None) -> HistoricalFeed:
    from causeway.adapters.feeds.yahoo_client import YahooClient

    own = YahooSettings()
    return YahooClient(
        url=own.yahoo_url,
        requests_per_s=own.yahoo_requests_per_s,
        timeout_s=settings.feed_timeout_s,
        retries=Retries(budget_s=settings.feed_budget_s),
    )


def _alpha_vantage(settings: FeedSettings, budget: RequestBudget | None) -> HistoricalFeed:
    from causeway.adapters.feeds.alpha_vantage import AlphaVantage

    own = AlphaVantageSettings()
    return AlphaVantage(
        own.alphavantage_key.get_secret_value(),
        url=own.alphavantage_url,
        per_minute=own.alphavantage_per_minute,
        per_day=own.alphavantage_per_day,
        budget=budget,
        timeout_s=settings.feed_timeout_s,
        retries=Retries(budget_s=settings.feed_budget_s),
    )


def _iqfeed(settings: FeedSettings, _budget: RequestBudget | None) -> IqfeedHistory:
    from causeway.adapters.feeds.iqfeed_client import IqfeedHistory

    retries = Retries(budget_s=settings.feed_budget_s)
    return IqfeedHistory(IqfeedSettings(), timeout_s=settings.feed_timeout_s, retries=retries)


def _alpaca(settings: FeedSettings, _budget: RequestBudget | None) -> AlpacaHistory:
    from causeway.adapters.feeds.alpaca_data import AlpacaHistory

    retries = Retries(budget_s=settings.feed_budget_s)
    return AlpacaHistory(AlpacaDataSettings(), timeout_s=settings.feed_timeout_s, retries=retries)


def _files(_settings: FeedSettings, _budget: RequestBudget | None) -> HistoricalFeed:
    from causeway.adapters.feeds.file_feed import FileFeed

    directory = FileFeedSettings().feed_directory
    if not directory:
        raise InvalidInput("CAUSEWAY_FEEDS names files; set CAUSEWAY_FEED_DIRECTORY to where they lie.")
    return FileFeed(Path(directory))


def _live_iqfeed(settings: FeedSettings) -> tuple[LiveFeed, HistoricalFeed]:
    from causeway.adapters.feeds.iqfeed_client import IqfeedLive

    history = _iqfeed(settings, None)
    return BackfilledFeed(IqfeedLive(IqfeedSettings()), history), history


def _live_alpaca(settings: FeedSettings) -> tuple[LiveFeed, HistoricalFeed]:
    from causeway.adapters.feeds.alpaca_data import AlpacaLive

    history = _alpaca(settings, None)
    return BackfilledFeed(AlpacaLive(AlpacaDataSettings(), history), history), history


PROVIDERS: dict[str, Build] = {
    "yahoo": _yahoo,
    "alphavantage": _alpha_vantage,
    "iqfeed": _iqfeed,
    "alpaca": _alpaca,
    "files": _files,
}
_LIVE: dict[str, Callable[[FeedSettings], tuple[LiveFeed, HistoricalFeed]]] = {
    "iqfeed": _live_iqfeed,
    "alpaca": _live_alpaca,
}
