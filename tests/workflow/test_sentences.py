"""What a stage says of files and what it calls them, word by word; no file is read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_items import NIGHT, a_sky_frame, a_source

from skyframe_gui.engine import (
    BinGrid,
    Cancelled,
    Exposure,
    MaskPlanes,
    Samples,
    SkyFrameError,
    SkyMeasurementConfig,
    Watch,
    objects,
)
from skyframe_gui.engine.identity import FrameKey, Identity
from skyframe_gui.engine.scale import ScaleSolution
from skyframe_gui.files import ExposureSource, MaskReading, write_exposure, write_sky_frame
from skyframe_gui.files.fits.exposure_planes import PlaneRef
from skyframe_gui.workflow import findings, frames, names, notes, visit
from skyframe_gui.workflow.binning import Binned, bin_exposure, normalised
from skyframe_gui.workflow.build import NothingBuiltError, combine
from skyframe_gui.workflow.demo import DemoResult
from skyframe_gui.workflow.describe import Description, describe
from skyframe_gui.workflow.detectors import DetectorChoice
from skyframe_gui.workflow.findings import findings_of_visit
from skyframe_gui.workflow.grouping import group_by_visit, mixed_units, repeated_detectors
from skyframe_gui.workflow.jobs import Failure, run_all, workers
from skyframe_gui.workflow.options import MaskObjects, Normalise, with_objects_masked
from skyframe_gui.workflow.outputs import LoadedSkyFrame, load_sky_frames
from skyframe_gui.workflow.sampling import SamplingTask, Sky, sample_exposure, sampling_tasks
from skyframe_gui.workflow.solution import VisitSolution
from skyframe_gui.workflow.subtract import SubtractedVisit
from skyframe_gui.workflow.targets import SkyFrameTargets, Targets, VisitTargets, once_each
from skyframe_gui.workflow.visit import solve_visits, subtract_visit
from skyframe_gui.workflow.visit_outputs import SubtractedWriter, scaled

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = SkyMeasurementConfig()
TIMES = " x "


def why(call: Callable[[], object]) -> str:
    with pytest.raises(SkyFrameError) as caught:
        call()
    return str(caught.value)


# Sky frames ------------------------------------------------------------------------------------


def test_the_sky_frame_that_cannot_be_chosen_is_told_by_what_there_is() -> None:
    of_r, of_g = a_sky_frame(), a_sky_frame(filter="g")
    other = a_sky_frame(detector="2")
    assert frames.choose_sky_frame([of_r, of_g], Identity(detector="1", filter="g")) is of_g

    def refused(given: list[Any], **identity: str) -> str:
        return why(lambda: frames.choose_sky_frame(given, Identity(**identity)))

    assert refused([of_r, of_g], detector="1") == (
        "The exposure of detector 1 does not tell of which filter and instrument it is, and there "
        "are sky frames of r, Cam, g, Cam; give the one that is meant."
    )
    assert refused([of_r, of_g, other], detector="1", filter="z", instrument="Cam") == (
        "There is no sky frame of z, Cam for detector 1, only of: r, Cam, g, Cam; give one of its "
        "own filter and instrument."
    )
    bare = a_sky_frame(filter="", instrument="")
    assert refused([of_r, of_g], detector="1", filter="z").startswith(
        "There is no sky frame of z for detector 1"
    )
    assert refused([bare, other], detector="", filter="r") == (
        "There is no sky frame for detector (no name), only for: 1, 2; give that detector's own "
        "sky frame."
    )
    assert refused([], detector="1") == (
        "There is no sky frame for detector 1, only for: none; give that detector's own sky frame."
    )


SIXTY_FOUR = a_sky_frame(np.ones((4, 4)), size=(64, 64))


def brought(**source: Any) -> tuple[int, int, int, int]:
    known = {"width": 64, "height": 64}
    return frames.brought_to(SIXTY_FOUR, a_source(**(known | source))).grid.bbox


@pytest.mark.parametrize(
    ("source", "bbox"),
    [
        ({}, (0, 0, 63, 63)),
        ({"width": 32, "height": 32, "binning": (2, 2)}, (0, 0, 31, 31)),
        ({"width": 32, "height": 64, "binning": (2, 1)}, (0, 0, 31, 63)),
        ({"width": 22, "height": 64, "binning": (3, 1)}, (0, 0, 21, 63)),
        ({"width": 21, "height": 64, "binning": (3, 1)}, (0, 0, 20, 63)),
        ({"width": 20, "height": 20, "place": (44, 44)}, (-44, -44, 19, 19)),
        ({"width": 20, "height": 20, "place": (0, 0)}, (0, 0, 63, 63)),
        ({"width": 20, "height": 20, "place": (5, 5), "xy0": (1, 0)}, (0, 0, 63, 63)),
        ({"width": 64, "height": 64, "place": (0, 0)}, (0, 0, 63, 63)),
        ({"width": 64, "height": 20, "place": (0, 5)}, (0, -5, 63, 58)),
    ],
)
def test_a_sky_frame_is_brought_to_the_pixels_of_an_exposure(
    source: dict[str, Any], bbox: tuple[int, int, int, int]
) -> None:
    assert brought(**source) == bbox


def test_a_sky_frame_of_binned_pixels_serves_whole_ones_and_says_how_it_is_binned() -> None:
    binned = a_sky_frame(np.ones((4, 4)), size=(32, 32), binning=(2, 2))
    found = frames.brought_to(binned, a_source(width=64, height=64))
    assert found.grid.bbox == (0, 0, 63, 63)
    assert found.identity == replace(binned.identity, binning=(1, 1))
    own = a_source(width=32, height=32, binning=(2, 2))
    assert frames.brought_to(binned, own) is binned
    three = a_source(width=21, height=21, binning=(3, 3))
    assert why(lambda: frames.brought_to(binned, three)) == (
        "a.fits is binned 3 x 3 but the sky frame of its detector 2 x 2, which cannot be brought "
        "to it; build one from exposures of the same binning."
    )
    between = replace(SIXTY_FOUR, grid=BinGrid.from_values(np.ones((4, 4)), (1, 0, 64, 63)))
    assert "cannot be brought" in why(
        lambda: frames.brought_to(between, a_source(width=32, height=32, binning=(2, 2)))
    )


def test_what_exposures_and_sky_frames_do_not_have_in_common_is_told_once() -> None:
    one, two = a_source("one.fits", filter="g"), a_source("two.fits", filter="g")
    three = a_source("three.fits", detector="2")
    frame = a_sky_frame()
    pairs = [(one, frame), (two, frame), (three, frame)]
    assert frames.mismatch_notes(pairs) == (
        "one.fits and 1 more: it is of filter g, the sky frame of filter r.",
        "three.fits: it is of detector 2, the sky frame of detector 1.",
    )
    assert frames.mismatch_notes([(a_source(), frame)]) == ()
    bare = a_sky_frame(filter="")
    assert frames.frames_without_filter([(one, bare), (two, bare), (a_source(), bare)]) == (
        "one.fits and 1 more: the sky frame does not tell its filter; whether it is of g cannot be "
        "checked.",
        "a.fits: the sky frame does not tell its filter; whether it is of r cannot be checked.",
    )
    assert frames.frames_without_filter([(one, frame), (a_source(filter=""), bare)]) == ()


@pytest.mark.parametrize(
    "source",
    [
        {"width": 63},
        {"height": 63},
        {"width": 20, "height": 20, "place": (45, 0)},
        {"width": 20, "height": 20, "place": (0, 45)},
        {"width": 20, "height": 20, "place": (-1, 0)},
        {"width": 30, "height": 32, "binning": (2, 2)},
    ],
)
def test_a_size_that_no_card_explains_is_refused_with_both(source: dict[str, Any]) -> None:
    told = why(lambda: brought(**source))
    width, height = source.get("width", 64), source.get("height", 64)
    theirs = "32 x 32" if "binning" in source else "64 x 64"
    assert f"is {width} x {height} pixels but the sky frame of its detector {theirs}" in told
    assert "add CCDSEC" in told


def test_a_finding_of_another_filter_is_the_first_and_names_the_detectors() -> None:
    from fitted_visits import make_fit

    fit = make_fit(2)
    sources = (a_source(filter="g"), a_source(filter="g", detector=""))
    visit = VisitSolution(
        visit="7",
        sources=sources,
        samples=fit.samples,
        solution=fit.solution,
        sky_frames=(a_sky_frame(detector=""),) * 2,
    )
    first, *_ = findings_of_visit(visit, CONFIG, MaskObjects.AUTO)
    clause = "it is of filter g, the sky frame of filter r"
    assert (first.kind, first.severity) == ("another-sky-frame", "warning")
    assert first.title == "The sky frame is of something else."
    assert first.text == (
        f"Of this visit {clause}. Its pattern is not that of this sky; build or open the sky frame "
        "that belongs to it."
    )
    assert first.detectors == ("1",)
    assert first.short == f"I{clause[1:]}."
    own = replace(visit, sources=tuple(replace(one, filter="r") for one in sources))
    kinds = [one.kind for one in findings_of_visit(own, CONFIG, MaskObjects.AUTO)]
    assert "another-sky-frame" not in kinds


def test_a_finding_of_what_was_subtracted_already_is_the_very_first() -> None:
    from fitted_visits import make_fit

    fit = make_fit(2)
    told = "s.fits times 2 was taken off; use the original."
    twice = a_source("twice.fits", filter="g", subtracted=told)
    visit = VisitSolution(
        visit="7",
        sources=(a_source("plain.fits", filter="g", detector="2"), twice),
        samples=fit.samples,
        solution=fit.solution,
        sky_frames=(a_sky_frame(), a_sky_frame()),
    )
    first, second, *_ = findings_of_visit(visit, CONFIG, MaskObjects.AUTO)
    assert (first.kind, first.severity) == ("subtracted-before", "warning")
    assert second.kind == "another-sky-frame"
    assert first.text == f"twice.fits: {told} The scale is that of what was left, not of a sky."
    assert (first.detectors, first.short) == (("1",), "1 exposure of 2.")
    all_of_it = replace(visit, sources=(replace(twice, detector="2"), twice))
    first, *_ = findings_of_visit(all_of_it, CONFIG, MaskObjects.AUTO)
    assert f"{told} So it is with 1 more of this visit. The scale" in first.text
    assert first.numbers == {"n_subtracted": 2, "n_exposures": 2}
    plain = replace(visit, sources=tuple(replace(s, subtracted="") for s in visit.sources))
    kinds = [one.kind for one in findings_of_visit(plain, CONFIG, MaskObjects.AUTO)]
    assert "subtracted-before" not in kinds


# Names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("/x/a.fits", "a"), ("a.FITS.GZ", "a"), ("a.fit.bz2", "a"), ("a.fts.fz", "a"),
        ("a.b.fits.z", "a.b"), (".fits", ".fits"), ("a.gz", "a"), ("a.txt", "a.txt"),
    ],
)  # fmt: skip
def test_a_stem_is_without_the_endings_of_fits(path: str, stem: str) -> None:
    assert names.stem_of(path) == stem


def test_names_of_files_are_safe_and_no_two_alike() -> None:
    assert names.safe_name("R22 / S:11") == "R22_S_11"
    assert names.safe_name("._") == "unnamed"
    one = Identity(detector="1", filter="r", instrument="A")
    assert names.sky_frame_names([one]) == ["sky-1.fits"]
    assert names.sky_frame_names([Identity()]) == ["sky.fits"]
    assert names.sky_frame_names([one, replace(one, filter="g")]) == [
        "sky-1-r.fits",
        "sky-1-g.fits",
    ]
    assert names.sky_frame_names([one, replace(one, instrument="B")]) == [
        "sky-A-1.fits",
        "sky-B-1.fits",
    ]
    assert names.sky_frame_names([one, replace(one, detector="")]) == [
        "sky-1.fits",
        "sky-unnamed.fits",
    ]
    assert names.sky_frame_names([one, replace(one, filter="", detector="2")]) == [
        "sky-1-r.fits",
        "sky-2.fits",
    ]
    assert names.sky_frame_names([replace(one, detector=d) for d in ("a", "A", "a ")]) == [
        "sky-a.fits",
        "sky-A-2.fits",
        "sky-a-3.fits",
    ]
    assert names.subtracted_names([("/x/a.fits", "1"), ("/y/b.fits", "1")]) == [
        "a-sub.fits",
        "b-sub.fits",
    ]
    assert names.subtracted_names([("/x/a.fits", "1"), ("/x/a.fits", "2 b")]) == [
        "a-1-sub.fits",
        "a-2_b-sub.fits",
    ]
    assert names.subtracted_names([("/x/a.fits", ""), ("/y/A.fit", "")]) == [
        "x-a-sub.fits",
        "y-A-sub.fits",
    ]
    assert names.background_name("/x/a-sub.fits") == "a-background.fits"
    assert names.residual_name("/x/a-sub.fits") == "a-residual.fits"
    assert names.samples_name("7 a") == "7_a-samples.ecsv"
    assert names.file_name("/x/a.fits") == "a.fits"


# Notes -----------------------------------------------------------------------------------------


def test_cautions_are_told_once_with_at_most_three_names() -> None:
    sources = [a_source(f"{n}.fits", cautions=("Odd.",) * (n < 4)) for n in range(5)]
    assert notes.cautions_of(sources) == ("0.fits, 1.fits, 2.fits and 1 other: Odd.",)
    assert notes.cautions_of(sources[:3]) == ("0.fits, 1.fits, 2.fits: Odd.",)
    assert notes.cautions_of(sources[4:]) == ()
    beside = a_source(mask=PlaneRef(NIGHT / "m.fits", 0), variance=PlaneRef(NIGHT / "a.fits", 2),
                      more_masks=(PlaneRef(NIGHT / "n.fits", 0),))  # fmt: skip
    assert notes.cautions_of([beside]) == (
        "Read as mask or variance of the images beside them: m.fits, n.fits.",
    )
    mask, other = Failure("/night/m.fits", "It is a mask."), Failure("/night/x.fits", "It is odd.")
    assert notes.companion_notes([mask, other], [beside]) == ("It is odd; it was left out.",)


def test_planes_that_are_nowhere_defined_are_counted() -> None:
    one = a_source(has_mask=True, planes=MaskPlanes({"SAT": 0}))
    two = a_source(has_mask=True, planes=MaskPlanes({"BAD": 0}))
    sources = [one, two, a_source()]
    wanted = ("SAT", "CR", "DETECTED")
    told = "Of the mask planes in x.mask, these are not defined in all exposures with a mask and "
    told += "leave nothing out there: "
    assert notes.undefined_planes(sources, wanted, "x.mask", MaskObjects.AUTO) == (
        f"{told}SAT (1 of 2), CR (2 of 2).",
    )
    assert notes.undefined_planes(sources, wanted, "x.mask", MaskObjects.NEVER) == (
        f"{told}SAT (1 of 2), CR (2 of 2), DETECTED (2 of 2).",
    )
    assert notes.undefined_planes([one], ("SAT",), "x.mask", MaskObjects.NEVER) == ()
    subtracted = a_source("b.fits", subtracted="Sky was taken off.")
    assert notes.subtracted_before([one, subtracted]) == ("b.fits: Sky was taken off.",)
    many = [replace(subtracted, name=f"{n}.fits") for n in range(5)]
    assert len(notes.subtracted_before([one, *many[:3]])) == 3
    assert notes.subtracted_before([one, *many]) == (
        "0.fits, 1.fits, 2.fits and 2 others: sky frames were subtracted from them before (SFSKY, "
        "SFSCALE); use the originals.",
    )


def test_filters_that_are_not_told_are_told_of() -> None:
    sources = [a_source("a.fits"), a_source("b.fits", filter=""), a_source("c.fits", filter="")]
    key, bare = FrameKey("cam", "1", "r"), FrameKey("cam", "1", "")
    assert notes.unnamed_filters(sources, {key: (0, 1, 2)}) == (
        "b.fits and 1 more of detector 1 do not tell their filter, as others do, and are taken to "
        "be of r.",
    )
    assert notes.unnamed_filters(sources, {key: (0,), bare: (1,)}) == (
        "b.fits of detector 1 do not tell their filter, as others do, and are in a sky frame of "
        "their own.",
    )
    nameless = FrameKey("cam", "", "r")
    assert "of detector (no name)" in notes.unnamed_filters(sources, {nameless: (0, 1)})[0]
    assert notes.unnamed_filters(sources, {bare: (1, 2)}) == ()
    assert notes.unnamed_filters(sources, {key: (0,)}) == ()
    elsewhere = FrameKey("cam", "2", "r")
    assert notes.unnamed_filters(sources, {bare: (1, 2), elsewhere: (0,)}) == ()


@pytest.mark.parametrize(
    ("times", "levels", "differ"),
    [
        ((30.0, 60.0), (100, 200), ""),
        ((30.0, 60.1), (100, 200), "exposure times from 30 to 60.1 s"),
        ((30.0, 60.0), (100, 200.1), "sky levels from 100 to 200 adu"),
        ((0.0, 30.0, None), (-5, 0, 100), ""),
        ((1.0, 3.0), (1, 3), "exposure times from 1 to 3 s and sky levels from 1 to 3 adu"),
        ((), (), ""),
    ],
)
def test_uneven_times_and_levels_are_told_beyond_a_factor_of_two(
    times: tuple[float | None, ...], levels: tuple[float, ...], differ: str
) -> None:
    members = [Identity(detector="3", filter="r", unit="adu", exposure_time=one) for one in times]
    members = members or [Identity(detector="3")]
    told = notes.uneven_notes(members, levels)
    sentence = (
        f"The exposures of detector 3 r have {differ}, and the brightest count most in the "
        "average; --normalise level (in the window: normalise) divides each by its level first."
    )
    assert told == ([sentence] if differ else [])
    if differ:
        nameless = [replace(one, detector="", filter="") for one in members]
        assert notes.uneven_notes(nameless, levels)[0].startswith(
            "The exposures of detector (no name) have"
        )


# Visits ----------------------------------------------------------------------------------------


def test_visits_that_would_have_one_file_name_get_numbers() -> None:
    sources = [
        a_source("a.fits", visit="x y", date="2026-01-02T03:00:00"),
        a_source("b.fits", visit="x/y", date="2026-01-02T03:00:00"),
        a_source("c.fits", visit=""),
        a_source("c.fits", Path("/other"), visit=""),
    ]
    assert list(group_by_visit(sources)) == ["x y", "x/y-2", "c", "c-2"]


def test_of_detectors_that_come_twice_the_later_are_set_apart() -> None:
    first = [a_source(f"{n}.fits", detector=str(n)) for n in range(3)]
    again = [a_source("again.fits", detector="1"), a_source("more.fits", detector="2")]
    found = group_by_visit([*first, *again])
    assert {name: [one.name for one in of] for name, of in found.items()} == {
        "7": ["0.fits", "1.fits", "2.fits"],
        "7-again": ["again.fits"],
        "7-more": ["more.fits"],
    }
    assert repeated_detectors([*first, *again]) == tuple(
        f"{name}.fits is another exposure of detector {n} of visit 7, which has one already; it is "
        "fitted by itself."
        for name, n in (("again", 1), ("more", 2))
    )
    # As many again as there were at first: the number is of no visit.
    found = group_by_visit([*first[1:], *again])
    assert list(found) == ["7-1", "7-2", "7-again", "7-more"]
    assert repeated_detectors([*first[1:], *again]) == ()
    nameless = [a_source(f"{n}.fits", detector="") for n in "ab"]
    assert repeated_detectors([*first, *nameless])[0].startswith(
        "b.fits is another exposure of detector (no name) of visit 7"
    )
    several = [a_source("m.fits", visit="", detector=n) for n in "1234"]
    assert list(group_by_visit(several)) == ["m"]
    assert list(group_by_visit([*several, a_source("m.fits", visit="", detector="1")])) == [
        "m",
        "m-2",
    ]
    assert repeated_detectors([*several, several[0]]) == ()


def test_units_of_a_visit_that_do_not_go_together_are_named() -> None:
    members = [a_source(), a_source(unit="e-"), a_source(unit=""), a_source(unit="ADU")]
    assert mixed_units(members[:3]) == ""
    assert mixed_units(members) == (
        "The exposures of this visit are in different units (electron and ADU), which one scale "
        "cannot serve; bring them to one unit."
    )


def test_what_one_detector_is_called_is_no_number_of_another() -> None:
    # As in a table that counts from 0 and calls the first detector 1.
    table = ((0, "1"), (1, "2"), (2, "S3"))
    choice = DetectorChoice(("1",), table)
    of = [Identity(detector=name) for name in ("1", "2", "S3", "0")]
    assert [choice.takes(one) for one in of] == [True, False, False, True]
    assert [DetectorChoice(("2",), table).takes(one) for one in of[:3]] == [False, True, False]
    (failure,) = DetectorChoice(("9",), table).missing(of[:3])
    assert failure.why == "No exposure is of detector 9; there are 0-2 or by name S3."


def test_a_file_that_is_given_twice_is_one(tmp_path: Path) -> None:
    (tmp_path / "b.fits").symlink_to(tmp_path / "a.fits")
    one, link = a_source("a.fits", tmp_path), a_source("b.fits", tmp_path)
    other = replace(one, image=PlaneRef(one.path, 2))
    assert once_each([one, link, other, one]) == [one, other]


def test_what_may_not_be_written_is_known_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "old.fits").touch()
    targets = Targets(tmp_path, (tmp_path / "in.fits",), False)
    old, read = tmp_path / "old.fits", tmp_path / "in.fits"
    of_old = f"{old} exists already and was left alone; choose another folder or say --overwrite."
    of_read = (
        f"{read} is one of the files that are read and was left alone; choose another folder with "
        "-o."
    )
    assert [targets.why_not(one) for one in ("new.fits", "old.fits", "in.fits")] == [
        "",
        of_old,
        of_read,
    ]
    again = replace(targets, overwrite=True)
    assert [again.why_not(one) for one in ("old.fits", "in.fits")] == ["", of_read]
    (tmp_path / "sky-2.fits").touch()
    frames_of = SkyFrameTargets(targets)
    sources = [a_source("a.fits"), a_source("b.fits", detector="2"), a_source("c.fits")]
    kept, failed = frames_of([*sources, sources[0]])
    assert kept == [sources[0], sources[2]]
    assert [(one.path, one.why[:40]) for one in failed] == [
        (str(tmp_path / "sky-2.fits"), targets.why_not("sky-2.fits")[:40])
    ]
    assert frames_of.planned == {
        sources[0].identity.frame: "sky-1.fits",
        sources[1].identity.frame: "sky-2.fits",
    }


@pytest.mark.parametrize(
    ("taken", "lists", "fails"),
    [
        ("7-samples.ecsv", False, True),
        ("b-sub.fits", False, True),
        ("x.fits", True, False),
        ("a-background.fits", False, False),
        ("a-background.fits", True, True),
    ],
)
def test_a_visit_of_which_a_file_may_not_be_written_is_left_out(
    tmp_path: Path, taken: str, lists: bool, fails: bool
) -> None:
    (tmp_path / taken).touch()
    look = VisitTargets(Targets(tmp_path, (), False), lists)
    sources = [a_source("a.fits"), a_source("b.fits", detector="2"), a_source("c.fits", visit="8")]
    kept, failed = look(sources)
    assert kept == (sources[2:] if fails else sources)
    assert [one.path for one in failed] == (["/night/a.fits", "/night/b.fits"] if fails else [])
    assert all(taken in one.why for one in failed)
    assert {one.visit for one in failed} == ({"7"} if fails else set())  # said once for all of it
    assert look.subtracted == {
        ("/night/a.fits", "1"): "a-sub.fits",
        ("/night/b.fits", "2"): "b-sub.fits",
        ("/night/c.fits", "1"): "c-sub.fits",
    }
    mixed = [sources[0], a_source("b.fits", detector="2", unit="adu")]
    kept, failed = VisitTargets(Targets(tmp_path / "new", (), False))(mixed)
    assert kept == []
    assert [one.why.split("(")[0] for one in failed] == [
        "Visit 7: The exposures of this visit are in different units "
    ] * 2


# Jobs ------------------------------------------------------------------------------------------


def test_each_input_has_its_outcome_in_order_and_progress_counts_them() -> None:
    def work(n: int, watch: Watch | None) -> int:
        assert watch is not None
        if n == 2:
            raise SkyFrameError("Not two.")
        if n == 3:
            raise MemoryError
        return 10 * n

    steps: list[tuple[int, int, str]] = []
    with ThreadPoolExecutor(2) as pool:
        watch = Watch(lambda *step: steps.append(step))
        found = run_all(pool, work, [1, 2, 3, 0], watch, "Count")
    assert [(one.value, one.why) for one in found] == [
        (10, ""),
        (None, "Not two."),
        (None, "There is not enough memory for this exposure; use fewer workers."),
        (0, ""),
    ]
    assert (steps[0], steps[-1]) == ((0, 4, "Count"), (4, 4, "Count"))
    assert [step[0] for step in steps] == sorted(step[0] for step in steps)
    with ThreadPoolExecutor(1) as pool, workers(pool) as same:
        assert same is pool
    with workers(None) as own:
        assert own.submit(lambda: 1).result() == 1
    with pytest.raises(RuntimeError):
        own.submit(lambda: 1)


def test_a_cancel_tells_those_that_run_and_drops_the_others() -> None:
    begun: list[int] = []

    def work(n: int, part: Watch | None) -> int:
        assert part is not None
        begun.append(n)
        watch.cancel()
        while True:
            part.step(0, 0, "")

    watch = Watch()
    with ThreadPoolExecutor(1) as pool, pytest.raises(Cancelled):
        run_all(pool, work, [1, 2, 3], watch, "Count")
    assert begun == [1]


# What a file is --------------------------------------------------------------------------------


def test_a_description_leaves_out_what_is_not_known() -> None:
    parts = ({"detector": "1", "filter": "", "exposure_time": None, "bin_size": "2 x 3",
              "mask_planes": {"SAT": 0, "BAD": 1}, "notes": ["a.", "b."], "median": -1234.5678,
              "filled": 0}, {"x": 1})  # fmt: skip
    found = Description("/x/a.fits", "odd file", parts)  # type: ignore[arg-type]
    assert found.lines() == [
        "/x/a.fits: odd file",
        "detector 1, bin size 2 x 3, mask planes SAT BAD, notes a. b., median -1234.57, filled 0",
        "x 1",
    ]
    data = found.as_dict()
    assert data["parts"] == list(parts)
    assert (data["path"], data["kind"], data["detector"]) == ("/x/a.fits", "odd file", "1")
    assert Description("p", "k", ()).as_dict() == {"path": "p", "kind": "k", "parts": []}


def test_an_exposure_and_a_sky_frame_are_described_in_whole(tmp_path: Path) -> None:
    planes = MaskPlanes({"SAT": 0, "BAD": 1})
    image = np.full((80, 100), 7.0, np.float32)
    mask = np.zeros(image.shape, np.int32)
    write_exposure(tmp_path / "a.fits", Exposure(image, mask, image, planes, detector="3"))
    write_exposure(tmp_path / "bare.fits", Exposure(image))
    background = CONFIG.background.model_copy(
        update={"xBinSize": 30, "yBinSize": 40, "mask": ("SAT", "CR")}
    )
    stats = CONFIG.stats.model_copy(update={"mask": ("EDGE",)})
    config = CONFIG.model_copy(update={"background": background, "stats": stats})
    found = describe(tmp_path / "a.fits", config, MaskReading())
    (part,) = found.parts
    assert (found.kind, found.path) == ("exposure", str(tmp_path / "a.fits"))
    wanted = {
        "detector": "3",
        "size": "100 x 80",
        "binning": "",
        "orientation": "",
        "xy0": [0, 0],
        "planes": ["image", "mask", "variance"],
        "mask_planes": {"SAT": 0, "BAD": 1},
        "lacks_planes": ["CR", "EDGE"],
        "bins": "3 x 2",
        "bin_size": "33.33 x 40",
        "notes": [],
    }
    assert {key: part[key] for key in wanted} == wanted
    (part,) = describe(tmp_path / "bare.fits", config, MaskReading()).parts
    assert (part["planes"], part["lacks_planes"]) == (["image"], [])
    frame = a_sky_frame([[1.0, 2.0, 9.0], [4.0, 5.0, 6.0]])
    write_sky_frame(tmp_path / "sky.fits", frame, "1")
    found = describe(tmp_path / "sky.fits", config, MaskReading())
    assert found.kind == "sky frame"
    assert found.parts == (
        {
            "detector": "1",
            "filter": "r",
            "instrument": "Cam",
            "unit": "electron",
            "bins": "3 x 2",
            "bbox": [0, 0, 99, 79],
            "algorithm": "LINEAR",
            "median": 4.5,
            "filled": 0,
            "notes": [],
        },
    )
    write_sky_frame(tmp_path / "again.fits", frame, "1")
    first, second = tmp_path / "sky.fits", tmp_path / "again.fits"
    both = why(lambda: load_sky_frames([first, second]))
    assert both == (
        f"{first} and {second} are both sky frames of detector 1 and filter r; give one of them."
    )


# Building, subtracting and showing --------------------------------------------------------------


def test_a_level_that_cannot_be_divided_by_is_told() -> None:
    source = a_source()
    grid = BinGrid.from_values([[2.0, np.nan], [4.0, 9.0]], (0, 0, 9, 9), [[1.0] * 2] * 2)
    plain = normalised(grid, source, Normalise.NONE, ("note",))
    assert plain == Binned(grid, 4.0, ("note",))
    divided = normalised(grid, source, Normalise.LEVEL)
    np.testing.assert_array_equal(divided.grid.values, np.float32([[0.5, np.nan], [1.0, 2.25]]))
    assert divided.grid.errors.tolist() == [[0.25] * 2] * 2
    assert (divided.level, divided.notes) == (4.0, ())
    for level in (0.0, -3.0):
        flat = BinGrid.from_values([[level]], (0, 0, 9, 9))
        assert normalised(flat, source, Normalise.NONE).level == level
        sign = "\N{MINUS SIGN}" if level else ""
        assert why(lambda flat=flat: normalised(flat, source, Normalise.LEVEL)) == (
            f"a.fits has a sky level of {sign}{abs(level):g}, which it cannot be divided by; leave "
            "it out or build without normalising."
        )
    empty = BinGrid.from_values([[np.nan]], (0, 0, 9, 9))
    assert why(lambda: normalised(empty, source, Normalise.NONE)) == (
        "a.fits has no good pixel in any bin, so it says nothing about the sky; look at its mask "
        "and at background.mask."
    )


def binned(*sizes: tuple[int, int], **more: Any) -> list[tuple[Any, Binned]]:
    found = []
    for number, (width, height) in enumerate(sizes):
        grid = BinGrid.from_values(np.full((2, 2), 5.0), (0, 0, width - 1, height - 1))
        found.append((a_source(f"{number}.fits", **more), Binned(grid, 5.0, ("n",))))
    return found


def test_exposures_unlike_the_others_are_left_out_with_the_reason() -> None:
    given = binned((100, 80), (100, 80), (60, 50))
    result = combine(given, [Failure("x", "y")], CONFIG)
    (built,) = result.sky_frames
    assert [one.name for one in built.sources] == ["0.fits", "1.fits"]
    assert result.failed == (
        Failure("x", "y"),
        Failure(
            "/night/2.fits",
            "2.fits covers 60 x 50 pixels from (0, 0) on, but most exposures of this detector "
            "100 x 80 from (0, 0) on; it was left out.",
        ),
    )
    assert result.notes == ("n",) * 3
    assert built.sky_frame.identity.unit == "electron"
    assert built.sky_frame.algorithm == str(CONFIG.background.algorithm)
    units = [*binned((9, 9), (9, 9)), *binned((9, 9), unit="adu"), *binned((9, 9), unit="")]
    result = combine(units, [], CONFIG)
    assert [len(one.sources) for one in result.sky_frames] == [3]
    assert result.failed == (
        Failure(
            "/night/0.fits",
            "0.fits is in adu, but most exposures of this detector are in electron; it was left "
            "out. --normalise level divides each by its level.",
        ),
    )
    result = combine(units, [], CONFIG, normalise=Normalise.LEVEL)
    assert [len(one.sources) for one in result.sky_frames] == [4]
    assert result.sky_frames[0].sky_frame.identity.unit == "sky level"


def test_where_nothing_could_be_built_the_first_reason_is_told() -> None:
    assert why(lambda: combine([], [], CONFIG)) == (
        "No file could be used for a sky frame. The files hold no exposure."
    )
    failures = [Failure("a", "First."), Failure("b", "Second."), Failure("a", "Third.")]
    with pytest.raises(NothingBuiltError) as caught:
        combine([], failures, CONFIG)
    assert str(caught.value) == "None of the 2 files could be used for a sky frame. First."
    assert caught.value.failed == tuple(failures)
    empty = BinGrid.from_values(np.full((2, 2), np.nan), (0, 0, 9, 9))
    given = [(a_source(f"{n}.fits"), Binned(empty, 5.0, ())) for n in range(2)]
    with pytest.raises(NothingBuiltError) as caught:
        combine(given, [], CONFIG)
    assert [one.path for one in caught.value.failed] == ["/night/0.fits", "/night/1.fits"]


@pytest.mark.parametrize("stopped", [True, False])
@pytest.mark.parametrize("what", ["samples", "subtraction", "bins"])
def test_no_file_is_read_for_what_nobody_wants_any_more(
    monkeypatch: pytest.MonkeyPatch, what: str, stopped: bool
) -> None:
    reads: list[str] = []

    def read(source: ExposureSource) -> Any:
        reads.append(source.name)
        raise SkyFrameError("It was read.")

    monkeypatch.setattr(ExposureSource, "read", read)
    # One that is cancelled when the exposures have been handed out is cancelled for each of them.
    one, watch = a_source(), Watch(lambda *_: watch.cancel() if stopped else None)
    solution = VisitSolution(
        visit="7", sources=(one,), samples=(), solution=SOLUTION, sky_frames=(), why=""
    )
    writer = SubtractedWriter(
        folder=Path("/out"),
        targets={(str(one.path), one.detector): "x.fits"},
        sky_frames=[LoadedSkyFrame("/sky.fits", "", a_sky_frame())],
        config=CONFIG,
        visit=solution,
    )
    work: dict[str, Callable[[], Any]] = {
        "samples": lambda: sample_exposure(
            SamplingTask(one, Sky.of(a_sky_frame())),
            watch,
            config=CONFIG,
            mask_objects=MaskObjects.NEVER,
        ),
        "subtraction": lambda: subtract_visit(writer, [one], watch=watch),
        "bins": lambda: bin_exposure(
            one,
            watch,
            config=CONFIG,
            mask_objects=MaskObjects.NEVER,
            normalise=Normalise.NONE,
        ),
    }
    if stopped:
        if what != "subtraction":
            watch.cancel()
        with pytest.raises(Cancelled):
            work[what]()
        assert reads == []
    elif what == "subtraction":
        assert work[what]() == ([], [Failure("/night/a.fits", "It was read.")])
    else:
        assert why(work[what]) == "It was read."


def test_of_several_visits_those_that_cannot_be_fitted_have_their_files_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sky = np.linspace(1, 2, 20)
    good = Samples(3 * sky, sky)
    given = [
        (a_source("a.fits"), good),
        (a_source("b.fits", detector="2", unit="adu"), good),
        (a_source("c.fits", visit="8"), good),
        (a_source("d.fits", visit="9"), Samples([], [])),
        (a_source("e.fits", visit="9", detector="2"), Samples([], [])),
    ]
    sampled = [(source, (samples, (f"{source.name} has a note.",))) for source, samples in given]
    before = Failure("x.fits", "X.")
    asked: list[Any] = []

    def over_files(executor: Any, job: Any, paths: Any, watch: Any, label: str, *more: Any) -> Any:
        asked.append((paths, label))
        more[2].append("A note of the files.")
        return sampled, [before]

    monkeypatch.setattr(visit, "over_files", over_files)
    skies = [a_sky_frame(), a_sky_frame(detector="2")]
    found = solve_visits(["a.fits"], skies, CONFIG)
    assert asked == [(["a.fits"], "Sampling exposures")]
    mixed = (
        mixed_units([given[0][0], given[1][0]]),
        "Of 0 samples there is no sample, so none has a finite value in image and sky frame to fit "
        "the scale to; look at the mask planes in stats.mask and at the samples excluded by hand.",
    )
    assert found.failed == (
        before,
        Failure("/night/a.fits", f"Visit 7: {mixed[0]}", "7"),
        Failure("/night/b.fits", f"Visit 7: {mixed[0]}", "7"),
        Failure("/night/d.fits", f"Visit 9: {mixed[1]}", "9"),
        Failure("/night/e.fits", f"Visit 9: {mixed[1]}", "9"),
    )
    assert mixed[0]
    fitted, failed = found.visits
    assert (fitted.visit, fitted.why, fitted.sources) == ("8", "", (given[2][0],))
    assert fitted.solution.scale == pytest.approx(3)
    assert (fitted.samples, fitted.sky_frames) == ((good,), (skies[0],))
    assert (failed.visit, failed.why) == ("9", f"Visit 9: {mixed[1]}")
    assert np.isnan(failed.solution.scale)
    assert failed.sky_frames == tuple(skies)
    assert found.notes[0] == "A note of the files."
    assert {f"{source.name} has a note." for source, _ in given} <= set(found.notes)


def test_without_exposures_or_sky_frames_there_is_nothing_to_subtract() -> None:
    assert why(lambda: solve_visits([], [a_sky_frame()], CONFIG)) == (
        "No exposures are given; there is nothing to subtract from."
    )
    assert why(lambda: solve_visits(["a.fits"], [], CONFIG)) == (
        "No sky frame is given; build one first."
    )
    model = scaled(a_sky_frame([[1.0, -2.0]]), -2.0)
    assert model.grid.values.tolist() == [[-2.0, 4.0]]
    grid = BinGrid.from_values([[1.0]], (0, 0, 9, 9), errors=[[3.0]], mask=[[4]])
    model = scaled(replace(a_sky_frame([[1.0]]), grid=grid), -2.0)
    assert model.grid.errors.tolist() == [[6.0]]
    assert model.grid.mask.tolist() == [[4]]


SOLUTION = ScaleSolution(
    scale=2.0, error=0.5, rejected_at=np.array([-1, 0, -1]), iterations=(), n_used=2
)


def test_a_subtracted_visit_is_told_as_data() -> None:
    finding = SimpleNamespace(
        kind="k", severity="note", title="T.", text="X.", detectors=("1",), numbers={"a": 1.0}
    )
    fit = VisitSolution(
        visit="7",
        sources=(a_source(night=""), a_source(detector="2")),
        samples=(),
        solution=SOLUTION,
        findings=(finding,),  # type: ignore[arg-type]  # it has what is told
    )
    assert SubtractedVisit(fit, ("/out/a",)).as_dict() == {
        "visit": "7",
        "filter": "r",
        "instrument": "Cam",
        "night": "2026-01-01",
        "scale": 2.0,
        "error": 0.5,
        "n_used": 2,
        "n_samples": 3,
        "iterations": [],
        "detectors": ["1", "2"],
        "findings": [
            {"kind": "k", "severity": "note", "title": "T.", "text": "X.", "detectors": ["1"],
             "numbers": {"a": 1.0}}
        ],
        "outputs": ["/out/a"],
    }  # fmt: skip


def test_the_demonstration_tells_truth_and_result_side_by_side() -> None:
    result = DemoResult(
        truth=1.5,
        solution=SOLUTION,
        before=3.14159,
        after=1.25,
        noise=1.0,
        outputs=(os.path.join("out", "a"),),
    )
    assert result.pull == 1.0
    assert result.rows() == [
        ["scale", "1.500000", "2.0 ± 0.5"],
        ["pull [sigma]", "0", "+1.00"],
        ["samples used", "3", "2"],
        ["bin rms before [electrons]", "", "3.142"],
        ["bin rms after [electrons]", "1.000", "1.250"],
    ]
    assert result.as_dict() == {
        "truth": 1.5,
        "scale": 2.0,
        "error": 0.5,
        "pull": 1.0,
        "n_used": 2,
        "n_samples": 3,
        "bin_rms_before": 3.14159,
        "bin_rms_after": 1.25,
        "bin_noise": 1.0,
        "outputs": [os.path.join("out", "a")],
    }


@pytest.mark.parametrize(
    ("how", "planes", "masked"),
    [
        (MaskObjects.AUTO, {"DETECTED": 5}, False),
        (MaskObjects.AUTO, {"SAT": 1}, True),
        (MaskObjects.AUTO, None, True),
        (MaskObjects.ALWAYS, {"DETECTED": 5}, True),
        (MaskObjects.NEVER, {"SAT": 1}, False),
    ],
)
def test_objects_are_sought_where_that_is_asked_for(
    how: MaskObjects, planes: dict[str, int] | None, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.ones((8, 8), np.float32)
    mask = None if planes is None else np.zeros(image.shape, np.int32)
    exposure = Exposure(image, mask, planes=MaskPlanes(planes or {}))
    found = Exposure(image)
    monkeypatch.setattr(objects, "mask_objects", lambda one, **_: found)
    assert with_objects_masked(exposure, how, None) is (found if masked else exposure)


@pytest.mark.parametrize(
    ("how", "planes", "made"),
    [
        (MaskObjects.AUTO, {"SAT": 1}, {"DETECTED": 31, "DETECTED_NEGATIVE": 30}),
        (MaskObjects.AUTO, {"DETECTED": 5}, {}),
        (MaskObjects.NEVER, {"SAT": 1}, {}),
    ],
)
def test_planes_of_objects_that_are_found_here_are_known_to_the_findings(
    how: MaskObjects, planes: dict[str, int], made: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(findings, "diagnose_fit", lambda *_, **known: given.append(known) or ())
    masked = a_source(has_mask=True, planes=MaskPlanes(planes), unit="")
    pairs = [(masked, a_sky_frame()), (a_source(detector="2"), a_sky_frame(detector="2"))]
    assert findings.findings_of_fit(pairs, (), SOLUTION, CONFIG, how, "electron") == ()
    (known,) = given
    assert {name: dict(one) for name, one in known["planes"].items()} == {"1": {**planes, **made}}
    assert list(known["sky_frames"]) == ["1", "2"]
    assert (known["unit"], known["sky_unit"]) == ("adu", "electron")


def test_a_sky_frame_that_is_too_small_is_told_before_the_pixels_are_read() -> None:
    def sample(**source: Any) -> str:
        (task,) = sampling_tasks([a_source(**source)], (a_sky_frame(),))
        if isinstance(task, str):
            return task
        return why(
            lambda: sample_exposure(task, None, config=CONFIG, mask_objects=MaskObjects.NEVER)
        )

    missing = sample()
    assert missing.startswith("/night/a.fits")
    for source in ({"width": 101}, {"height": 81}, {"xy0": (1, 0)}, {"xy0": (0, 1)}):
        assert sample(**source) != missing, source
        assert "/night" not in sample(**source)
    assert sample(width=99, xy0=(1, 0)) == missing
    assert sample(height=79, xy0=(0, 1)) == missing
