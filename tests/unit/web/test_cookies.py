"""A Cookie header holds what every program on the host has set, whatever its port."""

from __future__ import annotations

import pytest

from causeway.web.tokens import parse_cookies


@pytest.mark.parametrize(
    "foreign", ['state={"a":1}', "list[0]=1", "two words=1", 'name=a"b', "flag", "@@", "name=\xe9", "=nameless"]
)
def test_a_foreign_cookie_does_not_hide_ours(foreign: str) -> None:
    for header in (f"{foreign}; causeway-access=e30.e30.x-_", f"causeway-access=e30.e30.x-_;{foreign}"):
        assert parse_cookies(header)["causeway-access"] == "e30.e30.x-_"


def test_no_header_holds_no_cookie() -> None:
    assert parse_cookies(None) == {}
    assert parse_cookies("") == {}
