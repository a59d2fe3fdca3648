"""What mask values mean: named planes from bits, codes and flags, and variances from weights."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import save
from hypothesis import given, settings
from hypothesis import strategies as st

from skyframe_gui.engine import MaskPlanes, SkyFrameError
from skyframe_gui.files import MaskReading, read_exposures, scan
from skyframe_gui.files.fits import mask_tables
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.masks import MaskScheme, flag_bad
from skyframe_gui.files.fits.pixels import read_mask_plane


def exposure_with_mask(path, values, header=None, mask_header=None, variance=None):
    values = np.atleast_2d(np.asarray(values))
    first = fits.PrimaryHDU()
    first.header.update(header or {})
    mask = fits.ImageHDU(values, name="DQ")
    mask.header.update(mask_header or {})
    hdus = [first, fits.ImageHDU(np.ones(values.shape, np.float32), name="SCI"), mask]
    if variance is not None:
        hdus.append(fits.ImageHDU(np.atleast_2d(np.asarray(variance[1], "f4")), name=variance[0]))
    return save(path, fits.HDUList(hdus))


def names_of(exposure, column):
    """Names of the planes that are set in a pixel."""
    value = int(exposure.mask[0, column]) & 0xFFFFFFFF
    named = {name for name, bit in exposure.planes.items() if value >> bit & 1}
    assert value == sum(1 << exposure.planes[name] for name in named), "bits without a name"
    return named


DECAM = {"INSTRUME": "DECam", "PLVER": "V4.8.2a"}


def test_community_pipeline_codes_become_named_planes(tmp_path):
    path = exposure_with_mask(tmp_path / "a.fits", np.arange(10, dtype="i4"), DECAM)
    (exposure,) = read_exposures(path)
    expected = [
        set(), {"BAD"}, {"NO_DATA"}, {"SAT"}, {"SAT", "BLEED"}, {"CR"}, {"LOW_WEIGHT"},
        {"DIFFERENCE"}, {"STREAK"}, {"BAD"},
    ]  # fmt: skip
    assert [names_of(exposure, n) for n in range(10)] == expected
    assert exposure.planes["SAT"] == MaskPlanes.LSST_DEFAULT["SAT"]
    assert "DETECTED" not in exposure.planes, "the file knows nothing of detections"
    assert any("codes" in note for note in exposure.header.notes)


def test_the_early_pipeline_used_bits(tmp_path):
    header = DECAM | {"PLVER": "V3.2.1"}
    path = exposure_with_mask(tmp_path / "a.fits", np.array([0, 1, 2, 3, 16, 64], "i4"), header)
    (exposure,) = read_exposures(path)
    expected = [set(), {"BAD"}, {"SAT"}, {"BAD", "SAT"}, {"CR"}, {"SAT", "BLEED"}]
    assert [names_of(exposure, n) for n in range(6)] == expected


def test_des_masks_take_32768_for_good_and_pixels_without_it_for_empty(tmp_path):
    values = np.array([32768, 32769, 32770, 0, 32768 | 1 << 14], "i4")
    path = exposure_with_mask(tmp_path / "a.fits", values, mask_header={"DES_EXT": "MASK"})
    (exposure,) = read_exposures(path)
    expected = [set(), {"BAD"}, {"SAT"}, {"NO_DATA"}, {"BAD"}]
    assert [names_of(exposure, n) for n in range(5)] == expected


def test_des_masks_that_do_not_use_32768_have_0_for_good(tmp_path):
    values = np.array([0, 1, 16], "i2")
    path = exposure_with_mask(tmp_path / "a.fits", values, mask_header={"DES_EXT": "MASK"})
    (exposure,) = read_exposures(path)
    assert [names_of(exposure, n) for n in range(3)] == [set(), {"BAD"}, {"CR"}]


def test_hubble_bits_are_named_and_the_serious_ones_are_bad(tmp_path):
    values = np.array([0, 16, 256, 2048, 4096, 1024, 2], "i2")
    header = {"TELESCOP": "HST", "INSTRUME": "ACS", "SDQFLAGS": 31743}
    (exposure,) = read_exposures(exposure_with_mask(tmp_path / "a.fits", values, header))
    expected = [set(), {"BAD", "HOT"}, {"SAT"}, {"SAT"}, {"CR"}, {"TRAP"}, {"NO_DATA"}]
    assert [names_of(exposure, n) for n in range(7)] == expected


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8", "f4"])
def test_in_an_unknown_mask_every_flagged_value_is_bad(tmp_path, dtype):
    path = exposure_with_mask(tmp_path / "a.fits", np.array([0, 1, 7, 100], dtype))
    (exposure,) = read_exposures(path)
    assert [names_of(exposure, n) for n in range(4)] == [set(), {"BAD"}, {"BAD"}, {"BAD"}]
    assert any("nothing tells" in note for note in exposure.header.notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flags", [{"BAD"}, {"BAD"}, {"BAD"}, set()]),
        ("flags:good=32768", [set(), {"BAD"}, {"BAD"}, {"BAD"}]),
        ("auto:good=32768", [set(), {"BAD"}, {"BAD"}, {"BAD"}]),
        ("codes:SAT=32769,CR=5,good=32768", [set(), {"SAT"}, {"CR"}, {"BAD"}]),
        ("bits:BAD=0,SAT=2,good=32768", [set(), {"BAD"}, {"BAD", "SAT"}, set()]),
        ("codes", [{"BAD"}, {"BAD"}, {"CR"}, set()]),
    ],
)
def test_the_user_can_say_how_to_read_a_mask(tmp_path, text, expected):
    path = exposure_with_mask(tmp_path / "a.fits", np.array([32768, 32769, 5, 0], "i4"))
    (exposure,) = read_exposures(path, MaskReading.parse(text))
    assert [names_of(exposure, n) for n in range(4)] == expected


def test_bits_without_names_are_refused_with_an_example(tmp_path):
    path = exposure_with_mask(tmp_path / "a.fits", np.array([0, 1], "i4"))
    with pytest.raises(SkyFrameError, match="bits:BAD=0"):
        scan(path, MaskReading(kind="bits"))


@pytest.mark.parametrize(
    "text", ["bit", "bits:BAD", "bits:BAD=x", "bits:BAD=40", "flags:SAT=1", "auto:SAT=1"]
)
def test_a_mask_reading_that_means_nothing_is_refused(text):
    with pytest.raises(SkyFrameError):
        MaskReading.parse(text)


def test_all_32_bits_of_a_mask_survive(tmp_path):
    values = np.array([1 << 31, (1 << 31) + 1, 0], "u4")
    cards = {"MP_TOP": 31, "MP_LOW": 0}
    path = exposure_with_mask(tmp_path / "a.fits", values, mask_header=cards)
    (exposure,) = read_exposures(path)
    assert exposure.mask.dtype == np.int32
    assert [names_of(exposure, n) for n in range(3)] == [{"TOP"}, {"TOP", "LOW"}, set()]


def test_a_mask_stored_as_floats_is_read_and_its_gaps_have_no_data(tmp_path):
    cards = {"MP_BAD": 0, "HIERARCH MP_NO_DATA": 8}
    values = np.array([0, 1, np.nan], "f8")
    path = exposure_with_mask(tmp_path / "a.fits", values, mask_header=cards)
    (exposure,) = read_exposures(path)
    assert [names_of(exposure, n) for n in range(3)] == [set(), {"BAD"}, {"NO_DATA"}]


@pytest.mark.parametrize(
    ("values", "reading", "bad"),
    [
        ([0.0, 0.3, 0.5, 1e-9, 1.0, 1.5, -0.2], "auto", [0, 1, 1, 1, 1, 1, 1]),
        ([1.0, 0.7, 1.3, 0.0, 2.0], "flags:good=1", [0, 1, 1, 1, 1]),
    ],
)
def test_what_resampling_leaves_between_good_and_flagged_is_bad(tmp_path, values, reading, bad):
    path = exposure_with_mask(tmp_path / "a.fits", np.array(values, "f8"))
    (exposure,) = read_exposures(path, MaskReading.parse(reading))
    assert [names_of(exposure, n) == {"BAD"} for n in range(len(bad))] == [bool(b) for b in bad]


def test_broken_numbers_of_a_float_mask_go_away_from_the_good_value(tmp_path):
    values = np.array([0.0, 1e-7, 1.4, 2.5, 3.0000001, -2.5], "f8")
    path = exposure_with_mask(tmp_path / "a.fits", values)
    with open_fits(path) as file:
        whole, holes = read_mask_plane(file, file.planes[-1], [])
    assert whole.ravel().tolist() == [0, 1, 2, 3, 3, -3]
    assert not holes


@pytest.mark.parametrize(
    ("name", "bad", "guess"), [("FLAG", [1, 1, 1, 0], False), ("DQ", [0, 0, 0, 1], True)]
)
def test_a_flag_map_is_not_guessed_from_what_most_pixels_have(tmp_path, name, bad, guess):
    first = fits.PrimaryHDU()
    first.header["INSTRUME"] = "MegaPrime"
    planes = [fits.ImageHDU(np.ones((1, 4), "f4"), name="SCI")]
    planes.append(fits.ImageHDU(np.array([[1, 1, 1, 0]], "u1"), name=name))
    path = save(tmp_path / "a.fits", fits.HDUList([first, *planes]))
    (exposure,) = read_exposures(path)
    assert [names_of(exposure, n) == {"BAD"} for n in range(4)] == [bool(b) for b in bad]
    (source,) = scan(path)
    assert any("most pixels" in note for note in source.cautions) is guess


@pytest.mark.parametrize(
    ("image", "mask", "bad", "words"),
    [
        # Most pixels are bad, and the image says so, whichever value that is.
        ([0, 0, 0, 5], [1, 1, 1, 0], [1, 1, 1, 0], "1 is bad in it"),
        ([0, 0, 0, 5], [0, 0, 0, 1], [1, 1, 1, 0], "0 is bad in it"),
        ([5, 6, 7, 0], [1, 1, 1, 0], [0, 0, 0, 1], "0 is bad in it"),
        # Zeros of the sky itself, or of something else, say nothing.
        ([0, 6, 7, 5], [1, 1, 1, 0], [0, 0, 0, 1], ""),
        ([0, 0, 7, 5], [1, 1, 1, 0], [0, 0, 0, 1], ""),
        ([4, 6, 7, 5], [1, 1, 1, 0], [0, 0, 0, 1], ""),
    ],
)
def test_where_elixir_made_the_image_0_tells_which_value_is_bad(tmp_path, image, mask, bad, words):
    first = fits.PrimaryHDU()
    first.header["INSTRUME"] = "MegaPrime"
    planes = [fits.ImageHDU(np.array([image], "f4"), name="SCI")]
    planes.append(fits.ImageHDU(np.array([mask], "u1"), name="DQ"))
    (exposure,) = read_exposures(save(tmp_path / "a.fits", fits.HDUList([first, *planes])))
    assert [names_of(exposure, n) == {"BAD"} for n in range(4)] == [bool(b) for b in bad]
    said = [note for note in exposure.header.notes if "is bad in it" in note]
    assert [words in note for note in said] == ([True] if words else [])


def test_mask_bits_above_31_are_left_out_and_told(tmp_path):
    values = np.array([0, 1 << 40, (1 << 40) + 1], "i8")
    path = exposure_with_mask(tmp_path / "a.fits", values, mask_header={"MP_BAD": 0})
    (exposure,) = read_exposures(path)
    assert [names_of(exposure, n) for n in range(3)] == [set(), set(), {"BAD"}]
    assert any("2 pixels use bits above" in note for note in exposure.header.notes)


@pytest.mark.parametrize(
    ("name", "stored", "expected", "bad"),
    [
        ("WEIGHT", [4, 0, -1, np.nan], [0.25, np.inf, np.inf, np.inf], [0, 1, 1, 1]),
        ("ERR", [3, 0, -1, np.nan], [9, 0, np.inf, np.inf], [0, 0, 1, 1]),
        ("VARIANCE", [4, 0, -1, np.nan], [4, 0, -1, np.nan], [0, 0, 0, 0]),
    ],
)
def test_weights_and_errors_become_variances(tmp_path, name, stored, expected, bad):
    path = exposure_with_mask(
        tmp_path / "a.fits", np.zeros(4, "i4"), mask_header={"MP_SAT": 0}, variance=(name, stored)
    )
    (exposure,) = read_exposures(path)
    np.testing.assert_array_equal(exposure.variance[0], np.array(expected, "f4"))
    assert [int("BAD" in names_of(exposure, n)) for n in range(4)] == bad
    assert exposure.planes["SAT"] == 0
    assert scan(path)[0].planes == exposure.planes


def test_flagging_pixels_leaves_the_other_planes_alone():
    planes = MaskPlanes({name: bit for bit, name in enumerate("ABCDEFGH")})
    mask = np.array([[1, 128, 0]], np.int32)
    flagged, more = flag_bad(mask.copy(), planes, np.array([[True, True, False]]))
    assert more["BAD"] == 8
    np.testing.assert_array_equal(flagged & 255, mask)
    np.testing.assert_array_equal(flagged >> 8, [[1, 1, 0]])


def test_a_file_with_all_32_planes_taken_has_no_room_for_bad():
    planes = MaskPlanes({f"P{bit}": bit for bit in range(32)})
    with pytest.raises(SkyFrameError, match="32 mask planes"):
        flag_bad(None, planes, np.array([[True]]))


@settings(max_examples=15)
@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1, max_size=40))
def test_no_flagged_value_of_a_known_camera_is_ever_taken_for_good(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("masks")
    stored = np.array(values, "i4")
    for name, header in (
        ("codes.fits", DECAM),
        ("bits.fits", DECAM | {"PLVER": "V3.0"}),
        ("hst.fits", {"TELESCOP": "HST", "INSTRUME": "WFC3"}),
        ("flags.fits", {}),
    ):
        (exposure,) = read_exposures(exposure_with_mask(folder / name, stored, header))
        np.testing.assert_array_equal(exposure.mask[0] != 0, stored != 0)


@pytest.mark.parametrize(
    "text", ["auto", "flags:good=32768", "bits:BAD=0,SAT=1,good=0", "codes:BAD=-1,SAT=3"]
)
def test_a_mask_reading_is_written_as_it_is_read(text: str) -> None:
    assert str(MaskReading.parse(text)) == text


BITS_AND_CODES = {
    "CP_CODES": "1 BAD, 2 NO_DATA, 3 SAT, 4 SAT BLEED, 5 CR, 6 LOW_WEIGHT, 7 DIFFERENCE, 8 STREAK",
    "CP_BITS": "0 BAD, 1 SAT, 2 INTRP, 4 CR, 6 SAT BLEED, 7 DIFFERENCE",
    "DES_BITS": "0 BAD, 1 SAT, 2 INTRP, 3 BAD, 4 CR, 5 BRIGHT_STAR, 6 SAT BLEED, 7 BAD BLEED, "
    "8 CROSSTALK, 9 EDGE, 10 STREAK, 11 SUSPECT",
    "HST_BITS": "0 BAD, 1 NO_DATA, 2 BAD, 3 BAD, 4 HOT, 5 CTE, 6 WARM, 7 BAD, 8 SAT, "
    "9 BAD_REFERENCE, 10 TRAP, 11 SAT, 12 CR, 13 CR, 14 CROSSTALK",
}
OF_CAMERAS = {
    "JWST": "0 BAD, 1 SATURATED_GROUP, 2 JUMP_DET, 4 OUTLIER, 5 PERSISTENCE, 9 NO_DATA, 11 HOT, "
    "12 WARM, 31 NO_DATA",
    "ZTF": "0 STREAK BAD, 1 DETECTED, 2 BAD, 3 BAD, 4 BAD, 5 GHOST BAD, 6 BAD, 7 CR BAD, 8 SAT, "
    "9 BAD, 10 NO_DATA, 11 SUSPECT, 12 GHOST BAD",
    "Gemini": "0 BAD, 1 SUSPECT, 2 SAT, 3 CR, 4 NO_DATA, 5 OVERLAP, 6 NO_DATA UNILLUMINATED",
    "SDSS": "0 INTRP, 1 SAT, 2 NOT_CHECKED, 3 DETECTED, 4 DETECTED BRIGHT_OBJECT, 5 DETECTED, "
    "6 CATALOGUED, 7 SUBTRACTED, 8 GHOST, 9 CR",
    "MegaCam": "",
}


def as_documented(meaning):
    return ", ".join(" ".join([str(number), *planes]) for number, planes in meaning)


def test_bits_and_codes_mean_what_their_pipelines_document():
    found = {name: as_documented(getattr(mask_tables, name)) for name in BITS_AND_CODES}
    assert found == BITS_AND_CODES
    found = {
        one.name.partition(",")[0]: as_documented(one.meaning) for one in mask_tables.CONVENTIONS
    }
    assert found == OF_CAMERAS
    kinds = {one.name.partition(",")[0]: (one.kind, one.others_are_bad)
             for one in mask_tables.CONVENTIONS}  # fmt: skip
    assert kinds == dict.fromkeys(OF_CAMERAS, ("bits", True)) | {
        "JWST": ("bits", False),
        "MegaCam": ("majority", True),
    }
    assert mask_tables.DES_GOOD_BIT == 15
    assert mask_tables.HST_SERIOUS == 2**15 - 1 - 2**10, "all but charge traps"


@pytest.mark.parametrize(
    ("cards", "name"),
    [
        ({"TELESCOP": "JWST"}, "JWST"),
        ({"INSTRUME": "ztf/MOSAIC"}, "ZTF"),
        ({"TELESCOP": "Gemini-North"}, "Gemini"),
        ({"OBSERVAT": "GEMINI-SOUTH"}, "Gemini"),
        ({"INSTRUME": "GMOS-S"}, "Gemini"),
        ({"INSTRUME": "F2"}, "Gemini"),
        ({"INSTRUME": "F2X"}, ""),
        ({"ORIGIN": "SDSS"}, "SDSS"),
        ({"TELESCOP": "2.5m"}, "SDSS"),
        ({"TELESCOP": "2x5m"}, ""),
        ({"INSTRUME": "MegaPrime"}, "MegaCam"),
        ({"INSTRUME": "NewMegaCam"}, ""),
        ({}, ""),
    ],
)
def test_whose_mask_it_is_the_header_tells(cards, name):
    found = mask_tables.convention_of(fits.Header(cards))
    assert (found.name.partition(",")[0] if found else "") == name


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8"])
@pytest.mark.parametrize(
    "scheme",
    [
        MaskScheme(kind="planes", planes=MaskPlanes({"BAD": 0, "SAT": 1}), good=4),
        MaskScheme(kind="flags", planes=MaskPlanes({"BAD": 3, "NO_DATA": 4}), good=2),
        MaskScheme(kind="flags", planes=MaskPlanes({"BAD": 3}), majority=True),
        MaskScheme(
            kind="codes",
            planes=MaskPlanes({"BAD": 0, "SAT": 1}),
            meaning=((3, ("SAT",)), (100, ("BAD", "SAT"))),
        ),
        MaskScheme(
            kind="bits",
            planes=MaskPlanes({"BAD": 0, "SAT": 1, "NO_DATA": 2}),
            meaning=((0, ("SAT",)), (5, ("SAT", "BAD"))),
            good_bit=6,
        ),
        MaskScheme(
            kind="bits",
            planes=MaskPlanes({"BAD": 0, "SAT": 1}),
            meaning=((0, ("SAT",)),),
            others_are_bad=False,
            good=32,
        ),
    ],
)
def test_a_mask_of_many_pixels_means_what_one_of_few_does(scheme, dtype):
    values = np.concatenate([np.arange(128), np.zeros(200)]).astype(dtype)
    if np.dtype(dtype).kind == "i":
        values[7] = values[90] = -1
    if scheme.majority:
        values = (values > 0).astype(dtype)
    for holes in (False, True):
        few = scheme.decode(values.reshape(1, -1), holes)
        many = scheme.decode(np.tile(values, (900, 1)), holes)
        assert many.dtype == np.int32
        np.testing.assert_array_equal(many, np.tile(few, (900, 1)))
