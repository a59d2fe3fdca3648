"""An exported exposure is valid FITS in LSST's layout and has lost nothing that it had."""

from __future__ import annotations

import errno
import io
import os
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skyframe_gui.engine import Cancelled, Exposure, MaskPlanes, SkyFrameError, Watch
from skyframe_gui.files.fits import write
from skyframe_gui.files.fits.headers import cards_of, quiet
from skyframe_gui.files.fits.metadata import read_metadata, read_origin
from skyframe_gui.files.fits.provenance import Provenance
from skyframe_gui.files.fits.source import read_exposures
from skyframe_gui.files.fits.split_header import SplitHeader
from skyframe_gui.files.fits.stream import write_image_hdu
from skyframe_gui.files.fits.write import write_exposure

LSST_FILE = Path(__file__).parents[2] / "data" / "lsst_layout" / "exposure-version-2.fits"
IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4)


def split_header(primary: fits.Header, extension: fits.Header | None) -> SplitHeader:
    """Return a header as the reader makes it of a file's two."""
    second = None if extension is None else cards_of(extension.tostring().encode())
    return SplitHeader.merge(cards_of(primary.tostring().encode()), second)


def written(path: Path) -> list[tuple[fits.Header, Any]]:
    """Open a file with every check that Astropy has, and return headers and data."""
    with fits.open(path, checksum=True, memmap=False) as hdus:
        hdus.verify("exception")
        for hdu in hdus:
            assert "CHECKSUM" in hdu.header
            assert "DATASUM" in hdu.header
        return [(hdu.header, hdu.data) for hdu in hdus]


def lsst_exposure() -> Exposure:
    with fits.open(LSST_FILE) as hdus:
        return Exposure(
            hdus[1].data,
            hdus[2].data,
            hdus[3].data,
            MaskPlanes({c[3:]: v for c, v in hdus[2].header.items() if c.startswith("MP_")}),
            header=split_header(hdus[0].header, hdus[1].header),
        )


def test_planes_come_in_lssts_order_types_and_names(tmp_path: Path) -> None:
    exposure = Exposure(IMAGE, IMAGE.astype(np.int32), IMAGE + 1, {"BAD": 0, "NOT_DEBLENDED": 13})
    write_exposure(tmp_path / "x.fits", exposure)
    primary, image, mask, variance = written(tmp_path / "x.fits")
    assert primary[1] is None
    for (header, data), name, dtype in (
        (image, "IMAGE", ">f4"),
        (mask, "MASK", ">i4"),
        (variance, "VARIANCE", ">f4"),
    ):
        assert header["EXTNAME"] == header["EXTTYPE"] == name
        assert data.dtype.str == dtype
    np.testing.assert_array_equal(image[1], IMAGE)
    np.testing.assert_array_equal(mask[1], IMAGE.astype(np.int32))
    np.testing.assert_array_equal(variance[1], IMAGE + 1)
    assert mask[0]["MP_BAD"] == 0
    assert mask[0]["MP_NOT_DEBLENDED"] == 13
    assert "MP_BAD" not in image[0]


@pytest.mark.parametrize(
    ("mask", "variance", "names"),
    [
        (None, None, ["IMAGE"]),
        (np.zeros((3, 4), np.int32), None, ["IMAGE", "MASK"]),
        (None, IMAGE, ["IMAGE", "VARIANCE"]),
    ],
)
def test_only_the_planes_that_the_input_had_are_written(
    tmp_path: Path, mask: Any, variance: Any, names: list[str]
) -> None:
    exposure = Exposure(IMAGE, mask, variance, detector="d5", visit="77")
    assert write_exposure(tmp_path / "x.fits", exposure) == ()
    (primary, _), *others = written(tmp_path / "x.fits")
    assert [header["EXTNAME"] for header, _ in others] == names
    assert (primary["DETECTOR"], primary["VISIT"]) == ("d5", "77")
    assert primary["SFNHDUS"] == 1 + len(names)


