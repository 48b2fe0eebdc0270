"""How the search kernels are compiled: by numba, when they are first called, and kept in its cache.

Most of a first analysis is compiling, so nothing is built that nobody calls: Python calls kernels only, and only they
are kept in the cache, with everything that they call. numba compiles one anew when its own file has changed, but not
when one has that it calls from: a kernel is therefore kept under a name that has a digest of all files of the package.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core import event

_njit: Any = numba.njit  # the two options that leave wrappers out are not among its types
_INSIDE = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
part = _njit(**_INSIDE)
inlined = _njit(forceinline=True, **_INSIDE)
_SOURCES = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
_DIGEST = hashlib.sha256(_SOURCES).hexdigest()[:12]


def kernel(function: Callable[..., Any]) -> Any:
    """Compile, and keep the result beside the file, or in the user's cache where that place is read-only.

    Where neither can be written to, every process compiles for itself.
    """
    function.__qualname__ = f"{function.__qualname__}_{_DIGEST}"
    try:
        return _njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function)
    except RuntimeError:  # numba found no place for a cache
        return _njit(nogil=True, no_cfunc_wrapper=True)(function)


class _NoCollection(event.Listener):
    """Python looks for unreachable cycles again and again while numba makes objects: an eighth of the time, for little.

    One kernel of this package is compiled at a time, under numba's lock, with what it calls inside.
    """

    def __init__(self) -> None:
        self._depth, self._was_on = 0, False

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            if not event.data["dispatcher"].py_func.__module__.startswith(f"{__package__}."):
                return
            self._was_on = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, event: Any) -> None:  # noqa: ARG002
        if self._depth == 0:
            return
        self._depth -= 1
        if self._depth == 0 and self._was_on:
            gc.enable()


event.register("numba:compile", _NoCollection())  # type: ignore[no-untyped-call]
