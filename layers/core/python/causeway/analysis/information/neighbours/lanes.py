"""Sixteen numbers at a time: a vector type for numba, and the few operations that the search kernels need.

Numba compiles loops over arrays and leaves it to LLVM to find vectors in them. LLVM does so in the innermost loop only
and at 256 bits at most, so that the lists of nearest distances live in memory. The type ``Lanes`` is a vector
register (two or four where the processor has shorter ones): variables of it stay in registers, a tuple of k of them is
the list of the k smallest distances of sixteen searches, and every processor that LLVM knows gets its best
instructions. Nothing here is specific to a processor, and no compiler is needed beyond numba.

Offsets count elements from the start of a C-contiguous array and are not checked. ``Lanes`` hold float32 or float64,
or int32 as counters; ``Mask`` holds sixteen truth values.

Numba's rule for an intrinsic: the function takes the *types* of its arguments, behind a context, and returns the
signature and what writes the instructions for their values.
"""

# ruff: noqa: ARG001  (numba asks for every argument by its name)

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

WIDTH = 16


class Lanes(types.Type):
    """Numba's type of sixteen numbers."""

    def __init__(self, element: types.Type) -> None:
        self.element = element
        super().__init__(name=f"Lanes({element})")


class Mask(types.Type):
    """Numba's type of sixteen truth values."""

    def __init__(self) -> None:
        super().__init__(name="Mask")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        element = manager.lookup(lanes.element).get_value_type()
        super().__init__(manager, lanes, ir.VectorType(element, WIDTH))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, mask: Mask) -> None:
        super().__init__(manager, mask, ir.VectorType(ir.IntType(1), WIDTH))


def address_of(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


def splat(builder: Any, scalar: Any) -> Any:
    vector = ir.VectorType(scalar.type, WIDTH)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


def ordered(builder: Any, a: Any, b: Any) -> tuple[Any, Any]:
    below = builder.fcmp_ordered("<", a, b)
    return builder.select(below, a, b), builder.select(below, b, a)


def halves(builder: Any, vector: Any, width: int) -> list[Any]:
    """The first and the last ``width`` lanes of twice as many."""
    nothing, index = ir.Constant(vector.type, ir.Undefined), ir.VectorType(ir.IntType(32), width)
    return [
        builder.shuffle_vector(vector, nothing, ir.Constant(index, list(range(first, first + width))))
        for first in (0, width)
    ]


def folded(builder: Any, vector: Any, side: int) -> Any:
    """The smallest (side 0) or largest (side 1) lane: halves against halves, four times."""
    width = WIDTH
    while width > 1:
        width //= 2
        vector = ordered(builder, *halves(builder, vector, width))[side]
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


@intrinsic
def load(typing: Any, array: Any, offset: Any) -> Any:
    """Sixteen elements of the array from ``offset`` on."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = address_of(context, builder, signature.args[0], *arguments)
        vector = context.get_value_type(lanes)
        pointer = builder.bitcast(address, vector.as_pointer())
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, offset: Any, lanes: Any) -> Any:
    """Write sixteen elements of the array from ``offset`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = address_of(context, builder, signature.args[0], *arguments[:2])
        pointer = builder.bitcast(address, arguments[2].type.as_pointer())
        builder.store(arguments[2], pointer, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def element(typing: Any, array: Any, offset: Any) -> Any:
    """One element of the array, without a check of the offset."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(address_of(context, builder, signature.args[0], *arguments))

    return array.dtype(array, types.intp), generate


@intrinsic
def spread(typing: Any, scalar: Any) -> Any:
    """The same number in all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return splat(builder, arguments[0])

    return Lanes(scalar)(scalar), generate


@intrinsic
def gap(typing: Any, a: Any, b: Any) -> Any:
    """|a - b|."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        difference = builder.fsub(*arguments)
        form = ir.FunctionType(difference.type, [difference.type])
        name = f"llvm.fabs.v{WIDTH}f{a.element.bitwidth}"
        return builder.call(cgutils.get_or_insert_function(builder.module, form, name), [difference])

    return a(a, b), generate


@intrinsic
def plus(typing: Any, a: Any, b: Any) -> Any:
    """a + b."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fadd(*arguments)

    return a(a, b), generate


@intrinsic
def minus(typing: Any, a: Any, b: Any) -> Any:
    """a - b."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fsub(*arguments)

    return a(a, b), generate


@intrinsic
def larger(typing: Any, a: Any, b: Any) -> Any:
    """The larger of a and b, lane by lane."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return ordered(builder, *arguments)[1]

    return a(a, b), generate


@intrinsic
def below(typing: Any, a: Any, b: Any) -> Any:
    """Where a < b."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.fcmp_ordered("<", *arguments)

    return Mask()(a, b), generate


@intrinsic
def both(typing: Any, a: Any, b: Any) -> Any:
    """Where both masks hold."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.and_(*arguments)

    return Mask()(a, b), generate


@intrinsic
def bits(typing: Any, mask: Any) -> Any:
    """The mask as the lowest sixteen bits of an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.zext(builder.bitcast(arguments[0], ir.IntType(WIDTH)), ir.IntType(64))

    return types.int64(mask), generate


@intrinsic
def ones(typing: Any, integer: Any) -> Any:
    """How many bits of the integer are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.ctpop(arguments[0])

    return types.int64(integer), generate


@intrinsic
def lowest(typing: Any, integer: Any) -> Any:
    """The place of the lowest set bit; the integer must not be zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(integer), generate


@intrinsic
def counted(typing: Any, count: Any, mask: Any) -> Any:
    """The counters, one higher where the mask holds."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        one = ir.Constant(arguments[0].type, [1] * WIDTH)
        return builder.select(arguments[1], builder.add(arguments[0], one), arguments[0])

    return count(count, mask), generate