@given(
    image=hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=30),
        elements=st.floats(width=32, allow_nan=True),
    ),
    xy0=st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999)),
    planes=st.dictionaries(
        st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True), st.integers(0, 31), max_size=5
    ),
    with_mask=st.booleans(),
    with_variance=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_pixels_planes_and_origin_come_back_bit_by_bit(
    tmp_path: Path,
    image: np.ndarray,
    xy0: tuple[int, int],
    planes: dict[str, int],
    with_mask: bool,
    with_variance: bool,
) -> None:
    mask = image.view(np.int32) if with_mask else None
    variance = image[::-1] if with_variance else None
    write_exposure(
        tmp_path / "x.fits", Exposure(image, mask, variance, planes, xy0), overwrite=True
    )
    hdus = written(tmp_path / "x.fits")
    assert len(hdus) == 2 + with_mask + with_variance
    np.testing.assert_array_equal(
        hdus[1][1].astype("f4").view(np.int32) if image.size else 0, image.view(np.int32)
    )
    for header, _ in hdus[1:]:
        assert read_origin(header) == (xy0, "")
        assert (header["CRVAL1A"], header["CRVAL2A"]) == xy0
        assert header["CRPIX1A"] == header["CRPIX2A"] == 1
    if with_mask:
        header, data = hdus[2]
        np.testing.assert_array_equal(data, mask)
        assert {key[3:]: value for key, value in header.items() if key.startswith("MP_")} == planes
    if with_variance:
        np.testing.assert_array_equal(hdus[-1][1], variance)


def test_headers_of_an_lsst_file_stay_where_they_were(tmp_path: Path) -> None:
    write_exposure(tmp_path / "x.fits", lsst_exposure(), archive_from=LSST_FILE)
    new = written(tmp_path / "x.fits")
    with fits.open(LSST_FILE) as old:
        for index in (0, 1):
            for card in old[index].header.cards:
                if card.keyword in ("BSCALE", "BZERO", "COMMENT"):
                    continue
                assert new[index][0][card.keyword] == card.value, card.keyword
        assert new[2][0]["CRVAL1"] == old[1].header["CRVAL1"]


def test_lssts_archive_is_carried_over_unchanged(tmp_path: Path) -> None:
    write_exposure(tmp_path / "x.fits", lsst_exposure(), archive_from=LSST_FILE)
    old_bytes, new_bytes = LSST_FILE.read_bytes(), (tmp_path / "x.fits").read_bytes()
    with (
        warnings.catch_warnings(),
        fits.open(LSST_FILE) as old,
        fits.open(tmp_path / "x.fits", checksum=True) as new,
    ):
        assert len(old) == len(new) > 5
        assert new[0].header["AR_HDU"] == 5
        for before, after in zip(old[4:], new[4:], strict=True):
            at, size = before.fileinfo()["datLoc"], before.fileinfo()["datSpan"]
            there = after.fileinfo()["datLoc"]
            assert old_bytes[at : at + size] == new_bytes[there : there + size]
            kept = [c.image for c in after.header.cards if c.keyword[-3:] != "SUM"]
            assert kept == [c.image for c in before.header.cards]


def test_an_archive_that_stood_elsewhere_is_found_where_it_stands_now(tmp_path: Path) -> None:
    data = LSST_FILE.read_bytes()
    with fits.open(LSST_FILE) as hdus:
        at = hdus[4].fileinfo()["hdrLoc"]
    with io.BytesIO() as extra:
        write_image_hdu(extra, (), IMAGE)
        moved = data[:at] + extra.getvalue() + data[at:]
    old, new = (f"AR_HDU  = {n:20}".encode() for n in (5, 6))
    assert old in moved
    (tmp_path / "six.fits").write_bytes(moved.replace(old, new))
    write_exposure(tmp_path / "x.fits", lsst_exposure(), archive_from=tmp_path / "six.fits")
    with fits.open(tmp_path / "x.fits") as hdus:
        assert hdus[0].header["AR_HDU"] == 5
        assert hdus[4].header["EXTTYPE"] == "ARCHIVE_INDEX"


def test_without_the_archive_nothing_points_to_it(tmp_path: Path) -> None:
    write_exposure(tmp_path / "x.fits", lsst_exposure())
    primary, *planes = written(tmp_path / "x.fits")
    assert len(planes) == 3
    for keyword in ("AR_HDU", "SKYWCS_ID", "ARCHIVE_ID_SKYWCS", "DETECTOR_ID", "PHOTOCALIB_ID"):
        assert keyword not in primary[0]
    assert "EXPINFO_V" in primary[0]


def test_a_cameras_own_id_cards_are_not_taken_for_archive_pointers(tmp_path: Path) -> None:
    header = fits.Header(
        [("HIERARCH DETECTOR_ID", 17), ("HIERARCH FILTER_ID", "g"), ("CALIB_ID", "x"), ("ZD", 3.0)]
    )
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header))
    kept = written(tmp_path / "x.fits")[0][0]
    assert (kept["DETECTOR_ID"], kept["FILTER_ID"], kept["CALIB_ID"], kept["ZD"]) == (
        17, "g", "x", 3.0,
    )  # fmt: skip


