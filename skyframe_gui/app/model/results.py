"""What the engine has made, what runs, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.camera_view import CameraView
    from skyframe_gui.app.model.comparison import Comparison, Sweep
    from skyframe_gui.app.model.correction import CorrectionPicture, CorrectionRun
    from skyframe_gui.app.model.cuts import Profile, RegionNumbers
    from skyframe_gui.app.model.night_view import NightView
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.stack_view import BinView, StackView
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine.hand_masks import HandMask


@dataclass(frozen=True, eq=False, kw_only=True)
class Results:
    """What the engine has made of the rest of the state, perhaps of an older one.

    Attributes
    ----------
    shown : Shown or None
        What the panes show.
    fit : VisitFit or None
        Of the shown visit.
    stack : StackView or None
        The exposures behind the shown sky frame.
    compare : Comparison or None
        A and B, where both are pinned.
    sweep : Sweep or None
        The last sweep, as far as it is.
    residual : ResidualMap or None
        Perhaps of another exposure or scale; made only where a pane shows it.
    correction : CorrectionRun or None
        The last correction of a whole visit, as far as it is.
    correction_picture : CorrectionPicture or None
        Of one of its stages; made only where a pane shows it.
    camera : CameraView or None
        The focal plane of the shown visit, as far as it is; made only while it is looked at.
    night : NightView or None
        All visits, as far as they are fitted; made only while they are looked at.
    profile : Profile or None
        Along the cut; perhaps of an older one.
    region : RegionNumbers or None
        Of the region; perhaps of an older one.
    masked : mapping of HandMask to int or None
        How many pixels of the shown exposure each mask by hand masks.
    """

    shown: Shown | None = None
    fit: VisitFit | None = None
    stack: StackView | None = None
    bin: BinView | None = None
    compare: Comparison | None = None
    sweep: Sweep | None = None
    residual: ResidualMap | None = None
    correction: CorrectionRun | None = None
    correction_picture: CorrectionPicture | None = None
    camera: CameraView | None = None
    night: NightView | None = None
    profile: Profile | None = None
    region: RegionNumbers | None = None
    masked: Mapping[HandMask, int] | None = None


@dataclass(frozen=True)
class Problem:
    """Something that went wrong.

    Attributes
    ----------
    origin : str
        Which part of the program it comes from; a success there takes the problem away.
    text : str
        A sentence for the user.
    detail : str
        The traceback of a fault of the program; empty for what is to be expected.
    notes : str
        What more is to be said, a sentence a line, and is in the log; no fault of the program.
    """

    origin: str
    text: str
    detail: str = ""
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work that is running.

    Attributes
    ----------
    lane : str
        Where; what `Commands.cancel` takes.
    label : str
        What it is doing.
    done, total : int
        Units of work; a total of 0 says that nobody knows.
    seconds_left : float or None
        None while nobody can tell.
    """

    lane: str
    label: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
