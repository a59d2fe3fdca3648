"""The image panes: 1, 2, 4 or 6 of them, arranged so that images are largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer

from skyframe_gui.app.model.missing import what_opens
from skyframe_gui.app.model.queries import engine_is_prepared, on_disk_of
from skyframe_gui.app.model.remembered import same
from skyframe_gui.app.model.requests import fit_is_stale
from skyframe_gui.ui.data.empty import EmptyHint
from skyframe_gui.ui.images.content import Content, content_of
from skyframe_gui.ui.images.film_bar import FilmBar
from skyframe_gui.ui.images.geometry import GAP, best_shape, pane_size
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.theme import palette_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.images.pane import Pane
    from skyframe_gui.ui.images.sample_boxes import Boxes

PREPARING = (
    "Preparing the engine",
    "Only at the first start, for up to a minute; the images appear by themselves.",
)


class ImagesPanel(Panel):
    """The centre of the window."""

    id = "images"
    title = "Images"
    area = "centre"
    order = 1
    shows_results = True

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.panes: list[Pane] = []
        self.empty = EmptyHint("image-outline", "", "")
        self.empty.setParent(self)
        self._image = (1, 1)
        self._chosen: tuple[int, int] | None = None
        self._contents_of: tuple[object, ...] = ()
        self._contents: dict[Layer, Content | None] = {}
        self._boxes_of: tuple[object, ...] = ()
        self._boxes: Boxes | None = None
        self.film = FilmBar(commands, self)
        self._blink = QTimer(self)
        self._blink.timeout.connect(self._swap)

    def watches(self, state: State) -> object:
        """Return what is painted: nearly everything that is looked at, and one job."""
        return (
            state.results,
            state.view,
            state.looks,
            state.selection,
            state.excluded_samples,
            state.config,
            state.correction,
            state.options,
            state.exposures,
            state.sky_frames,
            state.removed,
            state.built_sets,
            state.chosen_sets,
            state.assigned,
            state.hand_masks,
            state.excluded_exposures,
            state.problems,
            on_disk_of(state),
            engine_is_prepared(state),
            what_opens(state),
        )

    def show_state(self, state: State) -> None:
        """Paint the state."""
        view = state.view
        shown = state.results.shown
        if shown is not None:
            self._image = (shown.width, shown.height)
        self._chosen = view.pane_shape
        self._make_panes(0 if shown is None else len(view.panes))
        self._link(view.linked)
        if shown is None:
            self.empty.say(*(PREPARING if engine_is_prepared(state) else what_opens(state)))
            self.empty.apply_theme(palette_of(state))
        self._make_contents(state)
        for pane, layer in zip(self.panes, view.panes, strict=False):
            pane.show_content(state, self._contents[layer], self._boxes)
        if view.active < len(self.panes):
            self.setFocusProxy(self.panes[view.active].canvas)
        self.film.show_state(state)
        interval = round(1e3 * view.film_seconds)
        if interval != self._blink.interval():
            self._blink.setInterval(interval)
        if view.blinking and not self._blink.isActive():
            self._blink.start()
        elif not view.blinking and self._blink.isActive():
            self._blink.stop()

    def follow(self, pointed: Pointed) -> None:
        """Move the crosshair, and light up the box under the mouse."""
        for pane in self.panes:
            if not pane.isHidden():
                pane.canvas.follow(pointed)

    def subject(self, state: State) -> str:
        """Return the shown exposure's name."""
        shown = state.results.shown
        return "" if shown is None or shown.exposure is None else shown.exposure.name

    def _make_contents(self, state: State) -> None:
        """Work out what the panes show, unless only the selection has changed."""
        selection, stale = state.selection, fit_is_stale(state)
        depends = (
            state.results,
            state.view,
            state.looks,
            state.config,
            state.exposures,
            state.sky_frames,
            state.excluded_exposures,
            state.problems,
            selection.exposure,
            selection.sky_frame,
            selection.marked,
            on_disk_of(state),
            state.assigned,
            state.removed,
            stale,
        )
        if not same(depends, self._contents_of):
            self._contents_of = depends
            self._contents = {
                layer: content_of(state, layer, stale) for layer in set(state.view.panes)
            }
        shown, fit = state.results.shown, state.results.fit
        boxes_of_what = (shown, fit, selection.step, state.excluded_samples)
        if not same(boxes_of_what, self._boxes_of):
            self._boxes_of = boxes_of_what
            self._boxes = None
            if fit is not None:
                from skyframe_gui.ui.images.sample_boxes import boxes_of

                self._boxes = boxes_of(state)

    @property
    def shape(self) -> tuple[int, int]:
        """How the panes are arranged: (columns, rows)."""
        n = sum(not pane.isHidden() for pane in self.panes)
        return best_shape(n, (self.width(), self.height()), self._image, self._chosen)

    @property
    def canvas(self) -> Canvas | None:
        """The image of the active pane; None without one."""
        state = self.commands.store.state
        if state.results.shown is None or state.view.active >= len(self.panes):
            return None
        return self.panes[state.view.active].canvas

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Arrange the panes in another room."""
        super().resizeEvent(event)
        self._arrange()
        self.film.place()

    def prepare(self) -> Iterator[None]:
        """Make the panes that a first exposure will need."""
        while len(self.panes) < len(self.commands.store.state.view.panes):
            self._make_pane()
            yield

    def _make_pane(self) -> None:
        from skyframe_gui.ui.images.pane import Pane

        pane = Pane(self.commands, len(self.panes))
        pane.setParent(self)
        pane.hide()
        self.film.raise_()
        self.panes.append(pane)

    def _make_panes(self, n: int) -> None:
        """Show so many panes. They are made when they are first needed: the library comes late."""
        while len(self.panes) < n:
            self._make_pane()
        for index, pane in enumerate(self.panes):
            pane.setVisible(index < n)
        self.empty.setVisible(n == 0)
        self._arrange()

    def _arrange(self) -> None:
        self.empty.setGeometry(self.rect())
        columns, rows = self.shape
        width, height = pane_size((columns, rows), (self.width(), self.height()))
        for index, pane in enumerate(self.panes):
            if not pane.isHidden():
                place = index % columns * (width + GAP), index // columns * (height + GAP)
                pane.setGeometry(*place, width, height)

    def _link(self, linked: bool) -> None:
        """Have the library move all panes as one, or none with another."""
        for pane in self.panes[1:]:
            first = self.panes[0].canvas.view
            pane.canvas.view.follow(first if linked and not pane.isHidden() else None)

    def _swap(self) -> None:
        view = self.commands.store.state.view
        if view.blinking and view.workspace == "visit":
            self.commands.view(before=not view.before)
        else:  # it was switched off where this panel is not painted
            self._blink.stop()