def test_an_archive_without_all_planes_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    whole = lsst_exposure()
    exposure = Exposure(whole.image, header=whole.header)
    notes = write_exposure(tmp_path / "x.fits", exposure, archive_from=LSST_FILE)
    assert any("archive" in note for note in notes)
    (primary, _), _ = written(tmp_path / "x.fits")
    assert "AR_HDU" not in primary


def test_what_was_written_is_read_back_as_the_same_exposure(tmp_path: Path) -> None:
    (exposure,) = read_exposures(LSST_FILE)
    write_exposure(tmp_path / "x.fits", exposure, Provenance(scale=2.0), archive_from=LSST_FILE)
    (back,) = read_exposures(tmp_path / "x.fits")
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(back, plane), getattr(exposure, plane))
    for name in ("planes", "xy0", "detector", "visit", "has_mask", "has_variance"):
        assert getattr(back, name) == getattr(exposure, name), name
    corner = exposure.wcs.all_pix2world(3, 4, 0)
    np.testing.assert_allclose(back.wcs.all_pix2world(3, 4, 0), corner, rtol=1e-14)


def test_a_file_without_an_archive_can_be_named_as_its_source(tmp_path: Path) -> None:
    write_exposure(tmp_path / "a.fits", Exposure(IMAGE))
    assert (
        write_exposure(tmp_path / "b.fits", Exposure(IMAGE), archive_from=tmp_path / "a.fits") == ()
    )
    assert len(written(tmp_path / "b.fits")) == 2


def tan_wcs() -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [150.1, 2.2]
    wcs.wcs.crpix = [2.0, 1.5]
    wcs.wcs.cdelt = [-5e-5, 5e-5]
    wcs.wcs.set()
    return wcs


def test_a_plain_header_goes_to_the_front_and_its_wcs_to_the_image(tmp_path: Path) -> None:
    header = tan_wcs().to_header()
    header["OBJECT"] = ("M31", "field")
    header["BUNIT"] = "adu"
    header["HISTORY"] = "flattened"
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, IMAGE.astype(np.int32), header=header))
    primary, image, mask = (header for header, _ in written(tmp_path / "x.fits"))
    assert primary["OBJECT"] == "M31"
    assert primary.comments["OBJECT"] == "field"
    assert list(primary["HISTORY"]) == ["flattened"]
    assert image["BUNIT"] == "adu"
    assert "BUNIT" not in mask
    assert "CRVAL1" not in primary
    for plane in (image, mask):
        np.testing.assert_allclose(
            WCS(plane).wcs_pix2world(3, 2, 0), tan_wcs().wcs_pix2world(3, 2, 0)
        )


@pytest.mark.parametrize("header", [None, fits.Header([("OBJECT", "M31")])])
def test_a_wcs_that_no_card_describes_is_written(tmp_path: Path, header: Any) -> None:
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header, wcs=tan_wcs()))
    image = written(tmp_path / "x.fits")[1][0]
    np.testing.assert_allclose(WCS(image).wcs_pix2world(3, 2, 0), tan_wcs().wcs_pix2world(3, 2, 0))


def test_the_headers_wcs_wins_over_the_object(tmp_path: Path) -> None:
    other = tan_wcs()
    other.wcs.crval = [10.0, 20.0]
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=tan_wcs().to_header(), wcs=other))
    assert written(tmp_path / "x.fits")[1][0]["CRVAL1"] == 150.1
    assert [card.keyword for card in written(tmp_path / "x.fits")[1][0].cards].count("CRVAL1") == 1


def test_another_wcs_a_gives_way_to_the_origin_and_keeps_its_content(tmp_path: Path) -> None:
    header = tan_wcs().to_header(key="A")
    notes = write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header, xy0=(5, 6)))
    image = written(tmp_path / "x.fits")[1][0]
    assert image["CTYPE1A"] == "LINEAR"
    assert (image["CTYPE1B"], image["CRVAL1B"]) == ("RA---TAN", 150.1)
    assert read_origin(image)[0] == (5, 6)
    assert any("letter B" in note for note in notes)


def test_cards_about_the_old_files_storage_are_left_out(tmp_path: Path) -> None:
    extension = fits.Header(
        [
            ("BSCALE", 2.0), ("BZERO", 32768), ("BLANK", -1), ("ZIMAGE", True), ("ZTILE1", 64),
            ("ZCMPTYPE", "RICE_1"), ("TTYPE1", "COMPRESSED_DATA"), ("TFIELDS", 1), ("EXTVER", 3),
            ("CHECKSUM", "abc"), ("DATASUM", "1"), ("DATAMAX", 5.0), ("MP_BAD", 0),
            ("EXTNAME", "N4"), ("GAIN", 4.2), ("ZPOINT", 25.0),
        ]
    )  # fmt: skip
    exposure = Exposure(IMAGE, header=split_header(fits.Header([("NEXTEND", 3)]), extension))
    write_exposure(tmp_path / "x.fits", exposure)
    (primary, _), (image, data) = written(tmp_path / "x.fits")
    np.testing.assert_array_equal(data, IMAGE)
    assert "NEXTEND" not in primary
    gone = set(extension) - {"EXTNAME", "GAIN", "ZPOINT", "CHECKSUM", "DATASUM"}
    assert not gone & set(image)
    assert (image["GAIN"], image["ZPOINT"], image["EXTNAME"]) == (4.2, 25.0, "IMAGE")


