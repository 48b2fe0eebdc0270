"""Two series driven strongly by a third: does KSG see a link between them, and which surrogates prevent it?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.studies.study import Row, Study
from bench.studies.systems import common_driver
from causeway import infer_network
from causeway.model.inference import SurrogateScheme

_ROWS = 400
_TRUE = {("x2", "x0"), ("x2", "x1")}
_SCHEMES = (SurrogateScheme.BLOCK, SurrogateScheme.LOCAL, SurrogateScheme.PERMUTATION)


def found_links(seed: int, scheme: SurrogateScheme) -> set[tuple[str, str]]:
    """Source and target of every significant link of one data set."""
    values = common_driver(np.random.default_rng([seed, _ROWS]), _ROWS)
    network = infer_network(values, max_lag=3, estimator="ksg", seed=seed, surrogates=scheme, workers=1)
    return {(link.source, link.target) for link in network.links}


def rows(runs: int) -> Iterator[Row]:
    """A row per scheme."""
    for scheme in _SCHEMES:
        found = [found_links(seed, scheme) for seed in range(runs)]
        yield {
            "scheme": str(scheme),
            "rows": _ROWS,
            "runs": runs,
            "runs with a false link": sum(bool(links - _TRUE) for links in found),
            "recall": sum(len(links & _TRUE) for links in found) / (2 * runs),
        }


STUDY = Study("te-common-driver", "Does KSG join two series that a third one drives?", rows, 80)
