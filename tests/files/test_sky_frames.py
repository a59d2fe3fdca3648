"""Sky frames are written in LSST's layout and read back as they were, and LSST's own are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyframe_gui.engine import (
    BinGrid,
    Exposure,
    MaskPlanes,
    SkyFrame,
    SkyFrameError,
    average_backgrounds,
)
from skyframe_gui.files.fits.headers import quiet
from skyframe_gui.files.fits.provenance import Provenance
from skyframe_gui.files.fits.write import write_exposure
from skyframe_gui.files.sky_frames import read_sky_frame, sky_frame_detector, write_sky_frame

if TYPE_CHECKING:
    from pathlib import Path

BBOX = (10, -20, 109, 59)
NO_DATA = 1 << MaskPlanes.LSST_DEFAULT["NO_DATA"]
ARRAYS = ("variance", "n_used", "n_clipped", "clipped", "filled", "mask")
GRID_ARRAYS = ("values", "errors", "mask", "n_good", "n_clipped", "x_edges", "y_edges")


def make_sky_frame(n: int = 5, ny: int = 3, nx: int = 4, seed: int = 1) -> SkyFrame:
    """Average grids with an outlier, a bin that one exposure has and one that none has."""
    rng = np.random.default_rng(seed)
    grids = []
    for number in range(n):
        values = rng.normal(1.0, 0.01, (ny, nx)).astype(np.float32)
        values[0, 0] = np.nan
        if number:
            values[0, -1] = np.nan
        if number == 1:
            values[-1, 0] = 99.0
        grids.append(BinGrid.from_values(values, BBOX))
    return average_backgrounds(grids, "AKIMA_SPLINE")


def assert_same(one: SkyFrame, other: SkyFrame) -> None:
    for name in ARRAYS:
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype, name
        np.testing.assert_array_equal(left, right, err_msg=name)
    for name in GRID_ARRAYS:
        left, right = getattr(one.grid, name), getattr(other.grid, name)
        assert left.dtype == right.dtype, name
        np.testing.assert_array_equal(left, right, err_msg=name)
    assert one.grid.bbox == other.grid.bbox
    assert one.algorithm == other.algorithm


def lsst_file(
    path: Path,
    box: dict[str, Any] | None = None,
    where: int = 0,
    mask: np.ndarray | None = None,
    planes: dict[str, int] | None = None,
    data: np.ndarray | None = None,
) -> Path:
    """Write what LSST writes: the three planes only, keys as HIERARCH cards."""
    values = np.ones((3, 4), np.float32) if data is None else data
    if box is None:
        box = {"BOX.MINX": 10, "BOX.MINY": -20, "BOX.MAXX": 109, "BOX.MAXY": 59,
               "ALGORITHM": "AKIMA_SPLINE"}  # fmt: skip
    hdus = fits.HDUList(
        [
            fits.PrimaryHDU(),
            fits.ImageHDU(values),
            fits.ImageHDU(np.zeros(values.shape, np.int32) if mask is None else mask),
            fits.ImageHDU(np.full(values.shape, 0.25, np.float32)),
        ]
    )
    for hdu, name in zip(hdus[1:], ("IMAGE", "MASK", "VARIANCE"), strict=True):
        hdu.header["EXTTYPE"] = name
    for name, bit in (planes or {}).items():
        hdus[2].header[f"HIERARCH MP_{name}"] = bit
    for key, value in box.items():
        hdus[where].header[f"HIERARCH {key}"] = value
    hdus.writeto(path)
    return path


def test_a_sky_frame_comes_back_as_it_was(tmp_path: Path) -> None:
    sky_frame = make_sky_frame()
    assert sky_frame.filled.sum() == 1
    write_sky_frame(tmp_path / "sky.fits", sky_frame)
    assert_same(read_sky_frame(tmp_path / "sky.fits"), sky_frame)


def test_what_was_clipped_comes_back(tmp_path: Path) -> None:
    sky_frame = make_sky_frame(n=20)
    assert sky_frame.clipped.sum() > 0
    write_sky_frame(tmp_path / "sky.fits", sky_frame)
    assert_same(read_sky_frame(tmp_path / "sky.fits"), sky_frame)


@given(
    n=st.integers(1, 4),
    ny=st.integers(1, 4),
    nx=st.integers(2, 5),
    seed=st.integers(0, 2**32 - 1),
    algorithm=st.sampled_from(["CONSTANT", "LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE"]),
    corner=st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)),
    holes=st.floats(0, 0.6),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
def test_any_sky_frame_comes_back_as_it_was(
    tmp_path: Path,
    n: int,
    ny: int,
    nx: int,
    seed: int,
    algorithm: str,
    corner: tuple[int, int],
    holes: float,
) -> None:
    rng = np.random.default_rng(seed)
    stack = rng.normal(size=(n, ny, nx)).astype(np.float32)
    stack[rng.random(stack.shape) < holes] = np.nan
    stack[0, 0, 0] = 1.0
    bbox = (*corner, corner[0] + 40, corner[1] + 30)
    masks = rng.integers(0, 512, stack.shape).astype(np.int32) & ~1
    grids = [BinGrid.from_values(v, bbox, mask=m) for v, m in zip(stack, masks, strict=True)]
    sky_frame = average_backgrounds(grids, algorithm)
    write_sky_frame(tmp_path / "sky.fits", sky_frame, overwrite=True)
    assert_same(read_sky_frame(tmp_path / "sky.fits"), sky_frame)


def test_the_file_is_what_lsst_reads(tmp_path: Path) -> None:
    sky_frame = make_sky_frame()
    write_sky_frame(tmp_path / "sky.fits", sky_frame, detector="N4")
    with fits.open(tmp_path / "sky.fits", checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[0].data is None
        header = hdus[0].header
        assert [header[f"BOX.{key}"] for key in ("MINX", "MINY", "MAXX", "MAXY")] == list(BBOX)
        assert all(isinstance(header[f"BOX.{key}"], int) for key in ("MINX", "MAXY"))
        assert header["ALGORITHM"] == "AKIMA_SPLINE"
        assert header.cards["BOX.MINX"].image.startswith("HIERARCH BOX.MINX")
        for index, name in enumerate(("IMAGE", "MASK", "VARIANCE"), start=1):
            assert hdus[index].header["EXTTYPE"] == hdus[index].header["EXTNAME"] == name
            assert hdus[index].header["CRVAL1A"] == hdus[index].header["LTV1"] == 0
        np.testing.assert_array_equal(hdus[1].data, sky_frame.grid.values)
        np.testing.assert_array_equal(hdus[2].data, sky_frame.mask)
        np.testing.assert_array_equal(hdus[3].data, sky_frame.variance)
        assert hdus[2].header["MP_NO_DATA"] == 8
        assert "AR_HDU" not in header


def test_a_mask_that_names_no_planes_has_those_of_lsst(tmp_path: Path) -> None:
    mask = np.zeros((3, 4), np.int32)
    mask[1, 2], mask[2, 3] = 1 << 8, 1 << 5
    path = lsst_file(tmp_path / "sky.fits", mask=mask)
    np.testing.assert_array_equal(read_sky_frame(path).mask, mask)


@pytest.mark.parametrize("where", [0, 1])
def test_the_keys_are_found_in_the_primary_and_in_the_images_header(
    tmp_path: Path, where: int
) -> None:
    sky_frame = read_sky_frame(lsst_file(tmp_path / "sky.fits", where=where))
    assert sky_frame.grid.bbox == BBOX
    assert sky_frame.algorithm == "AKIMA_SPLINE"


def raw_card(text: str) -> bytes:
    return text.encode("ascii").ljust(80)


@pytest.mark.parametrize(
    "cards",
    [
        ["BOX.MINX= 10", "BOX.MINY=                  -20", "BOX.MAXX= 109 / last", "BOX.MAXY= 59",
         "HIERARCH ALGORITHM = 'LINEAR'"],
        ["BOX.MINX= 10", "BOX.MINY= -20", "BOX.MAXX= 109", "BOX.MAXY= 59", "ALGORITHM= 'LINEAR'"],
        ["HIERARCH BOX.MINX= 10", "HIERARCH BOX.MINY = -20", "HIERARCH  BOX.MAXX = 109",
         "HIERARCH BOX.MAXY =                   59", "HIERARCH ALGORITHM= 'LINEAR  ' / style"],
        ["BOX     = 'MINX: 10'", "BOX     = 'MINY: -20'", "BOX     = 'MAXX: 109'",
         "BOX     = 'MAXY: 59'", "HIERARCH ALGORITHM = 'LINEAR'"],
    ],
    ids=["plain", "plain and overlong", "HIERARCH", "as Astropy writes a plain key"],
)  # fmt: skip
@pytest.mark.parametrize("where", [0, 1])
def test_every_way_to_write_the_keys_is_understood(
    tmp_path: Path, cards: list[str], where: int
) -> None:
    """Built byte by byte, as Astropy would not write such cards."""
    image = np.arange(12, dtype=">f4").reshape(3, 4)
    extra = b"".join(raw_card(card) for card in cards) + raw_card("END")
    heads = [
        [b"SIMPLE  =                    T", b"BITPIX  =                    8",
         b"NAXIS   =                    0", b"EXTEND  =                    T"],
        [b"XTENSION= 'IMAGE   '", b"BITPIX  =                  -32",
         b"NAXIS   =                    2", b"NAXIS1  =                    4",
         b"NAXIS2  =                    3", b"PCOUNT  =                    0",
         b"GCOUNT  =                    1"],
    ]  # fmt: skip
    blocks = []
    for index, head in enumerate(heads):
        block = b"".join(line.ljust(80) for line in head)
        block += extra if index == where else raw_card("END")
        blocks.append(block.ljust(-(-len(block) // 2880) * 2880))
    path = tmp_path / "sky.fits"
    path.write_bytes(blocks[0] + blocks[1] + image.tobytes().ljust(2880, b"\0"))
    sky_frame = read_sky_frame(path)
    assert sky_frame.grid.bbox == BBOX
    assert sky_frame.algorithm == "LINEAR"
    np.testing.assert_array_equal(sky_frame.grid.values, image)


def test_of_lssts_own_file_the_counts_are_the_least_possible(tmp_path: Path) -> None:
    mask = np.zeros((3, 4), np.int32)
    mask[0, 0] = NO_DATA
    path = lsst_file(tmp_path / "sky.fits", mask=mask, planes=dict(MaskPlanes.LSST_DEFAULT))
    with fits.open(path, mode="update") as hdus:
        hdus[3].data[0, :2] = np.nan
    sky_frame = read_sky_frame(path)
    assert sky_frame.filled.tolist()[0] == [True, False, False, False]
    assert sky_frame.n_used.tolist()[0] == [0, 1, 2, 2]
    assert sky_frame.grid.n_good.tolist()[0] == [0, 1, 2, 2]
    assert not sky_frame.n_clipped.any()
    assert sky_frame.clipped.shape == (0, 3, 4)
    assert sky_frame.grid.errors.tolist()[1] == [0.5] * 4
    assert np.isnan(sky_frame.variance[0, 0])


def test_an_unsigned_mask_is_fine(tmp_path: Path) -> None:
    mask = np.full((3, 4), NO_DATA, np.uint16)
    mask[1:] = 0
    path = lsst_file(tmp_path / "sky.fits", mask=mask, planes=dict(MaskPlanes.LSST_DEFAULT))
    assert read_sky_frame(path).mask.tolist() == [[NO_DATA] * 4, [0] * 4, [0] * 4]


def test_the_masks_own_bits_count_not_lssts_defaults(tmp_path: Path) -> None:
    mask = np.zeros((3, 4), np.int32)
    mask[0, 0] = 1 << 10
    mask[0, 1] = 1 << 8
    planes = {**MaskPlanes.LSST_DEFAULT, "CROSSTALK": 8, "NO_DATA": 10}
    sky_frame = read_sky_frame(lsst_file(tmp_path / "sky.fits", mask=mask, planes=planes))
    assert sky_frame.mask[0].tolist() == [NO_DATA, 0, 0, 0]
    assert sky_frame.filled[0].tolist() == [True, False, False, False]


def test_a_tile_compressed_sky_frame_is_read(tmp_path: Path) -> None:
    path = lsst_file(tmp_path / "plain.fits")
    with fits.open(path) as hdus:
        packed = fits.HDUList([fits.PrimaryHDU(header=hdus[0].header)])
        for hdu in hdus[1:]:
            packed.append(
                fits.CompImageHDU(hdu.data, hdu.header, compression_type="GZIP_1", quantize_level=0)
            )
        packed.writeto(tmp_path / "packed.fits")
    assert_same(read_sky_frame(tmp_path / "packed.fits"), read_sky_frame(path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"BOX.MINX": None}, "no valid BOX.MINX card"),
        ({"BOX.MAXX": 9}, r"bounding box is empty \(BOX: x 10 to 9"),
        ({"BOX.MAXY": -21}, "bounding box is empty"),
        ({"BOX.MAXX": 12}, "4 x 3 bins but its detector only 3 x 80 pixels"),
        ({"BOX.MAXX": 2_000_000_000}, "absurdly large"),
        ({"BOX.MINX": 0.5}, "BOX.MINX card is not a whole number"),
        ({"BOX.MINX": "ten"}, "BOX.MINX card is not a whole number"),
        ({"BOX.MINX": True}, "BOX.MINX card is not a whole number"),
        ({"ALGORITHM": None}, "no valid ALGORITHM card"),
        ({"ALGORITHM": "NONE"}, "ALGORITHM is NONE, which makes no image"),
        ({"ALGORITHM": "SPLINE9"}, "ALGORITHM is SPLINE9"),
        ({"ALGORITHM": 3}, "ALGORITHM is 3"),
        ({"ALGORITHM": ""}, "no valid ALGORITHM card"),
    ],
)
def test_keys_that_are_missing_or_impossible_give_one_sentence(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    box: dict[str, Any] = {"BOX.MINX": 10, "BOX.MINY": -20, "BOX.MAXX": 109, "BOX.MAXY": 59,
                           "ALGORITHM": "AKIMA_SPLINE"}  # fmt: skip
    box = {key: value for key, value in {**box, **change}.items() if value is not None}
    path = lsst_file(tmp_path / "sky.fits", box)
    with pytest.raises(SkyFrameError, match=words) as caught:
        read_sky_frame(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_algorithm_that_is_nan_gives_one_sentence(tmp_path: Path) -> None:
    path = lsst_file(tmp_path / "sky.fits")
    data = path.read_bytes()
    old = b"HIERARCH ALGORITHM = 'AKIMA_SPLINE'"
    assert old in data
    path.write_bytes(data.replace(old, b"HIERARCH ALGORITHM = NaN".ljust(len(old))))
    with quiet(), pytest.raises(SkyFrameError, match="no valid ALGORITHM card"):
        read_sky_frame(path)


def test_an_ordinary_exposure_is_refused_as_such(tmp_path: Path) -> None:
    write_exposure(tmp_path / "x.fits", Exposure(np.ones((3, 4), np.float32)))
    with pytest.raises(SkyFrameError, match=r"x\.fits: this is not a sky frame.*an exposure"):
        read_sky_frame(tmp_path / "x.fits")


def test_a_background_list_is_refused_as_such(tmp_path: Path) -> None:
    hdu = fits.PrimaryHDU(np.ones((3, 4), np.float32))
    hdu.header["HIERARCH BKGD_WIDTH"] = 40
    hdu.writeto(tmp_path / "x.fits")
    with pytest.raises(SkyFrameError, match="this is a list of backgrounds"):
        read_sky_frame(tmp_path / "x.fits")


def test_a_file_without_any_image_is_refused_as_such(tmp_path: Path) -> None:
    header = fits.Header([("HIERARCH BOX.MINX", 1)])
    fits.PrimaryHDU(header=header).writeto(tmp_path / "x.fits")
    with pytest.raises(SkyFrameError, match="holds no image of bins"):
        read_sky_frame(tmp_path / "x.fits")


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.fits").write_text("hello")
    for path in (tmp_path / "x.fits", tmp_path / "missing.fits", tmp_path):
        with pytest.raises(SkyFrameError, match=str(path)):
            read_sky_frame(path)
        with pytest.raises(SkyFrameError, match=str(path)):
            sky_frame_detector(path)


def test_planes_of_different_sizes_are_refused(tmp_path: Path) -> None:
    path = lsst_file(tmp_path / "sky.fits", mask=np.zeros((4, 3), np.int32))
    with pytest.raises(SkyFrameError, match="HDU 2 has 3 x 4 bins but HDU 1 4 x 3"):
        read_sky_frame(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_make_no_image_are_refused(tmp_path: Path, value: float) -> None:
    path = lsst_file(tmp_path / "sky.fits", data=np.full((3, 4), value, np.float32))
    with pytest.raises(SkyFrameError, match=r"sky\.fits: .*bin"):
        read_sky_frame(path)


def test_a_changed_value_is_noted_and_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "sky.fits"
    write_sky_frame(path, make_sky_frame())
    data = bytearray(path.read_bytes())
    at = data.index(b"XTENSION= 'IMAGE")
    data[at + 2880 + 3] ^= 1
    assert read_sky_frame(path).notes == ()
    path.write_bytes(bytes(data))
    (note,) = read_sky_frame(path).notes
    assert note.startswith("HDU 1: the data do not agree with their checksum")


@pytest.mark.parametrize(
    ("detector", "expected"), [("N4", "N4"), ("12", "12"), ("", ""), ("R22 S11", "R22 S11")]
)
def test_the_detector_is_told_by_its_name(tmp_path: Path, detector: str, expected: str) -> None:
    write_sky_frame(tmp_path / "sky.fits", make_sky_frame(), detector=detector)
    assert sky_frame_detector(tmp_path / "sky.fits") == expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("CALIB_ID", "detector=7 detectorName=S1 filter=NONE calibDate=2018-09-21", "7"),
        ("CCDNUM", 42, "42"),
        ("DETNAME", "1_42", "1_42"),
    ],
)
def test_the_detector_of_lssts_own_file_is_found(
    tmp_path: Path, key: str, value: Any, expected: str
) -> None:
    path = lsst_file(tmp_path / "sky.fits")
    fits.setval(path, key, value=value)
    assert sky_frame_detector(path) == expected


def test_provenance_and_further_cards_are_kept(tmp_path: Path) -> None:
    header = fits.Header([("INSTRUME", "DECam"), ("DETECTOR", "wrong"), ("CRVAL1", 3.0)])
    provenance = Provenance(extra={"IN0001": "a.fits"})
    write_sky_frame(tmp_path / "s.fits", make_sky_frame(), "N4", provenance, header=header)
    kept = fits.getheader(tmp_path / "s.fits")
    assert kept["INSTRUME"] == "DECam"
    assert kept["DETECTOR"] == "N4"
    assert Provenance.from_header(kept) == provenance


def test_an_existing_sky_frame_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sky.fits"
    path.write_text("old")
    with pytest.raises(SkyFrameError, match=r"sky\.fits exists already"):
        write_sky_frame(path, make_sky_frame())
    assert path.read_text() == "old"
    write_sky_frame(path, make_sky_frame(), overwrite=True)
    read_sky_frame(path)


def test_a_damaged_sky_frame_gives_a_sentence_or_a_sky_frame(tmp_path: Path) -> None:
    write_sky_frame(tmp_path / "good.fits", make_sky_frame(), provenance=Provenance())
    good = (tmp_path / "good.fits").read_bytes()
    rng = np.random.default_rng(5)
    path = tmp_path / "bad.fits"
    refused: list[str] = []
    for turn in range(150):
        data = bytearray(good[: rng.integers(0, len(good))] if turn % 2 else good)
        for at in rng.integers(0, len(data) or 1, 3):
            if data:
                data[at] = rng.integers(0, 256)
        path.write_bytes(bytes(data))
        try:
            read_sky_frame(path)
        except SkyFrameError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert all(str(path) in sentence and "\n" not in sentence for sentence in refused)
