"""What cameras and archives write: masks, values, planes that belong together, companions."""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import lsst_exposure, mef, pixels, save

from skyframe_gui.engine import MaskPlanes, SkyFrameError, SkyMeasurementConfig
from skyframe_gui.files import kind_of, read_exposures, read_sky_frame, scan, write_exposure
from skyframe_gui.files.fits import lsst_json
from skyframe_gui.files.fits.layouts.companion import companion_image
from skyframe_gui.workflow.build import build_sky_frames

CASES = Path(__file__).parents[2] / "data" / "cases" / "inputs"
SHAPE = (24, 32)


def flagged(exposure, *names):
    """Part of the pixels that have one of some planes."""
    return float(((exposure.mask & exposure.planes.bits(names)) != 0).mean())


def only(path):
    (exposure,) = read_exposures(path)
    return exposure


def image(data=None, name="", **cards):
    hdu = fits.ImageHDU(pixels() if data is None else data)
    if name:
        hdu.header["EXTNAME"] = name
    hdu.header.update(cards)
    return hdu


def one_bad(value=1, dtype="i4"):
    mask = np.zeros(SHAPE, dtype)
    mask[2, 3] = value
    return mask


# Masks


def test_a_mask_of_unsigned_64_bit_integers_keeps_its_flags():
    exposure = only(CASES / "uint64-mask.fits.gz")
    assert int((exposure.mask != 0).sum()) == 100


@pytest.mark.parametrize("value", [1, 5, 1 << 31, 1 << 32, 1 << 63, (1 << 64) - 1])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_any_bit_of_an_unsigned_mask_flags_its_pixel(tmp_path, value, compressed):
    path = mef(tmp_path / "a.fits", image(name="SCI"), image(one_bad(value, "u8"), "DQ"))
    if compressed:
        path = path.rename(tmp_path / "a.fits.gz")
        path.write_bytes(gzip.compress(path.read_bytes()))
    mask = only(path).mask
    assert mask[2, 3] != 0
    assert int((mask != 0).sum()) == 1


def test_a_plane_above_bit_31_is_left_out_and_told():
    exposure = only(CASES / "plane-32.fits.gz")
    assert dict(exposure.planes) == {"BAD": 0}
    assert any("CLIPPED (bit 32)" in note for note in exposure.header.notes)


def test_in_jwst_s_masks_do_not_use_decides():
    exposure = only(CASES / "jwst-cal.fits.gz")
    assert flagged(exposure, "BAD", "SAT", "NO_DATA") == pytest.approx(0.0061, abs=1e-4)
    assert flagged(exposure, "JUMP_DET") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ({"TELESCOP": "JWST"}, [0, 1, 2, 4, 1 << 11, 1 << 31], ["", "BAD", "", "", "", "NO_DATA"]),
        ({"INSTRUME": "ZTF/MOSAIC"}, [0, 2, 32, 256, 1024, 2048],
         ["", "DETECTED", "BAD", "SAT", "NO_DATA", ""]),
        ({"INSTRUME": "GMOS-S"}, [0, 1, 4, 8, 16, 32], ["", "BAD", "SAT", "CR", "NO_DATA", ""]),
        ({"TELESCOP": "Gemini-North"}, [0, 1, 2, 64], ["", "BAD", "", "NO_DATA"]),
        ({"ORIGIN": "SDSS"}, [0, 1, 2, 8, 512], ["", "", "SAT", "DETECTED", "CR"]),
        ({"TELESCOP": "HST", "INSTRUME": "STIS", "SDQFLAGS": 258}, [0, 2, 16, 256],
         ["", "BAD", "", "BAD"]),
        ({"INSTRUME": "MegaPrime"}, [1, 1, 1, 0], ["", "", "", "BAD"]),
        ({"INSTRUME": "MegaCam"}, [0, 0, 0, 1], ["", "", "", "BAD"]),
    ],
)  # fmt: skip
def test_each_camera_means_its_own_by_its_bits(tmp_path, header, values, expected):
    mask = np.array([values], "u4")
    path = mef(
        tmp_path / "a.fits",
        image(np.ones(mask.shape, "f4"), "SCI"),
        image(mask, "DQ"),
        **header,
    )
    exposure = only(path)
    serious = ("BAD", "SAT", "CR", "NO_DATA", "DETECTED")
    for column, name in enumerate(expected):
        value = int(exposure.mask[0, column])
        found = {one for one in serious if value & exposure.planes.bits([one])}
        assert found == ({name} if name else set()), (header, values[column])


def test_the_newest_lsst_format_names_its_planes_and_the_config_finds_them():
    old = only(CASES / "lsst-images-9-planes.fits.gz")
    assert old.planes["BAD"] == 8
    assert set(old.planes) == set(MaskPlanes.LSST_DEFAULT)
    new = only(CASES / "lsst-images-masked-image.fits.gz")
    assert {"SAT", "INTRP", "CR", "EDGE", "UNMASKEDNAN", "VIGNETTED"} <= set(new.planes)
    assert not {"SATURATED", "COSMIC_RAY"} & set(new.planes)
    told = " ".join(new.header.notes)
    assert "COSMIC_RAY is CR here (A cosmic ray affected this pixel.)" in told
    assert new.xy0 == (100, 50)


