"""How yfinance talks to Yahoo here: one session for charts, cookies and crumbs, which may lead to another server.

yfinance keeps one session per process and its caches in the user's home. This module gives each client a session of
its own (the ``session`` that yfinance accepts), puts the caches into a directory that goes away with the process, and
turns answers into this package's errors before yfinance tries again on its own.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import curl_cffi.requests as curl
import yfinance
from yfinance.data import YfData
from yfinance.scrapers.history import PriceHistory

from causeway.adapters.feeds.pacing import Pace
from causeway.errors import CausewayError, Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.ports.feed import FetchCancelled, FetchControl

REPAIRS_BY = f"yfinance {yfinance.__version__}"
# It calls what pandas 3.1 deprecates, and on import asks for such warnings to be shown.
warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"yfinance\.")
_CHART = "/v8/finance/chart/"
_CRUMB_THROTTLED_S = 60.0
_NOTHING_THEN = "Data doesn't exist for startDate"  # the symbol is known, and had no session in the range
_LINK_OF_CURL = " See https://curl.se/"  # where libcurl's messages end: a list of its codes
_THROTTLES = "too many requests"


@dataclass(frozen=True, slots=True)
class YahooOptions:
    """``url`` empty: Yahoo itself. ``throttled_s``: how long to wait after a 429, as Yahoo does not say."""

    url: str
    timeout_s: float
    throttled_s: float
    pace: Pace


class YahooSession(curl.Session[Any]):
    """A browser's session. With ``url`` every request goes to that server instead, whatever host it names."""

    def __init__(self, options: YahooOptions) -> None:
        super().__init__(impersonate="chrome")
        self._url = options.url.rstrip("/")
        self._options = options

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
        self._options.pace.wait()
        options["timeout"] = self._options.timeout_s
        address = urlsplit(url)
        if self._url:
            url = f"{self._url}{address.path or '/'}" + (f"?{address.query}" if address.query else "")
        answer = super().request(method, url, *args, **options)
        if address.path.startswith(_CHART):
            _check(answer.status_code, answer.text, self._options.throttled_s)
        return answer


class YahooData(YfData):  # type: ignore[misc]
    """yfinance's access to Yahoo without its memory of answers: it would keep a broken one for ever."""

    def get(self, url: str, params: Any = None, timeout: float = 30) -> Any:
        answer = super().get(url, params, timeout)
        if answer.status_code == 401:
            raise Denied(f"Yahoo refuses (HTTP 401), also with a new cookie: {answer.text[:200].strip()}. Try later.")
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def cache_get(self, url: str, params: Any = None, timeout: float = 30) -> Any:
        return self.get(url, params, timeout)


@lru_cache(maxsize=1)
def _prepare() -> tempfile.TemporaryDirectory[str]:
    """Once per process: caches out of the user's home, errors raised and not only logged."""
    directory = tempfile.TemporaryDirectory(prefix="causeway-yahoo-")
    yfinance.set_tz_cache_location(directory.name)
    yfinance.config.debug.hide_exceptions = False
    return directory


def open_data(options: YahooOptions) -> YahooData:
    """A client of its own; yfinance's own constructor would hand out the one of the process."""
    _prepare()
    data: YahooData = type.__call__(YahooData, session=YahooSession(options))
    return data


def price_history(data: YahooData, symbol: str, zone: str) -> Any:
    """yfinance's history of one of Yahoo's symbols, whose exchange lies in ``zone``."""
    return PriceHistory(data, _in_path(symbol), zone, session=data._session)


def _in_path(symbol: str) -> str:
    """A symbol as a part of a path. Yahoo's own signs stay: ``^GSPC``, ``EURUSD=X``, ``M&M.NS``."""
    return quote(symbol, safe="^=&")


class _RepairHistory(PriceHistory):  # type: ignore[misc]
    """Finer bars that Yahoo does not have leave a value as it is, and do not end the repair of the others."""

    control = FetchControl()

    def history(self, *args: Any, **options: Any) -> Any:
        self.control.check()
        try:
            return super().history(*args, **options)
        except (NotFound, InvalidInput, yfinance.exceptions.YFPricesMissingError):
            return yfinance.utils.empty_df()
        except Exception as error:  # of the transport: what else fails in a repair is yfinance's own
            raise as_ours(error) from error


def repair_history(fetched: Any, control: FetchControl) -> Any:
    """The history that repairs what ``fetched`` fetched. It asks for finer bars until ``control`` wants no more."""
    history = _RepairHistory(fetched._data, fetched.ticker, fetched.tz, session=fetched.session)
    history._history_metadata = dict(fetched._history_metadata)
    history.control = control
    return history


