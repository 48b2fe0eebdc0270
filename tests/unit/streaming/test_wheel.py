"""Many clients, one timer."""

from __future__ import annotations

from causeway.streaming.wheel import TimerWheel


def test_items_come_when_they_are_due_earliest_first_and_once() -> None:
    wheel: TimerWheel[str] = TimerWheel()
    for item, at in (("late", 3.0), ("first", 1.0), ("second", 2.0)):
        wheel.set(item, at)
    assert wheel.next_at() == 1.0
    assert wheel.due(2.5) == ["first", "second"]
    assert wheel.due(2.5) == []
    assert (wheel.next_at(), len(wheel)) == (3.0, 1)


def test_another_time_replaces_the_one_before() -> None:
    wheel: TimerWheel[str] = TimerWheel()
    wheel.set("one", 1.0)
    wheel.set("one", 5.0)
    assert wheel.due(4.0) == []
    wheel.set("one", 2.0)
    assert wheel.due(6.0) == ["one"]
    assert wheel.next_at() is None


def test_a_forgotten_item_is_never_due() -> None:
    wheel: TimerWheel[str] = TimerWheel()
    wheel.set("one", 1.0)
    wheel.forget("one")
    assert (wheel.due(9.0), wheel.next_at()) == ([], None)