def msk_cards(names):
    cards = {}
    for bit, name in enumerate(names):
        cards |= {f"MSKN{bit:04d}": name, f"MSKM{bit:04d}": 1 << bit, f"MSKD{bit:04d}": "text"}
    return cards


def test_several_masks_of_one_image_are_one(tmp_path):
    first, second = one_bad(1), np.zeros(SHAPE, "i4")
    second[5, 6] = 2
    path = mef(
        tmp_path / "a.fits",
        image(name="IMAGE"),
        image(first, "MASK", **msk_cards(["BAD", "SATURATED"])),
        image(second, "MASK", EXTVER=2, **msk_cards(["CROSSTALK", "NO_DATA"])),
    )
    exposure = only(path)
    assert {"BAD", "SAT", "CROSSTALK", "NO_DATA"} == set(exposure.planes)
    assert exposure.mask[2, 3] == 1 << exposure.planes["BAD"]
    assert exposure.mask[5, 6] == 1 << exposure.planes["NO_DATA"]
    assert int((exposure.mask != 0).sum()) == 2
    (source,) = scan(path)
    assert source.planes == exposure.planes


def test_of_more_than_32_planes_those_of_the_config_stay(tmp_path):
    names = [f"P{n}" for n in range(31)]
    path = mef(
        tmp_path / "a.fits",
        image(name="IMAGE"),
        image(one_bad(), "MASK", **msk_cards(names)),
        image(one_bad(2), "MASK", EXTVER=2, **msk_cards(["OTHER", "NO_DATA"])),
    )
    exposure = only(path)
    assert flagged(exposure, "NO_DATA") > 0
    assert any("left out: OTHER" in note for note in exposure.header.notes)


@pytest.mark.parametrize("value", [0, 1])
def test_a_constant_plane_stands_in_one_card(tmp_path, value):
    height, width = SHAPE
    cards = {"NPIX1": width, "NPIX2": height, "PIXVALUE": value}
    dq, err = fits.ImageHDU(name="DQ"), fits.ImageHDU(name="ERR")
    dq.header.update(cards)
    err.header.update(cards | {"PIXVALUE": 3.0})
    exposure = only(mef(tmp_path / "a.fits", image(name="SCI"), err, dq))
    assert exposure.has_mask
    assert set(np.unique(exposure.mask)) == {value * exposure.planes.bits(["BAD"])}
    assert set(np.unique(exposure.variance)) == {9.0}


def test_a_constant_plane_of_absurd_size_is_refused(tmp_path):
    dq = fits.ImageHDU(name="DQ")
    dq.header.update({"NPIX1": 10**9, "NPIX2": 10**9, "PIXVALUE": 0})
    with pytest.raises(SkyFrameError, match="NPIX1"):
        scan(mef(tmp_path / "a.fits", image(name="SCI"), dq))


@pytest.mark.parametrize(("value", "bits"), [(4, "2"), (1, ""), (1 << 31 | 8, "3, 31"), (0, "")])
def test_bits_that_no_card_names_are_told(tmp_path, value, bits):
    mask = image(one_bad(value, "u4"), "MASK", MP_BAD=0)
    exposure = only(mef(tmp_path / "a.fits", image(name="SCI"), mask))
    told = [note for note in exposure.header.notes if "no name" in note]
    assert [note.endswith(f": {bits}.") for note in told] == [True] * bool(bits)


@pytest.mark.parametrize(("bit", "told"), [("1", True), ("0", False)])
def test_a_plane_with_two_bits_is_told(tmp_path, bit, told):
    mask = image(one_bad(2), "MASK", MP_BAD=0, MP_XXX=1)
    path = mef(tmp_path / "a.fits", image(name="SCI"), mask)
    data = path.read_bytes().replace(b"MP_XXX  =                    1", b"MP_BAD  = " + b" " * 19
                                     + bit.encode())  # fmt: skip
    path.write_bytes(data)
    (source,) = scan(path)
    assert any("MP_BAD stands there 2 times" in note for note in source.cautions) is told


@pytest.mark.parametrize(("name", "told"), [("DQ", True), ("ERR", True), ("SAMPLES", False)])
def test_a_mask_or_error_that_is_no_plane_is_told(tmp_path, name, told):
    cube = image(np.zeros((2, *SHAPE), "i2"), name)
    (source,) = scan(mef(tmp_path / "a.fits", image(name="SCI"), cube))
    assert any(f"({name}) has 3 axes" in note for note in source.cautions) is told


# Values


def test_an_asinh_is_undone():
    exposure = only(CASES / "ps1-asinh.fits.gz")
    assert np.nanmedian(exposure.image) == pytest.approx(1196, abs=1)
    assert any("BSOFTEN" in note for note in exposure.header.notes)


def test_a_soft_bias_is_no_sky():
    exposure = only(CASES / "softbias.fits.gz")
    assert np.median(exposure.image) == pytest.approx(90, abs=1)
    assert any("SOFTBIAS 1000" in note for note in exposure.header.notes)


@pytest.mark.parametrize("pedestal", [100, -100])
def test_a_pedestal_is_taken_off_once(tmp_path, pedestal):
    first = fits.PrimaryHDU(np.full(SHAPE, 350, "f4"))
    first.header["PEDESTAL"] = pedestal
    exposure = only(save(tmp_path / "a.fits", first))
    assert set(np.unique(exposure.image)) == {250.0}
    write_exposure(tmp_path / "b.fits", exposure)
    assert set(np.unique(only(tmp_path / "b.fits").image)) == {250.0}


