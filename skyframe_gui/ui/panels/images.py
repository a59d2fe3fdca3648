"""The image panes: exposure, bin grid, sky model and subtracted, 1, 2 or 4 of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QGridLayout

from skyframe_gui.app.derived import engine_is_prepared
from skyframe_gui.ui.data.empty import EmptyHint
from skyframe_gui.ui.images.content import Content, Staleness, content_of
from skyframe_gui.ui.images.pane import Pane
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.theme import palette_of

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.state import Layer, State
    from skyframe_gui.ui.images.marks import Boxes

BLINK_MS = 500
PLACES: dict[int, tuple[tuple[int, int], ...]] = {
    0: (),
    1: ((0, 0),),
    2: ((0, 0), (0, 1)),
    4: ((0, 0), (0, 1), (1, 0), (1, 1)),
}
NOTHING = (
    "Nothing to show yet",
    "Choose an exposure or a sky frame in the Data panel; a large file takes a moment.",
)
PREPARING = (
    "Preparing the engine",
    "Only at the first start, for up to a minute; the images appear by themselves.",
)
GAP = 4
"""Between panes."""


class ImagesPanel(Panel):
    """The centre of the window."""

    id = "images"
    title = "Images"
    area = "centre"
    order = 1

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.panes = [Pane(commands, index) for index in range(4)]
        self.empty = EmptyHint("image-outline", *NOTHING)
        self._grid.addWidget(self.empty, 0, 0, 2, 2)
        self._laid_out = -1
        self._staleness = Staleness()
        self._contents_of: tuple[object, ...] = ()
        self._contents: dict[Layer, Content | None] = {}
        self._boxes_of: tuple[object, ...] = ()
        self._boxes: Boxes | None = None
        self._blink = QTimer(self)
        self._blink.setInterval(BLINK_MS)
        self._blink.timeout.connect(self._swap)
        self._lay_out(0)

    def watches(self, state: State) -> object:
        """Return what is painted: nearly everything that is looked at, and one job."""
        return (
            state.results,
            state.view,
            state.selection,
            state.cursor,
            state.by_hand,
            state.config,
            state.options,
            state.exposures,
            state.sky_frames,
            state.closed,
            state.assigned,
            state.left_out,
            state.problems,
            engine_is_prepared(state),
        )

    def show_state(self, state: State) -> None:
        """Paint the state."""
        view = state.view
        shown = state.results.shown
        self._lay_out(0 if shown is None else len(view.panes))
        if shown is None:
            self.empty.say(*(PREPARING if engine_is_prepared(state) else NOTHING))
            self.empty.dress(palette_of(state))
        self._make_contents(state)
        for pane, layer in zip(self.panes, view.panes, strict=False):
            pane.show_content(state, self._contents[layer], self._boxes)
        if view.blinking and not self._blink.isActive():
            self._blink.start()
        elif not view.blinking and self._blink.isActive():
            self._blink.stop()

    def subject(self, state: State) -> str:
        """Return the shown exposure's name."""
        shown = state.results.shown
        return "" if shown is None or shown.exposure is None else shown.exposure.name

    def _make_contents(self, state: State) -> None:
        """Work out what the panes show, unless only the cursor or the selection has moved."""
        selection = state.selection
        depends = (
            state.results,
            state.view,
            state.exposures,
            state.sky_frames,
            state.left_out,
            state.problems,
            selection.exposure,
            selection.sky_frame,
            self._staleness.of(state),
        )
        if not _same(depends, self._contents_of):
            self._contents_of = depends
            stale = self._staleness.of(state)
            self._contents = {
                layer: content_of(state, layer, stale) for layer in set(state.view.panes)
            }
        shown, fit = state.results.shown, state.results.fit
        boxes_of_what = (shown, fit, selection.step, state.by_hand)
        if not _same(boxes_of_what, self._boxes_of):
            self._boxes_of = boxes_of_what
            self._boxes = None
            if shown is not None and fit is not None:
                from skyframe_gui.ui.images.marks import boxes_of

                self._boxes = boxes_of(state)

    def _lay_out(self, n: int) -> None:
        if n == self._laid_out or n not in PLACES:
            return
        self._laid_out = n
        for pane in self.panes:
            self._grid.removeWidget(pane)
        for index, pane in enumerate(self.panes):
            if index < n:
                self._grid.addWidget(pane, *PLACES[n][index])
            pane.setVisible(index < n)
        self.empty.setVisible(n == 0)
        for line in (0, 1):
            self._grid.setColumnStretch(line, int(line == 0 or n > 1))
            self._grid.setRowStretch(line, int(line == 0 or n > 2))

    def _swap(self) -> None:
        self.commands.view(before=not self.commands.session.state.view.before)


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
