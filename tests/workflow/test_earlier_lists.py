"""Which list of backgrounds an exposure gets, by the names of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_items import a_source

from skyframe_gui.workflow.earlier_lists import find_lists, key_of

HERE = Path("/nowhere")


@pytest.mark.parametrize(
    ("exposure", "given"),
    [
        ("x.fits", "x-background.fits"),
        ("x.fits.fz", "x_background.fits"),
        ("x.fits", "background-x.fits.gz"),
        ("calexp_HSC_r_903334_16.fits", "calexpBackground_HSC_r_903334_16.fits"),
        ("preliminary_visit_image_7_3.fits", "preliminary_visit_image_background_7_3.fits"),
        ("x.fits", "x.bkg.fits"),
        ("x.fits", "x.fits"),
        # By visit and detector.
        ("a.fits", "det003.fits"),
        ("a.fits", "list-2001-3.fits"),
        ("a.fits", "backgrounds_visit2001_ccd3_v1.fits"),
    ],
)
def test_a_list_belongs_to_its_exposure(exposure: str, given: str) -> None:
    source = a_source(exposure, detector="3", visit="2001")
    other = a_source("other.fits", detector="4", visit="2001")
    path, wrong = HERE / given, HERE / "det5-background.fits"
    found = find_lists([source, other], [path, wrong])
    assert found.paths == {key_of(source): path}
    assert found.unused == (wrong,)


@pytest.mark.parametrize(
    "given", ["x2-background.fits", "visit3-det1.fits", "2001-13.fits", "list3-of-7.fits"]
)
def test_a_number_in_a_name_is_not_yet_a_detector(given: str) -> None:
    sources = [a_source(name, detector="3", visit="2001") for name in ("x.fits", "y.fits")]
    assert find_lists(sources, [HERE / given]).paths == {}


def test_of_several_visits_each_has_its_own() -> None:
    sources = [a_source(f"{v}.fits", detector="R22_S11", visit=v) for v in ("7001", "7002")]
    lists = [HERE / "bg_7002_R22_S11.fits", HERE / "bg_7001_R22_S11.fits"]
    found = find_lists(sources, lists)
    assert [found.paths[key_of(source)] for source in sources] == lists[::-1]


def test_what_cannot_be_told_apart_is_refused() -> None:
    source, other = (a_source(f"{v}.fits", detector="3", visit=v) for v in ("7", "8"))
    twice = find_lists([source], [HERE / "ccd3-a.fits", HERE / "ccd3-b.fits"])
    assert twice.paths == {}
    assert (
        "several lists of backgrounds could be its own (ccd3-a.fits, ccd3-b.fits)"
        in (twice.refused[key_of(source)])
    )
    shared = find_lists([source, other], [HERE / "ccd3.fits"])
    assert shared.paths == {}
    assert (
        "ccd3.fits could be the list of backgrounds of several exposures"
        in (shared.refused[key_of(other)])
    )


def test_one_list_for_one_exposure_needs_no_name() -> None:
    source = a_source("x.fits", detector="", visit="")
    assert find_lists([source], [HERE / "whatever.fits"]).paths == {
        key_of(source): HERE / "whatever.fits"
    }


@pytest.mark.parametrize(
    "given",
    [
        "bg-visit999-det3.fits",
        "Other-v999-det3-background.fits",
        "calexpBackground-999-3.fits",
        "det003-visit9.fits",
        "20260102-det3.fits",
        "hsc-det3.fits",
        "v7-det3.fits",
    ],
)
def test_a_list_of_another_visit_or_camera_serves_nobody(given: str) -> None:
    source = a_source("x.fits", detector="3", visit="2001", instrument="DECam")
    other = a_source("y.fits", detector="4", visit="2001", instrument="DECam")
    path, right = HERE / given, HERE / "visit2001-det4.fits"
    for sources in ([source], [source, other]):
        found = find_lists(sources, [path, right][: len(sources)])
        assert key_of(source) not in found.paths
        assert found.of_others == (path,)
        assert found.unused == ()
    assert found.paths == {key_of(other): right}


def test_one_list_for_one_exposure_is_not_of_another_detector() -> None:
    source = a_source("x.fits", detector="3", visit="2001")
    found = find_lists([source], [HERE / "ccd5.fits"])
    assert (found.paths, found.unused) == ({}, (HERE / "ccd5.fits",))
    named = a_source("x.fits", detector="N4", visit="2001")
    assert find_lists([named], [HERE / "ccd5.fits"]).paths == {key_of(named): HERE / "ccd5.fits"}


def test_versions_and_words_in_a_name_tell_of_no_visit() -> None:
    source = a_source("x.fits", detector="3", visit="2001")
    other = a_source("y.fits", detector="4", visit="2001")
    for name in ("night2-ccd3-v2.fits", "sky-det003-copy.fits"):
        assert find_lists([source, other], [HERE / name]).paths == {key_of(source): HERE / name}
