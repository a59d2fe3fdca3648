"""Pixel values: the same whether stored as floats, scaled integers, or in compressed tiles."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import pixels, save, to_bytes
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import read_exposures, scan


def read_one(path):
    (exposure,) = read_exposures(path)
    assert exposure.image.dtype == np.float32
    assert exposure.image.dtype.isnative
    assert not exposure.image.flags.writeable
    return exposure


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"])
def test_images_of_every_number_type_keep_their_values(tmp_path, dtype):
    stored = np.arange(12, dtype=dtype).reshape(3, 4)
    exposure = read_one(save(tmp_path / "a.fits", fits.PrimaryHDU(stored)))
    np.testing.assert_array_equal(exposure.image, stored.astype(np.float32))
    assert not exposure.has_mask
    assert not exposure.has_variance


def test_scaled_integers_are_unscaled_and_blank_pixels_are_nan(tmp_path):
    content = to_bytes(fits.PrimaryHDU(np.array([[1, 2], [-99, 4]], np.int16)))
    cards = "".join(
        f"{key:8}= {value:>20}".ljust(80)
        for key, value in {"BSCALE": 0.5, "BZERO": 10.0, "BLANK": -99}.items()
    )
    at = content.index(b"END     ")
    path = tmp_path / "a.fits"
    path.write_bytes(content[:at] + cards.encode() + content[at : 2880 - 240] + content[2880:])
    np.testing.assert_array_equal(read_one(path).image, [[10.5, 11.0], [np.nan, 12.0]])


def test_nan_and_infinite_pixels_stay_what_they_are(tmp_path):
    stored = np.array([[np.nan, np.inf], [-np.inf, 1]], np.float32)
    np.testing.assert_array_equal(
        read_one(save(tmp_path / "a.fits", fits.PrimaryHDU(stored))).image, stored
    )


def test_what_was_read_outlives_the_file(tmp_path):
    path = save(tmp_path / "a.fits", fits.PrimaryHDU(pixels()))
    exposure = read_one(path)
    path.write_bytes(b"")
    path.unlink()
    np.testing.assert_array_equal(exposure.image, pixels())


@pytest.mark.parametrize(
    ("algorithm", "dtype"),
    [
        ("RICE_1", "i2"),
        ("RICE_1", "i4"),
        ("GZIP_1", "f4"),
        ("GZIP_2", "f4"),
        ("GZIP_1", "i4"),
        ("PLIO_1", "i4"),
        ("HCOMPRESS_1", "i4"),
        ("NOCOMPRESS", "f4"),
    ],
)
def test_lossless_tiles_give_back_every_pixel(tmp_path, algorithm, dtype):
    stored = pixels().astype(dtype)
    hdu = fits.CompImageHDU(stored, compression_type=algorithm, quantize_level=0)
    path = save(tmp_path / "a.fits.fz", fits.HDUList([fits.PrimaryHDU(), hdu]))
    np.testing.assert_array_equal(read_one(path).image, stored.astype(np.float32))


def test_unsigned_and_odd_shaped_tiles_give_back_every_pixel(tmp_path):
    stored = (pixels() * 40).astype(np.uint16)
    hdu = fits.CompImageHDU(stored, compression_type="RICE_1", tile_shape=(7, 10))
    path = save(tmp_path / "a.fits", fits.HDUList([fits.PrimaryHDU(), hdu]))
    np.testing.assert_array_equal(read_one(path).image, stored.astype(np.float32))


def test_quantised_floats_come_back_within_the_noise_and_keep_nan(tmp_path):
    stored = pixels()
    stored[3, 4] = np.nan
    hdu = fits.CompImageHDU(stored, compression_type="RICE_1", quantize_level=16)
    path = save(tmp_path / "a.fits.fz", fits.HDUList([fits.PrimaryHDU(), hdu]))
    image = read_one(path).image
    assert np.isnan(image[3, 4])
    assert np.isnan(image).sum() == 1
    np.testing.assert_allclose(image, stored, atol=30 / 16 * 1.01)


@pytest.mark.parametrize(
    "cards",
    [
        {"ZNAXIS1": 31},
        {"ZNAXIS1": 60000, "ZNAXIS2": 60000},
        {"ZTILE1": 0},
        {"ZTILE2": 99},
        {"ZCMPTYPE": "ZIP"},
        {"ZVAL1": 0},
        {"ZVAL2": 8},
        {"TFORM1": "1PK(9)"},
        {"TFORM1": "1QB(9)"},
        {"THEAP": 3},
        {"NAXIS2": 23},
    ],
    ids=str,
)
def test_tiles_whose_header_lies_are_refused(tmp_path, cards):
    hdu = fits.CompImageHDU(pixels().astype(np.int32), compression_type="RICE_1")
    path = save(tmp_path / "a.fits.fz", fits.HDUList([fits.PrimaryHDU(), hdu]))
    with fits.open(path, disable_image_compression=True) as hdus:
        header = hdus[1].header.copy()
        start, end = hdus[1].fileinfo()["hdrLoc"], hdus[1].fileinfo()["datLoc"]
    for key, value in cards.items():
        header[key] = value
    content = path.read_bytes()
    text = header.tostring(padding=False).ljust(end - start)
    path.write_bytes(content[:start] + text.encode() + content[end:])
    with pytest.raises(SkyFrameError) as caught:
        read_exposures(path)
    assert str(path) in str(caught.value)
    assert "fetch it again" in str(caught.value)


# These two crashed the interpreter before the tiles were checked, hence the second process.
@pytest.mark.parametrize(
    ("algorithm", "word", "why"),
    [
        (
            "PLIO_1",
            "data[at + 4 : at + 6] = (32000).to_bytes(2, 'big')",
            "longer than it is stored",
        ),
        (
            "PLIO_1",
            "data[at + 4 : at + 10] = bytes([0xff, 0xff, 0x7f, 0xff, 0x7f, 0xff])",
            "longer than it is stored",
        ),
        (
            "HCOMPRESS_1",
            "data[at + 2 : at + 10] = (3000).to_bytes(4, 'big') * 2",
            "not of the size that the header says",
        ),
        ("PLIO_1", "data[row : row + 4] = (2).to_bytes(4, 'big')", "too short"),
        ("HCOMPRESS_1", "data[row : row + 4] = (20).to_bytes(4, 'big')", "too short"),
    ],
)
def test_a_tile_that_claims_to_be_larger_than_it_is_does_not_crash_the_program(
    tmp_path, algorithm, word, why
):
    stored = (pixels(shape=(16, 32)) > 1040).astype(np.int32)
    hdu = fits.CompImageHDU(stored, compression_type=algorithm)
    path = save(tmp_path / "a.fits", fits.HDUList([fits.PrimaryHDU(), hdu]))
    with fits.open(path, disable_image_compression=True) as hdus:
        rows = int(hdus[1].header["NAXIS1"]) * int(hdus[1].header["NAXIS2"])
        row = hdus[1].fileinfo()["datLoc"]
        at = row + rows
    script = f"""
        from pathlib import Path
        from skyframe_gui.files import read_exposures
        from skyframe_gui.engine import SkyFrameError
        path, row, at = Path({str(path)!r}), {row}, {at}
        data = bytearray(path.read_bytes())
        {word}
        path.write_bytes(data)
        try:
            read_exposures(path)
        except SkyFrameError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert f"tile 0 is {why}" in done.stdout


