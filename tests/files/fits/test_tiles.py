"""Compressed tiles: the pixels that astropy reads, to the last bit, or a sentence."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import DATA, pixels, save, to_bytes
from rice_files import rice_coded, tiled_file

from skyframe_gui.engine import SkyFrameError, kernel_cache
from skyframe_gui.files.fits import tiles
from skyframe_gui.files.fits.hdu import reading
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.tiles import read_tiles


def read_plane(path, index: int = 1) -> np.ndarray:
    with open_fits(path) as file, reading(path):
        return read_tiles(file, file.hdus[index])[0]


def read_by_astropy(path, index: int = 1) -> np.ndarray:
    with fits.open(path, memmap=False, do_not_scale_image_data=True) as hdus:
        read = np.asarray(hdus[index].data)
    return read.astype(read.dtype.newbyteorder("="))


def assert_same_bits(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.dtype == expected.dtype
    assert found.dtype.isnative
    whole = f"u{found.dtype.itemsize}"
    both_nan = (found != found) & (expected != expected)
    np.testing.assert_array_equal(
        np.where(both_nan, 0, found.view(whole)), np.where(both_nan, 0, expected.view(whole))
    )


@pytest.fixture
def own_way(monkeypatch):
    """Fails where tiles are left to astropy."""

    def never(*_: object) -> None:
        raise AssertionError("astropy was asked")

    monkeypatch.setattr(tiles, "_unpack_by_astropy", never)


def sky(dtype: str, shape: tuple[int, int]) -> np.ndarray:
    """Noise with a step, a star, a flat part, and what the type has at its ends."""
    made = pixels(shape=shape).astype(np.float64) % 200
    made[5:9, 10:30] = 77
    made[2, 3] = 1e5 if dtype not in ("u1", "i2") else 250
    if dtype[0] == "f":
        made[7, 7] = np.nan
        made[8, 1:4] = 0
        return (made + (made != 0) * 0.37).astype(dtype)
    if dtype != "u1":
        made[1, :4] = (np.iinfo(dtype).min, np.iinfo(dtype).max // 2, -1, 0)
    return made.astype(np.int64).astype(dtype)


@pytest.mark.usefixtures("own_way")
@pytest.mark.parametrize("shape", [None, (7, 10), (1, 13), (21, 1), (21, 37)])
@pytest.mark.parametrize(
    ("dtype", "method"),
    [("u1", -1), ("i2", -1), ("i4", -1)]
    + [(one, way) for one in ("f4", "f8") for way in (-1, 1, 2)],
)
@pytest.mark.parametrize("algorithm", ["RICE_1", "GZIP_1", "GZIP_2", "NOCOMPRESS"])
def test_tiles_of_astropy_have_its_pixels(tmp_path, algorithm, dtype, shape, method):
    hdu = fits.CompImageHDU(
        sky(dtype, (21, 37)),
        compression_type=algorithm,
        tile_shape=shape,
        quantize_level=8 if algorithm != "NOCOMPRESS" else 0,
        quantize_method=method,
        dither_seed=9990,
    )
    path = save(tmp_path / "a.fits", fits.HDUList([fits.PrimaryHDU(), hdu]))
    assert_same_bits(read_plane(path), read_by_astropy(path))


@pytest.mark.parametrize("algorithm", ["PLIO_1", "HCOMPRESS_1"])
def test_what_has_no_way_of_ours_has_the_pixels_of_astropy(tmp_path, algorithm):
    hdu = fits.CompImageHDU(sky("i2", (21, 37)) & 255, compression_type=algorithm)
    path = save(tmp_path / "a.fits", fits.HDUList([fits.PrimaryHDU(), hdu]))
    assert_same_bits(read_plane(path), read_by_astropy(path))


@pytest.mark.usefixtures("own_way")
@pytest.mark.parametrize("kind", ["noise", "steep", "alike", "any", "long"])
@pytest.mark.parametrize("block", [8, 16, 32, 64])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_rice_of_every_block_and_width_is_unpacked(tmp_path, width, block, kind):
    rng = np.random.default_rng(width * block)
    shape, bits = (6, 75), 8 * width
    values = {
        "noise": rng.normal(100, 5, shape),
        "steep": np.cumsum(rng.integers(-90, 90, shape), axis=1) % 100,
        "alike": np.repeat(rng.integers(0, 3, (6, 5)), 15, axis=1),
        "any": rng.integers(0, 1 << bits, shape),
        "long": np.where(rng.random(shape) < 0.03, 120 << (bits - 8), 3),
    }[kind].astype(np.int64)
    streams = [rice_coded(row, block, width) for row in values]
    path = tiled_file(
        tmp_path / "a.fits", shape, (1, 75), streams, {1: 8, 2: 16, 4: 32}[width],
        ZNAME1="BLOCKSIZE", ZVAL1=block, ZNAME2="BYTEPIX", ZVAL2=width,
    )  # fmt: skip
    found = read_plane(path)
    assert_same_bits(found, read_by_astropy(path))
    np.testing.assert_array_equal(found, values.astype(found.dtype))


@pytest.mark.usefixtures("own_way")
@pytest.mark.parametrize("bitpix", [-32, -64])
@pytest.mark.parametrize("dither", ["NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"])
@pytest.mark.parametrize("where", ["card", "column", "nowhere"])
def test_scale_zero_and_blank_of_each_tile_count(tmp_path, where, dither, bitpix):
    rng = np.random.default_rng(5)
    stored = rng.integers(-500, 500, (4, 11_000))  # longer than the list of random numbers
    stored[:, 17] = -2147483646
    stored[:, 23] = -1234
    columns = {"ZSCALE": rng.random(4), "ZZERO": rng.normal(0, 1e4, 4)}
    if where == "column":
        columns["ZBLANK"] = np.array([-1234, 5, -1234, 6], np.int32)
    blank = {"ZBLANK": -1234} if where == "card" else {}
    path = tiled_file(
        tmp_path / "a.fits", stored.shape, (1, 11_000), [rice_coded(row, 32, 4) for row in stored],
        bitpix, columns, ZQUANTIZ=dither, ZDITHER0=9998, **blank,
    )  # fmt: skip
    found = read_plane(path)
    assert_same_bits(found, read_by_astropy(path))
    nan = np.isnan(found[:, 23]).tolist()
    assert nan == {"card": [True] * 4, "column": [True, False] * 2, "nowhere": [False] * 4}[where]
    assert ((found[:, 17] == 0) == (dither == "SUBTRACTIVE_DITHER_2")).all()


@pytest.mark.usefixtures("own_way")
@pytest.mark.parametrize("fallback", ["GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"])
def test_a_tile_that_was_not_quantised_is_taken_as_it_is(tmp_path, fallback):
    stored = np.random.default_rng(5).integers(-500, 500, (3, 40))
    kept = pixels(shape=(1, 40))[0]
    streams = [rice_coded(row, 32, 4) for row in stored]
    streams[1] = b""
    others = np.empty(3, object)
    others[:] = [np.zeros(0, np.uint8)] * 3
    columns = {"ZSCALE": np.full(3, 0.5), "ZZERO": np.zeros(3)}
    path = tmp_path / "a.fits"
    if fallback.startswith("GZIP"):
        deflate = zlib.compressobj(wbits=31)
        content = deflate.compress(kept.astype(">f4").tobytes()) + deflate.flush()
        others[1] = np.frombuffer(content, np.uint8)
        tiled_file(path, (3, 40), (1, 40), streams, -32, {**columns, fallback: others})
    else:
        others[1] = np.frombuffer(kept.astype(">f4").tobytes(), np.uint8)
        tiled_file(path, (3, 40), (1, 40), streams, -32, {**columns, fallback: others})
        content = path.read_bytes().replace(b"'1QB(160)'", b"'1QE(40) '")
        words = np.array([160, 0], ">i8").tobytes()[:8]
        at = content.index(words, content.index(b"1QE(40)"))
        content = content[:at] + np.array([40], ">i8").tobytes() + content[at + 8 :]
        path.write_bytes(content)
    found = read_plane(path)
    if fallback.startswith("GZIP"):  # of the other one astropy knew integers only for long
        assert_same_bits(found, read_by_astropy(path))
    np.testing.assert_array_equal(found, [stored[0] * 0.5, kept, stored[2] * 0.5])


def test_while_kernels_are_compiled_elsewhere_nothing_waits_for_them(tmp_path, monkeypatch):
    asked = []
    way = tiles._unpack_by_astropy

    def by_astropy(*given):
        asked.append(given)
        return way(*given)

    monkeypatch.setattr(tiles, "_unpack_by_astropy", by_astropy)
    hdu = fits.CompImageHDU(sky("f4", (21, 37)), compression_type="RICE_1")
    path = save(tmp_path / "a.fits", fits.HDUList([fits.PrimaryHDU(), hdu]))
    expected = read_plane(path)
    assert not asked
    kernel_cache.preparing.set()
    try:
        assert_same_bits(read_plane(path), expected)
    finally:
        kernel_cache.preparing.clear()
    assert asked


@pytest.mark.parametrize("index", range(1, 9))
def test_tiles_of_cfitsio_have_the_pixels_of_astropy(index):
    path = DATA / "cfitsio_tiles.fits.gz"
    assert_same_bits(read_plane(path, index), read_by_astropy(path, index))


def damaged_stream(good: bytes, rng: np.random.Generator) -> bytes:
    """Bits turned over, bytes set to what trusts most, the end cut off or put elsewhere."""
    content = bytearray(good)
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(0, len(content)))
        way = rng.random()
        if way < 0.5:
            content[at] ^= 1 << int(rng.integers(0, 8))
        elif way < 0.7:
            content[at:] = bytes(len(content) - at)
        elif way < 0.85:
            content[at] = int(rng.choice([0, 255]))
        elif len(content) > 1:
            content = content[: at + 1]
    return bytes(content)


def damaged_files(n: int, algorithm: str):
    """Yield copies of a small file whose streams and descriptors are damaged."""
    dtype = "i4" if algorithm == "PLIO_1" else "f4"
    image = sky(dtype, (9, 37))
    image = np.abs(image) & 255 if algorithm == "PLIO_1" else image
    hdu = fits.CompImageHDU(image, compression_type=algorithm, quantize_level=8)
    good = to_bytes(fits.HDUList([fits.PrimaryHDU(), hdu]))
    with fits.open(io.BytesIO(good), disable_image_compression=True) as hdus:
        begin = hdus[1].fileinfo()["datLoc"]
        table = int(hdus[1].header["NAXIS1"]) * int(hdus[1].header["NAXIS2"])
        end = begin + table + int(hdus[1].header["PCOUNT"])
    for seed in range(n):
        rng = np.random.default_rng(seed)
        first = begin if rng.random() < 0.3 else begin + table
        data = damaged_stream(good[first:end], rng)
        yield seed, good[:first] + data.ljust(end - first, b"\0") + good[end:]


def survive(path, n: int, algorithm: str) -> dict[bool, int]:
    """Read ``n`` damaged files; count those with pixels and those with a sentence."""
    outcomes = {True: 0, False: 0}
    for seed, content in damaged_files(n, algorithm):
        path.write_bytes(content)
        try:
            assert read_plane(path).shape == (9, 37)
        except SkyFrameError as error:
            sentence = str(error)
            assert path.name in sentence, f"seed {seed}: {sentence}"
            assert sentence.endswith("."), f"seed {seed}: {sentence}"
            outcomes[False] += 1
        else:
            outcomes[True] += 1
    return outcomes


@pytest.mark.parametrize("algorithm", ["RICE_1", "GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1"])
def test_damaged_streams_give_pixels_or_a_sentence(tmp_path, algorithm):
    outcomes = survive(tmp_path / "a.fits", 100, algorithm)
    assert outcomes[False] > 5, outcomes


@pytest.mark.long
@pytest.mark.parametrize("algorithm", ["RICE_1", "GZIP_1", "GZIP_2", "PLIO_1", "HCOMPRESS_1"])
def test_ten_thousand_damaged_streams_give_pixels_or_a_sentence(tmp_path, algorithm):
    outcomes = survive(tmp_path / "a.fits", 6000 if algorithm == "RICE_1" else 1000, algorithm)
    assert outcomes[False] > 100, outcomes


def test_a_tile_that_inflates_beyond_its_size_is_refused(tmp_path):
    deflate = zlib.compressobj(wbits=31)
    bomb = deflate.compress(bytes(200_000_000)) + deflate.flush()
    path = tiled_file(tmp_path / "a.fits", (1, 40), (1, 40), [bomb], 32, ZCMPTYPE="GZIP_1")
    with pytest.raises(SkyFrameError, match="unpacks to more than its 40 pixels"):
        read_plane(path)
