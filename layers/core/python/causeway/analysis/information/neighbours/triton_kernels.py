"""KSG algorithm 1 as Triton kernels. The arithmetic is that of ``torch_kernels``, so that counts are equal bit for bit.

``x`` (n_dimensions, n_rows, n_columns) has its columns beside one another in memory: a program handles some rows and
some columns, reads one row of x after the other, and keeps the k smallest distances of each pair in registers.
Offsets that can pass 2^31 are 64 bits wide. Every program writes sums of its own rows; nothing is added atomically.
"""

# triton compiles the text of these functions: no annotations from __future__, no docstrings with quotes inside.
import triton
import triton.language as tl


@triton.jit
def _insert(best, distance):
    """The k smallest so far, ascending, with one more: a chain of minima and maxima, without a branch."""
    kept = ()
    for q in tl.static_range(len(best)):
        kept = kept + (tl.minimum(best[q], distance),)  # noqa: RUF005 -- Triton has no unpacking
        distance = tl.maximum(best[q], distance)
    return kept


@triton.jit
def _load_here(x, rows, columns, row_mask, column_mask, n, s, DX: tl.constexpr):
    """The tile of x at the program's own rows, one per dimension."""
    mask = row_mask[:, None] & column_mask[None, :]
    offsets = rows[:, None] * s + columns[None, :]
    here = ()
    for c in tl.static_range(DX):
        tile = tl.load(x + c * n * s + offsets, mask=mask, other=0.0)
        here = here + (tile,)  # noqa: RUF005 -- Triton has no unpacking
    return here


@triton.jit
def _gap(there, here, column_mask, n, s, DX: tl.constexpr):
    """Largest distance over the dimensions of x between the row at pointer ``there`` and the program's rows."""
    gap = tl.abs(tl.load(there, mask=column_mask, other=0.0)[None, :] - here[0])
    for c in tl.static_range(1, DX):
        other = tl.load(there + c * n * s, mask=column_mask, other=0.0)
        gap = tl.maximum(gap, tl.abs(other[None, :] - here[c]))
    return gap


@triton.jit
def _span(columns, rows, row_mask, j, n, FROM: tl.constexpr, TO: tl.constexpr):
    """Maximum-norm distance of row j to the program's rows in dimensions of ``columns`` (n_dimensions, n)."""
    span = tl.zeros(rows.shape, columns.dtype.element_ty)
    for c in tl.static_range(FROM, TO):
        there = tl.load(columns + c * n + j)
        span = tl.maximum(span, tl.abs(there - tl.load(columns + c * n + rows, mask=row_mask, other=0.0)))
    return span


@triton.jit
def _near(near_z, near_yz, rows, row_mask, j, n, DZ: tl.constexpr, DY: tl.constexpr, STORED: tl.constexpr):
    """Distances in z and in (y, z) from row j to the program's rows; infinite from a row to itself.

    Read from (n, n) matrices where STORED; else from the columns, which near_z holds: first z, then y.
    """
    if STORED:
        at = j * n + rows
        d_yz = tl.load(near_yz + at, mask=row_mask, other=0.0)
        d_z = tl.load(near_z + at, mask=row_mask, other=0.0) if DZ > 0 else tl.where(rows == j, d_yz, 0.0)
    else:
        self_free = tl.where(rows == j, float("inf"), 0.0).to(near_z.dtype.element_ty)
        d_z = tl.maximum(_span(near_z, rows, row_mask, j, n, 0, DZ), self_free)
        d_yz = tl.maximum(_span(near_z, rows, row_mask, j, n, DZ, DZ + DY), d_z)
    return d_z, d_yz