@given(
    scale=st.floats(0.001, 1000),
    zero=st.floats(-1e5, 1e5),
    stored=st.lists(st.integers(-32768, 32767), min_size=1, max_size=20),
)
def test_scaling_is_rounded_only_once(tmp_path_factory, scale, zero, stored):
    raw = np.array([stored], np.int16)
    content = to_bytes(fits.PrimaryHDU(raw))
    cards = f"BSCALE  = {scale!r:>20}".ljust(80) + f"BZERO   = {zero!r:>20}".ljust(80)
    at = content.index(b"END     ")
    path = tmp_path_factory.mktemp("scaled") / "a.fits"
    path.write_bytes(content[:at] + cards.encode() + content[at : 2880 - 160] + content[2880:])
    expected = (raw.astype(np.float64) * scale + zero).astype(np.float32)
    np.testing.assert_array_equal(read_one(path).image, expected)


def test_planes_that_are_held_are_not_written_over_by_the_next_file(tmp_path):
    rng = np.random.default_rng(1)
    stored, held = [], []
    for number in range(8):
        image = rng.normal(number, 1, (300, 200)).astype(np.float32)
        mask = rng.integers(0, 2, (300, 200)).astype(np.int32)
        planes = [fits.PrimaryHDU(image), fits.ImageHDU(mask, name="MASK")]
        planes[1].header["HIERARCH MP_BAD"] = 0
        path = tmp_path / f"{number}.fits"
        fits.HDUList(planes).writeto(path)
        (source,) = scan(path)
        exposure = source.read()
        del exposure  # its memory is that of the next
        stored.append((image, mask))
        exposure = source.read()
        held.append((exposure.image[10:, 3:], exposure.mask))
        del exposure
    for (image, mask), (part, flags) in zip(stored, held, strict=True):
        np.testing.assert_array_equal(part, image[10:, 3:])
        np.testing.assert_array_equal(flags, mask)
