"""How many messages a client may send: five seconds' worth at once, then as many as the time that passed allows."""

from __future__ import annotations

from containers.stream.websocket_server import MessageRate


def test_a_burst_and_then_the_rate() -> None:
    rate = MessageRate(20)
    assert [rate.allows(7.0) for _ in range(101)] == [True] * 100 + [False]


def test_time_that_passes_gives_messages_back() -> None:
    rate = MessageRate(20)
    assert all(rate.allows(7.0) for _ in range(100))
    assert [rate.allows(7.125) for _ in range(3)] == [True, True, False]


def test_at_the_rate_itself_nobody_is_stopped() -> None:
    """150 messages that a loaded machine takes 3 seconds to send are 100 and 60: none too many."""
    rate = MessageRate(20)
    assert all(rate.allows(number / 50) for number in range(150))
