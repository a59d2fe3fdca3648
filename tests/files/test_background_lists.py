"""Background lists are written as LSST reads them, and read as LSST writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    ChebyshevModel,
    Exposure,
    SkyFrameError,
    SkyMeasurementConfig,
)
from skyframe_gui.files import MaskReading
from skyframe_gui.files.background_lists import read_background_list, write_background_list
from skyframe_gui.files.fits.provenance import Provenance
from skyframe_gui.files.fits.write import write_exposure
from skyframe_gui.files.sky_frames import read_sky_frame
from skyframe_gui.workflow.describe import describe

if TYPE_CHECKING:
    from pathlib import Path

BBOX = (5, -7, 84, 52)
KEYS = {
    "INTERPSTYLE": 5, "UNDERSAMPLESTYLE": 1, "APPROXSTYLE": -1, "APPROXORDERX": 1,
    "APPROXORDERY": -1, "APPROXWEIGHTING": True, "BKGD_X0": 5, "BKGD_Y0": -7, "BKGD_WIDTH": 80,
    "BKGD_HEIGHT": 60,
}  # fmt: skip


def model(algorithm: str = "AKIMA_SPLINE", seed: int = 1, ny: int = 6, nx: int = 8) -> Any:
    rng = np.random.default_rng(seed)
    values = rng.normal(100, 5, (ny, nx)).astype(np.float32)
    grid = BinGrid.from_values(
        values, BBOX, errors=values / 50, mask=rng.integers(0, 512, (ny, nx)).astype(np.int32)
    )
    return BackgroundModel(grid, algorithm)


def lsst_list(
    path: Path,
    change: dict[str, Any] | None = None,
    members: int = 2,
    empty_first: bool = False,
    values: np.ndarray | None = None,
) -> Path:
    """Write what afw's BackgroundList.writeFits does: three HDUs a member, the first is primary."""
    data = np.arange(48, dtype=np.float32).reshape(6, 8) if values is None else values
    hdus: list[Any] = [fits.PrimaryHDU()] if empty_first else []
    for _ in range(members):
        for plane in (data, np.zeros(data.shape, np.int32), np.full(data.shape, 2, np.float32)):
            hdu = fits.ImageHDU(plane) if hdus else fits.PrimaryHDU(plane)
            for key, value in {**KEYS, **(change or {})}.items():
                if value is not None:
                    hdu.header[key if len(key) <= 8 else f"HIERARCH {key}"] = value
            hdus.append(hdu)
    fits.HDUList(hdus).writeto(path)
    return path


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["CONSTANT", "LINEAR", "NATURAL_SPLINE", "CUBIC_SPLINE", "AKIMA_SPLINE"]
            ),
            st.integers(0, 1000),
            st.integers(1, 7),
            st.integers(1, 7),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_a_list_comes_back_as_it_was(
    tmp_path: Path, members: list[tuple[str, int, int, int]]
) -> None:
    models = [model(*member) for member in members]
    write_background_list(tmp_path / "b.fits", models, overwrite=True)
    back = read_background_list(tmp_path / "b.fits")
    assert len(back) == len(models)
    for one, other in zip(models, back, strict=True):
        assert other.algorithm == one.algorithm
        assert other.bbox == one.bbox
        for name in ("values", "errors", "mask"):
            np.testing.assert_array_equal(getattr(other.grid, name), getattr(one.grid, name))


def test_the_image_of_the_list_is_the_same_after_reading(tmp_path: Path) -> None:
    models = [model("AKIMA_SPLINE", 1), model("LINEAR", 2)]
    write_background_list(tmp_path / "b.fits", models)
    total = models[0].image() + models[1].image()
    np.testing.assert_array_equal(read_background_list(tmp_path / "b.fits").image(), total)


def test_the_file_is_what_lsst_counts_on(tmp_path: Path) -> None:
    """Its reader takes HDUs 0, 3, 6, ... for images and wants a multiple of three."""
    write_background_list(
        tmp_path / "b.fits", [model(), model("CUBIC_SPLINE")], provenance=Provenance(scale=2.0)
    )
    with fits.open(tmp_path / "b.fits", checksum=True) as hdus:
        hdus.verify("exception")
        assert len(hdus) == 6
        for index, style in ((0, 5), (3, 3)):
            header = hdus[index].header
            assert header["INTERPSTYLE"] == style
            assert header["UNDERSAMPLESTYLE"] == 1
            assert header["APPROXSTYLE"] == -1
            assert [header[f"BKGD_{k}"] for k in ("X0", "Y0", "WIDTH", "HEIGHT")] == [5, -7, 80, 60]
            assert isinstance(header["APPROXWEIGHTING"], bool)
            assert {"APPROXORDERX", "APPROXORDERY"} <= set(header)
            assert [hdus[index + i].header["BITPIX"] for i in range(3)] == [-32, 32, -32]
            np.testing.assert_array_equal(hdus[index + 2].data, model().grid.errors)
        assert hdus[1].header["MP_NO_DATA"] == 8
        assert Provenance.from_header(hdus[0].header) == Provenance(scale=2.0)


