"""What is said where a panel is empty: true of whatever is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.model.items import BadFile, ExposureItem, Facts, SkyFrameItem
from skyframe_gui.app.model.missing import what_opens, why_no_exposure, why_no_fit
from skyframe_gui.app.model.results import Job
from skyframe_gui.app.model.state import State
from skyframe_gui.engine import MaskPlanes
from skyframe_gui.engine.identity import Identity
from skyframe_gui.files.fits.source import ExposureSource, PlaneRef

if TYPE_CHECKING:
    from skyframe_gui.engine import SkyFrame


class Frame:
    """As much of a sky frame as is asked for."""

    def __init__(self, filter_: str) -> None:
        self.identity = Identity(filter=filter_)
        self.values = np.ones((2, 2))


def exposure(visit: str, detector: str, filter_: str = "r") -> ExposureItem:
    path = Path(f"/night/v{visit}-{detector}.fits")
    source = ExposureSource(
        path=path,
        layout="plain",
        name=path.stem,
        visit=visit,
        detector=detector,
        filter=filter_,
        date="",
        exposure_time=None,
        unit="adu",
        instrument="",
        xy0=(0, 0),
        width=10,
        height=10,
        has_mask=False,
        has_variance=False,
        planes=MaskPlanes({}),
        notes=(),
        image=PlaneRef(path, 0),
    )
    return ExposureItem(f"{path}[0]", source)


def frame(detector: str, filter_: str = "r") -> SkyFrameItem:
    made: SkyFrame = Frame(filter_)  # type: ignore[assignment]
    path = f"/sky/{detector}.fits"
    return SkyFrameItem(key=path, name=path, detector=detector, sky_frame=made, path=path)


def state_of(*items: ExposureItem | SkyFrameItem, shown: str = "", frame: str = "") -> State:
    state = State(
        exposures=tuple(one for one in items if isinstance(one, ExposureItem)),
        sky_frames=tuple(one for one in items if isinstance(one, SkyFrameItem)),
    )
    key = next((one.key for one in state.exposures if shown and shown in one.key), "")
    return replace(state, selection=replace(state.selection, exposure=key, sky_frame=frame))


ONE, TWO = exposure("11", "1"), exposure("11", "2")


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (state_of(), "A fit needs an exposure"),
        (state_of(frame("1"), frame="/sky/1.fits"), "Only sky frames are open"),
        (state_of(ONE, shown="11-1"), "There is no sky frame yet"),
        (
            state_of(ONE, TWO, frame("7"), frame("8"), shown="11-1"),
            "The sky frames are of det 7, 8, but visit 11 is of det 1, 2",
        ),
        (
            state_of(ONE, frame("1", "g"), frame("2", "i"), shown="11-1"),
            "The sky frames are of filter g, i, but visit 11 is of filter r",
        ),
        (state_of(ONE, frame("1"), frame="/sky/1.fits"), "looked at by itself"),
        (
            state_of(ONE, frame("7"), frame="/sky/7.fits"),
            "The sky frame is of det 7, but the open exposures are of det 1.",
        ),
        (state_of(ONE, frame("1"), shown="11-1"), "comes as soon as it is ready"),
        (
            replace(
                state_of(ONE, frame("1"), shown="11-1"), excluded_exposures=frozenset({ONE.key})
            ),
            "No exposure of visit 11 is science",
        ),
        (
            replace(state_of(ONE, frame("1"), shown="11-1"), excluded_members=frozenset({ONE.key})),
            "comes as soon as it is ready",
        ),
        (
            replace(
                state_of(ONE, frame("1"), shown="11-1"),
                facts={ONE.key: Facts(problem="It is gone.")},
            ),
            "No exposure of visit 11 can be used",
        ),
    ],
)
def test_why_there_is_no_fit(state: State, says: str) -> None:
    assert says in why_no_fit(state)


def test_a_sky_frame_alone_says_which_exposure_it_is_for() -> None:
    alone = state_of(frame("det05"), frame="/sky/det05.fits")
    assert why_no_exposure(alone).endswith("open an exposure of det 05.")
    many = [exposure("11", str(one)) for one in range(1, 9)]
    other = state_of(*many, frame("44"), frame="/sky/44.fits")
    assert why_no_exposure(other).endswith("the open exposures are of 8 other detectors.")


def test_why_there_is_no_image() -> None:
    assert what_opens(State())[0] == "Nothing is open"
    assert "Choose an exposure" in what_opens(state_of(ONE))[1]
    refused = replace(State(), bad_files=(BadFile("/m.fits", "A mask without its image."),))
    assert "says why" in what_opens(refused)[1]
    assert what_opens(replace(refused, removed=frozenset({"/m.fits"})))[0] == "Nothing is open"
    job = Job(lane="open", label="Open 3 files")
    assert what_opens(replace(State(), jobs=(job,)))[0] == "Files are being opened"
