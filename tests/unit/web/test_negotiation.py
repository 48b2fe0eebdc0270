"""What a client is sent, by its Accept header: the examples of RFC 9110, section 12.5.1, and refusals."""

from __future__ import annotations

import pytest

from causeway.web.error_mapping import status_of
from causeway.web.negotiation import NotAcceptable, choose

OFFERED = ["application/json", "text/csv", "application/vnd.apache.arrow.stream"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV; charset=utf-8", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/json;q=0, */*;q=0.1", "text/csv"),
        ("text/csv;q=nonsense", "text/csv"),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: str | None, chosen: str) -> None:
    assert choose(accept, OFFERED) == chosen


def test_the_most_specific_range_counts() -> None:
    """RFC 9110: ``text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4,
    */*;q=0.5`` gives text/html 0.3 and image/jpeg 0.5."""
    accept = "text/*;q=0.3, text/plain;q=0.7, */*;q=0.5"
    assert choose(accept, ["text/html", "image/jpeg"]) == "image/jpeg"
    assert choose(accept, ["text/html", "image/jpeg", "text/plain"]) == "text/plain"


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0", "text/csv;q=0.0, image/*"])
def test_nothing_that_is_offered_is_406_with_the_list(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="text/csv") as refused:
        choose(accept, OFFERED)
    assert status_of(refused.value) == 406
    assert refused.value.details["offered"] == OFFERED
