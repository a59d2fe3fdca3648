"""The fit of each detector alone, as numbers on the focal plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.numbers import SIGMA
from skyframe_gui.ui.camera.camera_panel import CameraPanel
from skyframe_gui.ui.camera.number_cells import cells_of
from skyframe_gui.ui.camera.numbers_view import NumbersView
from skyframe_gui.ui.camera.rows import no_fit_note, plane_of
from skyframe_gui.ui.samples.controls import Segments, control_bar
from skyframe_gui.ui.widgets import ElidedLabel

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import OwnNumber, View
    from skyframe_gui.ui.camera.rows import Plane
    from skyframe_gui.ui.theme import Palette

CHOICES = (
    ("scale", "scale", "Its own scale against the visit's"),
    ("sigma", SIGMA, "How its samples scatter about its own line"),
    ("rejected", "rejected", "How many of its samples the visit's fit rejected"),
    ("intercept", "intercept", "The intercept of its own line with an offset"),
)
FRAMES = (
    f"Colours are in {SIGMA} of each detector's own fit. Framed is a scale that is more than 4 "
    f"{SIGMA} from the visit's and stands out of the others, or of its neighbours, as much by how "
    "these scatter; and a detector that a warning names."
)
NAMES: dict[str, OwnNumber] = {
    "scale": "scale",
    "sigma": "sigma",
    "rejected": "rejected",
    "intercept": "intercept",
}


class DetectorNumbersPanel(CameraPanel):
    """The numbers, and the choice of them."""

    id = "detector-numbers"
    title = "Each detector alone"
    area = "right"
    order = 20

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.kinds = Segments(CHOICES)
        self.kinds.chosen.connect(self._choose)
        self.words = ElidedLabel("text2", 11, right=True)
        self.body.addWidget(control_bar(self.kinds, (self.words, 1)))
        self.view = NumbersView()
        self.view.chosen.connect(self.commands.select_exposure)
        self.view.opened.connect(self.commands.open_in_visit)
        self.body.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        self.show_choices(commands.store.state.view)

    def watches(self, state: State) -> object:
        """Return the fits, and which number of them is shown."""
        # While another fit is made the note's words change, and what stands in its place does not.
        note = self.note_for(state, plane_of(state))
        return super().watches(state), note, state.view.own_number

    def subject(self, state: State) -> str:
        """Return what is compared."""
        return "own fit against the visit's"

    def note_for(self, state: State, plane: Plane | None) -> tuple[str, str, str] | None:
        """Say what to do where there is no fit."""
        return None if plane is not None and plane.view.own is not None else no_fit_note(state)

    def show_choices(self, view: View) -> None:
        """Switch the number on."""
        self.kinds.check(view.own_number)

    def paint_plane(self, plane: Plane, state: State, palette: Palette) -> None:
        """Paint the numbers."""
        cells = cells_of(plane, state.view.own_number)
        self.words.setText(cells.words)
        self.words.setToolTip(f"{cells.words[:1].upper()}{cells.words[1:]}. {FRAMES}")
        self.view.show_cells(plane, cells, state.selection.exposure, palette)

    def copied_text(self) -> str:
        """Return all numbers as a table."""
        if self._walked is None:
            return ""
        plane = self._walked[0]
        kinds = [cells_of(plane, kind).texts for kind in NAMES.values()]
        lines = ["\t".join(("detector", *NAMES))]
        lines += [
            "\t".join((row.name, *texts))
            for row, *texts in zip(plane.rows, *kinds, strict=True)
            if row.fitted >= 0
        ]
        return "\n".join(lines)

    def _choose(self, name: str) -> None:
        self.commands.view(own_number=NAMES[name])
