"""Which HDUs belong together, and what is no exposure at all."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import PLANES, lsst_exposure, mef, pixels, save

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import kind_of, read_exposures, scan
from skyframe_gui.files.fits.layouts.base import ROLES, word_role

MASK = np.zeros((24, 32), np.int32)
MASK[2, 3] = 1
WEIGHT = np.full((24, 32), 0.25, np.float32)


def image(name="", data=None, **cards):
    hdu = fits.ImageHDU(pixels() if data is None else data)
    if name:
        hdu.header["EXTNAME"] = name
    hdu.header.update(cards)
    return hdu


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "tiles"])
def test_an_lsst_exposure_keeps_its_planes_bits_and_origin(tmp_path, compress):
    path = save(tmp_path / "a.fits", lsst_exposure(compress=compress))
    (exposure,) = read_exposures(path)
    np.testing.assert_array_equal(exposure.image, pixels())
    assert dict(exposure.planes) == PLANES
    assert set(np.unique(exposure.mask)) == {0, 33}
    assert exposure.xy0 == (100, 200)
    assert exposure.bbox == (100, 200, 131, 223)
    assert (exposure.detector, exposure.visit) == ("R22_S11", "4711")
    assert exposure.wcs.wcs.ctype[0] == "RA---TAN"
    assert kind_of(path) == "exposure"


def test_unnamed_lsst_planes_are_told_by_their_order(tmp_path):
    mask = image(data=MASK.astype(np.uint16), MP_BAD=0, MP_SAT=1)
    path = mef(tmp_path / "a.fits", image(), mask, image(data=4 / WEIGHT))
    (exposure,) = read_exposures(path)
    assert dict(exposure.planes) == {"BAD": 0, "SAT": 1}
    assert exposure.mask[2, 3] == 1
    assert exposure.variance[0, 0] == 16


def test_an_image_in_the_primary_finds_its_mask_in_the_next_hdu(tmp_path):
    first = fits.PrimaryHDU(pixels())
    first.header["EXTTYPE"] = "IMAGE"
    mask = image(data=MASK.astype(np.uint16), EXTTYPE="MASK", MP_CR=0)
    path = save(tmp_path / "a.fits", fits.HDUList([first, mask]))
    (exposure,) = read_exposures(path)
    assert dict(exposure.planes) == {"CR": 0}
    assert exposure.mask[2, 3] == 1
    assert exposure.header.extension is None


def test_other_keys_that_look_like_plane_cards_are_not_planes(tmp_path):
    mask = image("MASK", MASK, MP_BAD=0)
    mask.header["HIERARCH ESO DET TEMP_VAR"] = 3
    mask.header["TEMP_A"] = 4
    path = mef(tmp_path / "a.fits", image("IMAGE"), mask)
    assert dict(read_exposures(path)[0].planes) == {"BAD": 0}


def test_a_plane_card_without_a_usable_bit_refuses_the_file(tmp_path):
    path = mef(tmp_path / "a.fits", image("IMAGE"), image("MASK", MASK, MP_SAT=-1))
    with pytest.raises(SkyFrameError, match="MP_SAT"):
        scan(path)


@pytest.mark.parametrize("named", [True, False])
def test_des_files_have_image_mask_and_weight_in_one_file(tmp_path, named):
    planes = (image(), image(data=MASK | 32768), image(data=WEIGHT))
    if named:
        for hdu, role in zip(planes, ("IMAGE", "MASK", "WEIGHT"), strict=True):
            hdu.header["DES_EXT"] = role
    for hdu in planes:
        hdu.header["EXTNAME"] = "COMPRESSED_IMAGE"
    (source,) = scan(mef(tmp_path / "a.fits", *planes))
    assert source.has_mask
    assert source.has_variance
    assert source.read().variance[0, 0] == 4


def test_sci_err_dq_are_put_together_by_extver_in_any_order(tmp_path):
    hdus = [
        image("SCI", pixels(1), EXTVER=1),
        image("SCI", pixels(2), EXTVER=2),
        image("ERR", np.full((24, 32), 2, np.float32), EXTVER=2),
        image("ERR", np.full((24, 32), 3, np.float32), EXTVER=1),
        image("DQ", MASK.astype(np.int16), EXTVER=2),
        image("WCSDVARR", pixels(3), EXTVER=1),
    ]
    first, second = read_exposures(mef(tmp_path / "a.fits", *hdus))
    np.testing.assert_array_equal(first.image, pixels(1))
    np.testing.assert_array_equal(second.image, pixels(2))
    assert first.variance[0, 0] == 9
    assert second.variance[0, 0] == 4
    assert second.mask[2, 3] == 1
    assert first.mask.max() == 0


def test_every_image_of_a_mosaic_is_a_detector_with_a_name_of_its_own(tmp_path):
    hdus = [image(f"ccd{n}", pixels(n), DETECTOR="same for all") for n in (1, 2, 3)]
    sources = scan(mef(tmp_path / "a.fits", *hdus, EXPNUM=99))
    assert [source.detector for source in sources] == ["CCD1", "CCD2", "CCD3"]
    assert {source.visit for source in sources} == {"99"}
    assert [source.name for source in sources] == [f"a.fits[CCD{n}]" for n in (1, 2, 3)]
    np.testing.assert_array_equal(sources[1].read().image, pixels(2))


def test_a_mosaic_without_any_names_is_numbered_by_hdu(tmp_path):
    sources = scan(mef(tmp_path / "a.fits", image(), image()))
    assert [source.detector for source in sources] == ["1", "2"]


def test_planes_of_different_sizes_are_refused_with_both_sizes(tmp_path):
    path = mef(tmp_path / "a.fits", image("IMAGE"), image("MASK", MASK[:5], MP_BAD=0))
    with pytest.raises(SkyFrameError, match="32 x 5 pixels but its image is 32 x 24"):
        scan(path)


def test_a_plane_of_a_degenerate_cube_is_an_image(tmp_path):
    path = save(tmp_path / "a.fits", fits.PrimaryHDU(pixels()[None, None]))
    np.testing.assert_array_equal(read_exposures(path)[0].image, pixels())


# --- DECam: three files --------------------------------------------------------------------

NAME = "c4d_150110_053718_oo{}_z_ls9.fits"


def decam(folder, products="idw", end="", code=3):
    dq = np.zeros((24, 32), np.int32)
    dq[2, 3] = code
    weight = WEIGHT.copy()
    weight[5, 6] = 0
    cards = {"INSTRUME": "DECam", "PLVER": "V4.8.2a", "PROCTYPE": "InstCal"}
    for product, data in (("i", pixels()), ("d", dq), ("w", weight)):
        if product in products:
            path = folder / (NAME.format(product) + end)
            mef(path, image("S4", data), image("S5", data), **cards)
    return folder / (NAME.format("i") + end)


def test_decam_mask_and_weight_are_found_beside_the_image(tmp_path):
    first, second = read_exposures(decam(tmp_path))
    assert (first.detector, second.detector) == ("S4", "S5")
    assert first.visit == "c4d_150110_053718"
    assert first.mask[2, 3] == 1 << first.planes["SAT"]
    assert first.variance[0, 0] == 4
    assert np.isinf(first.variance[5, 6])
    assert first.mask[5, 6] == 1 << first.planes["BAD"]


def test_decam_partners_are_matched_by_extension_name(tmp_path):
    path = decam(tmp_path)
    mef(tmp_path / NAME.format("d"), image("S5", MASK), image("S4", MASK * 3), PLVER="V4.8")
    first, second = read_exposures(path)
    assert first.mask[2, 3] == 1 << first.planes["SAT"]
    assert second.mask[2, 3] == 1 << second.planes["BAD"]


def test_decam_partners_are_found_when_compressed_otherwise(tmp_path):
    path = decam(tmp_path, "i")
    decam(tmp_path, "dw", end=".fz")
    (source, _) = scan(path)
    assert source.has_mask
    assert source.has_variance


def test_a_decam_image_alone_is_read_without_mask(tmp_path):
    source, _ = scan(decam(tmp_path, "i"))
    assert not source.has_mask
    assert not source.has_variance


@pytest.mark.parametrize(("product", "kind"), [("d", "mask"), ("w", "weight")])
def test_a_decam_mask_or_weight_alone_is_refused_with_the_image_to_give(tmp_path, product, kind):
    decam(tmp_path)
    path = tmp_path / NAME.format(product)
    assert kind_of(path) == kind
    with pytest.raises(SkyFrameError, match=NAME.format("i")):
        read_exposures(path)


def test_a_broken_partner_is_the_file_that_is_named(tmp_path):
    path = decam(tmp_path)
    partner = tmp_path / NAME.format("d")
    partner.write_bytes(partner.read_bytes()[:7000])
    with pytest.raises(SkyFrameError, match=r"ood.*cut short"):
        read_exposures(path)


def test_a_partner_that_ends_between_two_detectors_does_not_silently_lose_the_mask(tmp_path):
    path = decam(tmp_path)
    mef(tmp_path / NAME.format("d"), image("S4", MASK))
    with pytest.raises(SkyFrameError, match=r"ood.*lacks the extension S5"):
        read_exposures(path)


# --- what is no exposure -------------------------------------------------------------------


def table():
    return fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1, 2])])


def raw_segments(*names):
    cards = {"DATASEC": "[5:28,1:24]", "DETSEC": "[1:24,1:24]", "BIASSEC": "[29:32,1:24]"}
    return [image(name, **cards) for name in names]


def sky_frame(where, hierarch):
    hdus = lsst_exposure()
    for key in ("MINX", "MINY", "MAXX", "MAXY"):
        # Astropy will not write a plain card with a dot, which LSST does.
        name = f"HIERARCH BOX.{key}" if hierarch else f"BOX_{key}"
        hdus[where].header[name] = 0
    return hdus


@pytest.mark.parametrize(
    ("hdus", "kind"),
    [
        ([fits.PrimaryHDU(), table()], "table"),
        ([fits.PrimaryHDU()], "header only"),
        ([fits.PrimaryHDU(np.zeros(7, np.float32))], "spectrum"),
        ([fits.PrimaryHDU(np.zeros((3, 5, 5), np.float32))], "cube"),
        ([fits.PrimaryHDU(), *raw_segments("Segment10", "Segment11")], "raw"),
        ([fits.PrimaryHDU(), *raw_segments("im1", "im2", "im3")], "raw"),
        (
            [
                fits.PrimaryHDU(),
                image(
                    "N4",
                    DATASECA="[3:16,1:24]",
                    DATASECB="[17:30,1:24]",
                    BIASSECA="[1:2,1:24]",
                    BIASSECB="[31:32,1:24]",
                ),
            ],
            "raw",
        ),
        ([fits.PrimaryHDU(), image(MP_BAD=0, data=MASK)], "mask"),
        ([fits.PrimaryHDU(), image("DQ", MASK)], "mask"),
        ([fits.PrimaryHDU(), image("WEIGHT", WEIGHT)], "weight"),
        ([fits.PrimaryHDU(pixels()), image(BKGD_X0=0)], "background list"),
        (sky_frame(0, hierarch=True), "sky frame"),
        (sky_frame(1, hierarch=False), "sky frame"),
    ],
)
def test_what_is_no_exposure_is_told_by_name_and_refused(tmp_path, hdus, kind):
    path = save(tmp_path / "a.fits", fits.HDUList(hdus))
    path.write_bytes(path.read_bytes().replace(b"BOX_M", b"BOX.M"))
    assert kind_of(path) == kind
    with pytest.raises(SkyFrameError) as caught:
        read_exposures(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert ";" in str(caught.value), "the sentence should say what to do"


def test_a_mask_product_is_refused_even_when_nothing_else_tells(tmp_path):
    path = mef(tmp_path / "a.fits", image("ccd1", MASK), PRODTYPE="dqmask")
    assert kind_of(path) == "mask"


def test_a_mosaic_of_masks_is_read_for_its_layout_with_a_word(tmp_path):
    path = mef(tmp_path / "a.fits", image("ccd1", MASK), image("ccd2", MASK), PRODTYPE="dqmask")
    sources = scan(path)
    assert [source.detector for source in sources] == ["ccd1", "ccd2"]
    assert all("dqmask" in " ".join(source.notes) for source in sources)


def test_a_trimmed_image_that_kept_its_section_cards_is_not_raw(tmp_path):
    cards = {"DATASECA": "[57:1080,51:4146]", "DATASECB": "[1081:2104,51:4146]"}
    cards |= {"BIASSECA": "[7:56,51:4146]", "BIASSECB": "[2105:2154,51:4146]"}
    path = mef(tmp_path / "a.fits", image("N4", **cards), image("N5", **cards))
    assert kind_of(path) == "exposure"


def test_a_source_can_be_sent_to_another_process(tmp_path):
    (source,) = scan(save(tmp_path / "a.fits", lsst_exposure()))
    twin = pickle.loads(pickle.dumps(source))
    assert twin == source
    np.testing.assert_array_equal(twin.read().image, pixels())


ROLE_WORDS = """
image: IMAGE SCI SCIENCE DATA
mask: MASK MSK DQ BPM FLG FLAG FLAGS QUAL QUALITY BADPIX DQMASK IMMASK
variance: VARIANCE VAR STAT
weight: WEIGHT WEIGHTS WGT WHT IVAR INVVAR
error: ERR ERROR ERRS ERRORS UNCERT UNC RMS SIGMA NOISE STDDEV
other: BACKGROUND BKG BACK BKGRMS BACKGROUND_RMS SKY SEGMAP SEG SEGM SEGMENTATION MODEL RESIDUAL
other: CHI2 EXPMAP CON CTX COVERAGE AREA SAMP TIME WAVELENGTH OBJMASK PSF VAR_POISSON VAR_RNOISE
other: VAR_FLAT
"""


def test_a_word_in_a_planes_name_tells_what_it_is_for() -> None:
    told = {}
    for line in ROLE_WORDS.strip().splitlines():
        role, _, words = line.partition(": ")
        told |= dict.fromkeys(words.split(), role)
    assert {word: word_role(word)[1] for word in told} == told
    assert set(told) == set(ROLES)
    for name, rest, role in (
        ("3-4.F.RMS", "3-4.F", "error"),
        ("CCD 3-SCI", "CCD 3", "image"),
        ("MASK_CCD3", "CCD3", "mask"),
        ("SCI2", "2", "image"),
        ("CCD3", "", None),
        ("SCIENTIST", "", None),
        ("", "", None),
    ):
        assert word_role(name) == (rest, role)
