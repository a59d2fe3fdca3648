"""The fit box tells what the engine has found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QLabel

from skyframe_gui.app.model.requests import fit_inputs, request_of
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.engine import Samples, ScaleError, SkyMeasurementConfig, solve_scales
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.numbers import NONE, with_error
from skyframe_gui.ui.fit.finding_line import fitting
from skyframe_gui.ui.form.config_fields import with_values
from skyframe_gui.ui.panels.fit import FitPanel
from skyframe_gui.ui.theme import DARK, font, style_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.fit.fit_result import Count

CONFIG = SkyMeasurementConfig()


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands) -> Iterator[FitPanel]:
    """Return the panel without the rest of the window, painted as the window does."""
    made = FitPanel(commands)
    qtbot.addWidget(made)
    made.setStyleSheet(style_sheet(DARK))
    made.resize(372, 480)
    made.show_state(store.state)
    made.show()

    def paint(old: State, new: State) -> None:
        if made.watches(old) != made.watches(new):
            made.show_state(new)

    store.changed.connect(paint)
    store.set(log=("",))  # the program has looked at the empty state and will not again
    yield made
    store.changed.disconnect(paint)


def visit(n: int = 3, config: SkyMeasurementConfig = CONFIG) -> list[Samples]:
    random = np.random.default_rng(4)
    made = []
    for detector in range(n):
        sky = random.uniform(0.8, 1.2, 36)
        image = 1000 * sky + random.normal(0, 2, 36)
        image[:3] += 80
        image[35] = np.nan
        corners = np.arange(36)
        boxes = np.stack([corners, corners, corners + 1, corners + 1], axis=1)
        made.append(Samples(image, sky, boxes=boxes, detector=str(detector)))
    return made


def fit_of(
    samples: list[Samples],
    config: SkyMeasurementConfig = CONFIG,
    n_members: int | None = None,
    excluded: np.ndarray | None = None,
) -> VisitFit:
    why = ""
    try:
        solution = alone = solve_scales(samples, config)
        if excluded is not None:
            solution = solve_scales(samples, config, excluded)
    except ScaleError as error:
        solution = alone = error.solution
        why = str(error)
    keys = tuple(f"det {one.detector}" for one in samples)
    made = VisitFit(
        sources=(),
        visit="1",
        keys=keys,
        samples=tuple(samples),
        solution=solution,
        alone=alone,
        why=why,
        n_members=n_members or len(samples),
        made_from=None,
    )
    # What an empty state asks for, so that the fit counts as new.
    return replace(made, made_from=fit_inputs(request_of(State())))


def cells(panel: FitPanel, column: int) -> list[str]:
    model = panel.table.steps
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def test_without_a_fit_the_panel_says_what_it_needs(panel: FitPanel, store: Store) -> None:
    assert panel._pages.currentIndex() == 0
    assert panel.subject(store.state) == ""


def test_numbers_are_those_of_the_engine(panel: FitPanel, store: Store) -> None:
    samples = visit()
    truth = solve_scales(samples, CONFIG)
    store.set(results=Results(fit=fit_of(samples)))
    assert f"{panel.result.scale.text()} {panel.result.error.text()}" == with_error(
        truth.scale, truth.error
    )
    assert panel.result.counts["used"].count == truth.n_used
    assert panel.result.counts["rejected"].count == (truth.rejected_at >= 0).sum()
    assert panel.result.counts["no data"].count == 3
    assert panel.result.counts["by hand"].count == 0
    assert cells(panel, 0) == ["0", "1", "2", "3"]
    new = [one.n_rejected for one in truth.iterations]
    assert cells(panel, 4) == ["—", *map(str, new)]
    assert cells(panel, 5) == [str(total) for total in np.cumsum([0, *new])]
    scales = [float(text) for text in cells(panel, 1)]
    wanted = [one.scale for one in truth.iterations] + [truth.scale]
    assert scales == pytest.approx(wanted, abs=10 * truth.error)
    assert scales[-1] == float(panel.result.scale.text())
    sigmas = [float(text) for text in cells(panel, 3)][:-1]
    assert sigmas == pytest.approx([one.sigma for one in truth.iterations], rel=0.01)
    assert panel.subject(store.state) == "one scale for 3 detectors"
    # The counts stand in two rows without a gap between them, eight pixels apart in a row.
    boxes = [panel.result.counts[kind].geometry() for kind in ("used", "rejected", "by hand")]
    assert boxes[2].top() - boxes[0].top() == boxes[0].height()
    assert boxes[1].left() - boxes[0].right() == 8 + 1
    assert panel.cards == []


def test_a_row_shows_its_step_and_the_last_is_always_the_last(
    qtbot: QtBot, panel: FitPanel, store: Store, commands: Commands
) -> None:
    store.set(results=Results(fit=fit_of(visit())))
    table = panel.table
    assert table.currentIndex().row() == 3
    view = table.viewport()
    spot = table.visualRect(table.steps.index(1, 1)).center()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(spot))
    assert store.state.selection.step == 1
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert store.state.selection.step == 0
    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert store.state.selection.step is None
    commands.show_step(2)
    assert {index.row() for index in table.selectedIndexes()} == {2}
    assert store.state.selection.step == 2


def test_a_failed_fit_says_why_and_keeps_its_history(panel: FitPanel, store: Store) -> None:
    config = with_values(CONFIG, {"skyRej": 1e-9})
    fit = fit_of(visit(), config)
    assert fit.why
    store.set(results=Results(fit=fit))
    (card,) = panel.cards
    assert card.words.text() == fit.why
    assert card.is_open, "why there is no scale is read without a click"
    assert panel.result.scale.text() == "—"
    assert panel.table.steps.rowCount() > 0
    store.set(results=Results(fit=fit_of(visit())))
    assert panel.cards == []


def test_an_incomplete_fit_says_so(panel: FitPanel, store: Store) -> None:
    store.set(results=Results(fit=fit_of(visit(), n_members=60)))
    assert panel.subject(store.state) == "3 of 60 detectors"
    assert "3 of 60 detectors" in panel.result.notes.text()


def test_a_result_with_hand_exclusions_stands_beside_that_of_the_config_alone(
    panel: FitPanel, store: Store
) -> None:
    samples = visit()
    excluded = np.zeros(108, bool)
    excluded[10:25] = True
    fit = fit_of(samples, excluded=excluded)
    store.set(results=Results(fit=fit))
    alone = with_error(fit.alone.scale, fit.alone.error)
    assert f"config alone: {alone}" in panel.result.notes.text()
    assert "by hand" in panel.result.notes.text()
    assert panel.result.counts["by hand"].count == 15


def test_an_older_result_is_kept_and_marked(
    panel: FitPanel, store: Store, commands: Commands
) -> None:
    fit = fit_of(visit())
    store.set(results=Results(fit=fit))
    assert panel.result.clock.isHidden()
    shown = panel.result.scale.text()
    commands.set_config(with_values(CONFIG, {"skyRej": 2.0}))
    store.set(results=Results(fit=fit))  # without an exposure it was taken away
    assert not panel.result.clock.isHidden()
    assert panel.result.scale.text() == shown
    store.undo()
    store.set(results=Results(fit=fit))
    assert panel.result.clock.isHidden()


def test_a_warning_is_a_card_whose_link_selects_its_samples(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    finding = Finding(
        kind="offset",
        severity="warning",
        title="The samples want an offset.",
        text="1 < 2 & 3.",
        samples=(0, 37),
    )
    store.set(results=Results(fit=replace(fit_of(visit()), findings=(finding,))))
    (card,) = panel.cards
    assert "want an offset" in card.head.text()
    assert card.words.text() == "1 < 2 & 3."
    assert not card.words.isVisible()
    qtbot.waitUntil(lambda: card.y() > 0 and card.head.width() < panel.width())
    qtbot.mouseClick(card.head, Qt.MouseButton.LeftButton)
    assert card.words.isVisible()
    qtbot.waitUntil(lambda: card.link.y() > card.words.y() > 0)
    assert card.link.text() == "Select the 2 samples"
    qtbot.mouseClick(card.link, Qt.MouseButton.LeftButton)
    assert store.state.selection.samples == {("det 0", (0, 0, 1, 1)), ("det 1", (1, 1, 2, 2))}


def ink(count: Count) -> bytes:
    """Return the picture of a count as it is now, without a turn of the event loop before."""
    image = count.grab().toImage()
    return bytes(image.constBits().asarray(image.sizeInBytes()))


def test_a_number_that_grows_is_never_cut_and_moves_nothing(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    fit = fit_of(visit())
    panel.resize(510, 232)
    store.set(results=Results(fit=fit))
    counts = panel.result.counts
    qtbot.waitUntil(lambda: counts["no data"].x() > counts["used"].x() > 0)
    qtbot.wait(20)
    places = {kind: count.geometry() for kind, count in counts.items()}
    for number in (1, 16, 20000):
        for kind, count in counts.items():
            count.show_count(number if kind == "used" else number % 7919, "#f00", "#fff", "#999")
            at_once = ink(count)
            assert count.label.width() >= count.label.sizeHint().width()
            qtbot.wait(1)
            assert ink(count) == at_once, "the picture waits for no layout"
            assert count.accessibleName() == f"{count.count} {kind}"
        assert {kind: count.geometry() for kind, count in counts.items()} == places


def finding(kind: str, severity: str = "warning", text: str = "Some text. More.") -> Finding:
    return Finding(
        kind=kind,
        severity=severity,
        title=f"About {kind}.",
        text=text,
        short=f"{kind} is 7.1 ± 0.2 adu.",
    )


def shown_whole(panel: FitPanel, widget: QWidget) -> bool:
    """Whether a widget can be seen from its top to its lower edge."""
    top = widget.mapTo(panel, QPoint(0, 0)).y()
    return widget.isVisible() and top >= 0 and top + widget.height() <= panel.height()


@pytest.mark.parametrize(
    ("size", "n_shown"),
    [((510, 232), 2), ((364, 296), 1), ((548, 144), 1), ((500, 202), 1), ((364, 222), 1)],
)
@pytest.mark.parametrize("by_hand", [False, True])
def test_the_first_warning_the_scale_and_the_last_step_are_seen_without_scrolling(
    qtbot: QtBot,
    panel: FitPanel,
    store: Store,
    size: tuple[int, int],
    n_shown: int,
    by_hand: bool,
) -> None:
    excluded = np.zeros(108, bool)
    excluded[10:25] = True
    fit = fit_of(visit(), excluded=excluded if by_hand else None)
    panel.resize(*size)
    told = (finding("offset"), finding("gradient", "note"))
    store.set(results=Results(fit=replace(fit, findings=told)))
    cards = panel.cards
    seen = (panel.result.scale, panel.result.trial, *cards[: 1 if by_hand else n_shown])
    qtbot.waitUntil(lambda: cards[1].y() > cards[0].y() > 0)
    qtbot.waitUntil(lambda: all(shown_whole(panel, widget) for widget in seen))
    table = panel.table
    last = table.visualRect(table.steps.index(3, 0))
    assert last.isValid()
    assert 0 <= last.top() < last.bottom() <= table.viewport().height()
    assert not table.horizontalScrollBar().isVisible()


@pytest.mark.parametrize(("ended", "words"), [(False, "so far"), (True, "detectors")])
def test_nothing_is_waited_for_that_cannot_come(
    panel: FitPanel, store: Store, ended: bool, words: str
) -> None:
    fit = fit_of(visit())
    n = len(fit.keys)
    store.set(results=Results(fit=replace(fit, n_members=n + 1, ended=ended)))
    (note,) = [one for one in panel.result.notes.text().splitlines() if "detectors" in one]
    assert note.startswith(f"{n} of {n + 1} detectors")
    assert note.endswith(words)


def test_in_a_very_low_window_the_warning_stays_and_the_steps_go(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    panel.resize(500, 158)
    store.set(results=Results(fit=replace(fit_of(visit()), findings=(finding("offset"),))))
    qtbot.waitUntil(lambda: shown_whole(panel, panel.cards[0]))
    assert not panel.table.isVisible()
    (tools,) = panel.header_widgets()
    qtbot.addWidget(tools)
    tools.show()
    assert panel.steps.isVisible(), "nothing said that there are steps"
    qtbot.mouseClick(panel.steps, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.table.visibleRegion().boundingRect().height() > 40)
    qtbot.mouseClick(panel.steps, Qt.MouseButton.LeftButton)
    assert not panel.table.isVisible()
    panel.resize(500, 202)
    qtbot.waitUntil(lambda: panel.table.isVisible())
    assert not panel.steps.isVisible()


def test_many_steps_scroll_in_their_table_to_the_shown_one(
    qtbot: QtBot, panel: FitPanel, store: Store, commands: Commands
) -> None:
    panel.resize(510, 232)
    fit = fit_of(visit(), with_values(CONFIG, {"skyIter": 40}))
    store.set(results=Results(fit=replace(fit, findings=(finding("offset"),))))
    table = panel.table
    qtbot.waitUntil(lambda: panel.cards[0].y() > 0)
    assert table.steps.rowCount() == 41
    assert table.height() < 232
    for step, row in ((None, 40), (7, 7)):
        commands.show_step(step)
        place = table.visualRect(table.steps.index(row, 0))
        assert 0 <= place.top() < place.bottom() <= table.viewport().height()
    for column in range(6):
        text = table.steps.data(table.steps.index(40, column))
        written = QFontMetrics(font(12)).horizontalAdvance(text)
        assert table.columnWidth(column) > written, "no number is cut"


def test_numbers_that_are_long_push_the_table_below_and_are_not_cut(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    panel.resize(510, 400)
    store.set(results=Results(fit=fit_of(visit())))
    qtbot.waitUntil(lambda: panel.table.x() > panel.result.x() + 150)
    large = [
        Samples(1e6 * one.image, one.sky, boxes=one.boxes, detector=one.detector)
        for one in visit(189)
    ]
    store.set(results=Results(fit=fit_of(large)))
    qtbot.waitUntil(lambda: panel.table.y() >= panel.result.geometry().bottom())
    scale = panel.result.scale
    assert scale.width() >= scale.sizeHint().width()
    assert panel.subject(store.state) == "one scale for 189 detectors"
    assert panel.result.counts["no data"].count == 189


def test_a_finding_opens_with_the_keys_and_pushes_what_is_below(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    told = (finding("offset"), finding("gradient", "note"))
    store.set(results=Results(fit=replace(fit_of(visit()), findings=told)))
    first, second = panel.cards
    qtbot.waitUntil(lambda: second.y() > first.y() > 0)
    assert first.head.accessibleName() == "Warning: About offset. offset is 7.1 ± 0.2 adu."
    assert second.head.accessibleName().startswith("Note: ")
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        closed_at = second.y()
        first.head.setFocus()
        qtbot.keyClick(first.head, key)
        assert first.is_open
        qtbot.waitUntil(lambda at=closed_at: second.y() > at)
        assert first.geometry().bottom() < second.y(), "pushed, not covered"
        qtbot.keyClick(first.head, key)
        assert not first.is_open
        qtbot.waitUntil(lambda at=closed_at: second.y() == at)
    qtbot.keyClick(first.head, Qt.Key.Key_Return)
    qtbot.keyClick(first.head, Qt.Key.Key_Escape)
    assert not first.is_open


def test_the_next_finding_is_opened_seen_and_has_the_focus(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    assert not panel.show_next_finding()
    panel.resize(510, 170)
    told = (finding("offset"), finding("gradient", "note"), finding("planes", "note"))
    store.set(results=Results(fit=replace(fit_of(visit()), findings=told)))
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    for place in (0, 1, 2, 0):
        assert panel.show_next_finding()
        qtbot.waitUntil(lambda at=place: shown_whole(panel, panel.cards[at].words))
        assert [card.is_open for card in panel.cards] == [at == place for at in range(3)]
        assert panel.cards[place].head.hasFocus()


def test_what_is_open_stays_open_when_the_next_fit_says_it_again(
    qtbot: QtBot, panel: FitPanel, store: Store
) -> None:
    def tell(*kinds: str) -> None:
        told = tuple(finding(kind) for kind in kinds)
        store.set(results=Results(fit=replace(fit_of(visit()), findings=told)))

    tell("offset", "gradient")
    panel.show_next_finding()
    panel.show_next_finding()
    tell("few-samples", "gradient")
    assert [card.is_open for card in panel.cards] == [False, True]
    assert panel.cards[1].head.hasFocus()
    tell("few-samples")
    tell("few-samples", "gradient")
    assert [card.is_open for card in panel.cards] == [False, True]


def test_a_fit_that_failed_has_no_scale_to_try(
    panel: FitPanel, store: Store, commands: Commands
) -> None:
    store.set(results=Results(fit=fit_of(visit(), with_values(CONFIG, {"skyRej": 1e-9}))))
    assert not panel.result.trial.isEnabled()
    assert panel.result.counts["used"].count == 0
    assert NONE in panel.result.band.text()


def test_the_sky_frame_in_use_is_named_and_another_can_be_chosen(
    qtbot: QtBot,
    panel: FitPanel,
    store: Store,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
) -> None:
    commands.open(night.paths)
    idle()
    commands.build()
    commands.build()
    idle()
    commands.open(night.science)
    idle()
    commands.select_exposure(store.state.exposures[-1].key)
    idle()
    detector = store.state.exposures[-1].source.detector
    own = [one.key for one in store.state.sky_frames if one.detector == detector]
    combo = panel.sky_frame.combo
    assert [one.text() for one in panel.sky_frame.findChildren(QLabel)] == ["sky set"]
    assert [combo.itemData(place) for place in range(combo.count())] == own
    assert len(own) == 2
    assert combo.currentData() == own[-1]
    assert "set 2 r, 5 exposures, bins of " in combo.currentText()
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    chosen = {one.set_key for one in store.state.sky_frames if one.key == own[0]}
    assert store.state.chosen_sets == chosen
    assert combo.currentData() == own[0]
    idle()
    fit = store.state.results.fit
    assert fit is not None
    assert panel.result.clock.isHidden(), "fitted with the chosen frame"


def test_a_real_visit_is_fitted_and_shown_with_its_unit(
    panel: FitPanel,
    store: Store,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
) -> None:
    from skyframe_gui.workflow.options import Normalise

    commands.set_options(normalise=Normalise.LEVEL)
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    commands.open(night.science)
    idle()
    commands.select_exposure(store.state.exposures[-1].key)
    idle()
    fit = store.state.results.fit
    assert fit is not None
    assert panel.subject(store.state) == "one scale for 2 detectors"
    unit = store.state.exposures[-1].source.unit
    assert panel.result.error.text().endswith(unit)
    title = panel.table.steps.headerData(3, Qt.Orientation.Horizontal)
    assert title == "\N{GREEK SMALL LETTER SIGMA} [e\N{SUPERSCRIPT MINUS}]"
    level = np.mean([store.state.facts[key].level for key in fit.keys])
    assert panel.result.notes.text().endswith(f"{fit.solution.scale / level:.4f}")
    assert panel.result.clock.isHidden()


def test_a_finding_without_room_ends_in_a_word_and_never_in_half_a_number() -> None:
    text = "7.10 ± 0.14 electron from left to right, 5.32 ± 0.11 electron from bottom to top."
    whole = "7.10 ± 0.14 electron from left to right…"
    assert fitting(text, len, len(text)) == text
    for room in range(len(whole), text.index("electron from bottom") + 2):
        assert fitting(text, len, room) == whole
    assert fitting(text, len, len("7.10 ± 0.14 electron…")) == "7.10 ± 0.14 electron…"
    assert not fitting(text, len, len("7.10 ± 0.14 elect"))
