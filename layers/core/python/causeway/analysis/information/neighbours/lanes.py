"""Sixteen numbers at a time: a vector type for numba, and the few operations that the search kernels need.

Numba compiles loops over arrays and leaves it to LLVM to find vectors in them. LLVM does so in the innermost loop only
and at 256 bits at most, so that the lists of nearest distances live in memory. The type ``Lanes`` is a vector
register (two or four where the processor has shorter ones): variables of it stay in registers, a tuple of k of them is
the list of the k smallest distances of sixteen searches, and every processor that LLVM knows gets its best
instructions. Nothing here is specific to a processor, and no compiler is needed beyond numba.

Offsets count elements from the start of a C-contiguous array and are not checked. ``Lanes`` hold float32 or float64,
or int32 as counters; ``Mask`` holds sixteen truth values.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

WIDTH = 16


class Lanes(types.Type):  # type: ignore[misc] # numba has no types
    """Numba's type of sixteen numbers."""

    def __init__(self, element: types.Type) -> None:
        self.element = element
        super().__init__(name=f"Lanes({element})")


class Mask(types.Type):  # type: ignore[misc] # numba has no types
    """Numba's type of sixteen truth values."""

    def __init__(self) -> None:
        super().__init__(name="Mask")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc] # numba has no types
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        element = manager.lookup(lanes.element).get_value_type()
        super().__init__(manager, lanes, ir.VectorType(element, WIDTH))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):  # type: ignore[misc] # numba has no types
    def __init__(self, manager: Any, mask: Mask) -> None:
        super().__init__(manager, mask, ir.VectorType(ir.IntType(1), WIDTH))


