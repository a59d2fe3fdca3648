"""What is looked at, and how: changed by a person, never by results but for first limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

from skyframe_gui.app.model.items import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.cuts import Cut, Region, Tool
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.looks import CompareLayer, Layer

PANES: tuple[Layer, ...] = ("exposure", "model", "subtracted", "residual")
"""What four panes show."""
LAYOUTS: dict[int, tuple[Layer, ...]] = {
    1: ("subtracted",),
    2: ("exposure", "subtracted"),
    4: PANES,
    # Twice subtracted: unlinked, one of them is whole while the other one is looked into.
    6: (*PANES, "grid", "subtracted"),
}
"""What so many panes show at first."""
PANE_NUMBERS = tuple(LAYOUTS)
Reel = Literal["night", "visits", "visit", "marked", "set"]
"""What runs as a film: the same detector through the night or through all visits, the detectors of
the visit, what a person has marked, the sky frames of the set."""
FilmState = Literal["", "paused", "playing"]
FASTEST, SLOWEST = 0.05, 60.0
"""Seconds that a picture of a film stands."""
Workspace = Literal["visit", "stack", "compare", "camera", "night"]


@dataclass(frozen=True)
class Mark:
    """A picture that a person has marked.

    Attributes
    ----------
    key : str
        Of an exposure or of a sky frame; "" for what is shown.
    layer : Layer or ""
        What the active pane shows of it; "" leaves that as it is.
    """

    key: str = ""
    layer: Layer | Literal[""] = ""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is looked at.

    Attributes
    ----------
    exposure, sky_frame : str
        Key of the shown exposure and of the sky frame that is to be used; "" for none: then the
        newest sky frame of the exposure's detector is.
    samples : frozenset of SampleId
        The selected samples.
    step : int or None
        The shown round of the fit, 0 is "no rejection"; None is always the last.
    bin : (column, row) or None
        The selected bin of the sky frame.
    stack_exposure : str
        Key of the exposure that is selected in the stack.
    mask : int or None
        Number of the mask by hand that is selected.
    marked : tuple of Mark
        What blinks, in its order.
    """

    exposure: str = ""
    sky_frame: str = ""
    samples: frozenset[SampleId] = frozenset()
    step: int | None = None
    bin: tuple[int, int] | None = None
    stack_exposure: str = ""
    mask: int | None = None
    marked: tuple[Mark, ...] = ()


class SelectionChanges(TypedDict, total=False):
    """Fields of the `Selection` to be replaced."""

    exposure: str
    sky_frame: str
    samples: frozenset[SampleId]
    step: int | None
    bin: tuple[int, int] | None
    stack_exposure: str
    mask: int | None
    marked: tuple[Mark, ...]


CorrectionPart = Literal["added", "sum", "corrected"]
"""What of a stage is shown: what it subtracts, all that is subtracted so far, what is left."""
Veil = Literal["veil", "full", "hidden"]
PlaneLayer = Literal["residual", "exposure", "model", "good"]
"""What of all detectors is shown in the focal plane; "good" is the part of the good pixels."""
OwnNumber = Literal["scale", "sigma", "rejected", "intercept"]
TileOrder = Literal["deviation", "rejected", "number"]
TilePlot = Literal["samples", "residuals"]
DetectorOrder = Literal["number", "radius", "deviation"]
"""By number or name, from the middle of the focal plane outwards, by the median residual."""
Switch = Literal[
    "edges",
    "boxes",
    "masks",
    "crosshair",
    "compass",
    "overview",
    "magnifier",
    "limits_linked",
    "own_grid",
    "blinking",
    "mask_visits",
    "mask_sky",
    "reload_itself",
]
"""Fields of the `View` that are on or off."""


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


