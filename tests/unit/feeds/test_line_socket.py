"""Lines out of a stream of bytes, however it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.adapters.feeds.line_socket import MOST_LINE, LineSocket, LineSplitter
from causeway.errors import Unavailable

LINES = ["S,KEY,0", "Q,MSFT,1.25,", "", "n,NOPE"]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_lines_are_the_same_wherever_the_packets_end(cuts: list[int]) -> None:
    data = "".join(f"{line}\r\n" for line in LINES).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    splitter = LineSplitter()
    heard = [line for start, end in pairwise(edges) for line in splitter.feed(data[start:end])]
    assert heard == LINES
    assert not splitter.unfinished


def test_any_byte_is_a_character() -> None:
    assert LineSplitter().feed(b"\x00\xff\x80\n") == ["\x00\xff\x80"]


def test_an_endless_line_is_told_once_by_its_beginning_and_takes_no_memory() -> None:
    splitter = LineSplitter()
    heard = [line for _ in range(50) for line in splitter.feed(b"x" * 60_000)]
    assert heard == ["x" * 200]
    assert len(splitter._rest) <= MOST_LINE
    assert splitter.feed(b"the rest of it\nQ,MSFT\n") == ["Q,MSFT"]


def test_a_line_of_the_longest_allowed_length_is_whole() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"x" * MOST_LINE) == []
    assert splitter.feed(b"\n") == ["x" * MOST_LINE]


def test_nobody_listening_is_unavailable_and_named() -> None:
    with pytest.raises(Unavailable, match=r"IQConnect does not answer at 127\.0\.0\.1:1 "):
        LineSocket("IQConnect", "127.0.0.1", 1)
