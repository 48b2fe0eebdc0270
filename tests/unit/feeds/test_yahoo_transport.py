"""What a failed connection to Yahoo says."""

from __future__ import annotations

import curl_cffi.requests as curl

from causeway.adapters.feeds.yahoo_transport import as_ours
from causeway.errors import Unavailable


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
