"""The rung in the process: bounded, least recently read first, and nothing after its time."""

from __future__ import annotations

from causeway.adapters.storage.cache.memory import MISSING, MemoryRung


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_there_until_its_time_has_passed() -> None:
    clock = Clock()
    rung = MemoryRung(clock=clock)
    rung.put("a", {"x": 1}, size=10, ttl_s=5)
    clock.now = 4.9
    assert rung.get("a") == {"x": 1}
    clock.now = 5.0
    assert rung.get("a") is MISSING
    assert (len(rung), rung.bytes) == (0, 0)


def test_none_is_a_value() -> None:
    rung = MemoryRung()
    rung.put("a", None, size=4, ttl_s=5)
    assert rung.get("a") is None


def test_beyond_the_count_the_least_recently_read_goes() -> None:
    rung = MemoryRung(max_entries=2)
    for key in "ab":
        rung.put(key, key, size=1, ttl_s=5)
    rung.get("a")
    rung.put("c", "c", size=1, ttl_s=5)
    assert [rung.get(key) for key in "abc"] == ["a", MISSING, "c"]


def test_beyond_the_bytes_the_least_recently_read_goes() -> None:
    rung = MemoryRung(max_bytes=80)
    for number in range(9):
        rung.put(str(number), number, size=10, ttl_s=5)
    assert rung.bytes == 80
    assert rung.get("0") is MISSING
    assert rung.get("8") == 8


def test_what_takes_too_large_a_part_is_not_kept_and_replaces_what_was_there() -> None:
    rung = MemoryRung(max_bytes=80)
    rung.put("a", "old", size=1, ttl_s=5)
    rung.put("a", "new", size=11, ttl_s=5)
    assert rung.get("a") is MISSING


def test_dropped_and_cleared() -> None:
    rung = MemoryRung()
    for key in "abc":
        rung.put(key, key, size=1, ttl_s=5)
    rung.drop(["a", "absent"])
    assert [rung.get(key) for key in "ab"] == [MISSING, "b"]
    rung.clear()
    assert (len(rung), rung.bytes) == (0, 0)


def test_it_counts() -> None:
    rung = MemoryRung()
    rung.put("a", 1, size=1, ttl_s=5)
    for key in "aab":
        rung.get(key)
    assert (rung.hits, rung.misses) == (2, 1)
