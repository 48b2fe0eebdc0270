"""Is a sum of products zero in mean? Its distribution over all changes of the products' signs, by saddlepoint.

If e is symmetric and cannot be predicted from x in mean, the signs of x e carry nothing: given the sizes |x e| every
pattern of signs is as likely as any other, whatever the volatility of either. This is the wild bootstrap with
Rademacher weights and the null imposed (Davidson & Flachaire 2008), without its draws. Chi-squared is its limit for
many rows, and far too large in the tails of short or heavy-tailed samples.

Source: Robinson 1982 (saddlepoints of permutation tests); Barndorff-Nielsen 1986 (r*); MacKinnon & White 1985 (HC3).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

_STEPS = 200
_SHORT = 1e-4  # share of the saddlepoint; a step of this size is right to its cube
_BENT = 0.25  # of Newton's step, by the next term of its series; beyond, the series is not used
_ALL = 1 - 1e-12  # share of the largest possible sum at which all signs are alike
_LARGEST_LOG_T = 5.0  # of a saddlepoint that is looked for; beyond it nearly all signs are alike
_LARGE = 1e100  # sizes beyond, or below its inverse, get another unit before they are squared
_ONE_THREAD = 10_000  # entries up to which OpenBLAS starts no threads
_NEAR = 1e-5  # distance from the mean, in standard deviations, at which p is 1

Floats = NDArray[np.float64]


def sign_flip_probability(sizes: Floats, total: float) -> float:
    """P(a sum of ``sizes`` (n,) with random signs is as far from zero as ``total``); 1 where all sizes are zero.

    Relative error a few percent from 20 sizes on, where no handful of them makes up the sum. Sums of equal sizes lie
    on a lattice, and p has only part of the weight that stands at ``total``: down to a third of the probability for 20
    sizes, to 0.8 for 500 where it is above 1e-6.
    """
    reach, far = np.abs(sizes), abs(total)
    largest = float(reach.max(initial=0.0))
    if not 1 / _LARGE < largest < _LARGE:
        unit = -math.frexp(largest)[1]  # no digit changes, no square overflows
        reach, far = np.ldexp(reach, unit), math.ldexp(far, unit)
    top = float(reach.sum())
    if far == 0 or top == 0:
        return 1.0
    if far >= _ALL * top:
        return float(2.0 ** (1 - np.count_nonzero(reach)))
    deviation = math.sqrt(_dot(reach, reach))
    return _at_saddlepoint(reach / deviation, top / deviation, far / deviation)


def critical_total(scaled: Floats, counts: Floats, level: float) -> float:
    """The total at which p is ``level``, infinite where none is.

    ``counts`` says how often each size occurs (any number). The ``scaled`` sizes have a sum of squares of 1, so that
    a total is in standard deviations.
    """
    top = float(np.sum(counts * scaled))

    def excess(log_t: float) -> float:
        t = math.exp(log_t)
        tangent = np.tanh(t * scaled)
        log_mean = t * top - float(np.sum(counts * np.log1p(tangent)))
        total = float(np.sum(counts * scaled * tangent))
        curvature = float(np.sum(counts * np.square(scaled) * (1 - np.square(tangent))))
        return math.log(max(_two_sided(t, t * total - log_mean, curvature), 1e-300)) - math.log(level)

    if excess(_LARGEST_LOG_T) > 0:
        return float("inf")
    t = np.exp(brentq(excess, -5.0, _LARGEST_LOG_T, xtol=1e-6))
    return float(np.sum(counts * scaled * np.tanh(t * scaled)))


def _two_sided(t: float, half_square: float, curvature: float) -> float:
    """p at the saddlepoint ``t`` > 0, where the log-mean bends by ``curvature``, by r* = r + ln(v / r) / r.

    ``half_square`` is r² / 2: ``t`` times the total less the log-mean at ``t``.
    """
    r = math.sqrt(max(0.0, 2 * half_square))
    if r < _NEAR or curvature <= 0:
        return 1.0 if r < _NEAR else float(2 * ndtr(-r))
    return min(1.0, float(2 * ndtr(-r - math.log(t * math.sqrt(curvature) / r) / r)))


def _at_saddlepoint(scaled: Floats, top: float, far: float) -> float:
    """p of the total ``far``, where the largest possible one is ``top``, both in standard deviations.

    The saddlepoint is looked for from what the fourth moment says. The slope of the log-mean rises by less than 1 and
    ever more slowly, so that the point is never below ``far``. From the last point that was looked at, the rest of the
    way is short enough for the log-mean's first four derivatives.
    """
    squares = np.square(scaled)
    t = far * (1 + min(0.5, _dot(squares, squares) * far**2 / 3))
    for _ in range(_STEPS):
        tangent = np.tanh(t * scaled)
        first, second, third, fourth = _derivatives(scaled, squares, tangent)
        step = max(_step(far - first, second, third, fourth), far - t)
        if abs(step) <= _SHORT * t:
            break
        t += step
    log_mean = t * top - float(np.log1p(tangent).sum())
    log_mean += step * (first + step * (second / 2 + step * (third / 6 + step * fourth / 24)))
    t += step
    return _two_sided(t, t * far - log_mean, second + step * (third + step * fourth / 2))


def _derivatives(scaled: Floats, squares: Floats, tangent: Floats) -> tuple[float, float, float, float]:
    """The first four by t of the sum of ln cosh(t scaled), where ``tangent`` is tanh(t scaled)."""
    slopes = scaled * tangent
    bends = np.square(slopes)
    left = squares - bends
    second = max(float(left.sum()), 1e-300)
    return _dot(scaled, tangent), second, -2 * _dot(slopes, left), 6 * _dot(bends, left) - 2 * _dot(squares, left)


def _step(missing: float, second: float, third: float, fourth: float) -> float:
    """To where the slope is higher by ``missing``: Newton's step, near the point with the next two terms of its series.

    Source: Householder 1970, methods of third order.
    """
    newton = missing / second
    bend = newton * third / (2 * second)
    if third == 0 or abs(bend) > _BENT:
        return newton
    return newton * (1 - bend + 2 * bend**2 - newton**2 * fourth / (6 * second))


def _dot(one: Floats, other: Floats) -> float:
    """The scalar product. Not by BLAS where it starts threads, which cost more than they bring."""
    return float(one @ other if one.size <= _ONE_THREAD else np.einsum("i,i->", one, other))