def test_an_amplifier_with_its_overscan_is_raw():
    assert kind_of(CASES / "overscan.fits.gz") == "raw"
    with pytest.raises(SkyFrameError, match="overscan"):
        scan(CASES / "overscan.fits.gz")


@pytest.mark.parametrize(
    ("data", "bias", "raw"),
    [
        ("[9:32,1:24]", "[1:8,1:24]", True),
        ("[1:32,1:20]", "[1:32,21:24]", True),
        ("[1:32,1:24]", "[33:40,1:24]", False),  # trimmed: its overscan is gone
        ("[1:32,1:24]", "", False),
    ],
)
def test_what_is_trimmed_is_not_raw(tmp_path, data, bias, raw):
    first = fits.PrimaryHDU(pixels())
    first.header.update({"DATASEC": data, "BIASSEC": bias})
    assert (kind_of(save(tmp_path / "a.fits", first)) == "raw") is raw


ALL_BUT_RIGHT = "[1:24,1:24]"
BOTH_SIDES = {"HIERARCH ESO DET OUT1 PRSCX": 4, "HIERARCH ESO DET OUT1 OVSCX": 4}


@pytest.mark.parametrize(
    ("cards", "raw"),
    [
        ({"TRIMSEC": ALL_BUT_RIGHT}, True),
        ({"TRIMSEC": ALL_BUT_RIGHT, "BIASSEC": "[25:32,1:24]"}, True),
        ({"BIASSEC": "[25:32, 1:24]"}, True),
        ({"DATASEC": ALL_BUT_RIGHT}, True),
        ({"DATASEC": "[5:28,1:24]"}, True),
        ({"DATASEC1": ALL_BUT_RIGHT, "BIASSEC1": "[25:32,1:24]"}, True),
        ({**BOTH_SIDES, "HIERARCH ESO DET OUT1 NX": 24}, True),
        ({**BOTH_SIDES, "HIERARCH ESO DET OUT1 NX": 32}, False),
        ({"TRIMSEC": "[1:32,1:24]"}, False),
        ({"TRIMSEC": ALL_BUT_RIGHT, "TRIM": "Sep 12 Trim data section is [1:24,1:24]"}, False),
        ({"DATASEC": "[5:36,1:24]", "BIASSEC": "[1:4,1:24]"}, False),
        ({"DATASEC": "[5:28,5:20]"}, False),  # a border of reference pixels
        ({"DATASEC1": "[5:36,1:24]", "BIASSEC1": "[1:4,1:24]"}, False),
    ],
)
@pytest.mark.parametrize("where", ["image", "primary"])
def test_an_overscan_is_told_by_any_card(tmp_path, cards, raw, where):
    hdu = fits.PrimaryHDU(pixels()) if where == "primary" else image()
    hdu.header.update(cards)
    hdus = [hdu] if where == "primary" else [fits.PrimaryHDU(), hdu, hdu.copy()]
    path = save(tmp_path / "a.fits", fits.HDUList(hdus))
    assert (kind_of(path) == "raw") is raw


# Planes of one file


def test_names_with_a_detector_and_a_role_are_planes_of_detectors():
    sources = scan(CASES / "euclid-vis.fits.gz")
    assert [source.detector for source in sources] == ["3-4.F", "3-4.E"]
    assert all(source.has_mask and source.has_variance for source in sources)


@pytest.mark.parametrize(
    ("names", "detector"),
    [
        (["3-4.F.SCI", "3-4.F.RMS", "3-4.F.FLG"], "3-4.F"),
        (["3-4.F.FLG", "3-4.F.RMS", "3-4.F.SCI"], "3-4.F"),
        (["3-4.F.SCI"], "3-4.F"),
        (["N4_SCI", "N4_FLG"], "N4"),
        (["SCI", "RMS", "FLG"], "9"),
        (["SCI1", "RMS1", "FLG1"], "9"),
        (["SCI_1"], "9"),
    ],
)
def test_a_file_of_one_detector_names_it_as_one_of_several_does(tmp_path, names, detector):
    planes = [image(one_bad() if "FLG" in name else None, name) for name in names]
    (source,) = scan(mef(tmp_path / "a.fits", *planes, CCDNUM=9))
    assert source.detector == detector
    assert source.has_mask == any("FLG" in name for name in names)
    assert source.has_variance == any("RMS" in name for name in names)
    places = {name.rpartition(".")[2][-3:]: 1 + place for place, name in enumerate(names)}
    if "SCI" in places:
        assert source.image.hdu == places["SCI"]


def test_images_alone_are_called_as_they_are_with_their_planes(tmp_path):
    names = ["3-4.E.SCI", "3-4.F.SCI"]
    sources = scan(mef(tmp_path / "a.fits", *(image(None, name) for name in names)))
    assert [source.detector for source in sources] == ["3-4.E", "3-4.F"]


