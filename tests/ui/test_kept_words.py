"""Sentences, numbers and tables that the window makes of values: each is what is kept of it."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from fitted_visits import make_fit
from looks import assert_looks
from pydantic import BaseModel
from pydantic import Field as Rule
from PyQt6.QtCore import QObject, Qt
from seen import state_of

from skyframe_gui.app.model.rejection_steps import rows_of, steps_of
from skyframe_gui.app.model.results import Problem, Results
from skyframe_gui.app.model.shown import Pyramid
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Frame, Selection
from skyframe_gui.engine import BinGrid
from skyframe_gui.numbers import value_text
from skyframe_gui.ui.fit import fit_result
from skyframe_gui.ui.form.config_fields import fields_of
from skyframe_gui.ui.form.config_fields import rows_of as form_rows_of
from skyframe_gui.ui.images.content import Content, content_of
from skyframe_gui.ui.images.geometry import Viewport
from skyframe_gui.ui.images.values_text import values_text
from skyframe_gui.ui.panels.readout import parts_of
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_model import SampleModel, table_text
from skyframe_gui.ui.samples.sample_view import (
    SampleView,
    hand_words,
    hover_words,
    legend_entries,
    step_words,
    view_of,
)
from skyframe_gui.ui.theme import DARK, LIGHT
from skyframe_gui.ui.workspaces import (
    ABOUT,
    Room,
    all_plans,
    images_scale,
    panes_room,
    plan_of,
    start_plan,
)

if TYPE_CHECKING:
    from nights import Night
    from PyQt6.QtWidgets import QApplication

    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.engine import Exposure

LAYERS = ("exposure", "grid", "model", "subtracted", "residual")


def number(value: float) -> str:
    return f"{value:.5g}"


def word_of(value: object, state: State) -> str:
    """Return a value of a content: of large things what they are."""
    shown = state.results.shown
    assert shown is not None
    frame = shown.sky_frame
    known = {
        "the image": shown.image,
        "the model": shown.model,
        "the exposure's bins": shown.grid,
        "the frame's bins": None if frame is None else frame.sky_frame.grid,
    }
    for name, one in known.items():
        if value is one and one is not None:
            return name
    if isinstance(value, float):
        return number(value)
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} sum {number(float(value.sum(dtype=np.float64)))}"
    if isinstance(value, tuple):
        return f"({', '.join(word_of(one, state) for one in value)})"
    return type(value).__name__ if isinstance(value, BinGrid) else repr(value)


def other_exposure(shown: Shown, **changes: object) -> Exposure:
    """Return the shown exposure with something else in it."""
    made = copy(shown.exposure)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def contents(state: State, fit_stale: bool = False) -> list[str]:
    lines = []
    for layer in LAYERS:
        content = content_of(state, layer, fit_stale)
        if content is None:
            lines.append(f"{layer}: nothing")
            continue
        names = [one.name for one in fields(content) if one.name not in ("layer", "shown")]
        told = [f"{name} {word_of(getattr(content, name), state)}" for name in names]
        told.append(f"symmetric {content.symmetric}")
        lines.append(f"{layer}: {'; '.join(told)}")
    return lines


def test_what_panes_show_of_states(night: Night, qapp: QApplication) -> None:
    state = state_of(night)
    results, view = state.results, state.view
    shown, fit = results.shown, results.fit
    assert shown is not None
    assert fit is not None
    frame = shown.sky_frame
    assert frame is not None

    def with_shown(fitted: bool = True, **changes: object) -> State:
        now = Results(shown=replace(shown, **changes), fit=fit if fitted else None)
        return replace(state, results=replace(now, residual=results.residual))

    other = frame.sky_frame.grid
    nameless = other_exposure(shown, detector="")
    states = {
        "as it is": state,
        "nothing": State(),
        "own bins": replace(state, view=replace(view, own_grid=True)),
        "before": replace(state, view=replace(view, before=True)),
        "tried": replace(state, view=replace(view, trial=1.5)),
        "light": replace(state, view=replace(view, theme="light", veil="hidden")),
        "another exposure on its way": replace(state, selection=Selection(exposure="other")),
        "a sky frame selected": replace(state, selection=Selection(sky_frame=shown.key)),
        "own background": with_shown(own=True, sky_frame=None),
        "own background, tried": replace(
            with_shown(own=True, sky_frame=None), view=replace(view, trial=1.5)
        ),
        "own background before": replace(
            with_shown(own=True, sky_frame=None), view=replace(view, before=True)
        ),
        "no fit": with_shown(fitted=False),
        "no fit, a problem": replace(
            with_shown(fitted=False),
            problems=(Problem("open", "Another."), Problem("full", "The fit broke.")),
        ),
        "no science": replace(with_shown(fitted=False), excluded_exposures=frozenset({shown.key})),
        "no map, a problem": replace(
            state,
            results=replace(results, residual=None),
            problems=(Problem("x", "No."), Problem("map", "The map broke.")),
        ),
        "no map": replace(state, results=replace(results, residual=None)),
        "a frame alone": with_shown(exposure=None, image=None, masks=None, masked=None, grid=None),
        "an exposure alone": with_shown(sky_frame=None, model=None, sky=None),
        "no bins": with_shown(sky_frame=None, grid=None, masked=None),
        "a detector without a name": with_shown(
            exposure=nameless, image=None, model=None, grid=other
        ),
        "no histograms": with_shown(histograms={}, quantiles={}),
    }
    failed = replace(fit, why="Too few samples.", solution=replace(fit.solution, scale=math.nan))
    states["failed"] = replace(state, results=replace(results, fit=failed))
    told = {name: contents(one) for name, one in states.items()}
    told["of an older fit"] = contents(state, fit_stale=True)
    told["of an older fit, before"] = contents(states["before"], fit_stale=True)
    usual, lines = told["as it is"], []
    for name, found in told.items():
        pairs = zip(found, usual, strict=True)
        lines += ["", name, *(one for one, other in pairs if one != other or found is usual)]
    assert_looks("words-contents", "\n".join(lines))


def content(**values: object) -> Content:
    return Content(layer="exposure", title="Exposure", shown=None, unit="adu", **values)


def test_numbers_in_view_as_a_table() -> None:
    """The first line says where they are; the upper row comes first."""
    image = np.arange(48, dtype=np.float32).reshape(6, 8)
    half = image[::2, ::2]
    pyramid, model = Pyramid((image, half)), Pyramid((half,), 1)
    near = Viewport(40, 20, Frame(2.0, 1.0, 10.0))
    wide = Viewport(4, 3, Frame(3.5, 2.5, 0.5))
    grid = BinGrid.from_values([[1.5, np.nan], [3, 4e9]], (0, 0, 3, 3))
    texts = {
        "near": values_text(content(image=pyramid), near, 1.0),
        "wide": values_text(content(image=pyramid, model=model, scale=2.0), wide, 1.0),
        "wide, of a fine screen": values_text(content(image=pyramid), wide, 2.0),
        "with offset and factor": values_text(
            content(image=pyramid, offset=1.0, factor=10.0), near, 1.0
        ),
        "beside": values_text(content(image=pyramid), Viewport(9, 9, Frame(-40, 90, 1)), 1.0),
        "bins": values_text(content(grid=grid), near, 1.0),
        "why": values_text(content(grid=grid, why="There is none."), near, 1.0),
        "nothing": values_text(content(), near, 1.0),
    }
    assert_looks("words-values", "\n".join(f"{name}:\n{text}" for name, text in texts.items()))


def sample_view(step: int | None = None, **changes: object) -> SampleView:
    fit = make_fit(2, 4)
    rows = rows_of(fit)
    chosen = frozenset({rows.ids(0), rows.ids(4), rows.ids(15), rows.ids(20)})
    state = State(results=Results(fit=fit), selection=Selection(step=step, samples=chosen))
    view = view_of(state)
    assert view is not None
    return replace(view, **{"unit": "e⁻", "sky_unit": "sky level", **changes})


def test_what_chips_and_legends_say_of_samples() -> None:
    lines = []
    last = sample_view()
    by_hand = replace(last, marks=np.where(np.arange(len(last.rows)) < 3, 3, last.marks))
    lost = replace(last, step=replace(last.step, scale=math.nan, sigma=0.0))
    for name, view in {
        "last": last,
        "first": sample_view(0),
        "late": replace(last, stale=True, scale_unit="e⁻ / sky level"),
        "by hand": replace(by_hand, scale_unit="e⁻"),
        "lost": lost,
    }.items():
        lines.append(f"{name}: bands {number(view.band)}, {view.decimals()} decimals")
        for words in (
            *step_words(view),
            *hand_words(view),
            *hover_words(view, None),
            *hover_words(view, 0),
            *hover_words(view, 15),
            *hover_words(replace(view, sky_factor=1000.0), 20),
        ):
            lines.append(
                " ".join(f"{one.text}[{one.role}{one.strong:d}{one.joined:d}]" for one in words)
            )
        lines += [str(entry) for entry in legend_entries(view, LIGHT)]
    assert_looks("words-samples", "\n".join(lines))


def test_axes_of_residuals() -> None:
    lines = []
    for name, view in {
        "last": sample_view(),
        "with units": sample_view(0, scale_unit="e⁻ / adu", sky_factor=1000.0),
        "narrow": sample_view(reject=0.5),
        "wide": sample_view(reject=50.0),
        "no band": sample_view(reject=math.nan),
    }.items():
        for kind in ("sky", "x", "y", "index", "detector", "ratio"):
            axes = axes_of(view, kind)
            at = np.array([-2.0, 0.0, 3.0])
            guide = axes.guide
            half = None if guide.half_width is None else guide.half_width(at)
            lines.append(
                f"{name} {kind}: x {[number(one) for one in axes.x[[0, 5, 20]]]}, "
                f"y {[number(one) for one in axes.y[[0, 5, 20]]]}, {axes.x_label}, {axes.y_label}, "
                f"{[number(one) for one in (*axes.x_range, *axes.y_range)]}, {axes.names}, "
                f"{[number(one) for one in guide.value(at)]} ± {half} {guide.style} "
                f"{guide.straight} {guide.label}"
            )
    assert_looks("words-axes", "\n".join(lines))


def test_tables_of_samples(qapp: QApplication) -> None:
    owner = QObject()
    model = SampleModel(owner)
    roles = Qt.ItemDataRole
    orders = Qt.SortOrder
    view = sample_view()
    lines = [f"{model.rowCount()} x {model.columnCount()}: {model.text()}"]
    for shown, palette in (("/night/908120-0.fits[1]", DARK), ("none", LIGHT)):
        model.show_rows(view, shown, palette)
        for column in range(10):
            for order in (orders.AscendingOrder, orders.DescendingOrder):
                model.sort(column, order)
                head = model.headerData(column, Qt.Orientation.Horizontal)
                lines.append(f"{shown} by {head}: {model.rows.tolist()}")
        model.sort(5, orders.DescendingOrder)
        for row in range(model.rowCount()):
            cells = []
            for column in range(model.columnCount()):
                index = model.index(row, column)
                colour = model.data(index, roles.ForegroundRole)
                sign = model.data(index, roles.DecorationRole)
                cells.append(
                    f"{model.data(index)} {model.data(index, roles.TextAlignmentRole).value} "
                    f"{model.data(index, roles.ToolTipRole)} {colour and colour.name()} "
                    f"{sign and 'sign'}"
                )
            lines.append("; ".join(cells))
        lines.append(model.text())
        assert model.row_of(None) is None
        assert model.row_of(3) is None
        assert model.row_of(int(model.rows[2])) == 2
    lines.append(table_text(sample_view(0)))
    kinds = [model._mark(index).pixmap(16, 16).toImage() for index in (0, 4, 15, 20)]
    looks = [image.pixelColor(image.width() // 2, image.height() // 2).name() for image in kinds]
    lines.append(f"{looks}")
    assert_looks("words-table", "\n".join(lines))


class Part(BaseModel):
    """A part of a model."""

    on: bool = True
    names: tuple[str, ...] = ()


class Made(BaseModel):
    """A model with a field of every kind."""

    xNumSamples: Annotated[int, Rule(ge=1, description="How many.")] = 4
    yNumSamples: Annotated[int, Rule(gt=0, lt=9)] = 4
    skyRej: Annotated[float, Rule(gt=0.5, le=7.25)] = 3.0
    share: Annotated[float | None, Rule(ge=0, le=1)] = None
    least: Annotated[float, Rule(ge=0.25, lt=3)] = 1.0
    kind: Literal["one", "two"] = "one"
    word: str = "a"
    free: int = 0
    background: Part = Part()
    listed: Annotated[str, Rule(json_schema_extra={"choices": ["x", "y"]})] = "x"


def test_fields_of_a_model_in_words() -> None:
    lines = [
        f"{one.path} | {one.name} | {one.section} | {one.kind} | {one.takes} | {one.choices}\n"
        f"{one.tip}"
        for one in fields_of(Made)
    ]
    for section, rows in form_rows_of(fields_of(Made)).items():
        lines.append(f"{section}: {[[one.path for one in row] for row in rows]}")
    lines += [value_text(one) for one in ((), ("a", "b"), ["c"], 1.5, None, "x", True)]
    assert_looks("words-fields", "\n".join(lines))


def test_what_the_fit_box_writes() -> None:
    fit = make_fit(3, 4)
    lines = [
        fit_result.band_words(1.2345, "e⁻", 2.5, "#123456"),
        fit_result.band_words(0.0, "", 3.0, "red"),
        fit_result.band_words(math.nan, "<b>", 3.25, "red"),
        fit_result.band_words(20.0, "<b>", 3.25, "red"),
        fit_result.subject_of(None),
        fit_result.subject_of(fit),
        fit_result.subject_of(replace(fit, n_members=7)),
        fit_result.subject_of(make_fit(1, 4)),
        *(str(one) for one in steps_of(fit)),
    ]
    assert_looks("words-fit", "\n".join(lines))


def test_what_stands_under_the_cursor(night: Night, qapp: QApplication) -> None:
    state = state_of(night)
    results, view = state.results, state.view
    shown = results.shown
    assert shown is not None
    places = ((30.4, 20.6), (-0.5, -0.5), (-0.6, 0), (239.4, 199.4), (239.5, 0), (0, 199.5), None)
    lines = [f"{place}: {parts_of(state, place)}" for place in places]
    moved = replace(shown, xy0=(100, 50))
    maskless = other_exposure(shown, has_mask=False)
    for name, one in {
        "own bins": replace(state, view=replace(view, own_grid=True)),
        "tried": replace(state, view=replace(view, trial=1.5)),
        "no fit": replace(state, results=replace(results, fit=None)),
        "own": replace(
            state, results=replace(results, shown=replace(shown, own=True, sky_frame=None))
        ),
        "moved": replace(state, results=replace(results, shown=moved)),
        "no mask": replace(
            state, results=replace(results, shown=replace(shown, exposure=maskless))
        ),
        "a frame alone": replace(
            state,
            results=replace(results, fit=None, shown=replace(shown, exposure=None, image=None)),
        ),
        "no model": replace(state, results=replace(results, shown=replace(shown, model=None))),
        "nothing": replace(state, results=replace(results, shown=None)),
    }.items():
        lines.append(f"{name}: {parts_of(one, (30.4, 20.6))}")
    assert_looks("words-readout", "\n".join(lines))


def test_plans_of_workspaces_in_windows_of_many_sizes() -> None:
    lines = []
    for size in ((800, 600), (1100, 720), (1280, 720), (1440, 900), (1920, 1080), (2560, 1440)):
        for image, n, shape in (
            ((1, 1), 4, None),
            ((1024, 1024), 4, None),
            ((1024, 2048), 4, None),
            ((1024, 1024), 1, None),
            ((1024, 1024), 2, (1, 2)),
        ):
            room = Room(width=size[0], height=size[1], image=image, n_panes=n, pane_shape=shape)
            names = dict.fromkeys(ABOUT) if n == 4 and image == (1, 1) else ("visit",)
            plans = [plan_of(name, room) for name in names]
            for plan in (*plans, *([start_plan(room)] if len(plans) > 1 else [])):
                sizes = plan.left_width, plan.right_width, plan.bottom_height
                shares = [
                    [("+".join(names), round(share, 3)) for names, share in places]
                    for places in (plan.left, plan.right, plan.bottom)
                ]
                scale = images_scale(plan, room) if plan.centre == "images" else 0.0
                lines.append(
                    f"{size} {image} {n} {shape} {plan.name}: {plan.centre} {sizes} {shares} "
                    f"{plan.right_is_full} {room.body} {panes_room(plan, room)} {number(scale)}"
                )
        lines.append(f"{[plan.name for plan in all_plans(room)]}")
    lines += [f"{name}: {text.title} / {text.question}" for name, text in ABOUT.items()]
    assert_looks("words-plans", "\n".join(lines))