def test_pointers_to_distortion_tables_in_other_hdus_are_left_out(tmp_path: Path) -> None:
    header = tan_wcs().to_header()
    extra = fits.Header.fromstring(
        "".join(
            card.ljust(80)
            for card in ("CPDIS1  = 'LOOKUP'", "DP1     = 'EXTVER: 1'", "D2IMDIS1= 'LOOKUP'")
        )
    )
    header.extend(extra.cards)
    notes = write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header))
    image = written(tmp_path / "x.fits")[1][0]
    WCS(image)
    assert not {"CPDIS1", "DP1", "D2IMDIS1"} & {card.rawkeyword for card in image.cards}
    assert any("distortion tables" in note for note in notes)


def raw_header(*cards: str) -> fits.Header:
    with quiet():
        return fits.Header.fromstring("".join(card.ljust(80) for card in cards))


@pytest.mark.parametrize(
    ("card", "keyword", "value"),
    [
        ("FOO     = bad value", "FOO", "bad value"),
        ("FOO     = NaN", "FOO", "NaN"),
        ("lower   = 3", "LOWER", 3),
        ("BOX.MINX= -5", "BOX.MINX", -5),
        ("ALGORITHM= 'LINEAR'", "ALGORITHM", "LINEAR"),
        ("FOO=3", "FOO", 3),
        ("FOO     = 'unterminated", "FOO", "'unterminated"),
        ("FOO     = 1.5E300", "FOO", 1.5e300),
        ("FOO     =", "FOO", None),
    ],
)
def test_cards_that_break_the_rules_are_repaired(
    tmp_path: Path, card: str, keyword: str, value: object
) -> None:
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=raw_header(card)))
    kept = written(tmp_path / "x.fits")[0][0][keyword]
    assert kept == value or (value is None and isinstance(kept, fits.card.Undefined))


@pytest.mark.parametrize("card", ["CONTINUE  'x'", "Foo bar baz", "=====", "A\x01B"])
def test_cards_beyond_repair_stay_as_comments_and_that_is_said(tmp_path: Path, card: str) -> None:
    notes = write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=raw_header(card)))
    assert any("kept as a comment" in note for note in notes)
    assert "COMMENT" in written(tmp_path / "x.fits")[0][0]


def test_many_cards_beyond_repair_make_one_note(tmp_path: Path) -> None:
    header = raw_header(*(f"LOG     {n}> exposure started" for n in range(300)))
    notes = write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header))
    assert len(notes) == 1
    assert notes[0].startswith("300 header cards")
    assert "LOG     0> exposure" in notes[0]
    assert len(written(tmp_path / "x.fits")[0][0]["COMMENT"]) == 300


@given(
    st.lists(
        st.binary(max_size=80)
        | st.builds(
            lambda key, rest: f"{key:8}= {rest}".encode("latin1"),
            st.text("ABCZ0_-.a", max_size=8),
            st.text(st.characters(max_codepoint=255), max_size=70),
        )
        | st.sampled_from([b"HISTORY x", b"COMMENT", b"", b"HIERARCH a b = 3", b"DP1 = 'A: 1'"]),
        max_size=8,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_header_whatever_makes_an_export_fail_or_invalid(
    tmp_path: Path, cards: list[bytes]
) -> None:
    block = b"".join(card[:80].ljust(80) for card in cards)
    header = SplitHeader.merge(cards_of(block), cards_of(block))
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header), overwrite=True)
    np.testing.assert_array_equal(written(tmp_path / "x.fits")[1][1], IMAGE)


def test_header_entries_that_fits_cannot_hold_are_named(tmp_path: Path) -> None:
    header = {"GOOD": 1, "TOOBAD": float("nan"), "OBJECT": "M31"}
    notes = write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header))
    primary = written(tmp_path / "x.fits")[0][0]
    assert (primary["GOOD"], primary["OBJECT"]) == (1, "M31")
    assert "TOOBAD" not in primary
    assert any("TOOBAD" in note for note in notes)


