"""While a kernel is compiled, Python does not look for cycles; before, after and for other code nothing changes."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import numba
import pytest
from numba.core.event import trigger_event

from causeway.analysis.information.neighbours import layout

OURS = {"dispatcher": layout.halve}
OTHER = {"dispatcher": numba.njit(lambda a: a)}


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_nothing_is_collected_while_a_kernel_and_what_it_calls_are_compiled() -> None:
    with trigger_event("numba:compile", data=OURS):
        assert not gc.isenabled()
        with trigger_event("numba:compile", data=OTHER):
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_after_an_error_it_is_on_again() -> None:
    with pytest.raises(ValueError, match="no such type"), trigger_event("numba:compile", data=OURS):
        raise ValueError("no such type")
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off() -> None:
    gc.disable()
    with trigger_event("numba:compile", data=OURS):
        pass
    assert not gc.isenabled()


def test_functions_of_others_are_compiled_as_ever() -> None:
    with trigger_event("numba:compile", data=OTHER):
        assert gc.isenabled()
    assert gc.isenabled()
