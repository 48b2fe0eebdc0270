"""The queue on disk: order, crashes, and what gives way at its bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from causeway.adapters.messaging.spool import Spool
from causeway.ports.spool import SpoolFull

LANES = ("quotes", "bars")


def _spool(directory: Path, max_bytes: int = 1 << 20) -> Spool:
    return Spool(directory, LANES, droppable=["quotes"], max_bytes=max_bytes)


def _payloads(spool: Spool, lane: str) -> list[bytes]:
    return [record.payload for record in spool.read(lane)]


def test_records_come_out_in_the_order_in_which_they_went_in(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    for payload in (b"one", b"two", b"three"):
        spool.append("bars", payload)
    spool.append("quotes", b"other lane")
    assert _payloads(spool, "bars") == [b"one", b"two", b"three"]


def test_what_was_acknowledged_does_not_come_again_and_the_rest_does_after_a_restart(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    for payload in (b"one", b"two", b"three"):
        spool.append("bars", payload)
    spool.acknowledge("bars", spool.read("bars")[0].after)
    again = _spool(tmp_path)  # the first was never closed: the process was killed
    assert _payloads(again, "bars") == [b"two", b"three"]
    again.append("bars", b"four")
    assert _payloads(again, "bars") == [b"two", b"three", b"four"]


@pytest.mark.parametrize("torn", [b"\x05", b"\x05\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00he", b"\x00" * 11])
def test_a_record_that_a_crash_tore_is_cut_off_and_those_before_it_stay(tmp_path: Path, torn: bytes) -> None:
    spool = _spool(tmp_path)
    spool.append("bars", b"whole")
    spool.close()
    (segment,) = tmp_path.glob("bars-*.seg")
    segment.write_bytes(segment.read_bytes() + torn)
    again = _spool(tmp_path)
    again.append("bars", b"next")
    assert _payloads(again, "bars") == [b"whole", b"next"]


def test_a_damaged_record_ends_its_segment(tmp_path: Path) -> None:
    spool = _spool(tmp_path)
    spool.append("bars", b"whole")
    spool.append("bars", b"hit by a cosmic ray")
    spool.close()
    (segment,) = tmp_path.glob("bars-*.seg")
    segment.write_bytes(segment.read_bytes()[:-1] + b"?")
    assert _payloads(_spool(tmp_path), "bars") == [b"whole"]


def test_at_the_bound_the_oldest_quotes_go_and_are_counted(tmp_path: Path) -> None:
    spool = _spool(tmp_path, max_bytes=64 * 1024)
    for number in range(200):
        spool.append("quotes", b"%04d" % number + b"q" * 996, items=10)
    kept = _payloads(spool, "quotes")
    assert spool.size_bytes <= 64 * 1024
    assert kept[-1].startswith(b"0199")
    assert [int(payload[:4]) for payload in kept] == list(range(200 - len(kept), 200))
    assert spool.dropped == {"quotes": 10 * (200 - len(kept))}


def test_bars_push_quotes_out_and_are_refused_aloud_when_only_bars_are_left(tmp_path: Path) -> None:
    spool = _spool(tmp_path, max_bytes=64 * 1024)
    spool.append("quotes", b"q" * 10_000, items=7)
    fits = 64 * 1024 // 1012
    for _ in range(fits):
        spool.append("bars", b"b" * 1000)
    with pytest.raises(SpoolFull, match="65536 are allowed"):
        spool.append("bars", b"b" * 1000)
    assert spool.dropped == {"quotes": 7}
    assert len(_payloads(spool, "bars")) == fits
    spool.append("quotes", b"q" * 2000, items=3)
    assert spool.dropped == {"quotes": 10}


def test_room_comes_back_with_acknowledgement(tmp_path: Path) -> None:
    spool = _spool(tmp_path, max_bytes=64 * 1024)
    for _ in range(1000):
        spool.append("bars", b"b" * 1000)
        for record in spool.read("bars"):
            spool.acknowledge("bars", record.after)
    assert (spool.size_bytes, spool.waiting("bars"), dict(spool.dropped)) == (0, 0, {})
    assert len(list(tmp_path.glob("*.seg"))) == 2


def test_quotes_that_were_read_already_are_not_counted_as_dropped(tmp_path: Path) -> None:
    spool = _spool(tmp_path, max_bytes=16 * 1024)
    spool.append("quotes", b"q" * 2000, items=5)
    spool.append("quotes", b"q" * 2000, items=6)
    spool.acknowledge("quotes", spool.read("quotes")[0].after)
    for _ in range(15):
        spool.append("bars", b"b" * 1000)
    assert spool.dropped == {"quotes": 6}