@pytest.mark.parametrize(
    ("names", "mask", "variance"),
    [
        (["IMAGE", "BACKGROUND", "RMS"], False, True),
        (["DATA", "STAT", "DQ"], True, True),
        (["", "SKY", "SEGMAP"], False, False),
        (["SCI", "WHT", "CTX"], False, True),
        (["SCI_1", "FLAGS_1", "BKG_1"], True, False),
        (["DATA", "ERRS", "QUAL"], True, True),
    ],
)
def test_planes_that_describe_an_image_are_no_detectors(tmp_path, names, mask, variance):
    planes = [
        image(one_bad() if name in ("DQ", "FLAGS_1", "QUAL", "SEGMAP") else None, name)
        for name in names
    ]
    (source,) = scan(mef(tmp_path / "a.fits", *planes))
    assert (source.mask is not None, source.variance is not None) == (mask, variance)


def test_each_image_without_a_name_has_the_planes_behind_it(tmp_path):
    planes = [image(), image(one_bad(), "MASK"), image(), image(one_bad(4), "MASK")]
    sources = scan(mef(tmp_path / "a.fits", *planes))
    assert [source.image.hdu for source in sources] == [1, 3]
    assert [source.mask.hdu for source in sources] == [2, 4]


@pytest.mark.parametrize(
    "names",
    [
        ["CCD1", "CCD2", "CCD1_MASK", "CCD2_MASK"],
        ["CCD1", "CCD2", "CCD2_MASK", "CCD1_MASK"],
        ["im1", "im2", "bpm1", "bpm2"],
        ["CCD1", "CCD2_MASK", "CCD2", "CCD1_MASK"],
    ],
)
def test_a_mask_goes_to_the_image_whose_name_it_has(tmp_path, names):
    planes = [
        image(one_bad() if "m" in name.lower()[1:] and name[:2] != "im" else None, name)
        for name in names
    ]
    sources = scan(mef(tmp_path / "a.fits", *planes))
    found = [(names[one.image.hdu - 1], names[one.mask.hdu - 1]) for one in sources]
    for number, pair in enumerate(found, start=1):
        assert all(str(number) in name for name in pair), pair
    assert len(found) == 2


def test_masks_of_no_image_that_can_be_told_are_not_dropped_in_silence(tmp_path):
    planes = [image(name="left"), image(name="right"), image(one_bad(), "bpm1")]
    for source in scan(mef(tmp_path / "a.fits", *planes)):
        assert any("BPM1" in note for note in source.cautions)


def test_planes_that_come_before_their_image_are_of_that_image(tmp_path):
    names = ["RMS", "FLG", "SCI", "RMS", "FLG", "SCI"]
    planes = [image(one_bad() if name == "FLG" else None, name) for name in names]
    sources = scan(mef(tmp_path / "a.fits", *planes))
    assert [(one.image.hdu, one.mask.hdu, one.variance.hdu) for one in sources] == [
        (3, 2, 1),
        (6, 5, 4),
    ]
    assert not any(one.more_masks for one in sources)


def test_a_mosaic_of_names_that_say_no_role_stays_one(tmp_path):
    path = mef(tmp_path / "a.fits", image(name="CCD1"), image(name="CCD2"), image(name="SKYCAM"))
    assert [source.detector for source in scan(path)] == ["CCD1", "CCD2", "SKYCAM"]


def test_planes_without_an_image_are_no_exposure(tmp_path):
    assert kind_of(mef(tmp_path / "a.fits", image(name="SKY"), image(name="SEGMAP"))) != "exposure"


def test_the_tree_of_the_newest_format_tells_who_the_exposure_is(tmp_path):
    tree = {
        "obs_info": {
            "instrument": "LSSTCam", "physical_filter": "i_39", "exposure_time": 30.0,
            "exposure_id": 5, "detector_num": 1,
            "datetime_begin": [2460798.0, -0.45881626894697547],
        },
        "sky_projection": {"pixel_to_sky": {"frames": [
            {"instrument": "LSSTCam", "visit": 2025050100292, "detector": 85,
             "frame_type": "DETECTOR"}, "ICRS"]}},
        "summary": float("nan"),
    }  # fmt: skip
    text = np.frombuffer(json.dumps(tree).encode(), np.uint8)
    cells = np.empty(1, object)
    cells[0] = text
    table = fits.BinTableHDU.from_columns([fits.Column("JSON", "PB()", array=cells)], name="JSON")
    mask = image(one_bad(), "MASK", **msk_cards(["BAD"]))
    (source,) = scan(mef(tmp_path / "a.fits", image(name="IMAGE"), mask, table))
    assert (source.instrument, source.visit, source.detector) == ("LSSTCam", "2025050100292", "85")
    assert (source.filter, source.exposure_time) == ("i_39", 30.0)
    assert source.date.startswith("2025-05-02T00:58:")


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        ([2460798.0, -0.25], "2025-05-02T05:59:23.000"),
        ([2460798, 0], "2025-05-02T11:59:23.000"),
        ([2415020.0, 0.0], "1899-12-31T12:00:00.000"),
        ([2415019.0, 0.5], ""),
        ([2488070.0, 0.0], "2100-01-01T11:59:23.000"),
        ([2488070.0, 0.5], ""),
        ([2460798.0], ""),
        ([2460798.0, 0.0, 0.0], ""),
        ([2460798.0, "0"], ""),
        ([2460798.0, None], ""),
        ([1e7, 2460798.0 - 1e7], ""),
        ("24", ""),
        (None, ""),
        (2460798.0, ""),
    ],
)
def test_a_date_of_two_parts_is_utc_or_left_out(parts, date):
    assert lsst_json._date(parts) == date