def get_chart(data: YahooData, symbol: str, params: dict[str, str]) -> dict[str, Any]:
    """``chart.result[0]`` of Yahoo's answer.

    Raises:
        NotFound, InvalidInput, TooMany, Denied, Unavailable: as Yahoo says.
    """
    try:
        answer = data.get(f"https://query2.finance.yahoo.com{_CHART}{_in_path(symbol)}", params=params)
        return dict(answer.json()["chart"]["result"][0])
    except CausewayError:
        raise
    except Exception as error:
        raise as_ours(error) from error


def fetch_frame(history: Any, interval: str, start: datetime, end: datetime, *, extended_hours: bool) -> Any:
    """yfinance's frame of rows as Yahoo served them, rows without values included; None where the range has none.

    Raises:
        NotFound, InvalidInput, TooMany, Denied, Unavailable: as Yahoo says.
    """
    days = interval == "1d"
    try:
        return history.history(
            start=start.date().isoformat() if days else start,
            end=(end - timedelta(microseconds=1) + timedelta(days=1)).date().isoformat() if days else end,
            interval=interval,
            prepost=extended_hours,
            auto_adjust=False,
            repair=False,
            keepna=True,
        )
    except yfinance.exceptions.YFPricesMissingError as error:
        if error.yahoo_reason is None:
            return None
        raise as_ours(error) from error
    except NotFound as error:
        if error.details.get("range"):
            return None
        raise
    except Exception as error:
        raise as_ours(error) from error


def as_ours(error: Exception) -> CausewayError | FetchCancelled:
    """What went wrong under yfinance, as one of this package's errors; a cancel stays one."""
    if isinstance(error, CausewayError | FetchCancelled):
        return error
    if isinstance(error, yfinance.exceptions.YFRateLimitError):
        return TooMany("Yahoo throttles: Too Many Requests", retry_after_s=_CRUMB_THROTTLED_S)
    if isinstance(error, curl.exceptions.RequestException):
        return Unavailable(f"Yahoo does not answer: {type(error).__name__}: {_without_link(error)[:200]}")
    return Unavailable(f"Yahoo's answer cannot be read: {type(error).__name__}: {str(error)[:200]}")


def of_repair(symbol: str, error: Exception) -> CausewayError | FetchCancelled:
    """What went wrong in yfinance's repair. Where its own code fails on what Yahoo serves, asking again is no use."""
    if isinstance(error, CausewayError | FetchCancelled):
        return error
    reason = " ".join(str(error).split("\n", 1)[0].split())[:200]
    return InvalidInput(
        f"{REPAIRS_BY}'s repair cannot mend what Yahoo serves of {symbol}: it ends with {type(error).__name__}: "
        f"{reason} Try a shorter range, or our own checks.",
        details={"symbol": symbol},
    )


def _without_link(error: Exception) -> str:
    return str(error).partition(_LINK_OF_CURL)[0]


def _check(status: int, text: str, throttled_s: float) -> None:
    """Raise what an answer about a chart says; 401 is left to yfinance, which then fetches another cookie."""
    if status == 401 or _is_whole(status, text):
        return
    said = text[:200].strip()
    if status == 429 or _THROTTLES in said.lower():
        raise TooMany(f"Yahoo throttles: {said or 'HTTP 429'}", retry_after_s=throttled_s)
    if status == 403:
        raise Denied(f"Yahoo refuses (HTTP 403): {said}. Wait some hours, or fetch from another network.")
    error = _error_object(text)
    if error is None:
        raise Unavailable(f"Yahoo answered HTTP {status} with no chart: {said!r}")
    code, description = str(error.get("code", "")), str(error.get("description", ""))
    if status == 404 or code == "Not Found":
        raise NotFound(f"Yahoo: {description}")
    if description.startswith(_NOTHING_THEN):
        raise NotFound(f"Yahoo: {description}", details={"range": True})
    if status == 422 or code in {"Unprocessable Entity", "Bad Request"}:
        raise InvalidInput(f"Yahoo: {description}")
    raise Unavailable(f"Yahoo answered HTTP {status}, {code}: {description}")


def _is_whole(status: int, text: str) -> bool:
    if status != 200:
        return False
    try:
        chart = json.loads(text)["chart"]
        return not chart["error"] and bool(chart["result"])
    except (ValueError, KeyError, TypeError):
        return False


def _error_object(text: str) -> dict[str, Any] | None:
    try:
        error = json.loads(text)["chart"]["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return error if isinstance(error, dict) else None
