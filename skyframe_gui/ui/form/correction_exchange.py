"""Presets, camera and files of the sky correction's config: its menu, and what that does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from skyframe_gui.app.model.problems import report
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.ui.form.exchange import FILTER
from skyframe_gui.ui.widgets import menu_switch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State

ORIGIN = "correction config"
TABLES = "Tables (*.json *.csv)"
_ANY = FocalPlaneBackgroundConfig(xSize=1.0, ySize=1.0)
PLACEHOLDER = SkyCorrectionConfig(bgModel1=_ANY, bgModel2=_ANY)
"""What is shown until the presets are read."""
USUAL = "HSC"
"""The camera whose preset is shown where the exposures' own has none."""


class CorrectionExchange:
    """How configs of the sky correction come in and go out.

    Parameters
    ----------
    parent : QWidget
        Over which dialogs open.
    commands : Commands
    """

    def __init__(self, parent: QWidget, commands: Commands) -> None:
        self._parent = parent
        self._commands = commands
        self._configs: dict[str, SkyCorrectionConfig] = {}
        self._sources: dict[str, str] = {}
        self._without: dict[str, str] = {}
        """Why a camera of the program's tables has no preset."""

    def prepare(self) -> Iterator[None]:
        """Read the cameras' presets."""
        from skyframe_gui.files.cameras import camera_names, read_camera_table
        from skyframe_gui.files.config.correction import CorrectionChanges

        for name in camera_names():
            table = read_camera_table(name)
            try:
                self._configs[name] = CorrectionChanges().over(table.configs, name)
            except SkyFrameError:  # its pipeline sets nothing
                self._without[name] = table.about_correction
                continue
            told = (*table.sources.values(), table.about_correction)
            self._sources[name] = "\n".join(filter(None, dict.fromkeys(told)))
            yield

    # What is set ------------------------------------------------------------------------------

    def camera(self, state: State) -> str:
        """Return the camera of the shown visit, as far as there is a preset of it."""
        name = self._shown_camera(state)
        return name if name in self._configs else ""

    def preset(self, state: State) -> SkyCorrectionConfig:
        """Return what the config is compared with."""
        name = state.correction.preset or self.camera(state) or USUAL
        return self._configs.get(name, PLACEHOLDER)

    def preset_words(self, state: State) -> str:
        """Return of which camera the preset is; "" until presets are read."""
        name = state.correction.preset or self.camera(state) or USUAL
        if not self._configs:
            return ""
        of = self._shown_camera(state)
        none = of and of not in self._configs and not state.correction.preset
        return f"{USUAL}'s preset, as {of} has none" if none else f"{name}'s preset"

    def why_no_preset(self, state: State) -> str:
        """Return why the shown visit's camera has no preset, where nothing else is set either."""
        why = self._without.get(self._shown_camera(state), "")
        if not why or state.correction.config is not None:
            return ""
        return f"{why} Change a size below, or take a preset from the menu."

    def config(self, state: State) -> SkyCorrectionConfig:
        """Return the config of the whole task, the sky measurement of the panel Config included."""
        config = state.correction.config or self.preset(state)
        return config.model_copy(update={"sky": state.config})

    def _shown_camera(self, state: State) -> str:
        if not self._configs:
            return ""
        from skyframe_gui.files.cameras import known_camera

        members = request_of(state).members
        return known_camera(members[0].source.instrument) if members else ""

    # The menu ---------------------------------------------------------------------------------

    def make_menu(self) -> QMenu:
        """Return the menu as it is now: presets, camera, import and export."""
        menu = QMenu(self._parent)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        state = self._commands.store.state
        own = menu_switch(menu, "Preset of the exposures' camera", state.correction.config is None)
        own.triggered.connect(lambda: self._take_preset(""))
        for name, source in self._sources.items():
            preset = menu_switch(menu, f"Preset of {name}", state.correction.preset == name)
            preset.setToolTip(source)
            preset.triggered.connect(partial(self._take_preset, name))
        for name, why in self._without.items():
            none = menu_switch(menu, f"No preset of {name}")
            none.setToolTip(why)
            none.setEnabled(False)
        menu.addSeparator()
        by = state.correction.camera
        told = menu_switch(menu, "Detectors as the files tell", not by)
        told.triggered.connect(lambda: self._lay_out(""))
        table = menu_switch(menu, "Detectors by a camera table…", bool(by))
        table.setToolTip(by or "A table like those of the program, FILE.json or FILE.csv")
        table.triggered.connect(self.ask_table)
        menu.addSeparator()
        for text, act in (
            ("Import override file…", self.ask_import),
            ("Export as override file…", self.ask_export),
        ):
            action = menu.addAction(text)
            assert action is not None  # the menu has just made it
            action.triggered.connect(lambda _=False, act=act: act())
        return menu

    def _take_preset(self, name: str, _: bool = False) -> None:
        config = self._configs[name] if name else None
        self._commands.set_correction(
            f"use the sky correction of {name or 'the camera'}", config=config, preset=name
        )

    def _lay_out(self, camera: str) -> None:
        self._commands.set_correction("change the camera", camera=camera)

    def ask_table(self) -> QFileDialog:
        """Ask for a table of a camera."""
        return self._asked("Camera table", TABLES, self._lay_out)

    def ask_import(self) -> QFileDialog:
        """Ask for a config of the whole task."""
        return self._asked("Import a sky correction", FILTER, self.import_file)

    def ask_export(self) -> QFileDialog:
        """Ask where to write the config of the whole task."""
        return ask_export(
            self._parent,
            "Export the sky correction",
            self._commands.folders,
            FILTER,
            "sky-correction.py",
            self.export_file,
        )

    def _asked(self, title: str, kinds: str, chosen: Callable[[str], None]) -> QFileDialog:
        dialog = QFileDialog(self._parent, title, "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    # Files ------------------------------------------------------------------------------------

    def import_file(self, path: str) -> None:
        """Take the config of a file: its sky measurement goes to the panel Config."""
        from skyframe_gui.engine.config import field_values
        from skyframe_gui.files.config.correction import CorrectionChanges, read_correction

        store = self._commands.store
        try:
            changes = read_correction(path)
            known = field_values(self.config(store.state))
            config = CorrectionChanges({**known, **changes.values}).over({})
        except SkyFrameError as error:
            report(store, Problem(ORIGIN, str(error)))
            return
        with store.batch():
            self._commands.set_correction("import a sky correction", config=config)
            if any(name.startswith("sky.") for name in changes.values):
                self._commands.set_config(config.sky, "import a sky correction")
        if changes.notes:
            report(store, Problem(ORIGIN, " ".join(changes.notes)))

    def export_file(self, path: str, overwrite: bool) -> None:
        """Write the config of the whole task as an override file, or as YAML by its name."""
        from skyframe_gui.files.atomic import write_text
        from skyframe_gui.files.config.write import as_overrides, as_yaml

        store = self._commands.store
        config = self.config(store.state)
        yaml = path.lower().endswith((".yaml", ".yml"))
        text = as_yaml(config) if yaml else as_overrides(config)
        try:
            write_text(path, text, overwrite=overwrite)
        except SkyFrameError as error:
            report(store, Problem(ORIGIN, str(error)))
