"""What the program knows at a moment: one frozen value, replaced whole when anything changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from skyframe_gui.app.model.looks import DEFAULT_LOOKS
from skyframe_gui.app.model.looks import LAYERS as LAYERS
from skyframe_gui.app.model.looks import Layer as Layer
from skyframe_gui.app.model.looks import Look as Look
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.work.compare import Comparison, Pin, Sweep
    from skyframe_gui.app.work.pyramids import Shown
    from skyframe_gui.app.work.stack_bin import BinView
    from skyframe_gui.app.work.stacks import StackView
    from skyframe_gui.engine import Samples, ScaleSolution, SkyFrame
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.build import BuiltSkyFrame

PANES: tuple[Layer, ...] = ("exposure", "model", "subtracted", "residual")
"""What four panes show."""
PANE_NUMBERS = (1, 2, 4, 6)
Workspace = Literal["visit", "stack", "compare", "camera", "night"]
AT_HAND: tuple[Workspace, ...] = ("visit", "stack", "compare")
"""Workspaces that can be shown; the others have their place only."""
Stamp = tuple[int, int]
"""A file's size in bytes and its time of change in nanoseconds."""
SampleId = tuple[str, tuple[int, int, int, int]]
"""A sample by the key of its exposure and its box (x0, y0, x1, y1), half-open."""

EMPTY: Mapping[Any, Any] = MappingProxyType({})
DEFAULTS = SkyMeasurementConfig()


@dataclass(frozen=True)
class ExposureItem:
    """An exposure in the data panel.

    Attributes
    ----------
    key : str
        Path and HDU; what the rest of the state calls it by.
    source : ExposureSource
        What the headers tell.
    stamp : Stamp
        Of the file when it was scanned, so that a changed file is noticed.
    """

    key: str
    source: ExposureSource
    stamp: Stamp = (0, 0)


@dataclass(frozen=True, eq=False)
class SkyFrameItem:
    """A sky frame in the data panel.

    Attributes
    ----------
    key : str
        Its path, or "built <n>" for one that was built here.
    name : str
        What the panel calls it.
    detector : str
    sky_frame : SkyFrame
    path, sha256 : str
        Its file and that file's checksum; empty while it is not saved.
    built : BuiltSkyFrame or None
        The exposures in it with their grids, where it was built here.
    unit : str
        Of its values; "" where the file does not tell.
    made_with : SkyMeasurementConfig or None
        The config it was built with, where known.
    made_options : Options or None
        The options it was built with, where it was built here.
    members : tuple of str
        Keys of the exposures that it was built from, in the order of ``built``.
    outside : frozenset of str
        Those of them that are left out of it now.
    """

    key: str
    name: str
    detector: str
    sky_frame: SkyFrame
    path: str = ""
    sha256: str = ""
    built: BuiltSkyFrame | None = None
    unit: str = ""
    made_with: SkyMeasurementConfig | None = None
    made_options: Options | None = None
    members: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BadFile:
    """A file that could not be opened, and why, as a sentence."""

    path: str
    why: str


@dataclass(frozen=True)
class Facts:
    """What the data panel tells of an exposure's pixels.

    Attributes
    ----------
    level : float
        Median of the pixels outside of every plane of ``stats.mask``, in the exposure's unit.
    masked : float
        Part of the pixels that are in one of these planes or not finite, 0 to 1.
    notes : tuple of str
        What was noticed on reading, a sentence each.
    problem : str
        Why it cannot be used, if it cannot.
    """

    level: float = float("nan")
    masked: float = float("nan")
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Options:
    """What a stage is told besides the config."""

    mask_objects: MaskObjects = MaskObjects.AUTO
    normalise: Normalise = Normalise.NONE


