"""Headers: merged for look-up, the originals kept, and no card broken enough to lose the rest."""

from __future__ import annotations

import copy
import pickle

import pytest
from astropy.io import fits
from fits_samples import lsst_exposure, pixels, save

from skyframe_gui.files import SplitHeader, read_exposures
from skyframe_gui.files.fits.headers import (
    Cards,
    card_int,
    card_number,
    card_text,
    card_value,
    cards_of,
    quiet,
)


def header_of(tmp_path, primary=(), extension=()):
    first, second = fits.PrimaryHDU(), fits.ImageHDU(pixels())
    for header, cards in ((first.header, primary), (second.header, extension)):
        for card in cards:
            header.append(card, end=True)
    path = save(tmp_path / "a.fits", fits.HDUList([first, second]))
    return read_exposures(path)[0].header


def test_the_images_own_card_wins_and_both_originals_are_kept(tmp_path):
    header = header_of(
        tmp_path,
        [("FILTER", "from primary"), ("OBSERVER", "me")],
        [("FILTER", "from image"), ("CCD", 3)],
    )
    assert isinstance(header, SplitHeader)
    assert header["FILTER"] == "from image"
    assert header["OBSERVER"] == "me"
    assert header.primary["FILTER"] == "from primary"
    assert "CCD" not in header.primary
    assert header.extension["FILTER"] == "from image"
    assert "OBSERVER" not in header.extension
    assert header.count("FILTER") == 1
    assert header["NAXIS"] == 2, "of the image, not of the empty primary"


def test_long_keywords_long_strings_and_comments_survive(tmp_path):
    long = "a sentence that is much longer than the 68 characters that fit on one card " * 3
    header = header_of(
        tmp_path,
        [("HIERARCH ESO DET ID", "ccd#42"), ("STORY", long), ("COMMENT", "one"), ("HISTORY", "h1")],
        [("COMMENT", "two"), ("HISTORY", "h2"), ("HIERARCH a.b c", 1.5)],
    )
    assert header["ESO DET ID"] == "ccd#42"
    assert header["STORY"] == long.rstrip()
    assert list(header["COMMENT"]) == ["one", "two"]
    assert list(header["HISTORY"]) == ["h1", "h2"]
    assert header["A.B C"] == 1.5


def test_an_image_in_the_primary_has_no_extension_header(tmp_path):
    hdu = fits.PrimaryHDU(pixels())
    hdu.header["OBJECT"] = "M31"
    header = read_exposures(save(tmp_path / "a.fits", hdu))[0].header
    assert header.extension is None
    assert header["OBJECT"] == header.primary["OBJECT"] == "M31"


def test_the_header_of_a_compressed_image_is_that_of_the_image(tmp_path):
    header = read_exposures(save(tmp_path / "a.fits", lsst_exposure(compress=True)))[0].header
    assert header.extension["XTENSION"] == "IMAGE"
    assert header.extension["NAXIS1"] == 32
    assert header.extension["BITPIX"] == -32
    assert not [key for key in header.extension if key.startswith(("Z", "TFORM", "TTYPE"))]


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda h: pickle.loads(pickle.dumps(h))]
)
def test_copies_keep_the_originals_and_the_notes(tmp_path, duplicate):
    header = header_of(tmp_path, [("OBSERVER", "me")], [("CCD", 3)])
    header.notes = ("a note",)
    twin = duplicate(header)
    assert twin["CCD"] == 3
    assert twin.primary["OBSERVER"] == "me"
    assert twin.extension["CCD"] == 3
    assert twin.notes == ("a note",)
    twin.primary["OBSERVER"] = "you"
    assert header.primary["OBSERVER"] == "me"


def test_a_merged_header_can_be_given_to_astropy(tmp_path):
    header = header_of(tmp_path, [("OBSERVER", "me")], [("CCD", 3)])
    hdu = fits.ImageHDU(pixels(), header)
    hdu.verify("exception")
    assert hdu.header["OBSERVER"] == "me"


def test_values_that_cannot_be_parsed_are_nothing_and_raise_nothing():
    cards = ["GOOD    = 3", "BAD     = no quotes", "EMPTY   =", "TEXT    = '4.5'", "FLOAT   = 7.0"]
    block = "".join(card.ljust(80) for card in [*cards, "END"]).encode()
    header = fits.Header.fromstring("".join(card.text for card in cards_of(block)))
    assert card_int(header, "GOOD") == 3
    assert card_text(header, "BAD") == ""
    assert card_number(header, "EMPTY") is None
    assert card_number(header, "TEXT") == 4.5
    assert card_int(header, "FLOAT") == 7
    assert card_text(header, "FLOAT") == "7"
    assert card_text(header, "ABSENT") == ""