def test_the_exposures_header_is_not_changed(tmp_path: Path) -> None:
    header = tan_wcs().to_header()
    header["BSCALE"] = 2.0
    before = header.tostring()
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header), Provenance(scale=1.0))
    assert header.tostring() == before


def test_provenance_is_in_the_primary_header(tmp_path: Path) -> None:
    provenance = Provenance(scale=7.25, error=0.5, sky_frame="sky-1.fits", n_used=31)
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE), provenance)
    assert Provenance.from_header(written(tmp_path / "x.fits")[0][0]) == provenance


def test_an_earlier_provenance_becomes_history(tmp_path: Path) -> None:
    write_exposure(tmp_path / "a.fits", Exposure(IMAGE), Provenance(scale=7.25, extra={"k": "v"}))
    first = written(tmp_path / "a.fits")[0][0]
    write_exposure(tmp_path / "b.fits", Exposure(IMAGE, header=first), Provenance(n_used=3))
    second = written(tmp_path / "b.fits")[0][0]
    back = Provenance.from_header(second)
    assert back == Provenance(n_used=3)
    assert any("SFSCALE" in line and "7.25" in line for line in second["HISTORY"])


def test_detector_and_visit_survive_where_only_the_names_told_them(tmp_path: Path) -> None:
    extension = fits.Header([("EXTNAME", "N4")])
    header = split_header(fits.Header([("OBJECT", "M31")]), extension)
    exposure = Exposure(IMAGE, header=header, detector="N4", visit="1234")
    write_exposure(tmp_path / "x.fits", exposure)
    (primary, _), (image, _) = written(tmp_path / "x.fits")
    primary.extend(image.cards)
    found = read_metadata(primary, tmp_path / "x.fits", image)
    assert (found.detector, found.visit) == ("N4", "1234")


def test_detector_and_visit_that_the_cards_tell_are_not_written_twice(tmp_path: Path) -> None:
    header = fits.Header([("CCDNUM", 4), ("EXPNUM", 1234)])
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE, header=header, detector="4", visit="1234"))
    primary = written(tmp_path / "x.fits")[0][0]
    assert "DETECTOR" not in primary
    assert "VISIT" not in primary


def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.fits").write_text("old")
    with pytest.raises(SkyFrameError, match=r"x\.fits exists already.*--overwrite"):
        write_exposure(tmp_path / "x.fits", Exposure(IMAGE))
    assert (tmp_path / "x.fits").read_text() == "old"
    write_exposure(tmp_path / "x.fits", Exposure(IMAGE), overwrite=True)
    written(tmp_path / "x.fits")


def test_a_name_that_promises_compression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match="not compressed here"):
        write_exposure(tmp_path / "x.fits.gz", Exposure(IMAGE))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [OSError(errno.ENOSPC, "no space"), KeyboardInterrupt()])
def test_a_disk_that_fills_or_a_user_who_stops_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    calls = 0
    real = write.write_image_hdu

    def fails_at_the_mask(file: BinaryIO, *args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            file.write(b"half")
            raise stop
        real(file, *args, **kwargs)

    monkeypatch.setattr(write, "write_image_hdu", fails_at_the_mask)
    (tmp_path / "x.fits").write_text("old")
    exposure = Exposure(IMAGE, IMAGE.astype(np.int32))
    expected = SkyFrameError if isinstance(stop, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_exposure(tmp_path / "x.fits", exposure, overwrite=True)
    assert (tmp_path / "x.fits").read_text() == "old"
    assert os.listdir(tmp_path) == ["x.fits"]


def test_cancelling_leaves_no_file(tmp_path: Path) -> None:
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        write_exposure(tmp_path / "x.fits", Exposure(IMAGE), watch=watch)
    assert os.listdir(tmp_path) == []


def test_a_damaged_source_of_the_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.fits").write_bytes(b"nothing of the kind")
    with pytest.raises(SkyFrameError, match=r"bad\.fits"):
        write_exposure(tmp_path / "x.fits", Exposure(IMAGE), archive_from=tmp_path / "bad.fits")
    assert os.listdir(tmp_path) == ["bad.fits"]


@pytest.mark.parametrize("detector", ["A/1", "R22_S11", "ccd 5", "c:1,2", "#7"])
def test_a_detector_keeps_its_name_through_a_file_whatever_the_file_is_called(tmp_path, detector):
    path = tmp_path / "det500.fits"
    write_exposure(path, Exposure(np.ones((4, 5), np.float32), detector=detector, visit="v/2"))
    (back,) = read_exposures(path)
    assert (back.detector, back.visit) == (detector, "v/2")
