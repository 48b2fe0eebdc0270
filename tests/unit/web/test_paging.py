"""Cursors come back as they went out, and nothing else passes."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import InvalidInput
from causeway.web.paging import decode_cursor, encode_cursor

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=64)


@given(
    st.integers(-(2**62), 2**62),
    TEXTS,
    st.uuids(),
    st.datetimes(datetime(1970, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- Hypothesis adds the zone
)
def test_what_goes_out_comes_back(number: int, text: str, key: UUID, moment: datetime) -> None:
    assert decode_cursor(encode_cursor(number, text, key, moment), int, str, UUID, datetime) == (
        number,
        text,
        key,
        moment,
    )


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None, int) is None


@given(st.text(max_size=200))
def test_what_we_did_not_give_out_is_refused_or_read_as_its_kinds(cursor: str) -> None:
    try:
        found = decode_cursor(cursor, int, str)
    except InvalidInput:
        return
    assert found is not None
    assert [type(item) for item in found] == [int, str]


@pytest.mark.parametrize(
    "cursor",
    [
        encode_cursor("one"),  # another list's
        encode_cursor(1),
        encode_cursor("x", "y"),
        encode_cursor(1, 2),
        "",
        "%%%",
        "A" * 5000,
        encode_cursor(2**70, "x"),
        encode_cursor(1, "a\x00b"),
    ],
)
def test_a_cursor_of_another_form_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="next_cursor"):
        decode_cursor(cursor, int, str)
