"""What a build would be normalised by is told before it is built."""

from __future__ import annotations

import pytest
from made_items import an_exposure

from skyframe_gui.app.model.items import ExposureItem, Options
from skyframe_gui.app.model.normalise_hint import camera_name, normalise_hint
from skyframe_gui.app.model.state import State
from skyframe_gui.workflow.options import Normalise


def night(n_detectors: int, instrument: str = "HSC", n_visits: int = 2) -> tuple[ExposureItem, ...]:
    return tuple(
        an_exposure(
            f"v{visit}-{detector}.fits",
            visit=str(visit),
            detector=str(detector),
            instrument=instrument,
            date=f"2026-01-02T0{visit}:00:00",
        )
        for visit in range(n_visits)
        for detector in range(n_detectors)
    )


def hint(
    items: tuple[ExposureItem, ...], normalise: Normalise = Normalise.AUTO, camera: str = ""
) -> str:
    return normalise_hint(
        State(exposures=items, options=Options(normalise=normalise, camera=camera))
    )


@pytest.mark.parametrize("normalise", [Normalise.NONE, Normalise.LEVEL])
def test_without_a_focal_plane_nothing_is_said(normalise: Normalise) -> None:
    assert hint(night(3), normalise, "HSC") == ""


def test_without_exposures_nothing_is_said() -> None:
    assert hint(()) == ""


@pytest.mark.parametrize("normalise", [Normalise.AUTO, Normalise.FOCAL_PLANE])
def test_a_known_camera_is_named_with_its_detectors(normalise: Normalise) -> None:
    expected = "over the focal plane of HSC, up to 3 detectors a visit"
    assert hint(night(3), normalise) == expected
    assert hint(night(3, "Hyper Suprime-Cam"), normalise) == expected
    lone = an_exposure("lone.fits", visit="9", instrument="HSC", date="2026-01-02T09:00:00")
    assert hint((*night(3), lone), normalise) == f"{expected}; 1 alone"


def test_one_detector_a_visit_is_told() -> None:
    assert hint(night(1)) == "not normalised: most visits have one detector"
    forced = "over the focal plane of HSC, one detector a visit"
    assert hint(night(1), Normalise.FOCAL_PLANE) == forced


def test_an_unknown_camera_is_told_and_a_chosen_one_counts() -> None:
    told = hint(night(3, "SkySim"))
    assert told == "no table of SkySim: what the files tell counts, or choose a camera"
    assert hint(night(3, "")).startswith("no table of a camera without a name")
    chosen = hint(night(3, "SkySim"), camera="/tables/mine.json")
    assert chosen == "over the focal plane of mine.json, up to 3 detectors a visit"


def test_a_table_is_called_by_its_file() -> None:
    assert camera_name("HSC") == "HSC"
    assert camera_name("/tables/mine.csv") == "mine.csv"
    assert camera_name("C:\\tables\\mine.csv") == "mine.csv"
