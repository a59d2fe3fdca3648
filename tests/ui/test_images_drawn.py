"""What lies over the images: edges, boxes, rings, crosshair, words and focus, as kept of states."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QWidget
from recorded import agree, drawn
from seen import state_of

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.engine import BinGrid
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.images.render import edges_of
from skyframe_gui.ui.panels.images import ImagesPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")


@pytest.fixture
def panel(qtbot: QtBot, night: Night) -> Iterator[ImagesPanel]:
    state = state_of(night)
    panes: Any = ("exposure", "grid", "subtracted")
    store = Store(replace(state, view=replace(state.view, panes=panes)))
    commands = Commands(Program(store))
    store.changed.disconnect(commands.program.live._on_changed)
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(500, 180)
    made = ImagesPanel(commands)
    made.setParent(host)
    made.resize(500, 180)
    made.show_state(store.state)
    host.show()
    store.changed.connect(lambda old, new: made.show_state(new))
    store.pointer.moved.connect(made.follow)
    yield made
    store.changed.disconnect()
    assert commands.program.close()


def seen(panel: ImagesPanel) -> list[str]:
    """Return what each pane draws; of the pictures where they are, as their pixels are noise."""
    QCoreApplication.sendPostedEvents()
    lines = []
    for pane in panel.panes:
        if pane.isVisible():
            title = pane._content.title if pane._content is not None else "nothing"
            found = drawn(pane.canvas.view)
            lines += [title, *(re.sub(r"(image .* \d+ x \d+):.*", r"\1", one) for one in found)]
    return lines


def fit_of(state: State) -> VisitFit:
    assert state.results.fit is not None
    return state.results.fit


def test_what_lies_over_images_is_as_kept(panel: ImagesPanel) -> None:
    commands, store = panel.commands, panel.commands.store
    fit = fit_of(store.state)
    key = store.state.selection.exposure
    place = fit.keys.index(key)
    boxes = [tuple(box) for box in fit.samples[place].boxes.tolist()]
    other = (fit.keys[1 - place], boxes[2])

    def select(*samples: Any) -> None:
        store.set(selection=replace(store.state.selection, samples=frozenset(samples)))

    def point(at: Any, sample: Any) -> None:
        store.pointer.point(at)
        store.pointer.light_up(sample)

    def without_fit() -> None:
        shown = store.state.results.shown
        store.set(results=Results(shown=shown))

    steps: dict[str, Callable[[], object]] = {
        "as it is": lambda: None,
        "all marks": lambda: commands.view(edges=True, boxes=True, crosshair=True),
        "one under the mouse": lambda: point((30.2, 20.7), (key, boxes[0])),
        "another under the mouse": lambda: point((150.0, 120.0), (key, boxes[5])),
        "chosen": lambda: select((key, boxes[3]), other),
        "in the light": lambda: commands.view(theme="light"),
        "no boxes": lambda: commands.view(boxes=False),
        "no edges": lambda: commands.view(edges=False, boxes=True),
        "no crosshair": lambda: commands.view(crosshair=False),
        "apart": lambda: commands.view(linked=False, crosshair=True),
        "nothing under the mouse": lambda: point(None, None),
        "the keys lead here": lambda: panel.panes[0].canvas.layers.show_focus(True),
        "without a fit": without_fit,
    }
    lines: list[str] = []
    before: list[str] = []
    for name, step in steps.items():
        step()
        panel.follow(store.pointer.now)
        now = seen(panel)
        same = [one == other for one, other in zip(now, before, strict=False)]
        whole = len(now) != len(before)
        told = now if whole else [one for one, kept in zip(now, same, strict=True) if not kept]
        lines += ["", name, *told]
        before = now
    agree("images-over", lines)


def test_before_anything_is_shown_nothing_is_drawn(panel: ImagesPanel) -> None:
    view, layers = panel.panes[0].canvas.view, panel.panes[0].canvas.layers
    state = panel.commands.store.state
    state = replace(state, view=replace(state.view, edges=True, boxes=True))
    content = content_of(state, "grid")
    assert content is not None
    layers.state = layers.content = layers.boxes = None
    empty = drawn(view)
    assert not any(" none" in one or "'" in one for one in empty)
    layers.ring((content.shown.key, (0, 0, 50, 50)))
    layers.cross_at((50.0, 40.0))
    for one, other in ((None, content), (state, None)):
        layers.state, layers.content = one, other
        layers.refresh()
        layers.show_focus(True)
        assert drawn(view) == empty
    # Where there is no image its sentence stands alone.
    layers.state, layers.content = state, replace(content, why="There is none.")
    layers.show_focus(False)
    layers.refresh()
    (words,) = set(drawn(view)) - set(empty)
    assert words.startswith("'There is none.'")
    # And without bins no edges of any.
    exposure = content_of(state, "exposure")
    assert exposure is not None
    layers.content = exposure
    layers.refresh()
    with_edges = len(drawn(view))
    layers.content = replace(exposure, grid=None)
    layers.refresh()
    assert len(drawn(view)) < with_edges


def test_edges_of_bins_count_from_the_pixel_at_the_corner_of_the_image(night: Night) -> None:
    content = content_of(state_of(night), "grid")
    assert content is not None
    shown = replace(content.shown, xy0=(100, 50))
    grid = BinGrid.from_values(np.ones((2, 3)), (97, 54, 126, 73))
    x, y = edges_of(replace(content, shown=shown), grid)
    np.testing.assert_array_equal(x, [-3.5, 6.5, 16.5, 26.5])
    np.testing.assert_array_equal(y, [3.5, 13.5, 23.5])
