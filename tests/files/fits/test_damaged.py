"""A thousand damaged files: each is read, or refused in one sentence that names it."""

from __future__ import annotations

import gzip
import warnings

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import lsst_exposure, pixels, to_bytes

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import read_exposures

SHAPE = (12, 16)


def rice_and_plio() -> bytes:
    """Quantised Rice, PLIO and HCOMPRESS tiles, whose C code trusts its input most."""
    mask = (pixels(shape=SHAPE) > 1040).astype(np.int32)
    hdus = [
        fits.CompImageHDU(pixels(shape=SHAPE), compression_type="RICE_1", quantize_level=16),
        fits.CompImageHDU(mask, compression_type="PLIO_1"),
        fits.CompImageHDU(pixels(shape=SHAPE), compression_type="HCOMPRESS_1", quantize_level=16),
    ]
    for hdu, name in zip(hdus, ("IMAGE", "MASK", "VARIANCE"), strict=True):
        hdu.header["EXTNAME"] = name
    hdus[1].header["MP_BAD"] = 0
    return to_bytes(fits.HDUList([fits.PrimaryHDU(), *hdus]))


FILES = {
    "plain": (350, lambda: to_bytes(lsst_exposure(shape=SHAPE), checksum=True)),
    "gzip": (300, lambda: gzip.compress(to_bytes(lsst_exposure(shape=SHAPE)), mtime=0)),
    "tiles": (150, lambda: to_bytes(lsst_exposure(compress=True, shape=SHAPE))),
    "rice, plio, hcompress": (200, rice_and_plio),
}
"""How many damaged copies of which file; tiles take longer to read."""


def damaged(good: bytes, seed: int) -> bytes:
    """Cut the file short, or change up to eight bytes of it."""
    rng = np.random.default_rng(seed)
    if rng.random() < 0.2:
        return good[: int(rng.integers(0, len(good)))]
    content = bytearray(good)
    for _ in range(int(rng.integers(1, 9))):
        at = int(rng.integers(0, len(content)))
        way = rng.random()
        if way < 0.3:
            content[at] = int(rng.integers(0, 256))
        elif way < 0.6:
            content[at] = ord("0") + int(rng.integers(0, 10))
        else:
            content[at] ^= 1 << int(rng.integers(0, 8))
    return bytes(content)


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path, kind):
    count, make = FILES[kind]
    good = make()
    outcomes = {True: 0, False: 0}
    for seed in range(count):
        path = tmp_path / f"damaged-{seed}.fits"
        path.write_bytes(damaged(good, seed))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                exposures = read_exposures(path)
        except SkyFrameError as error:
            sentence = str(error)
            assert path.name in sentence, f"seed {seed}: {sentence}"
            assert "\n" not in sentence
            assert len(sentence) < 500
            assert sentence.endswith("."), f"seed {seed}: {sentence}"
            outcomes[False] += 1
        else:
            assert exposures, f"seed {seed} gave neither an exposure nor an error"
            for exposure in exposures:
                assert exposure.image.dtype == np.float32
                assert exposure.mask.shape == exposure.variance.shape == exposure.image.shape
            outcomes[True] += 1
        path.unlink()
    # Damage of every kind must have been met, or this test shows nothing.
    assert min(outcomes.values()) > 5, outcomes
