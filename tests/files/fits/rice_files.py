"""Files of Rice-coded tiles with everything that the standard allows and few programs write."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

LEAD = {1: (3, 6), 2: (4, 14), 4: (5, 25)}
"""Of a pixel's bytes: bits of a block's first number, and what it is where nothing is coded."""


def rice_coded(values: np.ndarray, block: int, width: int) -> bytes:
    """Code pixels as the FITS standard says (4.0, section 10.4.1), the shortest way."""
    lead, whole = LEAD[width]
    bits = 8 * width
    pixels = [int(value) % (1 << bits) for value in values]
    out = [f"{pixels[0]:0{bits}b}"]
    last = pixels[0]
    for begin in range(0, len(pixels), block):
        steps = []
        for pixel in pixels[begin : begin + block]:
            step = (pixel - last) % (1 << bits)
            step -= (1 << bits) * (step >> (bits - 1))
            steps.append(2 * step if step >= 0 else -2 * step - 1)
            last = pixel
        ways = [sum((step >> low) + 1 + low for step in steps) for low in range(whole)]
        if not any(steps):
            out.append("0" * lead)
        elif min(ways) >= bits * len(steps):
            out.append(f"{whole + 1:0{lead}b}")
            out.extend(f"{step:0{bits}b}" for step in steps)
        else:
            low = ways.index(min(ways))
            out.append(f"{low + 1:0{lead}b}")
            for step in steps:
                out.append("0" * (step >> low) + "1")
                out.append(f"{step % (1 << low):0{low}b}" if low else "")
    text = "".join(out)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def tiled_file(
    path,
    shape: tuple[int, int],
    tile: tuple[int, int],
    streams: list[bytes],
    bitpix: int,
    columns: dict[str, np.ndarray] | None = None,
    **cards: object,
):
    """Write a file with one compressed image of which every stream and card is given."""
    packed = np.empty(len(streams), object)
    packed[:] = [np.frombuffer(stream, np.uint8) for stream in streams]
    made = [fits.Column("COMPRESSED_DATA", "1QB()", array=packed)]
    for name, values in (columns or {}).items():
        form = {"f": "D", "i": "J", "O": "1QB()"}[values.dtype.kind]
        made.append(fits.Column(name, form, array=values))
    table = fits.BinTableHDU.from_columns(made)
    table.header["ZIMAGE"] = True
    table.header["ZCMPTYPE"] = "RICE_1"
    table.header["ZBITPIX"] = bitpix
    table.header["ZNAXIS"] = 2
    for axis in (1, 2):
        table.header[f"ZNAXIS{axis}"] = shape[-axis]
        table.header[f"ZTILE{axis}"] = tile[-axis]
    table.header.update(cards)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path
