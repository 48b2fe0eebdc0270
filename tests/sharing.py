"""How tests are shared out among test processes, for ``pytest -n 3 --dist loadgroup --no-loadscope-reorder``.

Tests of one file go to one process, so that what they import, compile and start is there once. Slow tests go each by
themselves, unless their file says otherwise by ``xdist_group``, and first: no process is left with one at the end.
"""

from __future__ import annotations

from collections import Counter

import pytest


def share_out(items: list[pytest.Item]) -> None:
    """Group and order the items: the slow ones, then files by their number of tests."""
    for item in items:
        if not _slow(item) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_file(item)))
    sizes = Counter(_file(item) for item in items)
    files = {file: place for place, file in enumerate(dict.fromkeys(map(_file, items)))}
    items.sort(key=lambda item: (not _slow(item), -sizes[_file(item)], files[_file(item)]))


def _slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
