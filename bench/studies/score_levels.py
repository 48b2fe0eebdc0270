"""Level and power of the score test of a Gaussian link: signs by saddlepoint, or chi-squared, with what corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from bench.studies.rules import chi_squared_score
from bench.studies.study import Row, Study, share_below
from bench.studies.systems import Array, autoregression, common_volatility, garch
from causeway.analysis.information.estimators.gaussian import tail_probability
from causeway.analysis.information.estimators.sign_flips import sign_flip_probability

_GIVEN = 4  # columns beside the target's last value
_NEEDED = 2e-5  # of one lag: about what a lone link among ten series needs
_LEVELS = (0.05, 0.01, 1e-3, 1e-4)

Draw = Callable[[np.random.Generator, int], Array]
_NULLS: dict[str, Draw] = {
    "normal": lambda rng, n: rng.standard_normal((n, 2)),
    "Student-t(3)": lambda rng, n: rng.standard_t(3, (n, 2)),
    "exponential": lambda rng, n: rng.exponential(size=(n, 2)) - 1,
    "lognormal": lambda rng, n: np.exp(rng.standard_normal((n, 2))),
    "GARCH, Student-t(4)": lambda rng, n: garch(rng, n, 2),
    "AR .9": lambda rng, n: autoregression(rng, n, 2, 0.9),
    "common volatility .9, .3": lambda rng, n: common_volatility(rng, n, 2, 0.9, 0.3),
    "common volatility .98, .2": lambda rng, n: common_volatility(rng, n, 2, 0.98, 0.2),
    "common volatility .95, .5": lambda rng, n: common_volatility(rng, n, 2, 0.95, 0.5),
}
_LINKS = {  # noise, rows: partial R² of a link
    ("normal", 100): (0.2, 0.3),
    ("normal", 250): (0.08, 0.1),
    ("normal", 1000): (0.03,),
    ("GARCH, Student-t(4)", 250): (0.08, 0.1),
    ("GARCH, Student-t(4)", 1000): (0.03,),
}


def p_values(values: Array, r2: float, rng: np.random.Generator) -> dict[str, float]:
    """p of series 1 for series 0 a bar later, given its own last value and columns of noise, by each form of the test.

    ``r2`` is the partial R² of a link that is put in, 0 for none.
    """
    y, x, own = values[1:, 0], values[:-1, 1], values[:-1, 0]
    y = y + np.sqrt(r2 / (1 - r2)) * x
    z = np.column_stack([np.ones(y.size), own, rng.standard_normal((y.size, _GIVEN))])
    basis, _ = np.linalg.qr(z)
    x, y, left = x - basis @ (basis.T @ x), y - basis @ (basis.T @ y), 1 - np.sum(basis**2, axis=1)
    products = x * y
    total = float(products.sum())
    cmi = -0.5 * np.log1p(-((x @ y) ** 2) / (x @ x) / (y @ y))
    return {
        "F-test": float(tail_probability(cmi, y.size, z.shape[1] - 1)),
        "chi-squared": chi_squared_score(x, y, left),
        "signs": sign_flip_probability(products, total),
        "signs, HC2": sign_flip_probability(products / np.sqrt(left), total),
        "signs, HC3": sign_flip_probability(products / left, total),
    }


def rows(runs: int) -> Iterator[Row]:
    """A row per null system, length and form; then the power of each form together with the F-test."""
    for n in (100, 300):
        for name, draw in _NULLS.items():
            found = list(_drawn(draw, n, runs, 0.0))
            for form in found[0]:
                p = [one[form] for one in found]
                yield {"null": name, "rows": n, "runs": runs, "form": form} | {
                    f"P(p<={u:g})/{u:g}": round(share_below(p, u) / u, 3) for u in _LEVELS
                }
    for (name, n), strengths in _LINKS.items():
        for r2 in strengths:
            found = list(_drawn(_NULLS[name], n, max(200, runs // 20), r2))
            for form in found[0]:
                p = [max(one["F-test"], one[form]) for one in found]
                yield {
                    "link in": name,
                    "rows": n,
                    "R2": r2,
                    "form": form if form == "F-test" else f"F-test and {form}",
                    "found": share_below(p, _NEEDED),
                }


def _drawn(draw: Draw, n: int, runs: int, r2: float) -> Iterator[dict[str, float]]:
    for seed in range(runs):
        rng = np.random.default_rng([seed, n])
        yield p_values(draw(rng, n + 1), r2, rng)


STUDY = Study("te-score", "Does the score test of a Gaussian link keep its level in short series?", rows, 10_000)
