"""What both panels of Night have in common: the visits, or what to do to get some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import open_exposure, open_exposures, shown_detector, visit_of
from skyframe_gui.ui import theme
from skyframe_gui.ui.note_page import NotePagePanel

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.night_view import VisitRow
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.theme import Palette

EMPTY = (
    "table",
    "No visits yet",
    "Open a night of exposures (Ctrl+Shift+O for a folder), and sky frames to fit them to: every "
    "visit gets a row.",
)


class NightPanel(NotePagePanel):
    """A panel with a page that is shown while there are visits, and else a note."""

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands, EMPTY)
        self._rows: tuple[VisitRow, ...] = ()

    def watches(self, state: State) -> object:
        """Return the visits, and which one is shown."""
        return state.results.night, state.selection.exposure, bool(open_exposures(state))

    def show_state(self, state: State) -> None:
        """Paint the visits, or say why there are none."""
        palette = theme.palette_of(state)
        night = state.results.night
        self._rows = () if night is None or not open_exposures(state) else night.rows
        if not self._rows:
            self.show_note(EMPTY, palette)
            return
        self.show_page()
        selected = visit_of(state, state.selection.exposure)
        self.paint_rows(self._rows, selected, palette)

    def paint_rows(self, rows: tuple[VisitRow, ...], selected: str, palette: Palette) -> None:
        """Paint visits."""
        raise NotImplementedError

    def choose(self, visit: str) -> None:
        """Show a visit everywhere: the detector that is looked at, where it has it."""
        key = self._key_of(visit)
        if key:
            self.commands.select_exposure(key)

    def open_visit(self, visit: str) -> None:
        """Go into a visit."""
        key = self._key_of(visit)
        if key:
            self.commands.open_in_visit(key)

    def _key_of(self, visit: str) -> str:
        state = self.commands.store.state
        keys = next((row.keys for row in self._rows if row.visit == visit), ())
        items = [item for item in (open_exposure(state, key) for key in keys) if item is not None]
        detector = shown_detector(state)
        same = [item.key for item in items if item.source.detector == detector]
        return next(iter([*same, *(item.key for item in items)]), "")
