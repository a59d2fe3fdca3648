"""Names from files are shown as they are, whatever markup they look like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from astropy.io import fits
from made_items import an_exposure
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import QAbstractItemView, QLabel, QTableView, QTreeView, QWidget
from seen import state_of

from skyframe_gui.app.export.values import Plan, PlannedFile
from skyframe_gui.app.project.autosave import LeftOver
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.ui.badge import Badge, BadgeCount
from skyframe_gui.ui.crash_recovery import RestoreCard
from skyframe_gui.ui.data.assign import AssignDialog
from skyframe_gui.ui.data.cards import CardsModel
from skyframe_gui.ui.data.empty import EmptyHint
from skyframe_gui.ui.dialogs.planned_files import PlannedFiles
from skyframe_gui.ui.form.planes_editor import PlanesPopup
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.window import MainWindow

MARKUP = "<b>1</b>"


def with_markup(state: State) -> State:
    """Return the state as it is where cards of the files look like markup."""
    exposures = tuple(
        replace(
            one,
            source=replace(
                one.source, detector=MARKUP, visit=f"{MARKUP}{one.source.visit}", unit=MARKUP
            ),
        )
        for one in state.exposures
    )
    frames = tuple(
        replace(one, name=f"{MARKUP}.fits", detector=MARKUP, unit=MARKUP)
        for one in state.sky_frames
    )
    shown, fit = state.results.shown, state.results.fit
    shown = replace(shown, sky_frame=replace(shown.sky_frame, detector=MARKUP, unit=MARKUP))
    fit = replace(fit, visit=MARKUP)
    results = replace(state.results, shown=shown, fit=fit)
    return replace(state, exposures=exposures, sky_frames=frames, results=results)


def items(view: QAbstractItemView, role: Qt.ItemDataRole, parent: QModelIndex) -> Iterator[str]:
    model = view.model()
    if model is None:
        return
    for row in range(model.rowCount(parent)):
        for column in range(model.columnCount(parent)):
            yield str(model.data(model.index(row, column, parent), role))
        yield from items(view, role, model.index(row, 0, parent))


def heads(view: QTableView | QTreeView) -> Iterator[str]:
    model = view.model()
    if model is not None:
        for column in range(model.columnCount()):
            role = Qt.ItemDataRole.ToolTipRole
            yield str(model.headerData(column, Qt.Orientation.Horizontal, role))


def rich_texts(window: QWidget) -> Iterator[str]:
    """All that Qt takes for markup: labels that guess or are told so, and tooltips, which guess."""
    for widget in window.findChildren(QWidget):
        texts = [widget.toolTip()]
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            texts.append(widget.text())
        if isinstance(widget, QAbstractItemView):
            texts += items(widget, Qt.ItemDataRole.ToolTipRole, QModelIndex())
        if isinstance(widget, QTableView | QTreeView):
            texts += heads(widget)
        yield from (text for text in texts if Qt.mightBeRichText(text))


def test_no_name_from_a_file_becomes_markup(qtbot: QtBot, window: MainWindow, night: Night) -> None:
    store = window.store
    store.changed.disconnect(window.commands.program.live._on_changed)
    store.changed.disconnect(window.commands.program.live_map._on_changed)
    state = with_markup(state_of(night))
    store.set(
        results=state.results,
        exposures=state.exposures,
        sky_frames=state.sky_frames,
        selection=state.selection,
    )
    escaped = 0
    store.set(view=replace(store.state.view, film="paused", reel="visits"))
    qtbot.wait(30)
    words = window.panels.get(ImagesPanel).film.words
    assert "&lt;b&gt;" in words.toolTip()
    assert [text for text in rich_texts(window) if MARKUP in text] == []
    for workspace in ("visit", "stack", "camera", "night"):
        window.commands.show_workspace(workspace)
        qtbot.wait(30)
        found = list(rich_texts(window))
        assert [text for text in found if MARKUP in text] == []
        escaped += sum("&lt;b&gt;" in text for text in found)
    assert escaped > 5, "the names are seen nowhere"


def test_cards_of_a_header_and_planned_files_are_no_markup(qtbot: QtBot, tmp_path: Path) -> None:
    cards = CardsModel()
    cards.take(fits.Header([("OBJECT", MARKUP, MARKUP)]))
    files = PlannedFiles()
    planned = (
        PlannedFile(f"{MARKUP}.fits", "subtracted exposure"),
        PlannedFile("b.fits", "subtracted exposure", why_not=f"It is {MARKUP}."),
    )
    files.show_plan(
        Plan(
            folder=tmp_path,
            replace=False,
            files=planned,
            notes=(),
            visits=(),
            sky_frames=(),
            configs=(),
            config=SkyMeasurementConfig(),
        ),
        DARK,
    )
    for model, rows in ((cards, {(0, 1), (0, 2)}), (files, {(0, 0), (1, 0)})):
        for row, column in rows:
            tip = model.data(model.index(row, column), Qt.ItemDataRole.ToolTipRole)
            assert MARKUP not in tip
            assert "&lt;b&gt;1&lt;/b&gt;" in tip


def test_what_is_asked_and_offered_has_names_as_they_are(
    qtbot: QtBot, commands: Commands, tmp_path: Path
) -> None:
    dialog = AssignDialog(commands, [an_exposure(f"{MARKUP}.fits")])
    qtbot.addWidget(dialog)
    card = RestoreCard(LeftOver(path=tmp_path, n_files=1, of=f"/n/{MARKUP}.sky"))
    qtbot.addWidget(card)
    hint = EmptyHint("eye", "Nothing", "")
    qtbot.addWidget(hint)
    hint.say("Nothing", f"{MARKUP} cannot be read.")
    badge = Badge()
    qtbot.addWidget(badge)
    badge.show_count(BadgeCount(1, True, f"{MARKUP}: worth a look"))
    for widget in (dialog, card, hint, badge):
        shown = [widget.toolTip(), *rich_texts(widget)]
        assert [text for text in shown if MARKUP in text] == []
    assert any("&lt;b&gt;" in text for text in rich_texts(card))
    assert "&lt;b&gt;" in badge.toolTip()


def test_a_sign_in_a_planes_name_is_no_key_of_its_box(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    popup = PlanesPopup(host)
    popup.list_planes(("SKY&CR",), (), None)
    assert popup.boxes["SKY&CR"].shortcut().isEmpty()
    assert popup.boxes["SKY&CR"].text() == "SKY&&CR"