def test_true_variances_can_be_kept_as_lsst_does_for_a_scaled_sky_frame(tmp_path: Path) -> None:
    one = model()
    variance = np.square(one.grid.errors)
    write_background_list(tmp_path / "b.fits", [one, one], variances=[None, variance])
    np.testing.assert_array_equal(fits.getdata(tmp_path / "b.fits", 2), one.grid.errors)
    np.testing.assert_array_equal(fits.getdata(tmp_path / "b.fits", 5), variance)
    for member in read_background_list(tmp_path / "b.fits"):
        np.testing.assert_allclose(member.grid.errors, one.grid.errors, rtol=1e-6)


@pytest.mark.parametrize("empty_first", [False, True])
def test_lssts_own_list_is_read(tmp_path: Path, empty_first: bool) -> None:
    back = read_background_list(lsst_list(tmp_path / "b.fits", empty_first=empty_first))
    assert len(back) == 2
    for member in back:
        assert member.bbox == BBOX
        assert member.algorithm == "AKIMA_SPLINE"
        assert member.grid.values[1, 2] == 10
        assert member.grid.errors[0, 0] == 2


def test_old_lists_without_the_approximation_keys_are_read(tmp_path: Path) -> None:
    old = dict.fromkeys(("APPROXSTYLE", "APPROXORDERX", "APPROXORDERY", "APPROXWEIGHTING"))
    assert len(read_background_list(lsst_list(tmp_path / "b.fits", old))) == 2


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "CONSTANT"), (1, "LINEAR"), (2, "NATURAL_SPLINE"), (3, "CUBIC_SPLINE"),
     (5, "AKIMA_SPLINE")],
)  # fmt: skip
def test_lssts_style_numbers_are_known(tmp_path: Path, number: int, name: str) -> None:
    back = read_background_list(lsst_list(tmp_path / "b.fits", {"INTERPSTYLE": number}))
    assert [member.algorithm for member in back] == [name, name]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"APPROXSTYLE": 0, "APPROXORDERY": 2}, "background 1 of the list.*another order in y"),
        ({"APPROXSTYLE": 0, "APPROXORDERX": 9}, "order 9 has 55 terms, which the 48 usable bins"),
        ({"APPROXSTYLE": 0, "APPROXORDERX": None}, "no valid APPROXORDERX card"),
        ({"APPROXSTYLE": 7}, "unknown \\(style 7\\) approximation"),
        ({"INTERPSTYLE": -1}, "interpolation style UNKNOWN"),
        ({"INTERPSTYLE": 4}, "interpolation style CUBIC_SPLINE_PERIODIC"),
        ({"INTERPSTYLE": 6}, "interpolation style AKIMA_SPLINE_PERIODIC"),
        ({"INTERPSTYLE": 9}, "interpolation style number 9"),
        ({"INTERPSTYLE": None}, "no valid INTERPSTYLE card"),
        ({"INTERPSTYLE": "x"}, "no valid INTERPSTYLE card"),
        ({"UNDERSAMPLESTYLE": 9}, "the rule number 9"),
        ({"BKGD_X0": None}, "no valid BKGD_X0 card"),
        ({"BKGD_WIDTH": 0}, "bounding box is empty"),
        ({"BKGD_HEIGHT": 5}, "8 x 6 bins but its detector only 80 x 5 pixels"),
        ({"BKGD_WIDTH": None}, "not a list of backgrounds"),
    ],
)
def test_lists_that_cannot_be_used_say_why(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    path = lsst_list(tmp_path / "b.fits", change)
    with pytest.raises(SkyFrameError, match=words) as caught:
        read_background_list(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rule", [0, 2])
def test_another_rule_for_too_few_bins_matters_only_where_bins_are_too_few(
    tmp_path: Path, rule: int
) -> None:
    change = {"UNDERSAMPLESTYLE": rule}
    enough = np.ones((6, 8), np.float32)
    read_background_list(lsst_list(tmp_path / "a.fits", change, values=enough))
    holed = enough.copy()
    holed[:2, 3] = np.nan  # four values are left in a column, and AKIMA_SPLINE needs five
    for name, values in (("b", holed), ("c", enough[:4]), ("d", enough[:, :4])):
        path = lsst_list(tmp_path / f"{name}.fits", change, values=values)
        with pytest.raises(SkyFrameError, match="for too few bins"):
            read_background_list(path)
        read_background_list(lsst_list(tmp_path / f"{name}-1.fits", values=values))


def test_a_file_with_a_plane_too_few_is_refused(tmp_path: Path) -> None:
    path = lsst_list(tmp_path / "b.fits")
    with fits.open(path) as hdus:
        fits.HDUList([hdu.copy() for hdu in hdus[:5]]).writeto(tmp_path / "five.fits")
    with pytest.raises(SkyFrameError, match="three images a member"):
        read_background_list(tmp_path / "five.fits")


def test_an_infinite_bin_is_refused_by_the_members_number(tmp_path: Path) -> None:
    values = np.full((6, 8), np.inf, np.float32)
    path = lsst_list(tmp_path / "b.fits", values=values)
    with pytest.raises(SkyFrameError, match=r"b\.fits: background 1 of the list: Bin .*infinite"):
        read_background_list(path)


def test_members_of_different_detectors_are_refused(tmp_path: Path) -> None:
    other = BackgroundModel(BinGrid.from_values(np.ones((6, 8)), (0, 0, 79, 59)), "LINEAR")
    with pytest.raises(SkyFrameError, match="all must be of one detector"):
        write_background_list(tmp_path / "b.fits", [model(), other])
    with pytest.raises(SkyFrameError, match="empty"):
        write_background_list(tmp_path / "b.fits", [])
    assert list(tmp_path.iterdir()) == []


def test_other_kinds_of_files_are_told_apart(tmp_path: Path) -> None:
    write_exposure(tmp_path / "x.fits", Exposure(np.ones((3, 4), np.float32)))
    with pytest.raises(SkyFrameError, match="not a list of backgrounds"):
        read_background_list(tmp_path / "x.fits")
    write_background_list(tmp_path / "b.fits", [model()])
    with pytest.raises(SkyFrameError, match="this is a list of backgrounds, not a sky frame"):
        read_sky_frame(tmp_path / "b.fits")


def test_an_existing_list_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "b.fits").write_text("old")
    with pytest.raises(SkyFrameError, match=r"b\.fits exists already"):
        write_background_list(tmp_path / "b.fits", [model()])
    assert (tmp_path / "b.fits").read_text() == "old"


def test_a_changed_value_is_noted_once_and_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "b.fits"
    write_background_list(path, [model(), model("CUBIC_SPLINE")])
    assert read_background_list(path).notes == ()
    data = bytearray(path.read_bytes())
    with fits.open(path) as hdus:
        at = hdus[3].fileinfo()["datLoc"]
    data[at + 3] ^= 1
    path.write_bytes(bytes(data))
    back = read_background_list(path)
    (note,) = back.notes
    assert note.startswith("HDU 3: the data do not agree with their checksum")
    assert len(back) == 2
    first, second = describe(path, SkyMeasurementConfig(), MaskReading()).parts
    assert (first["notes"], second["notes"]) == ([note], [])


@pytest.mark.parametrize("order_y", [-1, 1])
def test_chebyshev_lists_of_lsst_are_read(tmp_path: Path, order_y: int) -> None:
    path = lsst_list(
        tmp_path / "b.fits", {"APPROXSTYLE": 0, "APPROXORDERY": order_y, "INTERPSTYLE": -1}
    )
    member, _ = read_background_list(path)
    assert isinstance(member, ChebyshevModel)
    assert (member.order, member.weighting, member.algorithm) == (1, True, "UNKNOWN")
    # The bins rise by one a column of ten pixels and by eight a row of ten: a plane.
    y, x = np.mgrid[:60, :80]
    plane = (x - 4.5) / 10 + 8 * (y - 4.5) / 10
    np.testing.assert_allclose(member.image(), plane, atol=2e-5)


def test_chebyshev_lists_come_back_as_written(tmp_path: Path) -> None:
    grid = model().grid
    members = [
        ChebyshevModel(grid, 3, True, "NATURAL_SPLINE"),
        model(),
        ChebyshevModel(grid, 2, False),
    ]
    write_background_list(tmp_path / "b.fits", members)
    back = list(read_background_list(tmp_path / "b.fits"))
    for ours, theirs in zip(members, back, strict=True):
        assert type(ours) is type(theirs)
        assert ours.algorithm == theirs.algorithm
        np.testing.assert_array_equal(ours.image(), theirs.image())
        np.testing.assert_array_equal(ours.grid.errors, theirs.grid.errors)
    first, _, last = back
    assert isinstance(first, ChebyshevModel)
    assert isinstance(last, ChebyshevModel)
    assert (first.order, first.weighting, last.order, last.weighting) == (3, True, 2, False)
