"""Compiles what a usual analysis with KSG needs, so that nobody waits for it; the result stays in numba's cache.

    python -m causeway.analysis.information.neighbours.warm_up

It takes some ten seconds of one core once for each installation and processor, and a second if there is nothing to do.
It may be ended at any time: what was compiled until then is kept.
"""

from __future__ import annotations

import numpy as np

from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.estimators.settings import KsgSettings
from causeway.analysis.information.neighbours.boxes import BOXES_FROM

_FEW_ROWS = 64


def warm_up() -> None:
    """An estimate and a surrogate in each of the ways that the kernels take: without z, one z, more; few rows, many."""
    for n_rows, n_given in ((_FEW_ROWS, 0), (_FEW_ROWS, 1), (_FEW_ROWS, 2), (BOXES_FROM, 1)):
        x, y, *z = np.random.default_rng(0).standard_normal((2 + n_given, n_rows, 1))
        prepared = KsgCmi(KsgSettings()).prepare(y, np.hstack([np.empty((n_rows, 0)), *z]))
        prepared.each(x)
        prepared.each_surrogate(x, np.arange(n_rows)[None])


if __name__ == "__main__":
    warm_up()
