"""Mirrored and turned images: how they lie on their detector, and where they begin."""

from __future__ import annotations

import pytest
from astropy.io.fits import Header

from skyframe_gui.engine.identity import STRAIGHT, Identity, mismatches, oriented, turned
from skyframe_gui.files.fits.metadata import read_origin
from skyframe_gui.files.fits.orientation import read_orientation

SIZE = (2048, 4096)


@pytest.mark.parametrize(
    ("cards", "orientation"),
    [
        ({}, ""),
        ({"CCDSEC": "[1:2048,1:4096]"}, "+x+y"),
        ({"CCDSEC": "[2048:1,1:4096]"}, "-x+y"),
        ({"CCDSEC": "[1:2048,4096:1]"}, "+x-y"),
        ({"CCDSEC": "[2048:1, 4096:1]"}, "-x-y"),
        ({"CCDSEC": "[1024:1,1:4096]"}, ""),  # of an amplifier
        ({"LTM1_1": 1.0, "LTM2_2": 1.0}, "+x+y"),
        ({"LTM1_1": -1.0, "LTM2_2": 1.0}, "-x+y"),
        ({"LTM1_1": -1.0}, "-x+y"),
        ({"LTM2_2": -0.5, "LTM1_1": 0.5}, "+x-y"),
        ({"LTM2_2": "-1.0"}, "+x-y"),
        ({"LTM1_2": 1.0, "LTM2_1": -1.0}, "+y-x"),
        ({"LTM1_1": 0.0, "LTM2_2": 0.0, "LTM1_2": -1.0, "LTM2_1": 1.0}, "-y+x"),
        ({"LTM1_1": 0.0, "LTM2_2": 0.0}, ""),
        # Either may be the one that was changed.
        ({"LTM1_1": 1.0, "LTM2_2": 1.0, "CCDSEC": "[2048:1,1:4096]"}, "-x+y"),
        ({"LTM1_1": -1.0, "LTM2_2": 1.0, "CCDSEC": "[1:2048,1:4096]"}, "-x+y"),
        ({"DETSEC": "[2049:4096,1:4096]"}, "+x+y"),
        ({"DETSEC": "[4096:2049,8192:4097]"}, "-x-y"),
        # A detector that itself lies so in the mosaic.
        ({"DETSEC": "[4096:2049,8192:4097]", "DTM1_1": -1.0, "DTM2_2": -1.0}, "+x+y"),
        ({"DETSEC": "[4096:2049,8192:4097]", "CCDSEC": "[1:2048,1:4096]"}, "+x+y"),
        ({"DETSEC": "[4096:2049,1:4096]", "DTM1_2": 1.0, "DTM2_1": 1.0}, ""),
        ({"DETSEC": "[1:16384,1:16384]"}, ""),
        ({"ATM1_1": -1.0, "ATM2_2": 1.0}, "-x+y"),
        ({"ATM1_1": -1.0, "ATM2_2": 1.0, "CCDSEC": "[1:2048,1:4096]"}, "+x+y"),
    ],
)
def test_cards_tell_how_an_image_lies(cards, orientation):
    assert read_orientation(Header(cards), SIZE, (1, 1)) == orientation


def test_a_section_of_a_binned_image_tells_it_too():
    cards = Header({"CCDSEC": "[2048:1,1:4096]", "CCDSUM": "2 2"})
    assert read_orientation(cards, (1024, 2048), (2, 2)) == "-x+y"


@pytest.mark.parametrize(
    ("cards", "size", "binning", "origin"),
    [
        ({"LTV1": 2049, "LTV2": 0, "LTM1_1": -1.0, "LTM2_2": 1.0}, SIZE, (1, 1), (0, 0)),
        (
            {"LTV1": 2049, "LTV2": -64, "LTM1_1": -1.0, "LTM2_2": 1.0},
            (1024, 64),
            (1, 1),
            (1024, 64),
        ),
        # Blocks of two: the detector's pixels 1 and 2 are the last one, whose middle is 1.5.
        ({"LTV1": 1024.75, "LTV2": 0.25, "LTM1_1": -0.5, "LTM2_2": 0.5}, (1024, 9), (2, 2), (0, 0)),
    ],
)
def test_a_mirrored_image_begins_at_its_last_pixel(cards, size, binning, origin):
    assert read_origin(Header(cards), size, binning) == (origin, "")


def test_only_what_is_known_is_another_orientation():
    assert turned("-x+y", STRAIGHT)
    assert not turned("-x+y", "-x+y")
    assert not turned("-x+y", "")
    mirrored, silent = Identity(orientation="-x+y"), Identity()
    assert mismatches(Identity(orientation=STRAIGHT), silent) == ()
    assert mismatches(mirrored, mirrored) == ()
    (clause,) = mismatches(mirrored, silent)
    assert clause == "it was read out mirrored along x, the sky frame (does not tell)"


@pytest.mark.parametrize(
    ("orientation", "words"),
    [
        (STRAIGHT, "along the detector's x and y"),
        ("+x-y", "mirrored along y"),
        ("-x-y", "turned by 180 degrees"),
        ("+y-x", "with its x along +y and its y along -x of the detector"),
        ("", ""),
    ],
)
def test_orientations_have_words(orientation, words):
    assert oriented(orientation) == words
