"""Lines over an image as pictures of their own, kept while only the pixels below change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage, QPainter

from skyframe_gui.ui.images import boxes as marked
from skyframe_gui.ui.images import overlays

if TYPE_CHECKING:
    from skyframe_gui.app.state import State
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.marks import Boxes

RING_SELECTED = -1.0
"""Pixels outside of the box."""


class Drawn:
    """A picture that is drawn again only when what it depends on has changed."""

    def __init__(self) -> None:
        self._key: object = None
        self._of: Content | None = None
        self._image: QImage | None = None

    def image(
        self,
        state: State,
        content: Content,
        boxes: Boxes | None,
        viewport: Viewport,
        scale: float,
    ) -> QImage | None:
        """Return the picture, in device pixels; None for nothing."""
        key = self.key(state, content, boxes)
        if key is None:
            return None
        key = (key, id(content.shown), viewport, scale)
        if self._key != key:
            # Kept with what it was drawn of, so that no other object gets the same identity.
            self._key, self._of = key, content
            size = QSize(round(viewport.width * scale), round(viewport.height * scale))
            self._image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            self._image.setDevicePixelRatio(scale)
            self._image.fill(0)
            painter = QPainter(self._image)
            self.draw(painter, state, content, boxes, viewport)
            painter.end()
        return self._image

    def key(self, state: State, content: Content, boxes: Boxes | None) -> object:
        """Return what the picture depends on, besides the place; None for no picture."""
        raise NotImplementedError

    def draw(
        self,
        painter: QPainter,
        state: State,
        content: Content,
        boxes: Boxes | None,
        viewport: Viewport,
    ) -> None:
        """Draw it."""
        raise NotImplementedError


class EdgeLayer(Drawn):
    """Bin edges; on the bins themselves the hatching of those that were filled."""

    def key(self, state: State, content: Content, boxes: Boxes | None) -> object:
        """Return what the picture depends on."""
        if content.grid is None or not (state.view.edges or content.layer == "grid"):
            return None
        return id(content.grid), content.layer, state.view.theme

    def draw(
        self,
        painter: QPainter,
        state: State,
        content: Content,
        boxes: Boxes | None,
        viewport: Viewport,
    ) -> None:
        """Draw it."""
        if content.layer == "grid":
            overlays.draw_filled(painter, content, viewport)
        else:
            dark = content.layer != "subtracted" or state.view.theme == "dark"
            overlays.draw_edges(painter, content, viewport, dark)


class BoxLayer(Drawn):
    """The samples' boxes by class, on the exposure and on what is left of it."""

    def key(self, state: State, content: Content, boxes: Boxes | None) -> object:
        """Return what the picture depends on."""
        view = state.view
        if not view.boxes or boxes is None or content.layer not in ("exposure", "subtracted"):
            return None
        return boxes.looks, self._with_used(state, content)

    def draw(
        self,
        painter: QPainter,
        state: State,
        content: Content,
        boxes: Boxes | None,
        viewport: Viewport,
    ) -> None:
        """Draw it."""
        if boxes is not None:
            marked.draw_boxes(painter, boxes, viewport, self._with_used(state, content))

    @staticmethod
    def _with_used(state: State, content: Content) -> bool:
        """Whether used ones are drawn: over the residual they would only hide it."""
        return content.layer == "exposure" or "exposure" not in state.view.panes


class RingLayer(Drawn):
    """Rings around the selected samples of the shown exposure."""

    def key(self, state: State, content: Content, boxes: Boxes | None) -> object:
        """Return what the picture depends on."""
        chosen = state.selection.samples
        return (chosen, content.shown.key) if state.view.boxes and chosen else None

    def draw(
        self,
        painter: QPainter,
        state: State,
        content: Content,
        boxes: Boxes | None,
        viewport: Viewport,
    ) -> None:
        """Draw it."""
        chosen = state.selection.samples
        marked.draw_rings(painter, chosen, content.shown.key, viewport, RING_SELECTED)
