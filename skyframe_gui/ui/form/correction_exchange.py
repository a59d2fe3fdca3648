"""Presets, camera and files of the sky correction's config: its menu, and what that does."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import IN_PIXELS_OF, SkyCorrectionConfig
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.ui.form.exchange import FILTER
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import menu_switch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.files.cameras import CameraTable
    from skyframe_gui.files.config.correction import CorrectionChanges

ORIGIN = "correction config"
TABLES = "Tables (*.json *.csv)"
USUAL = "HSC"
"""The camera whose preset is shown where the exposures' own has none."""


def _sizes(first: float, second: float) -> SkyCorrectionConfig:
    """Return LSST's defaults with superpixels of these sizes."""
    sizes = {"bgModel1": first, "bgModel2": second}
    return SkyCorrectionConfig.model_validate(
        {part: {"xSize": size, "ySize": size} for part, size in sizes.items()}
    )


PLACEHOLDER = _sizes(1.0, 1.0)
"""What is shown until the presets are read."""
IN_PIXELS = _sizes(*IN_PIXELS_OF.values())
"""What a camera without a table has, which the headers of its exposures lay out."""


class _Base(NamedTuple):
    """What the config is compared with.

    Attributes
    ----------
    config : SkyCorrectionConfig
    words : str
        Whose it is.
    is_own : bool
        Whether a run has it where nobody has set anything: it is not only shown.
    """

    config: SkyCorrectionConfig
    words: str
    is_own: bool = True


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
        self._tables: dict[str, CameraTable | None] = {}

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

    def preset(self, state: State) -> SkyCorrectionConfig:
        """Return what the config is compared with."""
        return self._base(state).config

    def preset_words(self, state: State) -> str:
        """Return of which camera the preset is; "" until presets are read."""
        return self._base(state).words

    def why_no_preset(self, state: State) -> str:
        """Return why the shown visit's camera has no preset, where nothing else is set either."""
        if state.correction.config is not None or self._base(state).is_own:
            return ""
        table = self._table(state)
        why = self._without.get(self._shown_camera(state), "")
        if table is not None:
            name = Path(state.correction.camera).name
            why = table.about_correction or f"{name} sets no sizes for the sky correction."
        return f"{why} Change a size below, or take a preset from the menu."

    def config(self, state: State) -> SkyCorrectionConfig:
        """Return the config of the whole task, the sky measurement of the panel Config included."""
        from skyframe_gui.app.work.correct_visit import changes_of

        base, wanted = self._base(state).config, state.correction
        config = wanted.config or base
        if wanted.config is not None and wanted.base not in (None, base):
            with suppress(SkyFrameError):  # what was set does not go with this camera's: told later
                config = _over(base, changes_of(wanted, state.config).values)
        return config.model_copy(update={"sky": state.config})

    def set_config(self, label: str, config: SkyCorrectionConfig) -> None:
        """Set the config of the whole task, as it is to be for the shown visit."""
        state = self._commands.store.state
        base = self._base(state)
        counts = base.is_own and not state.correction.preset
        self._commands.set_correction(label, config=config, base=base.config if counts else None)

    def _base(self, state: State) -> _Base:
        if state.correction.preset in self._configs:
            name = state.correction.preset
            return _Base(self._configs[name], f"{name}'s preset")
        if not self._configs:
            return _Base(PLACEHOLDER, "")
        members = request_of(state).members
        table, name = self._table(state), self._shown_camera(state)
        if table is not None:
            name = Path(state.correction.camera).name
            own = self._of_table(table)
        elif name or not members:
            own = self._configs.get(name or USUAL)
        else:
            of = members[0].source.instrument or "the camera"
            return _Base(IN_PIXELS, f"LSST's sizes in pixels, as {of} has no preset")
        if own is None:
            return _Base(self._configs[USUAL], f"{USUAL}'s preset, as {name} has none", False)
        return _Base(own, f"{name or USUAL}'s preset")

    def _of_table(self, table: CameraTable) -> SkyCorrectionConfig | None:
        """Return what a table sets; None where it does not set enough."""
        from skyframe_gui.files.config.correction import CorrectionChanges

        try:
            return CorrectionChanges().over(table.configs)
        except SkyFrameError:
            return None

    def _table(self, state: State) -> CameraTable | None:
        """Return the table that a person gave; None for none, and for one that cannot be read."""
        from skyframe_gui.files.cameras import read_camera_table

        path = state.correction.camera
        if path and path not in self._tables:
            self._tables[path] = None  # said when it is chosen, and when it is used
            with suppress(SkyFrameError):
                self._tables[path] = read_camera_table(path)
        return self._tables.get(path)

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
        table.setToolTip(
            plain_tip(by) or "A table like those of the program, FILE.json or FILE.csv"
        )
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
            f"use the sky correction of {name or 'the camera'}",
            config=config,
            preset=name,
            base=None,
        )

    def _lay_out(self, camera: str) -> None:
        from skyframe_gui.files.cameras import read_camera_table

        try:
            if camera:
                self._tables[camera] = read_camera_table(camera)
        except SkyFrameError as error:
            report(self._commands.store, Problem(ORIGIN, str(error)))
            return
        clear_problem(self._commands.store, ORIGIN)
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
        from skyframe_gui.files.config.correction import read_correction

        store = self._commands.store
        try:
            changes = read_correction(path)
            config = self._imported(store.state, changes)
        except SkyFrameError as error:
            report(store, Problem(ORIGIN, str(error)))
            return
        clear_problem(store, ORIGIN)
        with store.batch():
            self.set_config("import a sky correction", config)
            if any(name.startswith("sky.") for name in changes.values):
                self._commands.set_config(config.sky, "import a sky correction")
        if changes.notes:
            report(store, Problem(ORIGIN, " ".join(changes.notes)))

    def _imported(self, state: State, changes: CorrectionChanges) -> SkyCorrectionConfig:
        """Return the config with what a file changes in it.

        Where the camera has no preset, and the file has the sizes that it lacks, all else is as the
        command has it: nothing is taken from the preset that is only shown.
        """
        if state.correction.config is None and not self._base(state).is_own:
            table = self._table(state)
            with suppress(SkyFrameError):
                return changes.over({} if table is None else table.configs)
        return _over(self.config(state), changes.values)

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


def _over(config: SkyCorrectionConfig, values: Mapping[str, Any]) -> SkyCorrectionConfig:
    from skyframe_gui.engine.config import field_values
    from skyframe_gui.files.config.correction import CorrectionChanges

    return CorrectionChanges({**field_values(config), **values}).over({})