@triton.jit(do_not_specialize=["n"])
def brute_force(
    x, near_z, near_yz, psi, out, n, s,
    K: tl.constexpr, DX: tl.constexpr, DZ: tl.constexpr, DY: tl.constexpr, STORED: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Every row against every other: one pass for the k-th distance, one for the three counts.

    out (row blocks, s): psi[n_z + 1] - psi[n_xz + 1] - psi[n_yz + 1] summed over the rows of the block.
    """
    n, s = n.to(tl.int64), s.to(tl.int64)
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    columns = tl.program_id(1) * COLS + tl.arange(0, COLS)
    row_mask, column_mask = rows < n, columns < s
    here = _load_here(x, rows, columns, row_mask, column_mask, n, s, DX)
    best = (tl.full([ROWS, COLS], float("inf"), x.dtype.element_ty),) * K
    for j in tl.range(0, n):
        d_yz = _near(near_z, near_yz, rows, row_mask, j, n, DZ, DY, STORED)[1]
        gap = _gap(x + j * s + columns, here, column_mask, n, s, DX)
        best = _insert(best, tl.maximum(gap, d_yz[:, None]))
    radius = best[K - 1]
    n_xz = tl.zeros([ROWS, COLS], tl.int32)
    n_yz = tl.zeros([ROWS, COLS], tl.int32)
    n_z = tl.zeros([ROWS, COLS], tl.int32)
    for j in tl.range(0, n):
        d_z, d_yz = _near(near_z, near_yz, rows, row_mask, j, n, DZ, DY, STORED)
        gap = _gap(x + j * s + columns, here, column_mask, n, s, DX)
        n_xz += (tl.maximum(gap, d_z[:, None]) < radius).to(tl.int32)
        n_yz += (d_yz[:, None] < radius).to(tl.int32)
        if DZ > 0:
            n_z += (d_z[:, None] < radius).to(tl.int32)
    if DZ == 0:
        n_z += (n - 1).to(tl.int32)
    mask = row_mask[:, None] & column_mask[None, :]
    term = _terms(psi, n_z, n_xz, n_yz, mask)
    tl.store(out + tl.program_id(0) * s + columns, tl.sum(term, axis=0), mask=column_mask)


@triton.jit
def _terms(psi, n_z, n_xz, n_yz, mask):
    """Zero outside the mask."""
    given = tl.load(psi + n_z + 1, mask=mask, other=0)
    return given - tl.load(psi + n_xz + 1, mask=mask, other=0) - tl.load(psi + n_yz + 1, mask=mask, other=0)


@triton.jit
def _listed(x, order, distance, here, at, n_listed, columns, column_mask, n, s, DX: tl.constexpr):
    """Distance in x to the neighbour at one place of a list, and its listed distance; infinite past the end."""
    inside = at < n_listed
    row = tl.load(order + at, mask=inside, other=0)
    listed = tl.load(distance + at, mask=inside, other=float("inf"))
    return _gap(x + row * s + columns, here, column_mask, n, s, DX), listed


@triton.jit
def _next(distance, at, widest, n_listed):
    """The next place of an ascending list, or its end if nothing from there on lies below ``widest``."""
    return tl.where(tl.load(distance + at, mask=at < n_listed, other=float("inf")) < widest, at, n_listed)


@triton.jit(do_not_specialize=["n", "first_row", "n_listed"])
def sorted_lists(
    x, order_yz, d_yz, order_z, d_z, psi, out, n, s, first_row, n_listed,
    K: tl.constexpr, DX: tl.constexpr, HAS_Z: tl.constexpr, STEP: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """One row against its neighbours, nearest first, until the next lies beyond the largest k-th distance of the tile.

    The lists hold n_listed neighbours of each row from first_row on. out (listed rows, s): the terms.
    """
    n, s = n.to(tl.int64), s.to(tl.int64)
    place = tl.program_id(0)
    begin = place * n_listed.to(tl.int64)
    order_yz, d_yz, order_z, d_z = order_yz + begin, d_yz + begin, order_z + begin, d_z + begin
    columns = tl.program_id(1) * COLS + tl.arange(0, COLS)
    column_mask = columns < s
    rows = first_row + place + tl.arange(0, 1)
    here = _load_here(x, rows, columns, rows < n, column_mask, n, s, DX)
    best = (tl.full([1, COLS], float("inf"), x.dtype.element_ty),) * K
    at = first_row * 0
    while at < n_listed:
        for step in tl.static_range(STEP):
            gap, listed = _listed(x, order_yz, d_yz, here, at + step, n_listed, columns, column_mask, n, s, DX)
            best = _insert(best, tl.maximum(gap, listed))
        at = _next(d_yz, at + STEP, tl.max(best[K - 1]), n_listed)
    radius = best[K - 1]
    n_yz = _count_listed(d_yz, radius, n_listed, STEP, COLS)
    n_xz = tl.zeros([1, COLS], tl.int32)
    n_z = tl.zeros([1, COLS], tl.int32)
    widest = tl.max(radius)
    at = first_row * 0
    while at < n_listed:
        for step in tl.static_range(STEP):
            gap, listed = _listed(x, order_z, d_z, here, at + step, n_listed, columns, column_mask, n, s, DX)
            n_xz += (tl.maximum(gap, listed) < radius).to(tl.int32)
            n_z += (listed < radius).to(tl.int32)
        at = _next(d_z, at + STEP, widest, n_listed)
    if not HAS_Z:
        n_z = tl.zeros([1, COLS], tl.int32) + (n - 1).to(tl.int32)
    term = _terms(psi, n_z, n_xz, n_yz, column_mask[None, :])
    tl.store(out + place * s + columns, tl.sum(term, axis=0), mask=column_mask)


@triton.jit
def _count_listed(distance, radius, n_listed, STEP: tl.constexpr, COLS: tl.constexpr):
    """How many of the ascending distances lie strictly below each radius."""
    count = tl.zeros([1, COLS], tl.int32)
    widest = tl.max(radius)
    at = n_listed * 0
    while at < n_listed:
        for step in tl.static_range(STEP):
            listed = tl.load(distance + at + step, mask=at + step < n_listed, other=float("inf"))
            count += (listed < radius).to(tl.int32)
        at = _next(distance, at + STEP, widest, n_listed)
    return count
