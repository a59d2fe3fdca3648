"""The config form, with presets above it and the ways in and out in its menu."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QMenu, QScrollArea, QToolButton, QWidget

from skyframe_gui.app.model import config_hints
from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.normalise_hint import AS_TOLD, normalise_hint
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.ui import theme
from skyframe_gui.ui.form import Form
from skyframe_gui.ui.form.camera_choice import TIP, CameraChoice
from skyframe_gui.ui.form.editors import LOW, QuietCombo, set_low
from skyframe_gui.ui.form.exchange import ORIGIN, ConfigExchange
from skyframe_gui.ui.form.form_row import LABEL_AT, Row
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, one_shot
from skyframe_gui.workflow.options import OVER_PLANES, MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from enum import StrEnum

    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import OptionsChanges
    from skyframe_gui.app.model.state import State

OPTIONS: tuple[tuple[str, Sequence[StrEnum], Callable[[str], OptionsChanges], str], ...] = (
    (
        "mask_objects",
        tuple(MaskObjects),
        lambda text: {"mask_objects": MaskObjects(text)},
        "Whether objects are found and masked before the sky is measured: auto does it where the "
        "file brings no DETECTED plane.",
    ),
    (
        "normalise",
        tuple(Normalise),
        lambda text: {"normalise": Normalise(text)},
        "By what a bin grid is divided before the grids are averaged to a sky frame: none leaves "
        "the grids as measured, level divides by the exposure's median bin. focal-plane subtracts "
        "the background that its visit has over the whole camera and divides by the level of that, "
        "as LSST's cp_pipe does, where the camera is known; auto does that where most exposures "
        "are of visits of several detectors of a known camera, else it leaves the grids as they "
        "are.",
    ),
)


class ConfigPanel(Panel):
    """What the engine is told."""

    id = "config"
    title = "Config"
    area = "right"
    order = 1
    compare_wanted = pyqtSignal()

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._presets: dict[str, SkyMeasurementConfig] = {}
        self.exchange = ConfigExchange(self, commands)
        self.form = Form(SkyMeasurementConfig)
        self.form.edited.connect(commands.set_config)
        self.options: dict[str, QuietCombo] = {}
        self._option_rows: dict[str, Row] = {}
        self.form.add_section("objects")
        for name, choices, change, tip in OPTIONS:
            self._add_option(name, choices, change, tip)
        self.camera = CameraChoice()
        self.camera.chosen.connect(self._on_camera)
        self._option_rows["camera"] = row = Row("camera", [self.camera], TIP)
        row.reset.clicked.connect(lambda: self.commands.set_options(camera=""))
        self.form.add_row(row)
        row.hide()  # until detectors are laid out
        body = QWidget()
        in_column(self.form, STRETCH, on=body, spacing=-1)
        scroll = QScrollArea()
        scroll.setAccessibleName("Fields of the config")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        self._scroll = scroll
        self._refused: Row | None = None
        self._look = one_shot(
            self, self._show_refused
        )  # once the line under the row has got its place
        self.form.refused.connect(self._on_refused)
        self.head = self._make_head()
        in_column(self.head, (scroll, 1), on=self)
        self.setMinimumWidth(300)
        order = (self.presets, self.compare, self.menu_button, *self.form.focus_order())
        for one, other in pairwise(order):
            self.setTabOrder(one, other)

    def watches(self, state: State) -> object:
        """Return the config, what it is compared with, and what its hints speak of."""
        shown, selection = state.results.shown, state.selection
        return (
            state.config,
            state.preset,
            state.preset_name,
            state.options,
            state.exposures,
            state.sky_frames,
            state.removed,
            state.built_sets,
            state.chosen_sets,
            state.assigned,
            state.hand_masks,
            normalise_hint(state),
            selection.exposure,
            selection.sky_frame,
            None if shown is None else (shown.width, shown.height, shown.planes),
        )

    def subject(self, state: State) -> str:
        """Return how many fields are changed; the preset's name stands beside it."""
        changed = config_hints.differences(state.config, state.preset)
        return f"{len(changed)} changed" if changed else "none changed"

    def header_widgets(self) -> list[QWidget]:
        """Return presets, comparison and menu; they stand over the form without a title."""
        return [self.head]

    def show_state(self, state: State) -> None:
        """Paint the form."""
        palette = theme.palette_of(state)
        self._apply_theme(palette)
        self._show_presets(state)
        size, shown = config_hints.shown_size(state), state.results.shown
        planes = None if shown is None else shown.planes
        self.form.show_config(
            state.config,
            state.preset,
            {
                "background.xBinSize": config_hints.bins_hint(state.config, size),
                "xNumSamples": config_hints.boxes_hint(state.config, size),
                **config_hints.background_hints(state),
            },
            None if planes is None else tuple(planes),
        )
        self.form.note_section("background", config_hints.background_note(state))
        for name, combo in self.options.items():
            value, usual = getattr(state.options, name), getattr(Options(), name)
            combo.setCurrentText(value)
            self._option_rows[name].set_changed(value != usual, usual)
        self._option_rows["normalise"].show_hint(normalise_hint(state), always=True)
        camera = state.options.camera
        self.camera.show_camera(camera)
        self._option_rows["camera"].setVisible(state.options.normalise in OVER_PLANES)
        self._option_rows["camera"].set_changed(bool(camera), AS_TOLD)
        self._arrange()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Find the form for the room that there is."""
        super().resizeEvent(a0)
        self._arrange()

    def _on_camera(self, camera: str) -> None:
        """Take a camera for builds; a table that cannot be read is told and not taken."""
        from skyframe_gui.files.cameras import read_camera_table

        try:
            if camera:
                read_camera_table(camera)
        except SkyFrameError as error:
            report(self.commands.store, Problem(ORIGIN, str(error)))
            return
        clear_problem(self.commands.store, ORIGIN)
        self.commands.set_options(camera=camera)

    def _arrange(self) -> None:
        """Take the roomiest form that needs no scrolling, the lowest where all of them do."""
        two_columns = self.width() >= self.form.two_columns_width(short=True)
        short = two_columns and self.width() < self.form.two_columns_width(short=False)
        room = self.height() - (self.head.sizeHint().height() if self.head.parent() is self else 0)
        low, hints = False, True  # one column is scrolled in any case
        if two_columns:
            for low, hints in ((False, True), (True, True), (True, False)):
                if self.form.height_with(low, hints) <= room:
                    break
        self.form.set_form(two_columns, low, hints, short)

    def reset_all(self) -> None:
        """Go back to the preset in every field."""
        state = self.commands.store.state
        self.commands.set_config(state.preset, f"reset the config to {state.preset_name}")

    # What it is made of -----------------------------------------------------------------------

    def _make_head(self) -> QWidget:
        head = QWidget()
        self.presets = QuietCombo()
        self.presets.setAccessibleName("Preset")
        set_low(self.presets, True)
        self.presets.setToolTip("Preset: the values that changed fields are compared with")
        self.presets.activated.connect(self._on_preset)
        self.compare = QToolButton()
        self.compare.setText("A / B")
        self.compare.setAccessibleName("Compare A and B")
        self.compare.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.compare.setToolTip("Compare two configs (Alt+A and Alt+B pin what is set)")
        self.compare.clicked.connect(lambda: self.compare_wanted.emit())
        self.menu_button = QToolButton()
        self.menu_button.setAccessibleName("Config menu")
        self.menu_button.setToolTip("Import, export and reset the config")
        for button in (self.compare, self.menu_button):
            button.setProperty("flat", True)
            button.setIconSize(QSize(16, 16))
            button.setFixedHeight(LOW)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        for text, act, tip in (
            ("Import override file…", self.exchange.ask_import, "Also YAML; read, never run"),
            ("Paste overrides…", self.exchange.ask_paste, "Override lines or YAML"),
            ("", None, ""),
            (
                "Export as override file…",
                self.exchange.ask_export,
                "Changed fields or all; also YAML",
            ),
            ("Copy as -c arguments", self.exchange.copy_arguments, "For pipetask; changed fields"),
            ("Copy as YAML", self.exchange.copy_yaml, "All fields"),
            ("", None, ""),
            ("Reset all", self.reset_all, "Back to the preset"),
        ):
            if act is None:
                self.menu.addSeparator()
                continue
            action = self.menu.addAction(text)
            assert action is not None  # the menu has just made it
            action.setToolTip(tip)
            action.triggered.connect(lambda _=False, act=act: act())
        self.menu_button.clicked.connect(self._open_menu)
        in_row(
            (self.presets, 1),
            self.compare,
            self.menu_button,
            on=head,
            margins=(LABEL_AT, 2, 6, 2),
            spacing=6,
        )
        return head

    def _on_refused(self, row: Row) -> None:
        self._refused = row
        self._look.start(0)

    def _show_refused(self) -> None:
        if self._refused is not None:
            self._scroll.ensureWidgetVisible(self._refused, 0, 4)

    def _open_menu(self) -> None:
        corner = self.menu_button.rect().bottomRight()
        width = self.menu.sizeHint().width()
        self.menu.popup(self.menu_button.mapToGlobal(corner) - QPoint(width, -2))

    def _add_option(
        self,
        name: str,
        choices: Sequence[StrEnum],
        change: Callable[[str], OptionsChanges],
        tip: str,
    ) -> None:
        label = name.replace("_", " ")
        combo = QuietCombo()
        combo.addItems([str(choice) for choice in choices])
        combo.setAccessibleName(label)
        combo.setToolTip(tip)
        combo.textActivated.connect(lambda text: self.commands.set_options(**change(text)))
        row = Row(label, [combo], tip)
        row.reset.clicked.connect(
            lambda: self.commands.set_options(**change(getattr(Options(), name)))
        )
        self.options[name] = combo
        self._option_rows[name] = row
        self.form.add_row(row)

    def _apply_theme(self, palette: theme.Palette) -> None:
        self.form.apply_theme(palette)
        for row in self._option_rows.values():
            row.apply_theme(palette)
        self.compare.setIcon(theme.icon("compare", palette.text2, palette.text3))
        self.menu_button.setIcon(theme.icon("dots-horizontal", palette.text2))

    def prepare(self) -> Iterator[None]:
        """Read the presets: until then the box holds the one that is in use."""
        from skyframe_gui.files.config.presets import presets

        self.presets.clear()
        for at, preset in enumerate(presets()):
            self._presets[preset.title] = preset.config
            self.presets.addItem(preset.title, preset.title)
            self.presets.setItemData(at, preset.description, Qt.ItemDataRole.ToolTipRole)
        self._show_presets(self.commands.store.state)
        yield
        from skyframe_gui.files.cameras import camera_names

        self.camera.offer(camera_names())
        yield

    def _show_presets(self, state: State) -> None:
        index = self.presets.findData(state.preset_name)
        if index < 0:  # of a session file, or no longer shipped
            self.presets.addItem(state.preset_name, state.preset_name)
            self._presets[state.preset_name] = state.preset
            index = self.presets.count() - 1
        self.presets.setCurrentIndex(index)

    def _on_preset(self, index: int) -> None:
        name = self.presets.itemData(index)
        self.commands.set_preset(name, self._presets[name])