def test_a_broken_coordinate_system_is_a_note(tmp_path):
    hdus = lsst_exposure()
    hdus[1].header["CTYPE1"] = "RA---XYZ"
    hdus[1].header["CD1_1"] = 0.0
    exposure = read_exposures(save(tmp_path / "a.fits", hdus))[0]
    assert exposure.wcs is None
    assert any("WCS" in note for note in exposure.header.notes)


def test_an_image_without_celestial_coordinates_has_none_and_no_note(tmp_path):
    hdu = fits.PrimaryHDU(pixels())
    hdu.header["CTYPE1"] = hdu.header["CTYPE2"] = "PIXEL"
    exposure = read_exposures(save(tmp_path / "a.fits", hdu))[0]
    assert exposure.wcs is None
    assert exposure.header.notes == ()


ODD_CARDS = [
    "PLAIN   =                    3 / a comment",
    "SIGN    = +5",
    "NOUGHTS =                  007",
    "REAL    =              -1.5D-3",
    "POINT   =                  12.",
    "LOWER   =               1.5e10",
    "BLANKS  = - 12",
    "TRUTH   =                    T / or not",
    "WORD    = TRUE",
    "JUNK    = 12abc",
    "EMPTY   =",
    "NOTHING =                      / no value",
    "TEXT    = '  two words  ' / it's so",
    "QUOTE   = 'it''s so' / and 'so'",
    "OPEN    = 'without an end",
    "BEHIND  = 'text'junk",
    "SLASH   = 'a/b' /c",
    "BLANK   = '        '",
    "NONE    = ''",
    "COMPLEX = (1.0, 2.0)",
    "HIERARCH ESO DET  CHIP1 ID = 'ESO-42' / its name",
    "HIERARCH lower.case = 4",
    "BOX.MINX= 5",
    "TIGHT=7",
    "EARLY = 7",
    "  AHEAD = 7",
    "lower   =                    8",
    "DP1     = 'NAXIS: 2' / a field of a record",
    "RATIO   = 'so: 3.5x'",
    "CLOCK   = '12:30:05.5'",
    "LONG    = 'a text that goes on in the next card &'",
    "CONTINUE  'and ends here' / at last",
    "PLAIN   =                    4 / again",
    "COMMENT = 'not a value'",
    "HISTORY of the file",
    "NO VALUE HERE",
    "UNICODE = '\xe9'",
]


def test_cards_say_what_astropy_reads_in_them():
    lines = "".join(card.ljust(80) for card in [*ODD_CARDS, "END"]).encode("latin-1")
    texts = cards_of(lines)
    ours = Cards(texts)
    with quiet():
        theirs = fits.Header.fromstring("".join(card.text for card in texts))
        named = [key for key in theirs if key not in ("COMMENT", "HISTORY", "")]
        keywords = {fits.Card.normalize_keyword(key) for key in named}
    assert set(ours) == keywords
    assert len(keywords) > 30
    for keyword in (*keywords, "ABSENT", "COMMENT", "ESO DET CHIP1 ID"):
        found, expected = (card_value(header, keyword) for header in (ours, theirs))
        assert (found, type(found)) == (expected, type(expected)), keyword
    assert (card_int(ours, "PLAIN"), card_text(ours, "QUOTE")) == (3, "it's so")
    assert "DP1.NAXIS" in ours


def test_headers_of_an_exposure_are_parsed_where_they_are_asked_for(tmp_path):
    path = save(tmp_path / "a.fits", lsst_exposure())
    header = read_exposures(path)[0].header
    texts = header.stored
    assert all(isinstance(part, tuple) for part in texts)
    twin = copy.deepcopy(header)
    assert twin.extension["BITPIX"] == header.extension["BITPIX"] == -32
    assert not any(isinstance(part, tuple) for part in header.stored[1:])
    header.primary = fits.Header({"OBSERVER": "you"})
    header.extension = None
    assert (header.primary["OBSERVER"], header.extension) == ("you", None)
    assert twin.stored[0] is texts[0]