def test_what_a_tree_tells_is_taken_where_it_is_a_word_or_a_number():
    def told(**info):
        found = lsst_json._identity({"obs_info": info, "band": "r"})
        return [found[name] for name in ("visit", "detector", "filter", "exposure_time")]

    assert lsst_json._identity([]) == {}
    assert lsst_json._identity({"band": "r"}) == {}
    assert told() == ["", "", "r", None]
    ids = {"visit_id": 3, "exposure_id": 4, "detector_num": 0, "detector_unique_name": "R22_S11"}
    both = told(**ids, physical_filter=" i  39 ", exposure_time=30)
    assert both == ["3", "0", "i 39", 30.0]
    assert told(exposure_id=4, detector_unique_name="R22_S11", exposure_time=0.0) == [
        *("4", "R22_S11", "r", 0.0),
    ]
    for seconds in (-1, 1e9, True, "30", math.nan):
        assert told(exposure_time=seconds)[3] is None
    assert told(visit_id=True, detector_num=1.5, physical_filter=["r"]) == ["", "", "r", None]
    assert told(physical_filter="x" * 70)[2] == "x" * 60
    frame = {"frame_type": "DETECTOR", "instrument": "Cam", "visit": 5}
    deep = frame
    for _ in range(lsst_json.DEEPEST):
        deep = [deep]
    assert lsst_json._identity({"a": deep[0]})["visit"] == "5"
    assert lsst_json._identity({"a": deep}) == {}
    named = {"instrument": "Cam", "visit": 5, "detector": 6}
    assert lsst_json._identity({"a": named}) == {
        **{"instrument": "Cam", "visit": "5", "detector": "6"},
    }
    assert lsst_json._identity({"a": {"instrument": "Cam", "visit": 5}}) == {}


# Missing planes and damage


def test_a_plane_that_is_missing_is_told():
    (source,) = scan(CASES / "cut-after-image.fits.gz")
    assert any("no mask and no variance" in note for note in source.cautions)


@pytest.mark.parametrize(
    ("names", "lacking"),
    [
        (["SCI"], "no mask and no variance"),
        (["SCI", "ERR"], "no mask"),
        (["SCI", "ERR", "DQ"], ""),
        (["SCI", "WHT"], ""),
        (["SCI", "DQ"], ""),
        (["PICTURE"], ""),
    ],
)
def test_what_follows_an_extension_sci_is_missed(tmp_path, names, lacking):
    planes = [image(one_bad() if name == "DQ" else None, name) for name in names]
    (source,) = scan(mef(tmp_path / "a.fits", *planes))
    told = [note for note in source.cautions if "cut short" in note]
    assert len(told) == bool(lacking)
    assert all(f"It has {lacking}, which" in note for note in told)


def test_a_whole_file_of_our_own_is_not_called_cut_short(tmp_path):
    write_exposure(tmp_path / "b.fits", only(save(tmp_path / "a.fits", fits.PrimaryHDU(pixels()))))
    (source,) = scan(tmp_path / "b.fits")
    assert not any("cut short" in note for note in source.notes)


def test_a_detector_without_the_planes_that_others_have_is_told(tmp_path):
    planes = [image(name="SCI", EXTVER=1), image(one_bad(), "DQ", EXTVER=1), image(name="SCI")]
    planes[2].header["EXTVER"] = 2
    first, second = scan(mef(tmp_path / "a.fits", *planes))
    assert not first.cautions
    assert any("no mask" in note for note in second.cautions)


def test_an_own_file_that_ends_between_two_hdus_is_refused(tmp_path):
    path = save(tmp_path / "a.fits", lsst_exposure())
    write_exposure(tmp_path / "b.fits", only(path))
    whole = (tmp_path / "b.fits").read_bytes()
    with fits.open(tmp_path / "b.fits") as opened:
        ends = [hdu.fileinfo()["datLoc"] + hdu.fileinfo()["datSpan"] for hdu in opened]
    assert len(read_exposures(tmp_path / "b.fits")) == 1
    for end in ends[:-1]:
        (tmp_path / "b.fits").write_bytes(whole[:end])
        with pytest.raises(SkyFrameError, match="of 4 HDUs"):
            scan(tmp_path / "b.fits")


def test_a_sky_frame_without_variance_is_read_with_a_note(tmp_path):
    hdu = image(np.ones((2, 3), "f4"), "IMAGE", EXTTYPE="IMAGE")
    box = {"BOX.MINX": 0, "BOX.MINY": 0, "BOX.MAXX": 31, "BOX.MAXY": 23}
    for key, value in (*box.items(), ("ALGORITHM", "LINEAR")):
        hdu.header[f"HIERARCH {key}"] = value
    frame = read_sky_frame(mef(tmp_path / "a.fits", hdu))
    assert any("no mask and no variance" in note for note in frame.notes)


@pytest.mark.parametrize("name", ["column-without-name.fits.gz", "tile-unpacks-to-150MB.fits.gz"])
def test_damage_is_told_in_a_sentence_of_our_own(name):
    with pytest.raises(SkyFrameError) as caught:
        read_exposures(CASES / name)
    assert "Error" not in str(caught.value)
    assert "HDU 1" in str(caught.value)


