"""More operations on sixteen numbers: lists of the k smallest, whole numbers, writing and reading at chosen places.

Continues lanes.py; the same rules hold.
"""

# ruff: noqa: ARG001  (numba asks for every argument by its name)

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from causeway.analysis.information.neighbours.lanes import (
    WIDTH,
    Lanes,
    address_of,
    folded,
    halves,
    ordered,
    splat,
)


@intrinsic
def nearest(typing: Any, scalar: Any, shape: Any) -> Any:
    """A list of len(``shape``) distances for each lane, all equal to ``scalar``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes = splat(builder, arguments[0])
        return context.make_tuple(builder, signature.return_type, [lanes] * len(shape))

    return types.UniTuple(Lanes(scalar), len(shape))(scalar, shape), generate


@intrinsic
def inserted(typing: Any, best: Any, distance: Any) -> Any:
    """The ascending lists with ``distance`` put in and the largest dropped: two instructions for each entry."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        entries, rest = [], arguments[1]
        for entry in range(len(best)):
            smaller, rest = ordered(builder, rest, builder.extract_value(arguments[0], entry))
            entries.append(smaller)
        return context.make_tuple(builder, signature.return_type, entries)

    return best(best, distance), generate


@intrinsic
def where(typing: Any, mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.select(*arguments)

    return a(mask, a, b), generate


def _merged(builder: Any, a: list[Any], b: list[Any]) -> list[Any]:
    """Two ascending lists as one, lane by lane, without a branch (odd-even merge, Batcher 1968)."""
    if not a or not b:
        return a or b
    if len(a) == len(b) == 1:
        return list(ordered(builder, a[0], b[0]))
    even, odd = _merged(builder, a[::2], b[::2]), _merged(builder, a[1::2], b[1::2])
    merged = even[:1]
    for upper, lower in zip(odd, even[1:], strict=False):
        merged += ordered(builder, upper, lower)
    return merged + odd[len(even) - 1 :] + even[1 + len(odd) :]


@intrinsic
def kth(typing: Any, best: Any) -> Any:
    """The k-th smallest entry of sixteen ascending lists of length k: halves are merged, four times."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        lists, width = [builder.extract_value(arguments[0], entry) for entry in range(len(best))], WIDTH
        while width > 1:
            width //= 2
            low, high = zip(*(halves(builder, entry, width) for entry in lists), strict=True)
            lists = _merged(builder, list(low), list(high))[: len(best)]
        return builder.extract_element(lists[-1], ir.Constant(ir.IntType(32), 0))

    return best.dtype.element(best), generate


@intrinsic
def largest(typing: Any, lanes: Any) -> Any:
    """The largest of the sixteen numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return folded(builder, arguments[0], 1)

    return lanes.element(lanes), generate


@intrinsic
def rising(typing: Any, first: Any) -> Any:
    """first, first + 1, ... as int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        start = splat(builder, builder.trunc(arguments[0], ir.IntType(32)))
        return builder.add(start, ir.Constant(start.type, list(range(WIDTH))))

    return Lanes(types.int32)(types.intp), generate


@intrinsic
def none_counted(typing: Any) -> Any:
    """Sixteen counters at zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del builder, arguments
        return ir.Constant(context.get_value_type(signature.return_type), [0] * WIDTH)

    return Lanes(types.int32)(), generate


@intrinsic
def uncounted(typing: Any, count: Any, mask: Any) -> Any:
    """The counters, one lower where the mask holds."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        one = ir.Constant(arguments[0].type, [1] * WIDTH)
        return builder.select(arguments[1], builder.sub(arguments[0], one), arguments[0])

    return count(count, mask), generate


@intrinsic
def pack(typing: Any, array: Any, offset: Any, lanes: Any, mask: Any) -> Any:
    """Write the lanes where the mask holds, one after the other, from ``offset`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = address_of(context, builder, signature.args[0], *arguments[:2])
        vector, mask_value = arguments[2:]
        form = ir.FunctionType(ir.VoidType(), [vector.type, address.type, mask_value.type])
        letter = "i" if isinstance(array.dtype, types.Integer) else "f"
        name = f"llvm.masked.compressstore.v{WIDTH}{letter}{array.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, form, name)
        builder.call(function, [vector, address, mask_value])
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes, mask), generate


@intrinsic
def gather(typing: Any, array: Any, places: Any) -> Any:
    """array[places], lane by lane: sixteen loads, which is what the gather instructions of processors come to."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = ir.Constant(context.get_value_type(lanes), ir.Undefined)
        for lane in range(WIDTH):
            at = ir.Constant(ir.IntType(32), lane)
            place = builder.sext(builder.extract_element(arguments[1], at), ir.IntType(64))
            value = builder.load(address_of(context, builder, signature.args[0], arguments[0], place))
            found = builder.insert_element(found, value, at)
        return found

    return lanes(array, places), generate


@intrinsic
def scaled(typing: Any, lanes: Any, scale: Any) -> Any:
    """lanes * scale, cut to whole numbers, as int32; what lies beyond 2**30 on either side becomes that."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        product = builder.fmul(arguments[0], splat(builder, arguments[1]))
        high, low = (splat(builder, ir.Constant(arguments[1].type, side * 2.0**30)) for side in (1, -1))
        product = builder.select(builder.fcmp_ordered("<", product, high), product, high)
        product = builder.select(builder.fcmp_ordered(">", product, low), product, low)
        return builder.fptosi(product, context.get_value_type(signature.return_type))

    return Lanes(types.int32)(lanes, lanes.element), generate


@intrinsic
def kept(typing: Any, whole: Any, least: Any, most: Any) -> Any:
    """Whole numbers, held between ``least`` and ``most``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        low, high = (splat(builder, builder.trunc(limit, ir.IntType(32))) for limit in arguments[1:])
        raised = builder.select(builder.icmp_signed("<", arguments[0], low), low, arguments[0])
        return builder.select(builder.icmp_signed("<", high, raised), high, raised)

    return whole(whole, types.intp, types.intp), generate


@intrinsic
def stepped(typing: Any, whole: Any, step: Any) -> Any:
    """Whole numbers, ``step`` higher."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.add(arguments[0], splat(builder, builder.trunc(arguments[1], ir.IntType(32))))

    return whole(whole, types.intp), generate
