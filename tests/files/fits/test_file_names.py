"""What the names tell that archives give to files, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.io.fits import Header

from skyframe_gui.files.fits.file_names import PATTERNS, read_name
from skyframe_gui.files.fits.metadata import read_metadata

SDSS = "frame-r-004207-3-0123.fits"
BUTLER = "calexp_LSSTCam_r_r_57_5025071600940_R21_S01_u_descdm_w_2024_12_20240324T050830Z.fits"
IMSIM = "calexp_LSSTCam-imSim_i_i_sim_1_4_192350_R23_S12_2_2i_runs_DP0_2_v23_0_0.fits"
VISIT_IMAGE = "visitImage_LSSTComCam_i_i_06_2024120700527_R22_S11_LSSTComCam_runs_DRP.fits"
PRELIMINARY = "preliminary_visit_image_LSSTCam_g_g_6_2026010800095_R30_S22_LSSTCam_prompt.fits"
VIS = "EUC_VIS_SWL-DET-002681-00-1-0000000__20241017T042839.727728Z"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ztf_20200101123456_000600_zr_c05_o_q1_sciimg.fits", ("20200101123456", "5-1", "ZTF_r")),
        ("tess2019142115932-s0012-1-2-0144-s_ffic.fits", ("2019142115932", "1-2", "")),
        ("c4d_150110_053718_ooi_z_ls9.fits", ("c4d_150110_053718", "", "z")),
        ("c4d_150110_053718_ooi_r_v1.fits.fz", ("c4d_150110_053718", "", "r")),
        ("DECam_00149774_40.fits.fz", ("149774", "40", "")),
        ("D00226647_r_c47_r2377p01_immasked.fits.fz", ("226647", "47", "")),
        ("1234567p.fits.fz", ("1234567", "", "")),
        ("SUPA01234567.fits", ("123456", "7", "")),
        ("HSCA12300116.fits", ("123000", "odd-16", "")),
        ("HSCA12300016.fits.fz", ("123000", "even-16", "")),
        ("HSCB00000203.fits", ("1000002", "even-03", "")),
        ("calexp-0289820_11.fits", ("289820", "11", "")),
        ("CORR-0001228-049.fits", ("1228", "49", "")),
        ("calexp-HSC-R-9813-4,4.fits", ("", "", "HSC-R")),
        ("calexp-004207-g3-0123.fits", ("4207-123", "g3", "g")),
        (SDSS, ("4207-123", "r3", "r")),
        (f"{SDSS}.bz2", ("4207-123", "r3", "r")),
        ("fpC-004207-z6-0011.fit.gz", ("4207-11", "z6", "z")),
        ("rings.v3.skycell.1513.011.stk.r.unconv.fits", ("", "", "r.00000")),
        ("RINGS.V3.skycell.2404.005.stk.4032678.unconv.fits", ("", "", "")),
        ("o5432g0123o.234567.ch.765432.XY33.fits", ("o5432g0123o", "XY33", "")),
        ("jbt1a2skq_flt.fits", ("jbt1a2skq", "", "")),
        ("j8xi0e010_drc.fits", ("j8xi0e010", "", "")),
        ("jw01234001001_02101_00001_nrca1_cal.fits", ("jw01234001001_02101_00001", "NRCA1", "")),
        (
            "jw01234001001_02101_00001-seg002_nrcblong_cal.fits",
            ("jw01234001001_02101_00001", "NRCBLONG", ""),
        ),
        ("jw01234-o001_t001_nircam_clear-f200w_i2d.fits", ("", "", "F200W")),
        ("jw01234-o001_t001_nircam_f470n-f444w_i2d.fits", ("", "", "F444W+F470N")),
        ("MC_O_20241126_000123_R22_S00.fits", ("2024112600123", "R22_S00", "")),
        ("MC_S_20241126_000123_R22_S00.fits", ("MC_S_20241126_000123", "R22_S00", "")),
        (BUTLER, ("5025071600940", "R21_S01", "r_57")),
        (IMSIM, ("192350", "R23_S12", "i_sim_1.4")),
        (VISIT_IMAGE, ("2024120700527", "R22_S11", "i_06")),
        (PRELIMINARY, ("2026010800095", "R30_S22", "g_6")),
        ("calexp_HSC_y_HSC-Y_330_1_54_HSC_runs_RC2.fits", ("330", "1_54", "HSC-Y")),
        (f"{VIS}.fits", ("2681-0", "", "")),
        (f"{VIS}_3-4-F.fits.gz", ("2681-0", "3-4.F", "")),
        ("EUC_NIR_W-CAL-IMAGE_H-2704-3_20240930T191946.868701Z.fits", ("2704-3", "", "H")),
        ("kmtc.20150329.007590.fits", ("kmtc.20150329.007590", "", "")),
        ("kmtc.20150329.007590.ne.fits", ("kmtc.20150329.007590", "NE", "")),
        ("KMTA.20260807.012345.MK.fits", ("kmta.20260807.012345", "MK", "")),
        ("v20120314_00123_st.fit", ("20120314_00123", "", "")),
        ("w20070101_00012_sf_st.fit", ("20070101_00012", "", "")),
        ("o20130101_00123.fit", ("20130101_00123", "", "")),
        # A date is no number of an exposure, and a product's date not the exposure's.
        ("FORS2.2020-01-02T03:04:05.678.fits", ("", "", "")),
        ("ADP.2020-01-02T03_04_05.678.fits", ("", "", "")),
        ("exp-20120314T0448-det3.fits", ("20120314T0448", "3", "")),
        ("visit-20120314-det3.fits", ("20120314", "3", "")),
        ("v2025050100292_det3.fits", ("2025050100292", "3", "")),
        ("night.fits", ("", "", "")),
        ("image0001_sub.fits", ("", "", "")),
        ("detail_of_2025.fits", ("", "", "")),
    ],
)
def test_archives_names_tell(name, expected):
    assert tuple(read_name(name)) == expected


@pytest.mark.parametrize("one", PATTERNS, ids=lambda one: one.archive)
def test_the_example_of_each_archive_tells_something_and_is_its_own(one):
    first = next(other for other in PATTERNS if other.pattern.match(one.example))
    assert first is one
    assert any(read_name(one.example))
    assert one.source


def test_a_card_is_worth_more_than_the_name():
    found = read_metadata(Header({"CCDNUM": 5, "EXPNUM": 7}), Path("DECam_00149774_40.fits"))
    assert (found.visit, found.detector) == ("7", "5")