@pytest.mark.parametrize("lies", [False, True], ids=["says so", "hides it"])
def test_a_tile_inflates_to_its_own_size_at_most(tmp_path, monkeypatch, lies):
    packed = zlib.compressobj(9, wbits=31)
    tile = packed.compress(bytes(80 << 20)) + packed.flush()
    if lies:
        tile = tile[:-4] + (64).to_bytes(4, "little")
    hdu = fits.CompImageHDU(
        np.zeros((4, 4), "i4"), compression_type="GZIP_1", tile_shape=(4, 4), name="SCI"
    )
    stream = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(stream)
    first = stream.getvalue()[:2880]
    with fits.open(io.BytesIO(stream.getvalue()), disable_image_compression=True) as opened:
        header = opened[1].header.copy()
    header["PCOUNT"] = len(tile)
    header["TFORM1"] = f"1PB({len(tile)})"
    data = np.array([len(tile), 0], ">i4").tobytes() + tile
    path = tmp_path / "a.fits"
    path.write_bytes(first + header.tostring().encode() + data + bytes(-len(data) % 2880))
    monkeypatch.setattr("gzip.decompress", lambda *_: pytest.fail("it was unpacked whole"))
    with pytest.raises(SkyFrameError, match="unpacks to more"):
        read_exposures(path)


@pytest.mark.parametrize(
    ("start", "word"), [(b"#ASDF 1.0.0\n", "ASDF"), (b"\x89HDF\r\n\x1a\n", "HDF5")]
)
def test_other_formats_are_refused_by_name(tmp_path, start, word):
    path = tmp_path / "a.fits"
    path.write_bytes(start + bytes(100))
    with pytest.raises(SkyFrameError, match=f"this is an {word} file"):
        kind_of(path)


def test_a_pipe_is_refused_at_once(tmp_path):
    path = tmp_path / "a.fits"
    os.mkfifo(path)
    with pytest.raises(SkyFrameError, match="a pipe"):
        scan(path)


@pytest.mark.parametrize("large", [0, 1 << 26])
def test_what_reading_would_tell_is_told_of_any_size(tmp_path, monkeypatch, large):
    monkeypatch.setattr("skyframe_gui.files.fits.source.LARGE", large)
    hdu = fits.PrimaryHDU(pixels())
    stream = io.BytesIO()
    hdu.writeto(stream, checksum=True)
    path = tmp_path / "a.fits"
    path.write_bytes(stream.getvalue())
    (source,) = scan(path)
    assert source.look_through() == source.notes
    damaged = bytearray(stream.getvalue())
    damaged[2880 + 100] ^= 1
    path.write_bytes(damaged)
    (source,) = scan(path)
    assert source.look_through() == read_exposures(path)[0].header.notes
    assert any("DATASUM" in note for note in source.look_through())


# Companions

WEIGHT = np.full(SHAPE, 0.25, "f4")
WEIGHT[5, 6] = 0


def plain(path, data):
    path.parent.mkdir(exist_ok=True)
    return save(path, fits.PrimaryHDU(data))


@pytest.mark.parametrize(
    ("image_name", "name", "plane"),
    [
        ("s0.fits", "s0.weight.fits", "variance"),
        ("s0.fits", "s0_wht.fits", "variance"),
        ("s0.fits", "s0-invvar.fits.gz", "variance"),
        ("s0.fits", "s0.ivar.fits", "variance"),
        ("s0.fits", "s0_rms.fits", "variance"),
        ("s0.fits", "s0.err.fits", "variance"),
        ("s0.fits", "weight_s0.fits", "variance"),
        ("s0.fits", "s0_WEIGHT.fits", "variance"),
        ("drz_sci.fits", "drz_wht.fits", "variance"),
        ("x-image-r.fits.fz", "x-invvar-r.fits.fz", "variance"),
        ("w1-int-1b.fits", "w1-unc-1b.fits", "variance"),
        ("s0.fits", "s0.flag.fits", "mask"),
        ("s0.fits", "s0_flags.fits", "mask"),
        ("s0.fits", "s0-mask.fits", "mask"),
        ("s0.fits", "s0.msk.fits", "mask"),
        ("s0.fits", "s0_dqmask.fits", "mask"),
        ("s0.fits", "bpm_s0.fits", "mask"),
        ("z_q1_sciimg.fits", "z_q1_mskimg.fits", "mask"),
        ("k_oki_v1.fits", "k_okd_v1.fits", "mask"),
        ("s0.fits", "s0mask.fits", "mask"),
        ("s0.fits", "s0_mask2.fits", "mask"),
        ("s0.fits", "s0.crmask.fits", "mask"),
        ("s0.fits", "s0.qual.fits", "mask"),
        ("s0.fits", "s0.bpm.pl.fits", "mask"),
        ("stack.r.fits", "stack.r.mk.fits", "mask"),
        ("fpC-001234-r5-0123.fit", "fpM-001234-r5-0123.fit", "mask"),
        ("s0.fits", "s0.weight1.fits", "variance"),
        ("s0.fits", "s0.weight.map.fits", "variance"),
        ("s0.fits", "s0_inv_var.fits", "variance"),
        ("s0.fits", "s0.wgtmap.fits", "variance"),
        ("s0.fits", "s0.UNCERTAINTY.fits", "variance"),
        ("s0.fits", "s0_weight.gz", "variance"),
        ("s0.fits", "WHT_S0.fits", "variance"),
        ("s0.fits", "s0.WEIGHT.FITS", "variance"),
        ("S0.FIT", "s0.rms.fit", "variance"),
    ],
)
def test_a_companion_is_the_mask_or_variance_of_its_image(tmp_path, image_name, name, plane):
    path = plain(tmp_path / image_name, pixels())
    data = one_bad() if plane == "mask" else WEIGHT
    companion = plain(tmp_path / name, data)
    if name.endswith(".gz"):
        companion.write_bytes(gzip.compress(companion.read_bytes()))
    (source,) = scan(path)
    assert (source.has_variance, source.has_mask) == (plane == "variance", True)
    ref = source.variance if plane == "variance" else source.mask
    assert ref.path == companion
    exposure = source.read()
    if plane == "mask":
        assert exposure.mask[2, 3] != 0
    else:
        errors = source.variance_role == "error"
        assert exposure.variance[0, 0] == (0.0625 if errors else 4.0)
    assert any(name in note for note in source.notes)
    assert kind_of(companion) in ("mask", "weight")
    assert companion_image(companion) == path