def _address(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


def _splat(builder: Any, scalar: Any) -> Any:
    vector = ir.VectorType(scalar.type, WIDTH)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def _smaller_and_larger(builder: Any, a: Any, b: Any) -> tuple[Any, Any]:
    below = builder.fcmp_ordered("<", a, b)
    return builder.select(below, a, b), builder.select(below, b, a)


def _folded(builder: Any, vector: Any, side: int) -> Any:
    """The smallest (side 0) or largest (side 1) lane: halves against halves, four times."""
    width = WIDTH
    while width > 1:
        width //= 2
        nothing, index = ir.Constant(vector.type, ir.Undefined), ir.VectorType(ir.IntType(32), width)
        parts = [
            builder.shuffle_vector(vector, nothing, ir.Constant(index, list(range(first, first + width))))
            for first in (0, width)
        ]
        vector = _smaller_and_larger(builder, *parts)[side]
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def load(typing: Any, array: Any, offset: Any) -> Any:
    """Sixteen elements of the array from ``offset`` on."""
    del typing
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature.args[0], *arguments)
        vector = context.get_value_type(lanes)
        pointer = builder.bitcast(address, vector.as_pointer())
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def store(typing: Any, array: Any, offset: Any, lanes: Any) -> Any:
    """Write sixteen elements of the array from ``offset`` on."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature.args[0], *arguments[:2])
        pointer = builder.bitcast(address, arguments[2].type.as_pointer())
        builder.store(arguments[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def element(typing: Any, array: Any, offset: Any) -> Any:
    """One element of the array, without a check of the offset."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_address(context, builder, signature.args[0], *arguments))

    return array.dtype(array, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def spread(typing: Any, scalar: Any) -> Any:
    """The same number in all lanes."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return _splat(builder, arguments[0])

    return Lanes(scalar)(scalar), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def gap(typing: Any, a: Any, b: Any) -> Any:
    """|a - b|."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        difference = builder.fsub(*arguments)
        form = ir.FunctionType(difference.type, [difference.type])
        name = f"llvm.fabs.v{WIDTH}f{a.element.bitwidth}"
        return builder.call(cgutils.get_or_insert_function(builder.module, form, name), [difference])

    return a(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def plus(typing: Any, a: Any, b: Any) -> Any:
    """a + b."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fadd(*arguments)

    return a(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def minus(typing: Any, a: Any, b: Any) -> Any:
    """a - b."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fsub(*arguments)

    return a(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def larger(typing: Any, a: Any, b: Any) -> Any:
    """The larger of a and b, lane by lane."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return _smaller_and_larger(builder, *arguments)[1]

    return a(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def below(typing: Any, a: Any, b: Any) -> Any:
    """Where a < b."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fcmp_ordered("<", *arguments)

    return Mask()(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def both(typing: Any, a: Any, b: Any) -> Any:
    """Where both masks hold."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.and_(*arguments)

    return Mask()(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def bits(typing: Any, mask: Any) -> Any:
    """The mask as the lowest sixteen bits of an integer."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.zext(builder.bitcast(arguments[0], ir.IntType(WIDTH)), ir.IntType(64))

    return types.int64(mask), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def ones(typing: Any, integer: Any) -> Any:
    """How many bits of the integer are set."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.ctpop(arguments[0])

    return types.int64(integer), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def lowest(typing: Any, integer: Any) -> Any:
    """The place of the lowest set bit; the integer must not be zero."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(integer), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def counted(typing: Any, count: Any, mask: Any) -> Any:
    """The counters, one higher where the mask holds."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        one = ir.Constant(arguments[0].type, [1] * WIDTH)
        return builder.select(arguments[1], builder.add(arguments[0], one), arguments[0])

    return count(count, mask), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def nearest(typing: Any, scalar: Any, shape: Any) -> Any:
    """A list of len(``shape``) distances for each lane, all equal to ``scalar``."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes = _splat(builder, arguments[0])
        return context.make_tuple(builder, signature.return_type, [lanes] * len(shape))

    return types.UniTuple(Lanes(scalar), len(shape))(scalar, shape), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def inserted(typing: Any, best: Any, distance: Any) -> Any:
    """The ascending lists with ``distance`` put in and the largest dropped: two instructions for each entry."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        entries, rest = [], arguments[1]
        for entry in range(len(best)):
            smaller, rest = _smaller_and_larger(builder, rest, builder.extract_value(arguments[0], entry))
            entries.append(smaller)
        return context.make_tuple(builder, signature.return_type, entries)

    return best(best, distance), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def where(typing: Any, mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.select(*arguments)

    return a(mask, a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def equal(typing: Any, a: Any, b: Any) -> Any:
    """Where a equals b."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fcmp_ordered("==", *arguments)

    return Mask()(a, b), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def smallest(typing: Any, lanes: Any) -> Any:
    """The smallest of the sixteen numbers."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return _folded(builder, arguments[0], 0)

    return lanes.element(lanes), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def without_first(typing: Any, best: Any, mask: Any, far: Any) -> Any:
    """The ascending lists; where the mask holds, without their first entry and with ``far`` at their end."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        old = [builder.extract_value(arguments[0], entry) for entry in range(len(best))]
        after = [*old[1:], _splat(builder, arguments[2])]
        entries = [builder.select(arguments[1], later, entry) for entry, later in zip(old, after, strict=True)]
        return context.make_tuple(builder, signature.return_type, entries)

    return best(best, mask, best.dtype.element), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def largest(typing: Any, lanes: Any) -> Any:
    """The largest of the sixteen numbers."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return _folded(builder, arguments[0], 1)

    return lanes.element(lanes), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def rising(typing: Any, first: Any) -> Any:
    """first, first + 1, ... as int32."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        start = _splat(builder, builder.trunc(arguments[0], ir.IntType(32)))
        return builder.add(start, ir.Constant(start.type, list(range(WIDTH))))

    return Lanes(types.int32)(types.intp), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def none_counted(typing: Any) -> Any:
    """Sixteen counters at zero."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del builder, arguments
        return ir.Constant(context.get_value_type(signature.return_type), [0] * WIDTH)

    return Lanes(types.int32)(), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def uncounted(typing: Any, count: Any, mask: Any) -> Any:
    """The counters, one lower where the mask holds."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        one = ir.Constant(arguments[0].type, [1] * WIDTH)
        return builder.select(arguments[1], builder.sub(arguments[0], one), arguments[0])

    return count(count, mask), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def pack(typing: Any, array: Any, offset: Any, lanes: Any, mask: Any) -> Any:
    """Write the lanes where the mask holds, one after the other, from ``offset`` on."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature.args[0], *arguments[:2])
        vector, mask_value = arguments[2:]
        form = ir.FunctionType(ir.VoidType(), [vector.type, address.type, mask_value.type])
        letter = "i" if isinstance(array.dtype, types.Integer) else "f"
        name = f"llvm.masked.compressstore.v{WIDTH}{letter}{array.dtype.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, form, name)
        builder.call(function, [vector, address, mask_value])
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes, mask), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def gather(typing: Any, array: Any, places: Any) -> Any:
    """array[places], lane by lane: sixteen loads, which is what the gather instructions of processors come to."""
    del typing
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = ir.Constant(context.get_value_type(lanes), ir.Undefined)
        for lane in range(WIDTH):
            at = ir.Constant(ir.IntType(32), lane)
            place = builder.sext(builder.extract_element(arguments[1], at), ir.IntType(64))
            value = builder.load(_address(context, builder, signature.args[0], arguments[0], place))
            found = builder.insert_element(found, value, at)
        return found

    return lanes(array, places), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def scaled(typing: Any, lanes: Any, scale: Any) -> Any:
    """lanes * scale, cut to whole numbers, as int32."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        product = builder.fmul(arguments[0], _splat(builder, arguments[1]))
        return builder.fptosi(product, context.get_value_type(signature.return_type))

    return Lanes(types.int32)(lanes, lanes.element), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def kept(typing: Any, whole: Any, least: Any, most: Any) -> Any:
    """Whole numbers, held between ``least`` and ``most``."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        low, high = (_splat(builder, builder.trunc(limit, ir.IntType(32))) for limit in arguments[1:])
        raised = builder.select(builder.icmp_signed("<", arguments[0], low), low, arguments[0])
        return builder.select(builder.icmp_signed("<", high, raised), high, raised)

    return whole(whole, types.intp, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def stepped(typing: Any, whole: Any, step: Any) -> Any:
    """Whole numbers, ``step`` higher."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.add(arguments[0], _splat(builder, builder.trunc(arguments[1], ir.IntType(32))))

    return whole(whole, types.intp), generate
