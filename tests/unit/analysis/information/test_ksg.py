"""KSG against its definition written out, over every way that the kernels take."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.analysis.information import KsgSettings
from causeway.analysis.information.estimators.ksg import KsgCmi, PreparedKsg
from causeway.analysis.information.neighbours import boxes
from causeway.analysis.information.neighbours import surrogates as surrogate_search
from causeway.errors import InvalidInput

Array = NDArray[np.float64]
ONE_COUNT = 1.5  # psi(1) - psi(0 + 1) is at most this much smaller than psi(2): an upper bound of one count in one row


def plain_ksg(x: Array, y: Array, z: Array, k: int, algorithm: int = 1, theiler: int = 0) -> float:
    """Kraskov et al. 2004, equations 8 and 9; Frenzel & Pompe 2007 and Wibral et al. 2014 given z: full matrices."""
    n, t = len(x), np.arange(len(x))
    allowed = np.abs(t[:, None] - t) > theiler
    d_x, d_y, d_z = (np.abs(a[:, None] - a[None]).max(axis=2, initial=0.0) for a in (x, y, z))
    joint = np.where(allowed, np.maximum(np.maximum(d_x, d_y), d_z), np.inf)
    near = np.argsort(joint, axis=1, kind="stable")[:, :k]
    eps = np.take_along_axis(joint, near, 1)[:, -1:]
    inside = [d < eps for d in (d_x, d_y, d_z)]
    if algorithm == 2:
        inside = [d <= np.take_along_axis(d, near, 1).max(axis=1, keepdims=True) for d in (d_x, d_y, d_z)]
    in_x, in_y, in_z = inside
    n_xz, n_yz, n_z = ((m & in_z & allowed).sum(axis=1) for m in (in_x, in_y, np.ones((n, n), bool)))
    every = allowed.sum(axis=1)
    if algorithm == 1:
        n_z = n_z if z.shape[1] else every
        terms = digamma(n_z + 1) - digamma(n_xz + 1) - digamma(n_yz + 1)
    elif z.shape[1]:
        terms = digamma(n_z) - digamma(n_xz) + 1 / n_xz - digamma(n_yz) + 1 / n_yz - 2 / k
    else:
        terms = digamma(every + 1) - digamma(n_xz) - digamma(n_yz) - 1 / k
    return float(digamma(k) + terms.mean())


def sample(n: int, dx: int, dy: int, dz: int, decimals: int = 12) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(1000 * dx + 100 * dy + 10 * dz + decimals)
    x, y, z = (np.round(rng.standard_normal((n, d)), decimals) for d in (dx, dy, dz))
    return x, np.round(y + 0.5 * x[:, :1], decimals), z


def draws(n: int, count: int) -> NDArray[np.int64]:
    """The order of the rows themselves, then random ones."""
    rng = np.random.default_rng(0)
    return np.array([np.arange(n), *(rng.permutation(n) for _ in range(count - 1))])


def prepared(y: Array, z: Array, algorithm: Literal[1, 2] = 1, theiler: int = 0, n_threads: int = 1) -> PreparedKsg:
    return KsgCmi(KsgSettings(k=4, algorithm=algorithm, theiler_bars=theiler), n_threads).prepare(y, z)


SHAPES = [(1, 1, 0), (2, 1, 0), (1, 2, 0), (1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 1, 3), (2, 2, 6)]


@pytest.mark.parametrize("theiler", [0, 3])
@pytest.mark.parametrize("algorithm", [1, 2])
@pytest.mark.parametrize(("dx", "dy", "dz"), SHAPES)
def test_one_estimate_is_the_definition(dx: int, dy: int, dz: int, algorithm: Literal[1, 2], theiler: int) -> None:
    x, y, z = sample(150, dx, dy, dz)
    expected = plain_ksg(x, y, z, 4, algorithm, theiler)
    here = prepared(y, z, algorithm, theiler)
    assert here.joint(x) == pytest.approx(expected, abs=1e-12)
    assert here.local(x).mean() == pytest.approx(expected, abs=1e-12)
    assert here.each(x[:, :1])[0] == pytest.approx(plain_ksg(x[:, :1], y, z, 4, algorithm, theiler), abs=1e-12)


@pytest.mark.parametrize("decimals", [1, 0])
@pytest.mark.parametrize(("dx", "dy", "dz"), SHAPES)
def test_ties_are_counted_strictly(dx: int, dy: int, dz: int, decimals: int) -> None:
    """Rounding makes many equal distances, down to more than k repeated points."""
    x, y, z = sample(150, dx, dy, dz, decimals)
    expected = plain_ksg(x, y, z, 4)
    assert prepared(y, z).joint(x) == pytest.approx(expected, abs=1e-12)
    assert prepared(y, z).joint_surrogates(x, draws(150, 2))[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("theiler", [0, 3])
@pytest.mark.parametrize("decimals", [12, 1, 0])
@pytest.mark.parametrize(("dx", "dy"), [(1, 1), (1, 2), (2, 1)])
def test_one_z_and_many_rows_are_the_definition(
    monkeypatch: pytest.MonkeyPatch, dx: int, dy: int, decimals: int, theiler: int
) -> None:
    """700 rows are three strips, the last of them not full. Neither strips nor threads change a bit."""
    x, y, z = sample(700, dx, dy, 1, decimals)
    through_z = prepared(y, z, 1, theiler).local(x)
    monkeypatch.setattr(boxes, "BOXES_FROM", 10)
    in_strips = prepared(y, z, 1, theiler, n_threads=3)
    np.testing.assert_array_equal(in_strips.local(x), through_z)
    assert in_strips.joint(x) == pytest.approx(plain_ksg(x, y, z, 4, 1, theiler), abs=1e-12)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_strips_do_not_depend_on_units_of_y_and_z(monkeypatch: pytest.MonkeyPatch, scale: float) -> None:
    """All distances are those in z, or none: then strips are narrow where nothing is decided."""
    x, y, z = sample(600, 1, 1, 1)
    monkeypatch.setattr(boxes, "BOXES_FROM", 10)
    found = prepared(y, scale * z).joint(scale * x)
    assert found == pytest.approx(plain_ksg(scale * x, y, scale * z, 4), abs=1e-12)


@pytest.mark.parametrize(("of_x", "of_y"), [(2.0**30, 1.0), (1.0, 2.0**30), (2.0**60, 2.0**60)])
@pytest.mark.parametrize("dz", [0, 1])
def test_columns_in_boxes_may_have_units_far_apart(
    monkeypatch: pytest.MonkeyPatch, dz: int, of_x: float, of_y: float
) -> None:
    """The distance of the k-th neighbour is then many million times the width of the narrowest column."""
    x, y, z = sample(120, 1, 1, dz)
    monkeypatch.setattr(boxes, "BOXES_FROM", 10)
    here, expected = prepared(of_y * y, z), plain_ksg(of_x * x, of_y * y, z, 4)
    assert here.joint(of_x * x) == pytest.approx(expected, abs=1e-12)
    assert here.each_surrogate(of_x * x, draws(120, 1))[0, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("dz", [0, 1])
def test_numbers_too_small_for_single_precision(monkeypatch: pytest.MonkeyPatch, dz: int) -> None:
    """A power of two changes no digit, and no comparison of two distances."""
    monkeypatch.setattr(boxes, "BOXES_FROM", 0)
    rng = np.random.default_rng(6)
    x, y, z = rng.standard_normal((300, 1)), rng.standard_normal((300, 1)), rng.standard_normal((300, dz))
    itself = np.arange(300)[None]
    for unit in (2.0**-110, 2.0**-125, 2.0**-130):
        tiny = KsgCmi(KsgSettings()).prepare(unit * y, unit * z)
        assert tiny.each_surrogate(unit * x, itself)[0, 0] == KsgCmi(KsgSettings()).prepare(y, z).joint(x)


@pytest.mark.parametrize("boxes_from", [10, 10_000], ids=["boxes", "windows"])
@pytest.mark.parametrize("theiler", [0, 3])
@pytest.mark.parametrize("decimals", [12, 1])
@pytest.mark.parametrize(("dx", "dy", "dz"), SHAPES)
def test_surrogates_are_the_definition(
    monkeypatch: pytest.MonkeyPatch, dx: int, dy: int, dz: int, decimals: int, theiler: int, boxes_from: int
) -> None:
    """No two distances of the sample are equal in single precision; rounded values are searched in double."""
    monkeypatch.setattr(boxes, "BOXES_FROM", boxes_from)
    x, y, z = sample(120, dx, dy, dz, decimals)
    orders = draws(120, 18)
    here = prepared(y, z, 1, theiler)
    each = [[plain_ksg(x[order][:, [v]], y, z, 4, 1, theiler) for order in orders] for v in range(dx)]
    np.testing.assert_allclose(here.each_surrogate(x, orders), each, rtol=0, atol=1e-12)
    joint = [plain_ksg(x[order], y, z, 4, 1, theiler) for order in orders]
    np.testing.assert_allclose(here.joint_surrogates(x, orders), joint, rtol=0, atol=1e-12)


def test_surrogates_of_algorithm_2_are_the_definition() -> None:
    x, y, z = sample(80, 2, 1, 1)
    orders = draws(80, 4)
    found = prepared(y, z, 2).joint_surrogates(x, orders)
    np.testing.assert_allclose(found, [plain_ksg(x[o], y, z, 4, 2) for o in orders], rtol=0, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 7])
def test_other_neighbour_counts(k: int) -> None:
    x, y, z = sample(100, 1, 1, 1)
    here = KsgCmi(KsgSettings(k=k)).prepare(y, z)
    assert here.local(x).mean() == pytest.approx(plain_ksg(x, y, z, k), abs=1e-12)
    found = here.each_surrogate(x, draws(100, 1))
    assert found[0, 0] == pytest.approx(plain_ksg(x, y, z, k), abs=1e-12)


@pytest.mark.parametrize("n", [300, 3500])
@pytest.mark.parametrize("dz", [0, 1, 3])
def test_single_precision_moves_a_surrogate_by_a_few_counts(n: int, dz: int) -> None:
    """Of n k distances some are equal to a ten-millionth; the mean then moves by one count in one row, or a few."""
    x, y, z = sample(n, 1, 1, dz)
    here = prepared(y, z)
    assert abs(here.joint_surrogates(x, draws(n, 1))[0] - here.joint(x)) <= 5 * ONE_COUNT / n


@pytest.mark.parametrize("n", [300, 3500])
def test_a_surrogate_on_a_lattice_is_the_reported_value_to_the_bit(n: int) -> None:
    x, y, z = sample(n, 1, 1, 1, 1)
    assert prepared(y, z).each_surrogate(x, draws(n, 1))[0, 0] == prepared(y, z).each(x)[0]


@pytest.mark.parametrize("boxes_from", [10, 10_000], ids=["boxes", "windows"])
def test_a_value_does_not_depend_on_its_batch(monkeypatch: pytest.MonkeyPatch, boxes_from: int) -> None:
    monkeypatch.setattr(boxes, "BOXES_FROM", boxes_from)
    x, y, z = sample(150, 3, 1, 1)
    orders = draws(150, 40)
    together = prepared(y, z).each_surrogate(x, orders)
    alone = [[prepared(y, z).each_surrogate(x[:, [v]], order[None])[0, 0] for order in orders] for v in range(3)]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, n_threads: int) -> None:
    monkeypatch.setattr(surrogate_search, "_CHUNK_BYTES", 30_000)  # so that there are several chunks
    x, y, z = sample(200, 2, 1, 2)
    one, several = prepared(y, z), prepared(y, z, n_threads=n_threads)
    np.testing.assert_array_equal(one.local(x), several.local(x))
    orders = draws(200, 50)
    np.testing.assert_array_equal(one.each_surrogate(x, orders), several.each_surrogate(x, orders))


class Stopped(Exception):
    pass


def test_the_pulse_is_called_between_chunks_and_can_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surrogate_search, "_CHUNK_BYTES", 1)
    x, y, z = sample(60, 1, 1, 1)
    calls = []

    def pulse() -> None:
        calls.append(1)
        if len(calls) == 4:
            raise Stopped

    here = KsgCmi(KsgSettings()).prepare(y, z, pulse)
    here.joint(x)
    with pytest.raises(Stopped):
        here.each_surrogate(x, draws(60, 64))
    assert len(calls) == 4


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("dimensions", [0, 1, 2])
def test_between_rows_of_a_chunk_it_looks_whether_to_stop(
    monkeypatch: pytest.MonkeyPatch, dimensions: int, n_threads: int
) -> None:
    """200 rows are four parts of at most 64; neither that nor the looks change a bit."""
    x, y, z = sample(200, 1, 1, dimensions)
    whole = KsgCmi(KsgSettings()).prepare(y, z).each_surrogate(x, draws(200, 64))
    monkeypatch.setattr(surrogate_search, "_PAIRS", 1)
    monkeypatch.setattr(surrogate_search, "_CHUNK_BYTES", 2**15)
    looks, most = [0], [10**9]

    def pulse() -> None:
        looks[0] += 1
        if looks[0] > most[0]:
            raise Stopped

    here = KsgCmi(KsgSettings(), n_threads).prepare(y, z, pulse)
    np.testing.assert_array_equal(here.each_surrogate(x, draws(200, 64)), whole)
    assert looks[0] > 4 or n_threads > 1
    most[0] = looks[0] + (n_threads == 1)
    with pytest.raises(Stopped):
        here.each_surrogate(x, draws(200, 64))


@pytest.mark.parametrize(("n", "theiler", "message"), [(4, 0, "more than 4 rows"), (14, 5, "more than 14 rows")])
def test_too_few_rows_are_refused(n: int, theiler: int, message: str) -> None:
    _, y, z = sample(n, 1, 1, 1)
    with pytest.raises(InvalidInput, match=message):
        prepared(y, z, 1, theiler)
    more = sample(n + 1, 1, 1, 1)
    assert np.isfinite(prepared(more[1], more[2], 1, theiler).joint(more[0]))