@dataclass(frozen=True, kw_only=True)
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
    on_difference : bool
        Whether the toolbar speaks of A minus B in Compare, not of A and B.
    correction_stage : int or None
        The shown stage of the sky correction; None is always the last.
    correction_part : CorrectionPart
    compared : CompareLayer
        What Compare shows of A, of B and of their difference.
    measured : mapping of layer to mapping of preset to (low, high)
        The limits by every preset, as measured when the exposure was first shown; "own grid" has
        those of its own bins. See `skyframe_gui.app.model.limits.limits_of`.
    frames : tuple of Frame or None, one for each pane that there may be
        None: the whole exposure.
    linked, limits_linked : bool
        Whether panes move together; whether exposure and subtracted have limits of one width.
    edges, boxes, masks, crosshair, compass : bool
        The overlays; the compass has north, east and a scale bar.
    overview, magnifier : bool
        Whether the whole image is shown in small on the active pane; the pixels about the mouse
        enlarged.
    veil : {"veil", "full", "hidden"}
        How pixels are drawn that ``stats.mask`` leaves out.
    hidden_planes : frozenset of str
        Mask planes that the overlay does not draw.
    plane_opacity : float
        Of the mask overlay, 0 to 1.
    plane_colours : mapping of plane to "#rrggbb"
        Colours that a person has chosen.
    plane_layer : PlaneLayer
    plane_limits : mapping of PlaneLayer to (low, high)
        Limits of the focal plane's colours, where they are set by hand.
    amplifiers : bool
        Whether lines between the amplifiers are drawn in the focal plane, where they are known.
    own_number : OwnNumber
        Which number of each detector's own fit Camera shows.
    tile_order, tile_plot : TileOrder, TilePlot or None
        In which order Camera shows the samples of each detector, and against what; None: what
        tells more.
    detector_order : DetectorOrder
        In which order residuals against detectors have these.
    own_grid : bool
        Whether the bin grid is the exposure's own even where there is a sky frame.
    in_file, counts_from_one : bool
        How x and y are written: of the file or of its parent, whose first pixel is 0 or 1.
    mark : (key, x, y) or None
        The place that was last gone to: which exposure, and which pixel of its array.
    before : bool
        Blink: whether "subtracted" shows the exposure before the subtraction.
    blinking : bool
        Whether ``before`` changes by itself.
    film : FilmState
        Whether pictures follow one another: "" while there is no film.
    reel : Reel
    film_seconds : float
        So long a picture stands.
    film_back : bool
        Whether it runs backwards.
    film_place : int
        Which of the pictures is wanted; where they look alike, several can be the shown one.
    held_limits : mapping of layer to (low, high)
        What all pictures of the film are shown with; empty while there is none.
    reload_itself : bool
        Whether files that are written anew are reloaded without being asked for.
    theme : {"dark", "light"}
        Of the whole window.
    trial : float or None
        A scale that a person tries on the screen in the place of the fitted one.
    cut : Cut or None
        The line or band whose profile is shown.
    region : Region or None
        The box or circle whose numbers are shown.
    tool : Tool
        What a drag over a pane draws.
    mask_visits, mask_sky : bool
        Whether the next mask by hand is one of the whole visit, and one on the sky.
    """

    workspace: Workspace = "visit"
    panes: tuple[Layer, ...] = PANES
    pane_shape: tuple[int, int] | None = None
    active: int = 0
    compared: CompareLayer = "residual"
    on_difference: bool = False
    correction_stage: int | None = None
    correction_part: CorrectionPart = "sum"
    measured: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=lambda: EMPTY)
    frames: tuple[Frame | None, ...] = (None,) * max(PANE_NUMBERS)
    linked: bool = True
    limits_linked: bool = False
    edges: bool = True
    boxes: bool = True
    masks: bool = False
    crosshair: bool = True
    compass: bool = True
    overview: bool = False
    magnifier: bool = False
    veil: Veil = "veil"
    hidden_planes: frozenset[str] = frozenset()
    plane_opacity: float = 0.4
    plane_colours: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    plane_layer: PlaneLayer = "residual"
    plane_limits: Mapping[PlaneLayer, tuple[float, float]] = field(default_factory=lambda: EMPTY)
    amplifiers: bool = True
    own_number: OwnNumber = "scale"
    tile_order: TileOrder = "deviation"
    tile_plot: TilePlot | None = None
    detector_order: DetectorOrder = "number"
    own_grid: bool = False
    in_file: bool = False
    counts_from_one: bool = False
    mark: tuple[str, float, float] | None = None
    before: bool = False
    blinking: bool = False
    film: FilmState = ""
    reel: Reel = "night"
    film_seconds: float = 0.5
    film_back: bool = False
    film_place: int = 0
    held_limits: Mapping[str, tuple[float, float]] = field(default_factory=lambda: EMPTY)
    reload_itself: bool = False
    theme: Literal["dark", "light"] = "dark"
    trial: float | None = None
    cut: Cut | None = None
    region: Region | None = None
    tool: Tool = ""
    mask_visits: bool = False
    mask_sky: bool = False

    @property
    def active_layer(self) -> Layer:
        """What the toolbar speaks of: what Compare or Camera show, else of the active pane."""
        if self.workspace == "compare":
            return "difference" if self.on_difference else self.compared
        if self.workspace == "camera" and self.plane_layer != "good":
            return self.plane_layer
        return self.panes[self.active]

    @property
    def active_frame(self) -> int:
        """Which of the frames zooms move: A, B and their difference have the first one."""
        return 0 if self.workspace == "compare" else self.active


class ViewChanges(TypedDict, total=False):
    """Fields of the `View` to be replaced."""

    workspace: Workspace
    panes: tuple[Layer, ...]
    pane_shape: tuple[int, int] | None
    active: int
    compared: CompareLayer
    on_difference: bool
    correction_stage: int | None
    correction_part: CorrectionPart
    measured: Mapping[str, Mapping[str, tuple[float, float]]]
    frames: tuple[Frame | None, ...]
    linked: bool
    limits_linked: bool
    edges: bool
    boxes: bool
    masks: bool
    crosshair: bool
    compass: bool
    overview: bool
    magnifier: bool
    veil: Veil
    hidden_planes: frozenset[str]
    plane_opacity: float
    plane_colours: Mapping[str, str]
    plane_layer: PlaneLayer
    plane_limits: Mapping[PlaneLayer, tuple[float, float]]
    amplifiers: bool
    own_number: OwnNumber
    tile_order: TileOrder
    tile_plot: TilePlot | None
    detector_order: DetectorOrder
    own_grid: bool
    in_file: bool
    counts_from_one: bool
    mark: tuple[str, float, float] | None
    before: bool
    blinking: bool
    film: FilmState
    reel: Reel
    film_seconds: float
    film_back: bool
    film_place: int
    held_limits: Mapping[str, tuple[float, float]]
    reload_itself: bool
    theme: Literal["dark", "light"]
    trial: float | None
    cut: Cut | None
    region: Region | None
    tool: Tool
    mask_visits: bool
    mask_sky: bool
