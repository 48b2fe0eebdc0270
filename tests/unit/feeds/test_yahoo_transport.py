"""What a failed connection to Yahoo says."""

from __future__ import annotations

import curl_cffi.requests as curl

from causeway.adapters.feeds.yahoo_transport import REPAIRS_BY, as_ours, of_repair
from causeway.errors import InvalidInput, TooMany, Unavailable


def test_a_failed_connection_is_told_without_the_link_of_curl() -> None:
    # The message that curl_cffi gives for a name that does not resolve.
    error = curl.exceptions.DNSError(
        "Failed to perform, curl: (6) Could not resolve host: query2.finance.yahoo.com. See "
        "https://curl.se/libcurl/c/libcurl-errors.html first for more details."
    )
    told = as_ours(error)
    assert isinstance(told, Unavailable)
    assert told.message == (
        "Yahoo does not answer: DNSError: Failed to perform, curl: (6) Could not resolve host: "
        "query2.finance.yahoo.com."
    )


def test_what_fails_in_the_repair_itself_is_said_in_one_line_and_not_tried_again() -> None:
    # The message of scikit-learn 1.8 that yfinance 1.7.0 lets through where a bar to be rebuilt has no close.
    error = ValueError("Input X contains NaN.\nDBSCAN does not accept missing values encoded as NaN natively.")
    told = of_repair("AAPL", error)
    assert isinstance(told, InvalidInput)
    assert told.message == (
        f"{REPAIRS_BY}'s repair cannot mend what Yahoo serves of AAPL: it ends with ValueError: Input X contains NaN. "
        "Try a shorter range, or our own checks."
    )


def test_a_throttle_during_a_repair_stays_one() -> None:
    throttled = TooMany("Yahoo throttles", retry_after_s=60)
    assert of_repair("AAPL", throttled) is throttled
