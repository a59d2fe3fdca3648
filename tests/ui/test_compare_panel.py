"""The panel of A and B: pinning, what it says of the two, and what its buttons and maps do."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mouse
import numpy as np
import pytest
from fitted_visits import fit_of, make_fit
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPolygonF
from PyQt6.QtWidgets import QApplication, QWidget
from recorded import agree, drawn
from seen import show_night

from skyframe_gui.app.model.comparison import Comparison, Pin
from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.pins import is_stale
from skyframe_gui.app.model.rejection_steps import rows_of, steps_of
from skyframe_gui.app.model.shown import Pyramid
from skyframe_gui.app.model.visit_fit import sample_ids
from skyframe_gui.app.work.compare import _differences
from skyframe_gui.engine import Samples, SkyMeasurementConfig
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.numbers import MINUS, NONE, SIGMA, TIMES, with_error
from skyframe_gui.ui import theme
from skyframe_gui.ui.compare import column_contents, comparison_words, rejected_table
from skyframe_gui.ui.compare.column_contents import columns_of, map_rms
from skyframe_gui.ui.compare.column_head import ColumnHead
from skyframe_gui.ui.compare.compared import subject_of
from skyframe_gui.ui.compare.pairs import Pairs, RejectedIn, pairs_of
from skyframe_gui.ui.images.content import Content
from skyframe_gui.ui.panels.compare import ComparePanel
from skyframe_gui.ui.panels.compare_fields import CompareFieldsPanel
from skyframe_gui.ui.panels.compare_results import CompareResultsPanel
from skyframe_gui.ui.panels.compare_warnings import CompareWarningsPanel
from skyframe_gui.ui.panels.readout import parts_of
from skyframe_gui.ui.samples.axis_range import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from PyQt6.QtWidgets import QAbstractScrollArea
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.compare.image_columns import ImageColumns
    from skyframe_gui.ui.compare.lines_table import LinesTable
    from skyframe_gui.ui.compare.rejected_samples import RejectedSamples
    from skyframe_gui.ui.compare.rejected_table import RejectedTable
    from skyframe_gui.ui.graph.compare_plot import ComparePlot
    from skyframe_gui.ui.panel import Panel
    from skyframe_gui.ui.window import MainWindow

RIGHT = 372


class Board:
    """The panels of the comparison in one window."""

    def __init__(self, commands: Commands, qtbot: QtBot) -> None:
        self.commands = commands
        self.widget = QWidget()
        qtbot.addWidget(self.widget)
        self.compare = ComparePanel(commands)
        self.fields = CompareFieldsPanel(commands)
        self.results = CompareResultsPanel(commands)
        self.warnings = CompareWarningsPanel(commands)
        self.panels: list[Panel] = [self.compare, self.fields, self.results, self.warnings]
        self.compare.setParent(self.widget)
        self.compare.setGeometry(0, 0, 1000, 600)
        for place, one in enumerate(self.panels[1:]):
            one.setParent(self.widget)
            one.setGeometry(1000, 300 * place, RIGHT, 300)
        self.widget.resize(1000 + RIGHT, 900)
        self.show(commands.store.state, commands.store.state)
        self.widget.show()

    def show(self, _: State, state: State) -> None:
        for one in self.panels:
            one.show_state(state)
            one.follow(self.commands.store.pointer.now)

    @property
    def columns(self) -> ImageColumns:
        assert self.compare.columns is not None, "nothing is shown yet"
        return self.compare.columns

    @property
    def samples(self) -> RejectedSamples:
        assert self.compare.samples is not None, "nothing is shown yet"
        return self.compare.samples

    @property
    def plot(self) -> ComparePlot:
        return self.samples.plot

    @property
    def table(self) -> RejectedTable:
        return self.samples.table


@pytest.fixture
def panel(
    night: Night,
    store: Store,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> Iterator[Board]:
    show_night(store, night)
    idle()
    made = Board(commands, qtbot)
    store.changed.connect(made.show)
    store.pointer.moved.connect(made.compare.follow)
    yield made
    store.changed.disconnect(made.show)
    store.pointer.moved.disconnect(made.compare.follow)


def use(commands: Commands, **fields: object) -> None:
    commands.set_config(commands.store.state.config.model_copy(update=fields))


@pytest.fixture
def pinned(panel: Board, commands: Commands, idle: Callable[[], None]) -> Board:
    use(commands, skyRej=1.2)
    panel.compare.bar.pin_a.click()
    use(commands, skyRej=1.8)
    panel.compare.bar.pin_b.click()
    idle()
    return panel


def texts(table: LinesTable) -> dict[str, tuple[str, ...]]:
    return {
        row[0].text().replace(comparison_words.BREAK, ""): tuple(
            cell.text().replace(comparison_words.BREAK, "") for cell in row[1:]
        )
        for row in table.cells
    }


def two(a: VisitFit, b: VisitFit) -> Comparison:
    pins = (Pin(config=SkyMeasurementConfig(), options=Options()),) * 2
    same = sample_ids(a) == sample_ids(b)
    return Comparison(a=a, b=b, pins=pins, fields=(), same_boxes=same, rises=({}, {}))


def comparison(store: Store) -> Comparison:
    found = store.state.results.compare
    assert found is not None
    return found


def port_of(view: QAbstractScrollArea) -> QWidget:
    port = view.viewport()
    assert port is not None
    return port


def at_pixel(board: Board, column: int, x: float, y: float) -> QPoint:
    canvas = board.columns.canvases[column]
    at = canvas.viewport.to_pane(x, y)
    return QPoint(round(at.x()), round(at.y()))


def test_an_empty_panel_says_what_to_pin_first_and_next(panel: Board, commands: Commands) -> None:
    note, bar = panel.compare.note, panel.compare.bar
    assert not note.isHidden()
    assert "Nothing is pinned" in note._title.text()
    assert "Nothing is pinned" in panel.results.hint.text()
    assert not bar.swap.isEnabled()
    assert not bar.clear.isEnabled()
    assert not panel.warnings.take.isEnabled()
    bar.pin_b.click()
    assert note._title.text() == "B is pinned"
    assert "pin A" in note._text.text()
    assert bar.clear.isEnabled()


def test_pinning_a_and_changing_the_config_compares_at_once(
    panel: Board, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    panel.compare.bar.pin_a.click()
    idle()
    heads = panel.columns.heads
    assert heads[0].when.text().startswith("pinned ")
    assert heads[1].when.text() == "now"
    assert texts(panel.fields.table) == {}
    for rejection in (1.3, 1.8):
        use(commands, skyRej=rejection)
        idle()
        assert texts(panel.fields.table)["skyRej"][1] == str(rejection)
        assert f"skyRej {rejection}" in heads[1].subject.text()
        scale = with_error_of(comparison(store).b)
        assert scale in heads[1].left.text()


def with_error_of(fit: VisitFit) -> str:
    return with_error(fit.solution.scale, fit.solution.error)


def test_the_tables_have_the_differing_field_and_the_numbers_of_the_last_step(
    pinned: Board, store: Store
) -> None:
    found = comparison(store)
    fields = texts(pinned.fields.table)
    assert fields["skyRej"] == ("1.2", "1.8", f"{comparison_words.MINUS}0.6")
    assert "skyIter" not in fields
    shown = texts(pinned.results.table)
    for side, fit in enumerate(found.fits):
        rejected = fit.solution.rejected_at >= 0
        rows = rows_of(fit)
        above = rejected & (rows.image > fit.solution.scale * rows.sky)
        assert shown["used"][side] == str(fit.solution.n_used)
        assert shown["rejected"][side] == str(int(rejected.sum()))
        assert shown["above the line"][side] == str(int(above.sum()))
        name = next(one for one in shown if one.startswith(comparison_words.SIGMA))
        assert float(shown[name][side]) == pytest.approx(steps_of(fit)[-1].sigma, rel=0.02)
        mean = next(one for one in shown if one.startswith("model mean"))
        used = fit.solution.rejected_at == -1
        expected = fit.solution.scale * rows.sky[used].mean()
        assert float(shown[mean][side]) == pytest.approx(expected, rel=1e-3)
        rms = next(one for one in shown if one.startswith("map rms"))
        assert found.pictures is not None
        values = found.pictures.maps[side].exact.values
        values = values[np.isfinite(values)].astype(float)
        assert float(shown[rms][side]) == pytest.approx(np.sqrt(np.mean(values**2)), rel=0.02)
    told = pinned.results.headline.text()
    assert "error" in told or "same" in told


def test_all_fields_are_told_when_asked_for(pinned: Board) -> None:
    pinned.fields.which.buttons["all"].click()
    shown = texts(pinned.fields.table)
    assert shown["skyRej"][:2] == ("1.2", "1.8")
    assert shown["skyIter"][0] == shown["skyIter"][1]
    pinned.fields.which.buttons["different"].click()
    assert set(texts(pinned.fields.table)) == {"skyRej"}


def test_the_table_lists_who_is_rejected_in_one_only(
    pinned: Board, store: Store, qtbot: QtBot
) -> None:
    found = comparison(store)
    assert found.only_a
    rows = pinned.table.rows
    assert rows.rowCount() == len(found.only_a) + len(found.only_b)
    assert f"only in A <b>{len(found.only_a)}</b>" in pinned.samples.table_title.subject.text()
    pinned.samples.which.buttons["a"].click()
    assert rows.rowCount() == len(found.only_a)
    assert all(rows.text(row, 5) != rejected_table.NONE for row in range(rows.rowCount()))
    assert all(rows.text(row, 8) == rejected_table.NONE for row in range(rows.rowCount()))
    at = pinned.table.visualRect(rows.index(0, 1)).center()
    qtbot.mouseClick(port_of(pinned.table), Qt.MouseButton.LeftButton, pos=at)
    (chosen,) = store.state.selection.samples
    assert chosen in found.only_a
    pinned.samples.which.buttons["b"].click()
    assert rows.rowCount() == len(found.only_b)


def test_a_box_selected_in_one_image_lights_up_everywhere(
    pinned: Board, store: Store, qtbot: QtBot
) -> None:
    found = comparison(store)
    key = store.state.selection.exposure
    sample = next(one for one in found.only_a if one[0] == key)
    x0, y0, x1, y1 = sample[1]
    before = [canvas.grab().toImage() for canvas in pinned.columns.canvases]
    port = port_of(pinned.columns.canvases[1].view)
    at = at_pixel(pinned, 1, (x0 + x1) / 2, (y0 + y1) / 2)
    qtbot.mouseMove(port, at)
    assert store.pointer.now.sample == sample
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=at)
    assert store.state.selection.samples == {sample}
    for canvas, image in zip(pinned.columns.canvases, before, strict=True):
        assert canvas.grab().toImage() != image
    assert pinned.table.currentIndex().isValid()
    pairs = pinned.plot._pairs
    assert pairs is not None
    (ringed,) = pinned.plot._selected.tolist()
    assert pairs.rows.ids(int(pairs.index[ringed])) == sample


def test_a_click_on_a_mark_of_the_plot_selects_its_sample(
    pinned: Board, store: Store, qtbot: QtBot
) -> None:
    pairs = pinned.plot._pairs
    assert pairs is not None
    which = int(np.flatnonzero(pairs.who == RejectedIn.ONLY_A)[0])
    x, y = pinned.plot.place(pairs.a[[which]], pairs.b[[which]])
    at = QPoint(round(float(x[0])), round(float(y[0])))
    qtbot.mouseMove(port_of(pinned.plot), at)
    qtbot.mouseClick(port_of(pinned.plot), Qt.MouseButton.LeftButton, pos=at)
    (chosen,) = store.state.selection.samples
    assert chosen in comparison(store).only_a
    rows = pinned.plot.values_text().splitlines()
    assert len(rows) == len(pairs.a) + 1
    assert sum(row.endswith("\tA") for row in rows) == len(comparison(store).only_a)


def test_pairs_are_the_residuals_of_both_fits(pinned: Board, store: Store) -> None:
    found = comparison(store)
    pairs = pairs_of(found)
    assert pairs is not None
    rows, other = rows_of(found.a), rows_of(found.b)
    np.testing.assert_allclose(
        pairs.a, (rows.image - found.a.solution.scale * rows.sky)[pairs.index]
    )
    np.testing.assert_allclose(
        pairs.b, (other.image - found.b.solution.scale * other.sky)[pairs.index]
    )
    assert pairs.counts() == (len(found.only_a), len(found.only_b), len(found.both))
    assert pairs.band_a == pytest.approx(1.2 * steps_of(found.a)[-1].sigma)


@pytest.mark.parametrize("layer", ["subtracted", "residual", "model"])
def test_the_difference_is_always_a_minus_b(
    pinned: Board,
    store: Store,
    commands: Commands,
    idle: Callable[[], None],
    layer: CompareLayer,
) -> None:
    found = comparison(store)
    a, b = found.a.solution.scale, found.b.solution.scale
    assert a != b
    made = columns_of(store.state, found, layer, "")
    assert made is not None
    content = made.contents[2]
    assert not content.why
    if layer == "residual":
        assert content.grid is not None
        assert found.pictures is not None
        one, other = (each.exact.values for each in found.pictures.maps)
        np.testing.assert_array_equal(content.grid.values, one - other)
        return
    assert content.image is not None
    assert content.model is not None
    shown = content.factor * (content.image.levels[0] - content.scale * content.model.levels[0])
    assert found.pictures is not None
    model = found.pictures.models[0].levels[0]
    expected = (a - b) * model if layer == "model" else (b - a) * model
    np.testing.assert_allclose(shown, expected, atol=2e-3)
    assert content.limits[1] == pytest.approx(float(np.abs(expected).max()), rel=0.2)


def test_a_and_b_have_one_scale_of_colours_and_the_difference_its_own(
    pinned: Board, store: Store, qtbot: QtBot
) -> None:
    shared, apart = pinned.columns.shared.levels, pinned.columns.apart.levels
    assert shared is not None
    assert apart is not None
    a, b = (canvas.layers.content for canvas in pinned.columns.canvases[:2])
    assert a is not None
    assert b is not None
    assert a.limits == b.limits == shared.limits
    pinned.columns.shared.dragged.emit(-5.0, 5.0)
    levels = pinned.columns.shared.levels
    assert levels is not None
    assert levels.limits == (-5.0, 5.0)
    half = apart.limits[1]
    pinned.columns.apart.dragged.emit(-3 * half, 3 * half)
    levels = pinned.columns.apart.levels
    assert levels is not None
    assert levels.limits == (-3 * half, 3 * half)
    pinned.columns.apart.reset.emit()
    levels = pinned.columns.apart.levels
    assert levels is not None
    assert levels.limits == (-half, half)


def test_the_status_line_reads_a_b_and_their_difference_in_the_bin_under_the_cursor(
    pinned: Board, store: Store, commands: Commands
) -> None:
    place = (100.0, 50.0)
    assert all(part.label != "A" for part in parts_of(store.state, place)), "in another workspace"
    commands.show_workspace("compare")
    found = comparison(store)
    assert found.pictures is not None
    a, b = (one.exact for one in found.pictures.maps)
    i, j = int(100 // (a.width / a.values.shape[1])), int(50 // (a.height / a.values.shape[0]))
    told = {part.label: part.value for part in parts_of(store.state, place)}
    assert told["bin"] == f"({i}, {j})"
    for name, grid in (("A", a), ("B", b)):
        value = float(told[name].split(" ")[0].replace(comparison_words.MINUS, "-"))
        assert value == pytest.approx(float(grid.values[j, i]), abs=float(grid.errors[j, i]))
    apart = float(
        told[f"A {comparison_words.MINUS} B"].split(" ")[0].replace(comparison_words.MINUS, "-")
    )
    assert apart == pytest.approx(float(a.values[j, i]) - float(b.values[j, i]), rel=0.1)


@pytest.mark.parametrize(("width", "both"), [(320, True), (170, False)])
def test_a_head_leaves_a_number_away_rather_than_cut_one(
    qtbot: QtBot, width: int, both: bool
) -> None:
    head = ColumnHead("A")
    qtbot.addWidget(head)
    head.show_words("skyRej 1.5", "now", "scale <b>1.13091 ± 0.000027</b>", "map rms <b>3.57</b>")
    head.resize(width, 54)
    head.show()
    qtbot.waitExposed(head)
    assert head.right.isVisible() is both
    assert head.left.width() >= head.left.sizeHint().width() or not both


@pytest.mark.parametrize("index", [0, 1, 2])
def test_every_column_has_the_menu_of_a_picture(pinned: Board, index: int) -> None:
    canvas = pinned.columns.canvases[index]
    place = QPointF(canvas.view.viewport().rect().center())
    mouse.click(canvas.view, place, button=mouse.RIGHT)
    menu = pinned.columns.menu
    assert menu is not None
    offered = {one.text().split("\t")[0]: one for one in menu.actions()}
    assert {"View all", "Copy picture", "Save as PNG…", "Copy values"} <= set(offered)
    offered["Copy values"].trigger()
    assert "\n" in QApplication.clipboard().text()
    menu.close()


def test_every_layer_is_painted_and_blinking_shows_a_in_the_column_of_b(pinned: Board) -> None:
    for layer, button in pinned.compare.bar.layers.buttons.items():
        button.click()
        images = [canvas.grab().toImage() for canvas in pinned.columns.canvases]
        assert not any(
            canvas.layers.content.why for canvas in pinned.columns.canvases if canvas.layers.content
        )
        assert pinned.columns.canvases[0].layers.content is not None
        assert pinned.columns.canvases[0].layers.content.layer == layer
        middle = images[0].pixelColor(images[0].width() // 2, images[0].height() // 2).name()
        assert middle != theme.DARK.canvas
    a, b, _ = (canvas.layers.content for canvas in pinned.columns.canvases)
    assert a is not b
    pinned.compare.bar.blink.click()
    assert pinned.columns.blinking
    pinned.columns._on_blink()
    assert pinned.columns.canvases[1].layers.content is a
    pinned.compare.bar.blink.click()
    assert pinned.columns.canvases[1].layers.content is b


def test_take_swap_and_pin_b_as_a_go_between_the_two_configs(pinned: Board, store: Store) -> None:
    assert pinned.warnings.take.isEnabled()
    pinned.warnings.take.click()
    assert store.state.config.skyRej == 1.2
    assert not pinned.warnings.take.isEnabled(), "A is what is set already"
    pinned.compare.bar.swap.click()
    assert store.state.pins["A"].config.skyRej == 1.8
    assert store.state.pins["B"].config.skyRej == 1.2
    assert pinned.compare.bar.pin_a.text() == "Pin B as A"
    pinned.compare.bar.pin_a.click()
    assert store.state.pins["A"].config.skyRej == 1.2
    assert "B" not in store.state.pins
    pinned.compare.bar.clear.click()
    assert not store.state.pins
    assert pinned.compare.note.isVisibleTo(pinned.compare)


def test_warnings_of_both_stand_below_their_letters(
    pinned: Board, store: Store, qtbot: QtBot
) -> None:
    found = comparison(store)
    finding = Finding(
        kind="test",
        severity="warning",
        title="The sky is green.",
        text="It should be dark.",
        short="3 of 4.",
    )
    a, b = replace(found.a, findings=(finding,)), replace(found.b, findings=())
    changed = replace(found, a=a, b=b)
    store.set(results=replace(store.state.results, compare=changed))
    first, second = pinned.warnings.sides
    (line,) = first.lines
    assert not second.lines
    assert "no warnings" in second.subject.text()
    assert line.head.text() == "The sky is green."
    assert not line.is_open
    line.head.click()
    assert line.words.isVisibleTo(line)
    assert pinned.columns.heads[0].badge.count.n == 1
    assert pinned.columns.heads[0].badge.count.warns
    assert pinned.columns.heads[1].badge.count.n == 0


def test_other_boxes_leave_no_samples_to_compare(
    pinned: Board, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    use(commands, xNumSamples=5)
    commands.pins.pin("B")
    assert is_stale(store.state, store.state.results.compare or pytest.fail("nothing"))
    idle()
    assert pairs_of(comparison(store)) is None
    assert pinned.table.rows.rowCount() == 0
    assert "different boxes" in pinned.samples.samples_title.subject.text()
    assert not pinned.plot.grab().isNull()
    # The maps have nothing to do with the boxes of the samples.
    content = pinned.columns.canvases[2].layers.content
    assert content is not None
    assert not content.why


def test_numbers_of_an_older_pin_are_marked_until_the_new_ones_come(
    pinned: Board, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    assert "older" not in pinned.results.subject(store.state)
    use(commands, skyRej=2.2)
    commands.pins.pin("B")
    assert "older" in pinned.results.subject(store.state)
    assert "older" in pinned.columns.heads[1].when.text()
    idle()
    assert "older" not in pinned.results.subject(store.state)
    assert texts(pinned.fields.table)["skyRej"][1] == "2.2"


def test_a_field_that_no_fit_depends_on_is_told_all_the_same(
    pinned: Board, commands: Commands, idle: Callable[[], None]
) -> None:
    background = commands.store.state.config.background
    use(commands, background=background.model_copy(update={"xBinSize": 48}))
    commands.pins.pin("B")
    idle()
    assert texts(pinned.fields.table)["background.xBinSize"] == (
        "32",
        "48",
        f"{comparison_words.MINUS}16",
    )


def test_unpinning_while_the_two_are_fitted_does_not_bring_them_back(
    panel: Board, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    use(commands, xNumSamples=7)
    commands.pins.pin("B")
    commands.pins.unpin()
    idle()
    assert store.state.results.compare is None


def test_the_headline_tells_what_the_difference_means() -> None:
    a = make_fit()
    error = a.solution.error
    b = replace(a, solution=replace(a.solution, scale=a.solution.scale + 2 * error))
    told = comparison_words.headline(two(a, b), "adu")
    assert told.startswith("A \N{MINUS SIGN} B \N{MINUS SIGN}")
    assert told.endswith("adu, 2.0 of the larger error")
    assert "same" in comparison_words.headline(two(a, a), "adu")
    nothing = replace(a, solution=replace(a.solution, scale=np.nan), why="No sample is left.")
    assert comparison_words.headline(two(a, nothing), "adu") == "B has no scale. No sample is left."


def test_of_mask_lists_only_the_difference_is_said() -> None:
    a = make_fit()
    found = replace(two(a, a), fields=(("stats.mask", "SAT, BAD", "SAT, NO_DATA"),))
    (line,) = comparison_words.field_lines(found, {})
    assert (line.a, line.b.replace(comparison_words.BREAK, "")) == ("BAD", "NO_DATA")
    assert "SAT" in line.tip
    found = replace(two(a, a), fields=(("stats.mask", "SAT, BAD, CR", "BAD, X"),))
    (line,) = comparison_words.field_lines(found, {})
    assert (line.a, line.b) == ("SAT, CR", "X")
    found = replace(two(a, a), fields=(("stats.mask", "", "BAD"),))
    (line,) = comparison_words.field_lines(found, {})
    assert (line.a, line.b) == (NONE, "BAD")


def test_the_tables_are_copied_as_text(pinned: Board, qtbot: QtBot) -> None:
    qtbot.keyClick(pinned.results, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    rows = [row.split("\t") for row in clipboard.text().splitlines()]
    assert rows[0] == ["", "A", "B", f"A {comparison_words.MINUS} B"]
    assert ["skyRej", "1.2", "1.8", f"{comparison_words.MINUS}0.6"] in rows
    assert any(row[0] == "used" for row in rows)


@pytest.mark.parametrize("size", [(700, 400), (904, 432), (1064, 620)])
def test_images_and_buttons_fit_into_narrow_and_wide_windows(
    pinned: Board, size: tuple[int, int], qtbot: QtBot
) -> None:
    pinned.compare.resize(*size)
    qtbot.waitUntil(pinned.columns.isVisible)
    assert pinned.compare.bar.minimumSizeHint().width() <= size[0]
    for canvas in pinned.columns.canvases:
        assert canvas.width() >= 90
        assert canvas.geometry().right() <= size[0]
    assert pinned.columns.apart.geometry().right() <= size[0]
    assert pinned.plot.height() >= 100
    # Nothing below lies over the images: their last row and the bar's last label are seen.
    qtbot.waitUntil(lambda: pinned.columns.geometry().bottom() < pinned.samples.geometry().top())
    for part in (*pinned.columns.canvases, pinned.columns.shared, pinned.columns.apart):
        assert part.geometry().bottom() <= pinned.columns.rect().bottom()
    if size[0] == 904:  # of a window of 1280 x 720
        assert min(pinned.columns.canvases[0].width(), pinned.columns.canvases[0].height()) >= 190
    if size[0] == 1064:
        assert pinned.columns.canvases[0].width() >= 250


def test_no_cell_of_the_tables_is_cut_off(pinned: Board, qtbot: QtBot) -> None:
    qtbot.waitUntil(pinned.results.table.isVisible)
    for table in (pinned.results.table, pinned.fields.table):
        assert table.cells
        for row in table.cells:
            for cell in row:
                flags = Qt.TextFlag.TextWordWrap
                needed = cell.fontMetrics().boundingRect(cell.contentsRect(), flags, cell.text())
                assert needed.width() <= cell.contentsRect().width(), f"{cell.text()} is cut off"


def test_the_window_has_the_panels_and_pins_show_in_them(
    night: Night,
    window: MainWindow,
    store: Store,
    commands: Commands,
    idle: Callable[[], None],
) -> None:
    show_night(store, night)
    idle()
    window.context.reveal("compare")
    panel = window.panel("compare")
    assert isinstance(panel, ComparePanel)
    commands.pins.pin("B")
    assert panel.note._title.text() == "B is pinned"
    results = window.panel("compare-results")
    assert isinstance(results, CompareResultsPanel)
    assert "B is pinned" in results.hint.text()


def made_pairs(**more: Any) -> Pairs:
    """Return six samples of two detectors: used, rejected in both, in A, in B, and used."""
    fit = fit_of([samples_of(3, "000"), samples_of(3, "001")])
    fields: dict[str, Any] = {
        "rows": rows_of(fit),
        "index": np.arange(6),
        "a": np.array([0.0, 3.0, 4.0, -1.0, -9.0, 0.5]),
        "b": np.array([0.5, 2.5, 1.0, -6.0, 2.0, 0.25]),
        "step_a": np.array([0, 1, 2, 0, 1, 0]),
        "step_b": np.array([0, 1, 0, 3, 0, 0]),
        "who": np.array([0, 1, 2, 3, 2, 0]),
        "sigma_a": 1.0,
        "sigma_b": 2.0,
        "band_a": 2.0,
        "band_b": 5.0,
    }
    return Pairs(**(fields | more))


def samples_of(n: int, detector: str) -> Samples:
    boxes = [(10 * at, 100, 10 * at + 10, 110) for at in range(n)]
    numbers = np.arange(1.0, n + 1)
    return Samples(numbers, numbers, np.ones(n), boxes, detector)


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_of_residuals_in_both(qtbot: QtBot, palette: theme.Palette) -> None:
    from skyframe_gui.ui.graph.compare_plot import ComparePlot

    plot = ComparePlot()
    qtbot.addWidget(plot)
    plot.resize(320, 260)
    plot.apply_theme(palette)
    plot.show()
    pairs = made_pairs()
    plot.show_pairs(pairs, "adu", np.array([1, 3]))
    plot.highlight(2)
    agree(f"compared residuals {palette.name}", drawn(plot))
    plot.highlight(None)
    plot.show_pairs(made_pairs(band_a=np.nan, band_b=np.inf), "", np.array([], int))
    agree(f"compared residuals {palette.name} without bands", drawn(plot))
    plot.show_pairs(pairs, "adu", np.array([], int))
    assert plot.values_text().splitlines() == [
        "residual in A [adu]\tresidual in B [adu]\trejected by",
        *("0\t0.5\t", "3\t2.5\tboth", "4\t1\tA", "-1\t-6\tB", "-9\t2\tA", "0.5\t0.25\t"),
    ]
    image = plot.grab().toImage()
    x, y = plot.place(pairs.a, pairs.b)
    dot = image.pixelColor(round(x[0]), round(y[0]))
    assert dot.hsvHue() == pytest.approx(QColor(palette.accent).hsvHue(), abs=12)
    plot.show_pairs(None, "", np.array([], int))
    assert (plot.values_text(), plot.x_label, plot.y_label) == ("", "residual in A", "in B")


def test_a_pair_is_pointed_at_picked_and_lassoed(qtbot: QtBot) -> None:
    from skyframe_gui.ui.graph.compare_plot import ComparePlot

    plot = ComparePlot()
    qtbot.addWidget(plot)
    plot.resize(320, 260)
    plot.show()
    pairs = made_pairs()
    plot.show_pairs(pairs, "adu", np.array([], int))
    x, y = plot.place(pairs.a, pairs.b)
    hovered: list[object] = []
    picked: list[object] = []
    plot.hovered.connect(hovered.append)
    plot.picked.connect(lambda *what: picked.append(what))
    at = QPointF(x[4], y[4])
    plot.pointed(at - QPointF(9.1, 0))
    plot.pointed(at - QPointF(8.9, 0))
    plot.highlight(4)
    plot.pointed(at)
    plot.pointed(None)
    assert hovered == [4, None]
    plot.clicked(at, True)
    plot.clicked(at - QPointF(9.1, 0), True)
    assert picked == [([4], True)]
    box = QRectF(at - QPointF(5, 5), at + QPointF(5, 5))
    plot.lasso_ended(QPolygonF(box), False)
    everything = QPolygonF(QRectF(plot.rect()))
    plot.lasso_ended(everything, True)
    assert picked[1:] == [([4], False), ([0, 1, 2, 3, 4, 5], True)]
    assert [plot.wants_lasso(shift) for shift in (True, False)] == [True, False]
    assert plot.home[0] == pytest.approx((-9 - 0.06 * 13, 4 + 0.06 * 13))
    assert plot.home[1] == pytest.approx((-6 - 0.06 * 11, 5 + 0.06 * 11))
    part = Range(0.0, 1.0), Range(0.0, 1.0)
    for touched, other, stays in ((True, True, True), (False, False, True), (False, True, False)):
        plot.show_range(*part)
        plot.touched = touched
        plot.show_pairs(made_pairs() if other else plot._pairs, "adu", np.array([1]))
        assert ((plot.x_range, plot.y_range) == part) is stays
    plot.show_pairs(None, "", np.array([], int))
    picked.clear()
    plot.clicked(at, False)
    plot.lasso_ended(everything, False)
    assert not picked


def test_who_is_rejected_in_one_only_in_every_column_of_the_table(qtbot: QtBot) -> None:
    table = rejected_table.RejectedTable()
    qtbot.addWidget(table)
    table.resize(700, 120)
    table.show()
    pairs, none = made_pairs(), np.array([], int)
    picked: list[int] = []
    table.picked.connect(picked.append)

    def rows(which: str) -> list[list[str]]:
        table.show_pairs(pairs, which, "adu", none)
        return [
            [table.rows.text(row, column) for column in range(9)]
            for row in range(table.rows.rowCount())
        ]

    minus, none_yet = MINUS, NONE
    fourth = ["", "det 001", "(1, 0)", f"{minus}9.0", f"{minus}9.0", "1"]
    fourth += ["+2.0", "+1.0", none_yet]
    second = ["", "det 000", "(2, 0)", "+4.0", "+4.0", "2", "+1.0", "+0.5"]
    second += [none_yet]
    third = ["", "det 001", "(0, 0)", f"{minus}1.0", f"{minus}1.0", none_yet]
    third += [f"{minus}6.0", f"{minus}3.0", "3"]
    assert rows("a") == [fourth, second]
    assert rows("b") == [third]
    assert rows("all") == [fourth, second, third], "the farthest first"
    across = Qt.Orientation.Horizontal
    heads = [table.rows.headerData(column, across) for column in range(9)]
    of_a, of_b = ((f"{one} [adu]", f"{one} [{SIGMA}]", f"step {one}") for one in "AB")
    assert heads == ["", "detector", "box", *of_a, *of_b]
    assert table.rows.headerData(0, Qt.Orientation.Vertical) is None
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    role = Qt.ItemDataRole.TextAlignmentRole
    sides = [left] * 3 + [right] * 6
    assert [table.rows.headerData(column, across, role) for column in range(9)] == sides
    assert [table.rows.index(0, column).data(role) for column in range(9)] == sides
    assert [table.columnWidth(column) for column in range(3)] == [26, 90, 90]
    marks = [table.rows.index(row, 0).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    shapes = [
        [
            (x, y)
            for x in range(20)
            for y in range(20)
            if one.toImage().pixelColor(x, y).alpha() > 128
        ]
        for one in marks
    ]
    assert shapes[0] == shapes[1]
    assert (len(shapes[0]), min(shapes[0]), max(shapes[0])) == (196, (3, 3), (16, 16))
    assert len(shapes[2]) == pytest.approx(148, abs=10)
    assert (10, 2) in shapes[2]
    assert (4, 4) not in shapes[2]
    colours = [one.toImage().pixelColor(10, 10).name() for one in marks]
    assert colours == [theme.DARK.rounds[0]] * 2 + [theme.DARK.rounds[2]]
    assert table.rows.index(0, 1).data(Qt.ItemDataRole.DecorationRole) is None

    table.show_pairs(pairs, "all", "adu", np.array([3]))
    assert (table.currentIndex().row(), picked) == (2, [])
    table.show_pairs(pairs, "all", "adu", np.array([3, 4]))
    assert not table.currentIndex().isValid()
    qtbot.mouseClick(
        port_of(table),
        Qt.MouseButton.LeftButton,
        pos=table.visualRect(table.rows.index(1, 1)).center(),
    )
    assert picked == [2]
    table.show_pairs(None, "all", "", none)
    assert (table.rows.rowCount(), table.rows.heads[3]) == (0, "A")


def test_pairs_are_counted_and_found_by_their_sample() -> None:
    pairs = made_pairs(index=np.array([5, 4, 3, 2, 1, 0]))
    assert pairs.counts() == (2, 1, 1)
    assert pairs.find(pairs.rows.ids(4)) == 1
    assert pairs.find(None) is None
    assert made_pairs(index=np.array([0, 1, 2, 3, 4, 7])).find(pairs.rows.ids(5)) is None


def without_times(lines: list[str]) -> list[str]:
    return [re.sub(r"\d\d:\d\d", "<time>", line) for line in lines]


def test_what_panels_of_a_comparison_have_in_them(
    pinned: Board, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.view(theme="light")
    idle()
    columns = pinned.columns
    agree("compared head", without_times(drawn(columns.heads[1])))
    shapes = [line for line in drawn(columns) if line.startswith(("rect", "'"))]
    agree("compared columns", without_times(shapes))
    agree(
        "compared places",
        [
            str(one.geometry().getRect())
            for one in (*columns.heads, *columns.canvases, columns.shared, columns.apart)
        ],
    )


def apart(scale: float, error: float = 0.5, **more: Any) -> VisitFit:
    """Return a fit with another scale and error."""
    fit = fit_of([samples_of(8, "000")])
    return replace(fit, solution=replace(fit.solution, scale=scale, error=error), **more)


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ((10.0, 0.5), (10.0, 0.5), "A and B give the same scale"),
        ((12.0, 0.5), (10.0, 1.0), f"A {MINUS} B +2.0 adu, 2.0 of the larger error"),
        ((10.0, 1.0), (12.0, 0.5), f"A {MINUS} B {MINUS}2.0 adu, 2.0 of the larger error"),
        (
            (10.0, 1.0),
            (10.01, 1.0),
            "The scales agree to all their digits, within a tenth of the larger error",
        ),
        ((12.0, 0.0), (10.0, 0.0), f"A {MINUS} B +2 adu"),
        ((12.0, np.nan), (10.0, np.nan), f"A {MINUS} B +2 adu"),
        ((np.nan, 1.0), (10.0, 1.0), "A has no scale."),
        ((10.0, 1.0), (np.inf, 1.0), "B has no scale."),
    ],
)
def test_the_headline_in_every_case(
    a: tuple[float, float], b: tuple[float, float], told: str
) -> None:
    assert comparison_words.headline(two(apart(*a), apart(*b)), "adu") == told


def test_the_whole_table_of_numbers() -> None:
    found = two(apart(10.25, 0.5), apart(10.5, 0.25))
    found = replace(found, rises=({"x": (1.5, 0.25)}, {"x": (-0.5, 0.5), "y": (0.1, 0.0)}))
    lines = comparison_words.number_lines(found, "electron/adu", "electron", (3.5, 3.25))
    agree("compared numbers", [f"{line.cells} {line.tip}" for line in lines])
    nothing = two(apart(np.nan, np.nan), apart(np.nan, np.nan))
    lines = comparison_words.number_lines(nothing, "", "", (np.nan, 1.0))
    agree("compared numbers of nothing", [f"{line.cells} {line.tip}" for line in lines])
    text = comparison_words.as_text(lines[:2])
    assert text.splitlines()[0] == f"\tA\tB\tA {MINUS} B"
    assert text.splitlines()[1].split("\t") == list(lines[0].cells)


def test_the_whole_table_of_fields() -> None:
    fields = (
        ("skyRej", "2.5", "3"),
        ("stats.nIter", "3", "3"),
        ("sky frame", "newest", "key"),
        ("stats.mask", "SAT, BAD", "BAD"),
        ("stats.statistic", "MEAN_CLIP", "MEDIAN"),
        ("background.xBinSize", "-8", "16"),
    )
    found = replace(two(apart(1.0), apart(1.0)), fields=fields)
    for every in (False, True):
        lines = comparison_words.field_lines(found, {"key": "sky-1.fits"}, every)
        made = [f"{line.cells} {line.tip}".replace(comparison_words.BREAK, "|") for line in lines]
        agree(f"compared fields {every}", "\n".join(made).splitlines())


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((), "the same"),
        ((("skyRej", "2", "3"),), "skyRej 2"),
        ((("stats.nIter", "2", "3"), ("skyIter", "1", "4")), "nIter 2, skyIter 1"),
        ((("sky frame", "newest", "key"),), "newest sky frame"),
        ((("sky frame", "key", "newest"),), "sky-1.fits"),
        ((("stats.mask", "SAT, BAD", ""),), "mask of 2 planes"),
        ((("stats.mask", "", "SAT"),), "mask empty"),
        ((("background.xBinSize", "8", "9"),), "bins 8 px wide"),
        ((("background.yBinSize", "7", "9"),), "bins 7 px high"),
        (
            (("background.xBinSize", "8", "9"), ("background.yBinSize", "8", "9")),
            "bins of 8 px",
        ),
        (
            (("background.xBinSize", "8", "9"), ("background.yBinSize", "7", "9")),
            f"bins of 8 {TIMES} 7 px",
        ),
    ],
)
def test_what_sets_a_side_apart_in_a_few_words(
    rows: tuple[tuple[str, str, str], ...], told: str
) -> None:
    found = replace(two(apart(1.0), apart(1.0)), fields=rows)
    assert subject_of(found, 0, {"key": "sky-1.fits"}) == told
    swapped = tuple((name, b, a) for name, a, b in rows)
    assert subject_of(replace(found, fields=swapped), 1, {"key": "sky-1.fits"}) == told


def test_the_subject_of_the_fields_counts_what_differs(commands: Commands, qtbot: QtBot) -> None:
    panel = CompareFieldsPanel(commands)
    qtbot.addWidget(panel)
    state, same = commands.store.state, ("skyIter", "3", "3")
    assert panel.subject(state) == ""
    for fields, told in (
        ((same,), "nothing differs"),
        ((same, ("skyRej", "2", "3")), "1 differs"),
        ((("skyRej", "2", "3"), ("stats.nIter", "1", "2")), "2 differ"),
    ):
        found = replace(two(apart(1.0), apart(1.0)), fields=fields)
        now = replace(state, results=replace(state.results, compare=found))
        assert panel.subject(now) == told


def test_the_difference_of_models_is_that_of_what_they_come_to_on_any_level() -> None:
    rng = np.random.default_rng(3)
    fine, half = rng.normal(10, 1, (8, 8)), rng.normal(10, 1, (4, 4))
    a = Pyramid((half.astype(np.float32),), 1)
    b = Pyramid((fine.astype(np.float32), half.astype(np.float32)))
    plain = Content(layer="model", title="Model", shown=None, unit="adu")  # type: ignore[arg-type]
    pictures = SimpleNamespace(models=(a, b))
    content = column_contents._difference(plain, pictures, (2.0, 3.0))  # type: ignore[arg-type]
    assert (content.image, content.model) == (a, b)
    assert (content.scale, content.factor) == (1.5, 2.0)
    no_map = SimpleNamespace(exact=SimpleNamespace(values=np.zeros((2, 2), np.float32)))
    found = _differences((no_map, no_map), (a, b), (2.0, 3.0))  # type: ignore[arg-type]
    assert found["model"].limits["min-max"][1] == pytest.approx(half.max(), rel=1e-6)
    # Of what they leave it is the other way round.
    left = column_contents._difference(
        replace(plain, layer="subtracted"),
        SimpleNamespace(models=(b, b)),  # type: ignore[arg-type]
        (2.0, 4.0),
    )
    assert (left.layer, left.scale, left.factor) == ("model", 0.5, 4.0)


def test_negative_numbers_have_a_true_minus_and_words_their_hyphen() -> None:
    told = [comparison_words.with_minus_number(one) for one in ("-3.5", "a-b", "", "4")]
    assert told == [f"{MINUS}3.5", "a-b", "", "4"]


def test_maps_that_are_not_there_have_no_rms() -> None:
    assert all(np.isnan(one) for one in map_rms(two(apart(1.0), apart(1.0))))
