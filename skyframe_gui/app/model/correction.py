"""The sky correction of a whole visit: what a person sets, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import EMPTY

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import Stamp
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.shown import Histogram, Pyramid
    from skyframe_gui.app.model.view import CorrectionPart
    from skyframe_gui.engine.correction import CorrectionStage
    from skyframe_gui.workflow.earlier_lists import EarlierLists
    from skyframe_gui.workflow.jobs import Failure
    from skyframe_gui.workflow.outputs import LoadedSkyFrame
    from skyframe_gui.workflow.visit_correction import VisitCorrection

LAYER: Layer = "correction"
LANE, PICTURES = "correction", "correction picture"
"""The lanes in which it is worked out, and in which its pictures are made."""
PART_WORDS: Mapping[CorrectionPart, str] = {
    "added": "What it subtracts",
    "sum": "All subtracted so far",
    "corrected": "What is left",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class FinishedCorrection:
    """All that is needed to write a corrected visit; its images are made of the files.

    Attributes
    ----------
    visit : VisitCorrection
    frames : mapping of sky frame key to LoadedSkyFrame
    lists : EarlierLists
    list_stamps : mapping of Path to Stamp
        Of the files of these lists.
    failed : tuple of Failure
        Exposures that were left out, and why.
    notes : tuple of str
    """

    visit: VisitCorrection
    frames: Mapping[str, LoadedSkyFrame]
    lists: EarlierLists
    list_stamps: Mapping[Path, Stamp]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrectionRun:
    """A visit's correction, as far as it is.

    Attributes
    ----------
    visit : str
    detectors : mapping of exposure key to str
        The camera's names of the detectors that take part.
    stages : tuple of CorrectionStage
    made_from : hashable
        See `correction_inputs`.
    camera : str
    notes : tuple of str
        What is to be said of it, and why exposures were left out.
    finished : FinishedCorrection or None
        None while it is not.
    """

    visit: str
    made_from: Hashable
    detectors: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    stages: tuple[CorrectionStage, ...] = ()
    camera: str = ""
    notes: tuple[str, ...] = ()
    finished: FinishedCorrection | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrectionPicture:
    """A stage's image over one exposure.

    Attributes
    ----------
    wanted : hashable
        What it was made for, see `wanted_picture`.
    key : str
        Of the exposure.
    title : str
    image : Pyramid or None
    why : str
        Why there is none.
    limits, histogram, quantiles
        As of a `ResidualMap`.
    """

    wanted: Hashable
    key: str
    title: str
    image: Pyramid[np.float32] | None = None
    why: str = ""
    limits: Mapping[str, tuple[float, float]] = field(default_factory=lambda: EMPTY)
    histogram: Histogram | None = None
    quantiles: NDArray[np.float64] | None = None