@dataclass(frozen=True)
class Selection:
    """What is looked at.

    Attributes
    ----------
    exposure, sky_frame : str
        Key of the shown exposure and of the sky frame that is to be used; "" for none: then the
        newest sky frame of the exposure's detector is.
    samples : frozenset of SampleId
        The selected samples.
    hovered : SampleId or None
        The sample under the cursor.
    step : int or None
        The shown round of the fit, 0 is "no rejection"; None is always the last.
    bin : (column, row) or None
        The selected bin of the sky frame.
    stack_exposure : str
        Key of the exposure that is selected in the stack.
    """

    exposure: str = ""
    sky_frame: str = ""
    samples: frozenset[SampleId] = frozenset()
    hovered: SampleId | None = None
    step: int | None = None
    bin: tuple[int, int] | None = None
    stack_exposure: str = ""


@dataclass(frozen=True)
class Frame:
    """The part of an exposure that a pane shows.

    Attributes
    ----------
    x, y : float
        The pixel in the pane's middle; pixel centres are whole numbers.
    zoom : float
        Screen pixels per exposure pixel.
    """

    x: float
    y: float
    zoom: float


@dataclass(frozen=True)
class View:
    """How the panes look. Never changed by results, but for the limits of a new exposure.

    Attributes
    ----------
    workspace : Workspace
        Which question the window answers; see `skyframe_gui.ui.workspaces`.
    panes : tuple of Layer
        What each of the panes shows; `PANE_NUMBERS` says how many there may be.
    pane_shape : (columns, rows) or None
        How the panes are arranged, as a person has chosen; None: so that images are largest.
    active : int
        Which pane the toolbar speaks of.
    measured : mapping of layer to mapping of preset to (low, high)
        The limits by every preset, as measured when the exposure was first shown; "own grid" has
        those of its own bins. See `skyframe_gui.app.model.limits.limits_of`.
    frames : tuple of Frame or None, one for each pane that there may be
        None: the whole exposure.
    linked, limits_linked : bool
        Whether panes move together; whether exposure and subtracted have limits of one width.
    edges, boxes, masks, crosshair : bool
        The overlays.
    veil : {"veil", "full", "hidden"}
        How pixels are drawn that ``stats.mask`` leaves out.
    hidden_planes : frozenset of str
        Mask planes that the overlay does not draw.
    plane_opacity : float
        Of the mask overlay, 0 to 1.
    plane_colours : mapping of plane to "#rrggbb"
        Colours that a person has chosen.
    own_grid : bool
        Whether the bin grid is the exposure's own even where there is a sky frame.
    before : bool
        Blink: whether "subtracted" shows the exposure before the subtraction.
    blinking : bool
        Whether ``before`` changes by itself.
    theme : {"dark", "light"}
        Of the whole window.
    trial : float or None
        A scale that a person tries on the screen in the place of the fitted one.
    """

    workspace: Workspace = "visit"
    panes: tuple[Layer, ...] = PANES
    pane_shape: tuple[int, int] | None = None
    active: int = 0
    measured: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=lambda: EMPTY)
    frames: tuple[Frame | None, ...] = (None,) * max(PANE_NUMBERS)
    linked: bool = True
    limits_linked: bool = False
    edges: bool = True
    boxes: bool = True
    masks: bool = False
    crosshair: bool = True
    veil: Literal["veil", "full", "hidden"] = "veil"
    hidden_planes: frozenset[str] = frozenset()
    plane_opacity: float = 0.4
    plane_colours: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    own_grid: bool = False
    before: bool = False
    blinking: bool = False
    theme: Literal["dark", "light"] = "dark"
    trial: float | None = None


