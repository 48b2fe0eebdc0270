"""Alerts of the live feed wait in order while the database is away; none is told twice."""

from __future__ import annotations

from causeway.errors import Unavailable
from causeway.model.alert import Alert, Resolved, spool_full
from containers.stream.waiting_alerts import WaitingAlerts

FIRST, SECOND = spool_full(1), spool_full(2)
OVER = Resolved(FIRST.kind, FIRST.subject)


def test_what_is_over_comes_after_what_was_told_and_after_what_others_put() -> None:
    told: list[object] = []
    waiting = WaitingAlerts(told.append, told.append)
    waiting.put(SECOND)
    waiting.collect([FIRST], [OVER])
    waiting.hand_on()
    assert told == [FIRST, SECOND, OVER]


def test_what_could_not_be_told_stays_and_is_told_once() -> None:
    told: list[object] = []
    away = [True]

    def tell(alert: Alert) -> None:
        if alert is SECOND and away:
            raise Unavailable("the database does not answer")
        told.append(alert)

    waiting = WaitingAlerts(tell, told.append)
    waiting.collect([FIRST, SECOND])
    for _ in range(2):
        try:
            waiting.hand_on()
        except Unavailable:
            away.clear()
    assert told == [FIRST, SECOND]


def test_of_more_than_a_hundred_the_oldest_are_dropped() -> None:
    told: list[object] = []
    waiting = WaitingAlerts(told.append, told.append)
    waiting.collect([spool_full(number) for number in range(101)])
    waiting.hand_on()
    assert told == [spool_full(number) for number in range(1, 101)]
