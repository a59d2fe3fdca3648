"""What users of pyqtgraph expect of plots: rubber band, wheel on an axis, stretch, lock, menu."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
from fitted_visits import make_fit
from mouse import CTRL, RIGHT, click, drag, move, wheel
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QFileDialog, QToolButton
from visits import host, put

from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.ui.graph.graph_menu import write_picture
from skyframe_gui.ui.panels.samples import SamplesPanel
from skyframe_gui.ui.samples.axis_range import Range

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.graph.graph_menu import GraphMenu
    from skyframe_gui.ui.graph.sample_plot import SamplePlot

# Popups and dialogs, offscreen.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def fit(store: Store) -> VisitFit:
    return make_fit()


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit) -> SamplesPanel:
    made = SamplesPanel(commands)
    put(store, fit)
    host(qtbot, made, store, 620, 420)
    return made


@pytest.fixture
def plot(panel: SamplesPanel) -> SamplePlot:
    return panel.plot


def shown(plot: SamplePlot) -> tuple[Range, Range]:
    return plot.x_range, plot.y_range


def open_menu(plot: SamplePlot) -> GraphMenu:
    click(plot, plot.area.center(), button=RIGHT)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    return popup  # type: ignore[return-value]


def choose(menu: GraphMenu, words: str) -> None:
    next(one for one in menu.actions() if one.text().split("\t")[0] == words).trigger()
    menu.close()


def band(plot: SamplePlot) -> tuple[list[QPointF], tuple[Range, Range]]:
    """Return corners of a box on the plot and the values in it."""
    area = plot.area
    a = area.topLeft() + QPointF(round(area.width() * 0.3), round(area.height() * 0.3))
    b = area.topLeft() + QPointF(round(area.width() * 0.6), round(area.height() * 0.7))
    (x0, y1), (x1, y0) = plot.value_at(a), plot.value_at(b)
    return [a, (a + b) / 2, b], (Range(x0, x1), Range(y0, y1))


@pytest.mark.parametrize(
    "span",
    [(0.0, 5e-324), (0.0, 1e-310), (0.0, 1e-300), (0.0, 1e-280), (0.0, 1e300), (1e15, 1e15 + 1)],
)
def test_no_range_of_values_stops_the_painting(plot: SamplePlot, span: tuple[float, float]) -> None:
    plot.show_range(Range(*span), Range(*span))
    assert not plot.grab().isNull()
    assert plot.x_range in (Range(*span), plot.home[0])


def test_ctrl_drag_draws_a_box_that_becomes_the_view(plot: SamplePlot) -> None:
    corners, (across, up) = band(plot)
    drag(plot, corners, CTRL)
    assert plot.x_range == pytest.approx(across, rel=0.02)
    assert plot.y_range == pytest.approx(up, rel=0.02)
    assert plot.touched


def test_the_band_is_on_the_screen_while_it_is_drawn_and_moves_nothing(plot: SamplePlot) -> None:
    before, empty = shown(plot), plot.grab().toImage()
    corners, _ = band(plot)
    drag(plot, corners, CTRL, let_go=False)
    assert shown(plot) == before
    assert plot.grab().toImage() != empty


def test_the_menu_makes_every_drag_a_box_and_again_a_pan(plot: SamplePlot) -> None:
    corners, (across, _) = band(plot)
    choose(open_menu(plot), "Drag draws a zoom box")
    drag(plot, corners)
    assert plot.x_range == pytest.approx(across, rel=0.02)
    choose(open_menu(plot), "Drag draws a zoom box")
    width = plot.x_range.width
    drag(plot, corners)
    assert plot.x_range.width == pytest.approx(width)


def test_the_wheel_over_an_axis_zooms_along_it_only(plot: SamplePlot) -> None:
    across, up = shown(plot)
    wheel(plot, QPointF(plot.area.left() - 12, plot.area.center().y()), 120)
    assert plot.x_range == across
    assert plot.y_range.width == pytest.approx(up.width / 1.2)
    up = plot.y_range
    wheel(plot, QPointF(plot.area.center().x(), plot.area.bottom() + 10), 120)
    assert plot.y_range == up
    assert plot.x_range.width == pytest.approx(across.width / 1.2)


def test_the_right_button_stretches_along_the_way_it_is_dragged(plot: SamplePlot) -> None:
    across, up = shown(plot)
    at = plot.area.center()
    drag(plot, [at, at + QPointF(30, 0), at + QPointF(60, 0)], button=RIGHT)
    assert plot.x_range.width < 0.9 * across.width
    assert plot.y_range.width == pytest.approx(up.width)
    assert QApplication.activePopupWidget() is None


def test_view_all_shows_everything_again(plot: SamplePlot) -> None:
    home = shown(plot)
    wheel(plot, plot.area.center(), 360)
    choose(open_menu(plot), "View all")
    assert shown(plot) == home
    assert not plot.touched


def test_a_locked_view_is_moved_by_no_gesture(plot: SamplePlot) -> None:
    before = shown(plot)
    choose(open_menu(plot), "Lock the view")
    corners, _ = band(plot)
    drag(plot, corners)
    drag(plot, corners, CTRL)
    drag(plot, corners, button=RIGHT)
    wheel(plot, plot.area.center(), 240)
    assert shown(plot) == before
    choose(open_menu(plot), "Lock the view")
    drag(plot, corners)
    assert shown(plot) != before


def test_no_mark_lights_up_while_the_view_is_dragged(
    plot: SamplePlot, store: Store, fit: VisitFit
) -> None:
    x, y = plot.placed()
    at = QPointF(plot.area.center())
    drag(plot, [at, QPointF(x[0], y[0]), QPointF(x[40], y[40])], let_go=False)
    assert store.pointer.now.sample is None


def test_the_menu_has_what_the_plot_offers_in_our_words(plot: SamplePlot) -> None:
    menu = open_menu(plot)
    words = [one.text().split("\t")[0] for one in menu.actions() if not one.isSeparator()]
    menu.close()
    assert words == [
        "View all",
        "Lock the view",
        "Drag draws a zoom box",
        "Copy picture",
        "Save as PNG…",
        "Save as SVG…",
        "Copy values",
        "Line before any rejection, dotted",
        "Line and band of the shown step",
        "Line of the last step, dash-dotted",
        "Drag selects",
    ]


def test_copy_values_copies_every_sample_as_a_table(plot: SamplePlot, fit: VisitFit) -> None:
    choose(open_menu(plot), "Copy values")
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    head, *lines = [line.split("\t") for line in clipboard.text().split("\n")]
    rows = rows_of(fit)
    assert len(lines) == len(rows)
    assert {len(line) for line in (head, *lines)} == {8}
    column = head.index("image [adu]")
    written = [
        float(line[column].replace("\u2212", "-").replace("\N{EM DASH}", "nan")) for line in lines
    ]
    np.testing.assert_allclose(written, rows.image, atol=0.006)


def test_copy_picture_copies_the_plot_and_nothing_beside_it(plot: SamplePlot) -> None:
    choose(open_menu(plot), "Copy picture")
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.image().size() == plot.size() * 2.0


def test_save_asks_for_a_place_and_writes_there(
    plot: SamplePlot, commands: Commands, tmp_path: Path
) -> None:
    choose(open_menu(plot), "Save as PNG…")
    dialog = plot.window().findChild(QFileDialog)
    assert dialog is not None
    path = tmp_path / "samples.png"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    assert QImage(str(path)).size() == plot.size() * 2.0
    assert commands.folders["export"] == str(tmp_path)


@pytest.mark.parametrize("name", ["samples.png", "samples.svg"])
def test_a_saved_picture_has_no_buttons_in_it(
    plot: SamplePlot, fit: VisitFit, tmp_path: Path, name: str
) -> None:
    assert not plot.findChildren(QToolButton)
    assert not plot.item.autoBtn.isVisible()
    path = tmp_path / name
    write_picture(plot, str(path))
    assert path.stat().st_size > 1000


def test_an_svg_has_every_sample_as_a_shape_and_words_as_words(
    plot: SamplePlot, fit: VisitFit, tmp_path: Path
) -> None:
    path = tmp_path / "samples.svg"
    write_picture(plot, str(path))
    tree = ElementTree.parse(path)
    tags = [one.tag.split("}")[1] for one in tree.iter()]
    texts = {one.text.strip() for one in tree.iter() if one.tag.endswith("text") and one.text}
    assert tags.count("image") == 0
    rows = rows_of(fit)
    shapes = sum(map(tags.count, ("path", "circle", "ellipse", "rect", "polygon")))
    x, y = plot.placed()
    seen = [plot.area.contains(QPointF(a, b)) for a, b in zip(x, y, strict=True)]
    assert shapes > 0.9 * sum(seen) > 0.5 * len(rows)
    assert {"sky sample [sky frame]", "image sample [adu]"} <= texts


def test_lines_of_an_svg_end_where_the_axes_do(plot: SamplePlot, tmp_path: Path) -> None:
    path = tmp_path / "samples.svg"
    plot.show_range(plot.x_range, Range(-2.0, 2.0))  # which the line leaves above and below
    write_picture(plot, str(path))
    text = path.read_text()
    assert "<clipPath" in text
    assert "clip-path" in text


def test_what_lies_beyond_the_plot_is_counted_and_marked_at_the_edge(plot: SamplePlot) -> None:
    area = plot.area
    y = plot.placed()[1]
    highest = int(np.nanargmin(y))
    low, high = plot.y_range
    value = plot.value_at(QPointF(0, float(np.sort(y[np.isfinite(y)])[0]) + 2))[1]
    plot.show_range(plot.x_range, Range(low, value))
    assert high > value
    layers = plot.layers
    assert layers is not None
    above, below = layers.beyond()
    assert np.flatnonzero(above).tolist() == [highest]
    assert not below.any()
    plot.set_head()  # which covers the edge
    with_pointer = plot.grab().toImage()
    x = plot.placed()[0][highest]
    spots = {with_pointer.pixelColor(round(x) + dx, round(area.top()) + 9).name() for dx in (-3, 3)}
    assert spots != {plot.colours.plot}


def test_a_hover_paints_only_about_the_mark_and_its_words(
    qtbot: QtBot, plot: SamplePlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitExposed(plot)
    qtbot.wait(30)
    x, y = plot.placed()
    move(plot, QPointF(x[0], y[0]))
    qtbot.wait(30)
    painted = []
    whole = plot.over.update
    monkeypatch.setattr(plot.over, "update", lambda *part: painted.append(part) or whole(*part))
    move(plot, QPointF(x[40], y[40]))
    assert painted
    area = plot.view.viewRect()
    for (part,) in painted:
        assert part.width() * part.height() < 0.15 * area.width() * area.height()
