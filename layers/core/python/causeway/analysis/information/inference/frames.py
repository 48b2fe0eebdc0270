"""``infer_network``: the library's front door, on frames, dicts of arrays or matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.drivers import with_made_drivers
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.inference.parallel import default_workers, infer_panel
from causeway.analysis.information.inference.results import NetworkResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator

Columns = list[tuple[str, Any]]
_NUMBERS = "fiu"  # kinds of dtype
_MISSING = frozenset({"None", "<NA>"})  # how None and the missing value of nullable pandas columns print


def infer_network(
    frame: Any,
    max_lag: int = 5,
    estimator: str = "gaussian",
    seed: int = 1,
    *,
    names: Sequence[str] | None = None,
    progress: Callable[[float], None] | None = None,
    workers: int | None = None,
    device: str = "cpu",
    **settings: Any,
) -> NetworkResult:
    """Which series drive which, at which lag, by multivariate transfer entropy.

    ``frame`` is a pandas or polars frame, a dict of equally long arrays, or a matrix (n_samples, n_series) with
    ``names`` (default x0, x1, ...). One column per series, one row per bar, oldest first. Rows are assumed
    equally spaced: a datetime index is ignored and date or datetime columns are dropped. Give returns or other
    stationary measures, not prices.

    ``settings`` are further fields of ``NetworkSettings`` (alpha, n_permutations, mode, missing, ...);
    ``condition_on=["@mean"]`` conditions on the mean of all series, "@pc1" on their first principal component. The
    result's ``links`` have q < alpha (by default Benjamini-Yekutieli over all candidate links); transfer entropy is in
    nats.
    ``workers`` threads share the targets, by default one per core where nulls are sampled; the result does not depend
    on them. ``device`` may name a GPU ("cuda") for KSG.

    Raises:
        InvalidInput: a non-numeric column (named), infinity, NaN unless ``missing="mask"``, a constant series, too few
            rows, a setting out of range.
        Unavailable: ``device`` is not there.
    """
    try:
        chosen = NetworkSettings(max_lag=max_lag, estimator=cast("Estimator", estimator), **settings)
    except TypeError as error:
        raise InvalidInput(f"Unknown setting: {error}.") from error
    panel = panel_of(frame, chosen, names)
    return infer_panel(
        panel, chosen, seed, progress, workers=default_workers(chosen) if workers is None else workers, device=device
    )


def panel_of(frame: Any, settings: NetworkSettings, names: Sequence[str] | None = None) -> Panel:
    """The checked panel of a frame, made drivers included. Arguments and errors as in ``infer_network``."""
    columns = _columns(frame, names)
    if isinstance(frame, np.ndarray) and frame.dtype.kind in _NUMBERS:
        return _checked(np.asarray(frame, dtype=np.float64), [str(name) for name, _ in columns], settings)
    series = [(str(name), _numeric(str(name), values)) for name, values in columns if not _is_time(values)]
    if len({values.shape[0] for _, values in series}) > 1:
        raise InvalidInput("Columns must be equally long.")
    values = np.column_stack([values for _, values in series]) if series else np.empty((0, 0))
    return _checked(values, [name for name, _ in series], settings)


def _checked(values: NDArray[np.float64], names: list[str], settings: NetworkSettings) -> Panel:
    values, labels = with_made_drivers(values, names, settings.condition_on)
    return make_panel(values, labels, settings.max_lag, settings.missing)


def _columns(frame: Any, names: Sequence[str] | None) -> Columns:
    if isinstance(frame, Mapping):
        return list(frame.items())
    if hasattr(frame, "columns") and hasattr(frame, "__getitem__"):
        return [(name, frame[name]) for name in frame.columns]
    matrix = np.asarray(frame)
    if matrix.ndim != 2:
        raise InvalidInput(
            f"Expected a frame, a dict of arrays or a matrix (n_samples, n_series); found shape {matrix.shape}."
        )
    labels = [f"x{i}" for i in range(matrix.shape[1])] if names is None else list(names)
    if len(labels) != matrix.shape[1]:
        raise InvalidInput(f"{len(labels)} names for {matrix.shape[1]} columns.", details={"field": "names"})
    return list(zip(labels, matrix.T, strict=True))


def _array(values: Any) -> NDArray[Any]:
    return values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)


def _is_time(values: Any) -> bool:
    """Datetimes and dates, also where a frame keeps them with a time zone or as objects."""
    if np.asarray(_array(values)[:1]).dtype.kind == "M" or str(getattr(values, "dtype", "")).startswith(
        ("date", "Date")
    ):
        return True
    first = _array(values)[:1]
    return first.size == 1 and hasattr(first[0], "isoformat")


def _numeric(name: str, values: Any) -> NDArray[np.float64]:
    array = _array(values)
    if array.ndim != 1:
        raise InvalidInput(f"Column {name} must be one-dimensional; found shape {array.shape}.")
    if array.dtype.kind not in _NUMBERS:
        try:
            if array.dtype.kind in "bSUc" or any(isinstance(value, str | bytes | bool) for value in array[:1000]):
                raise TypeError
            return np.array([np.nan if str(value) in _MISSING else value for value in array], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                f"Column {name} is not numeric (found {array.dtype}). Drop it or convert it to numbers.",
                details={"column": name},
            ) from error
    return array.astype(np.float64)
