"""The address that browsers use, and who may call."""

from __future__ import annotations

import pytest

from causeway.errors import Denied, InvalidInput
from causeway.web.origin import PublicOrigin


@pytest.mark.parametrize(
    ("text", "url", "access_cookie"),
    [
        ("https://causeway.example", "https://causeway.example", "__Host-causeway-access"),
        ("https://causeway.example/", "https://causeway.example", "__Host-causeway-access"),
        ("https://causeway.example:8443", "https://causeway.example:8443", "__Host-causeway-access"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "causeway-access"),
        ("http://[::1]:8080", "http://[::1]:8080", "causeway-access"),
        ("http://localhost", "http://localhost", "causeway-access"),
    ],
)
def test_origins_are_read(text: str, url: str, access_cookie: str) -> None:
    origin = PublicOrigin.parse(text)
    assert (origin.url, origin.access_cookie) == (url, access_cookie)


@pytest.mark.parametrize(
    "text", ["", "causeway.example", "https://", "https://a.example/path", "http://0.0.0.0:8080", "ws://a"]
)
def test_what_is_no_safe_origin_does_not_start(text: str) -> None:
    with pytest.raises(InvalidInput):
        PublicOrigin.parse(text)


def test_further_hosts_are_named_one_by_one() -> None:
    origin = PublicOrigin.parse("https://causeway.example", allowed_hosts="api.causeway.example, Other.example")
    for host in ("causeway.example", "api.causeway.example", "other.example", "CAUSEWAY.example"):
        origin.check_caller(host, None)
    with pytest.raises(Denied):
        origin.check_caller("evil.example", None)


def test_behind_the_proxy_its_proof_counts_and_the_host_does_not() -> None:
    origin = PublicOrigin.parse("https://causeway.example", proxy_secret="s3cret")
    origin.check_caller("abc.execute-api.us-east-1.amazonaws.com", "s3cret")
    for proof in (None, "", "s3cre", "s3cret2"):
        with pytest.raises(Denied):
            origin.check_caller("causeway.example", proof)
    assert "s3cret" not in repr(origin)


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "expected"),
    [
        (0, "203.0.113.7", "10.0.0.1"),  # nobody is believed: the header is the client's own invention
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.1.1.1, 203.0.113.7", "203.0.113.7"),  # a forged entry stands further left
        (2, "1.1.1.1, 203.0.113.7, 130.176.0.1", "203.0.113.7"),
        (2, None, "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_tell_the_clients_address(proxies: int, forwarded_for: str | None, expected: str) -> None:
    origin = PublicOrigin.parse("https://causeway.example", trusted_proxies=proxies)
    assert origin.client_address("10.0.0.1", forwarded_for) == expected