@dataclass(frozen=True, eq=False)
class VisitFit:
    """The fit of a visit, or of those of its exposures that are sampled so far.

    Attributes
    ----------
    visit : str
    keys : tuple of str
        The exposures, in the order of the samples.
    samples : tuple of Samples
    solution : ScaleSolution
        With what was excluded by hand left out. Its scale is NaN where the fit failed.
    alone : ScaleSolution
        Of the config alone; the same object where nothing is excluded by hand.
    why : str
        Why the fit failed; empty where it did not.
    n_members : int
        Exposures of the visit that have a sky frame, sampled or not.
    made_from : object
        Compared with `queries.fit_inputs` to tell whether the fit is still of the newest state.
    findings : tuple of Finding
        What the user should be warned of, the gravest first; none while the fit is incomplete.
    unit : str
        Of the exposures; "" where they do not tell or do not agree.
    frame_units : frozenset of str
        Of their sky frames.
    """

    visit: str
    keys: tuple[str, ...]
    samples: tuple[Samples, ...]
    solution: ScaleSolution
    alone: ScaleSolution
    why: str
    n_members: int
    made_from: object
    findings: tuple[Finding, ...] = ()
    unit: str = ""
    frame_units: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether every exposure of the visit is in it."""
        return len(self.keys) == self.n_members


@dataclass(frozen=True, eq=False)
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
    """

    shown: Shown | None = None
    fit: VisitFit | None = None
    stack: StackView | None = None
    bin: BinView | None = None
    compare: Comparison | None = None
    sweep: Sweep | None = None
    residual: ResidualMap | None = None


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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Recent:
    """A file, folder or session that was opened before.

    Attributes
    ----------
    path : str
    contents : str
        What was in it, such as "60 detectors, 7 visits".
    opened : str
        When last, local time, ISO 8601 to the minute.
    missing : bool
        Whether it was gone at the program's start.
    """

    path: str
    contents: str = ""
    opened: str = ""
    missing: bool = False


@dataclass(frozen=True)
class State:
    """Everything the program knows. Panels paint it, commands replace it.

    Attributes
    ----------
    exposures, sky_frames, bad_files : tuples
        What was opened, in that order.
    facts : mapping of exposure key to Facts
    config, preset, options : what the engine is told; ``preset`` is what ``config`` is compared to
    left_out : frozenset of str
        Keys of exposures that are neither built from nor fitted.
    by_hand : frozenset of SampleId
        Samples that a person excluded.
    assigned : mapping of exposure key to (visit, detector)
        Where a person knows better than the headers.
    closed : frozenset of str
        Keys of items that were taken off the list.
    pins : mapping of "A" and "B" to Pin
        What is compared.
    looks : mapping of Layer to Look
        How each layer is coloured.
    selection, view : what is looked at, and how
    cursor : (x, y) or None
        Under the mouse, in pixels of the shown exposure; pixel centres are whole numbers.
    results, problems, jobs : what came of it
    log : tuple of str
        Lines of the log panel, oldest first.
    recent : tuple of Recent
        Newest first.
    """

    exposures: tuple[ExposureItem, ...] = ()
    sky_frames: tuple[SkyFrameItem, ...] = ()
    bad_files: tuple[BadFile, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=lambda: EMPTY)
    config: SkyMeasurementConfig = DEFAULTS
    preset: SkyMeasurementConfig = DEFAULTS
    preset_name: str = "LSST defaults"
    options: Options = Options()
    left_out: frozenset[str] = frozenset()
    by_hand: frozenset[SampleId] = frozenset()
    assigned: Mapping[str, tuple[str, str]] = field(default_factory=lambda: EMPTY)
    closed: frozenset[str] = frozenset()
    pins: Mapping[str, Pin] = field(default_factory=lambda: EMPTY)
    looks: Mapping[Layer, Look] = field(default_factory=lambda: DEFAULT_LOOKS)
    selection: Selection = Selection()
    view: View = View()
    cursor: tuple[float, float] | None = None
    results: Results = Results()
    problems: tuple[Problem, ...] = ()
    jobs: tuple[Job, ...] = ()
    log: tuple[str, ...] = ()
    recent: tuple[Recent, ...] = ()


UNDOABLE = (
    "config",
    "preset",
    "preset_name",
    "options",
    "left_out",
    "by_hand",
    "assigned",
    "closed",
    "pins",
    "looks",
)
"""Fields of the state that a person changes and may want back."""
