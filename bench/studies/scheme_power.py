"""What each surrogate scheme sees of a link that is there: a shift of the mean, or of the variance alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bench.studies.false_links import ksg_link_p
from bench.studies.study import Row, Study, share_below
from bench.studies.systems import Array, NullSystem, autoregression, garch
from causeway.model.inference import SurrogateScheme

_ROWS = 300
_LAG = 2
_SCHEMES = (SurrogateScheme.BLOCK, SurrogateScheme.VOLATILITY, SurrogateScheme.LOCAL)
_MEAN_SIZE = 0.8  # of a standard normal, nearly

Draw = Callable[[np.random.Generator, int], Array]
Link = Callable[[Array, Array], Array]


def _independent(rng: np.random.Generator, n: int) -> Array:
    return autoregression(rng, n, 2, 0.0)


def _garch(rng: np.random.Generator, n: int) -> Array:
    return garch(rng, n, 2)


def _linked(base: Draw, link: Link) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> Array:
        values = base(rng, n)
        values = values / values.std(axis=0)
        values[_LAG:, 0] = link(values[_LAG:, 0], values[:-_LAG, 1])
        return np.asarray(values)

    return draw


_SYSTEMS = (
    NullSystem("0.35 x", _linked(_independent, lambda y, x: y + 0.35 * x)),
    NullSystem("0.35 x, GARCH", _linked(_garch, lambda y, x: y + 0.35 * x)),
    NullSystem("0.6 |x|", _linked(_independent, lambda y, x: y + 0.6 * (np.abs(x) - _MEAN_SIZE))),
    NullSystem("variance by |x|", _linked(_independent, lambda y, x: y * np.exp(0.6 * (np.abs(x) - _MEAN_SIZE)))),
)


def rows(runs: int) -> Iterator[Row]:
    """A row per kind of link and scheme."""
    for system in _SYSTEMS:
        data = [system.draw(np.random.default_rng([seed, _ROWS]), _ROWS) for seed in range(runs)]
        for scheme in _SCHEMES:
            p = [ksg_link_p(values, system, scheme, seed, None) for seed, values in enumerate(data)]
            yield {"link": system.name, "scheme": str(scheme), "runs": runs, "P(p<=.05)": share_below(p, 0.05)}


STUDY = Study("te-scheme-power", "What does each surrogate scheme see of a link that is there?", rows, 80)
