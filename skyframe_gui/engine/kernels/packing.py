"""Values that are chosen put one after the other, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import llvmlite
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, part

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

binding: Any = llvmlite.binding
ir: Any = llvmlite.ir
LANES = 16
"""Values that are looked at together; arrays that take them have so much room beyond the last."""
WORD, SIZE = ir.IntType(32), ir.IntType(64)
WORDS = ir.VectorType(WORD, LANES)
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
    one = builder.insert_element(ir.Constant(WORDS, ir.Undefined), word, ir.Constant(WORD, 0))
    return builder.shuffle_vector(one, one, ir.Constant(WORDS, [0] * LANES))


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
        bits = builder.bitcast(chosen, ir.IntType(LANES))
        return builder.add(n, builder.zext(builder.ctpop(bits), SIZE))
    for lane in range(LANES):
        index = ir.Constant(WORD, lane)
        place = builder.bitcast(builder.gep(out, [n]), WORD.as_pointer())
        builder.store(builder.extract_element(words, index), place, align=4)
        n = builder.add(n, builder.zext(builder.extract_element(chosen, index), SIZE))
    return n


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


@part
def pack(
    values: NDArray[np.float32], flags: NDArray[np.uint8], out: NDArray[np.float32], n: int
) -> int:
    """Append the values whose flag is 1 to the first ``n`` of ``out``; return how many it has then.

    ``out`` may be ``values`` itself, and else has `LANES` more elements than it takes.
    """
    whole = values.size // LANES * LANES
    for i in range(0, whole, LANES):
        n = append_flagged(values, flags, i, out, n)
    for i in range(whole, values.size):
        out[n] = values[i]
        n += flags[i]
    return n


@part
def pack_good(
    pixels: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    out: NDArray[np.float32],
    n: int,
) -> int:
    """Append, as `pack`, the pixels that are finite and have none of ``bits`` in their mask."""
    whole = pixels.size // LANES * LANES
    for i in range(0, whole, LANES):
        n = append_good(pixels, mask, bits, i, out, n)
    for i in range(whole, pixels.size):
        out[n] = pixels[i]
        n += (abs(pixels[i]) <= FLOAT32_MAX) & ((mask[i] & bits) == 0)
    return n