@pytest.mark.parametrize(
    ("image_name", "name"),
    [
        ("s0.fits", "s0_exp_map.fits"),
        ("s0.fits", "s0.snr.fits"),
        ("s0.fits", "s0_sky.fits"),
        ("s0.fits", "s0_exptime.fits"),
        ("x-int.fits", "x-rrhr.fits"),
        ("x-img-m.fits", "x-n-m.fits"),
        ("l-image-r.fits.fz", "l-chi2-r.fits.fz"),
        ("l-image-r.fits.fz", "l-maskbits.fits.fz"),
        ("l-image-r.fits.fz", "l-galdepth-r.fits.fz"),
        ("h_v1_sci.fits", "h_v1_exp.fits"),
        ("frame-r-001234-5-0123.fits", "fpM-001234-r5-0123.fit"),
        ("C4D_150110_053718_OOI_R_V1.FITS", "C4D_150110_053718_OOD_R_V1.FITS"),
        ("images/s0.fits", "masks/s0.fits"),
        ("sci/s0.fits", "Weight/s0.fits"),
    ],
)
def test_no_product_of_an_image_is_an_exposure(tmp_path, image_name, name):
    image_path = plain(tmp_path / image_name, pixels())
    assert kind_of(plain(tmp_path / name, one_bad())) in ("mask", "weight")
    assert len(scan(image_path)) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("EUC_VIS_SWL-WGT-002681-00-1-0000000__20241017T042839.727798Z.fits", "weight"),
        ("EUC_VIS_SWL-BKG-002681-00-1-0000000__20241017T042839.727792Z.fits", "background"),
        ("EUC_NIR_W-CAL-IMAGE-BKG_Y-2681-1_20240930T183543.377193Z.fits", "background"),
        ("EUC_VIS_SWL-DET-002681-00-1-0000000__20241017T042839.727728Z.fits", "exposure"),
    ],
)
def test_products_of_several_detectors_are_known_by_their_names(tmp_path, name, kind):
    path = mef(tmp_path / name, image(None, "3-4.E.SCI"), image(None, "3-4.F.SCI"))
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("name", "extension", "cards", "kind"),
    [
        ("v20091210_00023_st_cat.fits", "APM-BINARYTABLE", {}, "catalogue"),
        ("v20091210_00023_st.fits", "APM-BINARYTABLE", {}, "catalogue"),
        ("s0_cat.fit", "", {}, "catalogue"),
        ("s0.catalog.fits", "", {}, "catalogue"),
        ("s0.ldac", "LDAC_OBJECTS", {}, "catalogue"),
        ("ADP.2020-01-02T03_04_05.678.fits", "", {"PRODCATG": "SCIENCE.SRCTBL"}, "catalogue"),
        ("category.fits", "", {}, "table"),
    ],
)
def test_a_catalogue_is_left_out_with_a_note(tmp_path, name, extension, cards, kind):
    table = fits.BinTableHDU.from_columns([fits.Column("X", "E", array=[1.0])], name=extension)
    catalogue = mef(tmp_path / name, table, **cards)
    assert kind_of(catalogue) == kind
    paths = [plain(tmp_path / f"image{i}.fits", pixels(i)) for i in range(2)]
    result = build_sky_frames([*paths, catalogue], SkyMeasurementConfig())
    assert [len(one.sources) for one in result.sky_frames] == [2]
    left_out = [note for note in result.notes if "catalogue of an image" in note]
    assert len(left_out) == (kind == "catalogue")
    assert len(result.failed) == (kind != "catalogue")
    with pytest.raises(SkyFrameError, match=r"holds tables|is a catalogue"):
        scan(catalogue)


