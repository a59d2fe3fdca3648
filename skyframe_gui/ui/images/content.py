"""What a pane shows of a state: the planes, the colours, the words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.correction import PICTURES
from skyframe_gui.app.model.correction_request import correction_inputs, wanted_picture
from skyframe_gui.app.model.film import film_words
from skyframe_gui.app.model.items import GONE_FROM_DISK
from skyframe_gui.app.model.limits import is_by_hand
from skyframe_gui.app.model.looks import DIFFERENCES
from skyframe_gui.app.model.missing import why_no_exposure
from skyframe_gui.app.model.queries import background_of, bins_of, on_disk_of
from skyframe_gui.app.model.residual_map import LANE as MAP
from skyframe_gui.numbers import MINUS, SIGMA, TIMES, area, pixels, value_and_error
from skyframe_gui.ui.images.facts import edges_grid, is_own_grid, scale_of, units_of
from skyframe_gui.ui.images.stretch import colour_limits, lookup, lut_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.shown import Histogram, Pyramid, Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import BinGrid

NO_MODEL_YET = "There is no sky model yet."
MASKED_TEXTS = {"veil": "masked veiled", "full": "masked grey", "hidden": ""}
NAMES: dict[Layer, str] = {
    "exposure": "Exposure",
    "grid": "Bin grid",
    "model": "Sky model",
    "subtracted": "Subtracted",
    "residual": "Residual map",
    "correction": "Sky correction",
    "difference": f"A {MINUS} B",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """One pane's picture, in words and planes.

    Attributes
    ----------
    layer : Layer
    title : str
    shown : Shown
    subject : str
        What the chip says after the title.
    why : str
        Why there is no picture, as a sentence; empty where there is one.
    image, model : Pyramid or None
        What is painted: ``image - scale * model``; the bins where there is no image.
    scale : float
    grid : BinGrid or None
        The bins whose edges are drawn, and which are painted where there is no image.
    limits : (low, high)
        Values of the first and of the last colour, in ``unit``.
    offset : float
        Taken off every value.
    factor : float
        Limits are this times those of `limits_of`, which are in the unit of the layer's pixels.
    unit : str
    lut : uint32 [n]
    histogram : (counts, edges) or None
        Edges in ``unit``.
    smooth : float
        Sigma in pixels of the Gaussian that what is painted is smoothed with; 0 for none.
    stale : bool
        What is shown is not (or not yet) of the newest state.
    hatched : bool [ny, nx] or None
        Bins of ``grid`` without a good pixel, to be hatched.
    """

    layer: Layer
    title: str
    shown: Shown
    subject: str = ""
    why: str = ""
    image: Pyramid[np.float32] | None = None
    model: Pyramid[np.float32] | None = None
    scale: float = 0.0
    grid: BinGrid | None = None
    limits: tuple[float, float] = (0.0, 1.0)
    offset: float = 0.0
    factor: float = 1.0
    unit: str = ""
    lut: NDArray[np.uint32] = field(default_factory=lambda: lookup("grey"))
    histogram: Histogram | None = None
    smooth: float = 0.0
    stale: bool = False
    hatched: NDArray[np.bool_] | None = None

    @property
    def symmetric(self) -> bool:
        """Whether the layer is one of differences, whose limits are plus and minus."""
        return self.layer in DIFFERENCES


def content_of(state: State, layer: Layer, fit_stale: bool = False) -> Content | None:
    """Return what a pane with a layer shows; None where nothing is shown at all.

    Parameters
    ----------
    state : State
    layer : Layer
    fit_stale : bool
        Whether the fit is of an older state: then so is what it is used for.
    """
    found = _content(state, layer, fit_stale)
    # All of it where a person looks first; it takes the room of what else there is to say.
    is_first = layer == state.view.panes[state.view.active]
    words = "" if found is None else film_words(state, in_full=is_first)
    on_disk = on_disk_of(state)
    if on_disk:
        is_gone = on_disk == GONE_FROM_DISK
        words = _joined(words, "file is gone" if is_gone else "file changed on disk")
    return replace(found, subject=_joined(words, found.subject)) if found and words else found


def _content(state: State, layer: Layer, fit_stale: bool) -> Content | None:
    shown = state.results.shown
    if shown is None:
        return None
    plain = Content(layer=layer, title=NAMES[layer], shown=shown)
    return with_smoothing(_content_of(state, plain, fit_stale), state)


def with_smoothing(content: Content, state: State) -> Content:
    """Return it smoothed where that is chosen for its layer, which its subject then says."""
    sigma = state.looks[content.layer].smooth
    if not sigma or content.image is None:
        return content
    subject = _joined(content.subject, smoothing_words(sigma))
    return replace(content, smooth=sigma, subject=subject)


def smoothing_words(sigma: float) -> str:
    """Return what is said of smoothing; nothing where there is none."""
    return f"smoothed {SIGMA} {pixels(sigma)} px" if sigma else ""


def _content_of(state: State, plain: Content, fit_stale: bool) -> Content:
    layer = plain.layer
    if layer == "exposure":
        return _exposure(state, plain)
    if layer == "grid":
        return _grid(state, plain)
    if layer == "model":
        return _model(state, plain, fit_stale)
    if layer == "correction":
        return _correction(state, plain)
    found = (_residual if layer == "residual" else _subtracted)(state, plain, fit_stale)
    # Those of other layers go with their exposure; these stay for the next frame and exposure.
    by_hand = "limits by hand" if not found.why and is_by_hand(state, layer) else ""
    return replace(found, subject=_joined(found.subject, by_hand))


def _detector(shown: Shown) -> str:
    if shown.exposure is not None:
        name = shown.exposure.detector
    else:
        name = shown.sky_frame.detector if shown.sky_frame is not None else ""
    return f"det {name}" if name else "this detector"


def _histogram(shown: Shown, layer: str, factor: float = 1.0) -> Histogram | None:
    found = shown.histograms.get(layer)
    return None if found is None else (found[0], found[1] * factor)


def _why_no_model(state: State, shown: Shown) -> str:
    """Return why there is nothing to subtract: no exposure, or its mask is still being read."""
    return why_no_exposure(state) if shown.exposure is None else NO_MODEL_YET


def _other_exposure(state: State, shown: Shown) -> bool:
    wanted = state.selection.exposure or state.selection.sky_frame
    return shown.key != wanted


def _exposure(state: State, plain: Content) -> Content:
    shown = plain.shown
    if shown.image is None:
        return replace(plain, why=why_no_exposure(state))
    return replace(
        plain,
        image=shown.image,
        grid=edges_grid(state.view, shown),
        limits=colour_limits(state, "exposure"),
        unit=units_of(state)[0],
        lut=lut_of(state, "exposure", shown.quantiles.get("exposure")),
        histogram=_histogram(shown, "exposure"),
        stale=_other_exposure(state, shown),
    )


def _grid(state: State, plain: Content) -> Content:
    view, shown = state.view, plain.shown
    grid = edges_grid(view, shown)
    own = is_own_grid(view, shown)
    if grid is None:
        return replace(plain, why="There are no bins yet.")
    ny, nx = grid.values.shape
    units = units_of(state)
    name = "own grid" if own else "grid"
    return replace(
        plain,
        subject=f"{nx} {TIMES} {ny} · {'own bins' if own else 'sky frame'}",
        grid=grid,
        limits=colour_limits(state, "grid"),
        unit=units[0] if own else units[1],
        lut=lut_of(state, "grid", shown.quantiles.get(name)),
        histogram=_histogram(shown, name),
        stale=_other_exposure(state, shown),
    )


def _model(state: State, plain: Content, fit_stale: bool) -> Content:
    shown = plain.shown
    if shown.model is None or shown.sky is None:
        return replace(plain, why=NO_MODEL_YET)
    found = scale_of(state)
    factor = 1.0
    units = units_of(state)
    unit = units[1]
    title = "Sky frame"
    if shown.own:
        title, unit = "Own background", units[0]
    elif found is not None:
        factor, unit = found[0], units[0]
        title = f"Sky model {TIMES} {value_and_error(*found)[0]}"
    style = shown.sky.style_as_used.lower().replace("_", " ")
    subject = f"no sky frame of {_detector(shown)} yet" if shown.own else style
    subject = _joined(_tried(state, shown), subject)
    return replace(
        plain,
        title=title,
        subject=subject,
        image=shown.model,
        grid=edges_grid(state.view, shown),
        limits=colour_limits(state, "model", factor),
        factor=factor,
        unit=unit,
        lut=lut_of(state, "model", shown.quantiles.get("model")),
        histogram=_histogram(shown, "model", factor),
        stale=_other_exposure(state, shown) or (fit_stale and found is not None and not shown.own),
    )


def _tried(state: State, shown: Shown) -> str:
    return "tried, not fitted" if state.view.trial is not None and not shown.own else ""


def _subtracted(state: State, plain: Content, fit_stale: bool) -> Content:
    view, shown, title = state.view, plain.shown, plain.title
    if shown.image is None or shown.model is None:
        return replace(plain, why=_why_no_model(state, shown))
    found = (1.0, 0.0) if shown.own else scale_of(state)
    masked = MASKED_TEXTS[view.veil] if shown.masked is not None else ""
    subject = _joined(_tried(state, shown), masked)
    model: Pyramid[np.float32] | None = shown.model
    offset = 0.0
    if view.before:
        model, found, offset = None, (0.0, 0.0), shown.level
        title, subject = "Before", _joined(f"exposure {MINUS} its median", masked)
    elif shown.own:
        title = "Minus own background"
    if found is None:
        return replace(plain, title=title, why=_why_no_scale(state, shown))
    return replace(
        plain,
        title=title,
        subject=subject,
        image=shown.image,
        model=model,
        scale=found[0],
        grid=edges_grid(view, shown),
        limits=colour_limits(state, "subtracted"),
        offset=offset,
        unit=units_of(state)[0],
        lut=lut_of(state, "subtracted", shown.quantiles.get("subtracted")),
        histogram=_histogram(shown, "subtracted"),
        stale=_other_exposure(state, shown) or (fit_stale and not view.before and not shown.own),
    )


def _residual(state: State, plain: Content, fit_stale: bool) -> Content:
    """Return the map at the scale of this moment; "before" is the exposure in the same bins.

    That is the map for a scale of 0 less the exposure's median, as the subtracted pane has it.
    """
    view, found_map = state.view, state.results.residual
    shown, title = plain.shown, plain.title
    if shown.exposure is None or shown.model is None:
        return replace(plain, why=_why_no_model(state, shown))
    found = (1.0, 0.0) if shown.own else scale_of(state)
    offset = 0.0
    if view.before:
        title, found, offset = "Before", (0.0, 0.0), shown.level
    if found is None:
        return replace(plain, why=_why_no_scale(state, shown))
    if found_map is None or found_map.key != shown.key:
        failed = next((one for one in state.problems if one.origin == MAP), None)
        why = "There is no residual map yet." if failed is None else failed.text
        return replace(plain, why=why)
    grid = found_map.at(found[0], offset)
    size = area(*bins_of(state))
    stale = _other_exposure(state, shown) or (fit_stale and not view.before and not shown.own)
    return replace(
        plain,
        title=title,
        subject=f"in bins of {size}" if view.before else _joined(_tried(state, shown), size),
        grid=grid,
        limits=colour_limits(state, "residual"),
        unit=units_of(state)[0],
        lut=lut_of(state, "residual", found_map.quantiles),
        histogram=found_map.histogram,
        stale=stale or found_map.background != background_of(state),
        hatched=found_map.without_data,
    )


def _correction(state: State, plain: Content) -> Content:
    """Return the chosen stage of the visit's correction over the shown exposure."""
    run, picture = state.results.correction, state.results.correction_picture
    key = plain.shown.key
    if run is None:
        return replace(plain, why="The visit is not corrected yet: run it in Sky correction.")
    if key not in run.detectors:
        return replace(plain, why="This exposure took no part in the last sky correction.")
    if picture is None or picture.key != key or (picture.image is None and not picture.why):
        failed = next((one for one in state.problems if one.origin == PICTURES), None)
        why = "There is no picture of this stage yet." if failed is None else failed.text
        return replace(plain, why=why)
    if picture.why:
        return replace(plain, title=picture.title, why=picture.why)
    stale = picture.wanted != wanted_picture(state) or run.made_from != correction_inputs(state)
    return replace(
        plain,
        title=picture.title,
        image=picture.image,
        limits=colour_limits(state, "correction"),
        unit=units_of(state)[0],
        lut=lut_of(state, "correction", picture.quantiles),
        histogram=picture.histogram,
        stale=stale,
    )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _why_no_scale(state: State, shown: Shown) -> str:
    fit = state.results.fit
    if shown.key in state.excluded_exposures:
        return "This exposure is no science: tick sci in the Data panel to have its scale fitted."
    if fit is not None and shown.key in fit.keys:
        return fit.why or "The fit found no scale: look at the samples."
    problem = next((one for one in state.problems if one.origin in ("preview", "full")), None)
    if problem is not None:
        return f"There is no scale yet. {problem.text}"
    return "There is no scale yet: the fit is still at work."
