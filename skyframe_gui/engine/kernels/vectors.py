"""Instructions of the processor for sixteen values at a time, which numba does not come to alone.

Each is written as LLVM has it: a loop that packs values, or counts them, into vector registers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import llvmlite
from numba import types
from numba.core import cgutils as numba_cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


binding: Any = llvmlite.binding
ir: Any = llvmlite.ir
cgutils: Any = numba_cgutils
LANES = 16
"""Values that are looked at together; arrays that take them have so much room beyond the last."""
WORD, SIZE = ir.IntType(32), ir.IntType(64)
WORDS = ir.VectorType(WORD, LANES)
FLOATS = ir.VectorType(ir.FloatType(), LANES)
DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
EXPONENT = 0x7F800000
"""The bits of a float32 that are all set where it is not finite."""


def _check(*arrays: Any) -> None:
    """Refuse arrays whose elements may lie apart."""
    if any(array.layout != "C" for array in arrays):
        raise TypingError("The arrays must be contiguous.")


def _element(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def _loaded(builder: Any, pointer: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=kind.element.width // 8)


def _everywhere(builder: Any, word: Any) -> Any:
    kind = ir.VectorType(word.type, LANES)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), word, ir.Constant(WORD, 0))
    return builder.shuffle_vector(one, one, ir.Constant(WORDS, [0] * LANES))


def _number(builder: Any, chosen: Any) -> Any:
    return builder.zext(builder.ctpop(builder.bitcast(chosen, ir.IntType(LANES))), SIZE)


def _append(context: Any, builder: Any, words: Any, chosen: Any, out: Any, n: Any) -> Any:
    """Append the chosen words to the ``n`` that an array holds; return how many it holds then."""
    features = context.codegen().magic_tuple()[2]
    if binding.llvm_version_info >= (19,) and "+avx512f" in features:
        kind = ir.FunctionType(WORDS, [WORDS, chosen.type, WORDS])
        name = f"llvm.experimental.vector.compress.v{LANES}i32"
        module = builder.module
        compress = module.globals.get(name) or ir.Function(module, kind, name)
        packed = builder.call(compress, [words, chosen, ir.Constant(WORDS, ir.Undefined)])
        place = builder.gep(out, [n])
        builder.store(packed, builder.bitcast(place, WORDS.as_pointer()), align=4)
        return builder.add(n, _number(builder, chosen))
    for lane in range(LANES):
        index = ir.Constant(WORD, lane)
        place = builder.bitcast(builder.gep(out, [n]), WORD.as_pointer())
        builder.store(builder.extract_element(words, index), place, align=4)
        n = builder.add(n, builder.zext(builder.extract_element(chosen, index), SIZE))
    return n


def _of(context: Any, builder: Any, kinds: Any, given: Any) -> list[Any]:
    """Return the arguments of a loop, of arrays their first elements."""
    return [
        context.make_array(kind)(context, builder, one).data if hasattr(kind, "layout") else one
        for kind, one in zip(kinds, given, strict=True)
    ]


def _within(builder: Any, values: Any, low: Any, high: Any) -> Any:
    return builder.and_(
        builder.fcmp_ordered(">=", values, low), builder.fcmp_ordered("<=", values, high)
    )


def _sum_of(builder: Any, lanes: Any) -> Any:
    """Return the sum of all lanes, halves added up until one is left."""
    width = LANES
    while width > 1:
        width //= 2
        kind = ir.VectorType(WORD, width)
        halves = (ir.Constant(kind, list(range(a, a + width))) for a in (0, width))
        lanes = builder.fadd(*(builder.shuffle_vector(lanes, lanes, half) for half in halves))
    return builder.extract_element(lanes, ir.Constant(WORD, 0))


@intrinsic
def _sift(_typing: Any, values: Any, blocks: Any, limits: Any, out: Any, numbers: Any) -> Any:
    _check(values, limits, out, numbers)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, count, ends, near, found = _of(context, builder, signature.args, given)
        places = [ir.Constant(SIZE, k) for k in range(6)]
        windows = [_everywhere(builder, builder.load(builder.gep(ends, [k]))) for k in places]
        kept = [
            cgutils.alloca_once_value(builder, builder.load(builder.gep(found, [k])))
            for k in places[:4]
        ]
        with cgutils.for_range(builder, count) as loop:
            at = builder.mul(loop.index, ir.Constant(SIZE, LANES))
            words = _loaded(builder, builder.gep(data, [at]), WORDS)
            value = builder.bitcast(words, FLOATS)
            chosen = ir.Constant(ir.VectorType(ir.IntType(1), LANES), [0] * LANES)
            for k in range(3):
                low, high = windows[2 * k], windows[2 * k + 1]
                below = _number(builder, builder.fcmp_ordered("<", value, low))
                builder.store(builder.add(builder.load(kept[1 + k]), below), kept[1 + k])
                chosen = builder.or_(chosen, _within(builder, value, low, high))
            n = _append(context, builder, words, chosen, near, builder.load(kept[0]))
            builder.store(n, kept[0])
        for k, one in zip(places, kept, strict=False):
            builder.store(builder.load(one), builder.gep(found, [k]))
        return context.get_dummy_value()

    return types.void(values, types.intp, limits, out, numbers), generate


@intrinsic
def _append_within(_typing: Any, values: Any, blocks: Any, low: Any, high: Any, out: Any) -> Any:
    _check(values, out)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, count, low, high, place = _of(context, builder, signature.args, given)
        low, high = _everywhere(builder, low), _everywhere(builder, high)
        found = cgutils.alloca_once_value(builder, ir.Constant(SIZE, 0))
        with cgutils.for_range(builder, count) as loop:
            at = builder.mul(loop.index, ir.Constant(SIZE, LANES))
            words = _loaded(builder, builder.gep(data, [at]), WORDS)
            inside = _within(builder, builder.bitcast(words, FLOATS), low, high)
            n = _append(context, builder, words, inside, place, builder.load(found))
            builder.store(n, found)
        return builder.load(found)

    return types.intp(values, types.intp, types.float32, types.float32, out), generate


@intrinsic
def _sum_core(
    _typing: Any, values: Any, blocks: Any, low: Any, high: Any, about: Any, sums: Any, out: Any
) -> Any:
    _check(values, sums, out)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, count, *limits, totals, tails = _of(context, builder, signature.args, given)
        low, high, centre = (_everywhere(builder, one) for one in limits)
        nothing = ir.Constant(DOUBLES, [0.0] * LANES)
        first, second = (cgutils.alloca_once_value(builder, nothing) for _ in range(2))
        found = cgutils.alloca_once_value(builder, ir.Constant(SIZE, 0))
        with cgutils.for_range(builder, count) as loop:
            at = builder.mul(loop.index, ir.Constant(SIZE, LANES))
            words = _loaded(builder, builder.gep(data, [at]), WORDS)
            value = builder.bitcast(words, FLOATS)
            inside = _within(builder, value, low, high)
            outside = builder.not_(inside)
            n = _append(context, builder, words, outside, tails, builder.load(found))
            builder.store(n, found)
            d = builder.fsub(builder.fpext(value, DOUBLES), centre)
            d = builder.select(inside, d, nothing)
            builder.store(builder.fadd(builder.load(first), d), first)
            builder.store(builder.fadd(builder.load(second), builder.fmul(d, d)), second)
        for k, lanes in enumerate((first, second)):
            total = _sum_of(builder, builder.load(lanes))
            builder.store(total, builder.gep(totals, [ir.Constant(SIZE, k)]))
        return builder.load(found)

    given = (values, types.intp, types.float32, types.float32, types.float64, sums, out)
    return types.intp(*given), generate


@intrinsic
def _append_flagged(_typing: Any, values: Any, flags: Any, first: Any, out: Any, n: Any) -> Any:
    _check(values, flags, out)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        v, f, at, o, n = given
        of_values, of_flags, _, of_out, _ = signature.args
        bytes_ = ir.VectorType(ir.IntType(8), LANES)
        words = _loaded(builder, _element(context, builder, of_values, v, at), WORDS)
        seen = _loaded(builder, _element(context, builder, of_flags, f, at), bytes_)
        chosen = builder.icmp_unsigned("!=", seen, ir.Constant(bytes_, [0] * LANES))
        place = context.make_array(of_out)(context, builder, o).data
        return _append(context, builder, words, chosen, place, n)

    return types.intp(values, flags, types.intp, out, types.intp), generate


@intrinsic
def _append_good(
    _typing: Any, pixels: Any, mask: Any, bits: Any, first: Any, out: Any, n: Any
) -> Any:
    _check(pixels, mask, out)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        p, m, pattern, at, o, n = given
        of_pixels, of_mask, _, _, of_out, _ = signature.args
        words = _loaded(builder, _element(context, builder, of_pixels, p, at), WORDS)
        planes = _loaded(builder, _element(context, builder, of_mask, m, at), WORDS)
        exponent = ir.Constant(WORDS, [EXPONENT] * LANES)
        nothing = ir.Constant(WORDS, [0] * LANES)
        finite = builder.icmp_unsigned("!=", builder.and_(words, exponent), exponent)
        masked = builder.and_(planes, _everywhere(builder, pattern))
        chosen = builder.and_(finite, builder.icmp_unsigned("==", masked, nothing))
        place = context.make_array(of_out)(context, builder, o).data
        return _append(context, builder, words, chosen, place, n)

    signature = types.intp(pixels, mask, types.int32, types.intp, out, types.intp)
    return signature, generate


@intrinsic
def _bits_of(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.bitcast(given[0], WORD)

    return types.int32(types.float32), generate


@intrinsic
def _float_of(_typing: Any, bits: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.bitcast(given[0], ir.FloatType())

    return types.float32(types.int32), generate


bits_of = cast("Callable[[np.float32], np.int32]", _bits_of)
"""The bit pattern of a float32."""
float_of = cast("Callable[[np.int32], np.float32]", _float_of)
"""The float32 of a bit pattern."""
append_flagged = cast("Callable[..., int]", _append_flagged)
append_good = cast("Callable[..., int]", _append_good)
sift_blocks = cast("Callable[..., None]", _sift)
within_blocks = cast("Callable[..., int]", _append_within)
sum_core_blocks = cast("Callable[..., int]", _sum_core)