@pytest.mark.parametrize("keyword", ["OBSTYPE", "IMAGETYP", "DATE-OBS", "OBJECT"])
@pytest.mark.parametrize("name", ["s0_std.fits", "s0-sky.fits", "s0_exp.fits"])
def test_an_exposure_whose_name_only_goes_on_is_no_companion(tmp_path, name, keyword):
    paths = tmp_path / "s0.fits", tmp_path / name
    types = ("object", "object"), ("Light Frame", "Light Frame")
    values = {
        "OBSTYPE": types[0],
        "IMAGETYP": types[1],
        "DATE-OBS": ("2024-01-01T03:00:00", "2024-01-01T03:05:00"),
        "OBJECT": ("NGC 1", "SA 95"),
    }[keyword]
    for path, value in zip(paths, values, strict=True):
        first = fits.PrimaryHDU(pixels())
        first.header[keyword] = value
        save(path, first)
    assert [kind_of(path) for path in paths] == ["exposure", "exposure"]
    (source,) = scan(paths[0])
    assert not source.has_variance
    assert not source.cautions


@pytest.mark.parametrize("name", ["masks/s0.fits", "flags/s0.fits"])
def test_a_folder_s_name_alone_makes_no_companion(tmp_path, name):
    plain(tmp_path / "images" / "other.fits", pixels())
    assert kind_of(plain(tmp_path / name, pixels())) == "exposure"


@pytest.mark.parametrize(
    "name", ["s9.weight.fits", "s9_mask.fits", "s9_mskimg.fits", "s9.bpm.fits"]
)
def test_a_companion_alone_is_no_exposure(tmp_path, name):
    assert kind_of(plain(tmp_path / name, WEIGHT)) in ("mask", "weight")


@pytest.mark.parametrize(
    ("keyword", "value", "kind"),
    [
        ("PRODTYPE", "dqmask", "mask"),
        ("PRODTYPE", "expmap", "weight"),
        ("PRODCATG", "ANCILLARY.WEIGHTMAP", "weight"),
        ("IMAGETYP", "Bad pixel mask", "mask"),
        ("IMTYPE", "weight map", "weight"),
        ("PRODTYPE", "WEIGHT (inverse variance)", "weight"),
        ("BUNIT", "weight", "weight"),
        ("OBJECT", "Weight map", "weight"),
        ("OBJECT", "the Mask", "exposure"),
        ("OBSTYPE", "OBJECT", "exposure"),
        ("PRODCATG", "SCIENCE.IMAGE", "exposure"),
    ],
)
def test_a_card_can_call_a_file_a_companion(tmp_path, keyword, value, kind):
    first = fits.PrimaryHDU(pixels())
    first.header[keyword] = value
    assert kind_of(save(tmp_path / "a.fits", first)) == kind


@pytest.mark.parametrize("name", ["standard.fits", "err-1.fits", "mask1.fits", "flagstaff.fits"])
def test_names_that_only_look_like_a_companion_s_are_exposures(tmp_path, name):
    assert kind_of(plain(tmp_path / name, pixels())) == "exposure"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("s0.weight.fits", np.ones((3, 4), "f4"), "another size"),
        ("s0_segmap.fits", one_bad(), "neither mask nor variance"),
        ("s0.weight.fits", None, "not a FITS"),
    ],
)
def test_a_companion_that_cannot_be_used_is_left_out_with_a_note(tmp_path, name, data, why):
    path = plain(tmp_path / "s0.fits", pixels())
    if data is None:
        (tmp_path / name).write_text("nonsense")
    else:
        plain(tmp_path / name, data)
    (source,) = scan(path)
    assert not source.has_variance
    assert any(f"{name} lies beside it and was left out" in note for note in source.cautions)
    assert any(why in note for note in source.cautions)


def test_the_planes_of_a_companion_go_by_their_names(tmp_path):
    path = mef(tmp_path / "s0.fits", image(name="CCD1"), image(name="CCD2"))
    weights = [image(np.full(SHAPE, value, "f4"), f"CCD{value}") for value in (2, 1)]
    mef(tmp_path / "s0.weight.fits", *weights)
    first, second = read_exposures(path)
    assert (first.variance[0, 0], second.variance[0, 0]) == (1.0, 0.5)


def test_of_two_weights_one_is_used_and_the_other_told(tmp_path):
    path = plain(tmp_path / "s0.fits", pixels())
    plain(tmp_path / "s0.weight.fits", WEIGHT)
    plain(tmp_path / "s0.rms.fits", np.full(SHAPE, 2, "f4"))
    (source,) = scan(path)
    assert source.variance.path.name == "s0.weight.fits"
    assert any("s0.rms.fits" in note for note in source.cautions)


def test_an_exposure_with_planes_of_its_own_is_nobody_s_companion(tmp_path):
    path = plain(tmp_path / "s0.fits", pixels())
    other = mef(tmp_path / "s0_mask.fits", image(name="SCI"), image(one_bad(), "DQ"))
    assert kind_of(other) == "exposure"
    assert not scan(path)[0].has_mask


def test_names_with_control_characters_are_cleaned_where_they_are_shown(tmp_path):
    path = plain(tmp_path / "red\x1b[31m\u202efits.fits", pixels())
    (source,) = scan(path)
    assert source.path == path
    assert not {"\x1b", "\u202e"} & set(source.name)
    with pytest.raises(SkyFrameError) as caught:
        read_sky_frame(path)
    assert "\x1b" not in str(caught.value)
