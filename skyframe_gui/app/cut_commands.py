"""What a person can do with the cut and the region that are drawn over the panes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.cuts import WIDEST, Cut, Region, size_of, turned

if TYPE_CHECKING:
    from typing import Unpack

    from skyframe_gui.app.model.cuts import CutKind, RegionShape, Tool
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import ViewChanges

LEAST_STEP = 1.0


class CutCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def use(self, tool: Tool) -> None:
        """Let a drag over a pane draw a cut, a box or a circle; "" lets it move the image again."""
        self._view(tool=tool)

    def set_cut(self, cut: Cut | None) -> None:
        """Put the cut elsewhere, or take it away; one without a length is no cut."""
        if cut is None or cut.kind != "cut" or (cut.x0, cut.y0) != (cut.x1, cut.y1):
            self._view(cut=cut)

    def set_region(self, region: Region | None) -> None:
        """Put the region elsewhere, or take it away."""
        self._view(region=region)

    def set_width(self, width: float) -> None:
        """Make the band so many pixels wide."""
        cut = self._store.state.view.cut
        if cut is not None:
            self.set_cut(replace(cut, width=min(max(width, 1.0), WIDEST)))

    def set_step(self, step: float | None) -> None:
        """Average so many pixels along the cut; None for what suits its length."""
        cut = self._store.state.view.cut
        if cut is not None:
            step = None if step is None else min(max(step, LEAST_STEP), WIDEST)
            self.set_cut(replace(cut, step=step))

    def turn(self, kind: CutKind) -> None:
        """Make the cut a row or a column through its middle, or one of free ends.

        Where there is none yet, a row or column goes through the cursor, else through the middle of
        the exposure.
        """
        store = self._store
        shown, cut = store.state.results.shown, store.state.view.cut
        if shown is None:
            return
        if cut is None:
            size = size_of(shown)
            x, y = store.pointer.now.cursor or ((size[0] - 1) / 2, (size[1] - 1) / 2)
            if kind == "cut":
                self.use("cut")
                return
            cut = Cut(x0=round(x), y0=round(y), x1=round(x), y1=round(y), kind=kind)
            self.set_cut(cut)
        else:
            self.set_cut(turned(cut, kind, size_of(shown)))

    def through(self, kind: CutKind, x: float, y: float) -> None:
        """Put a row or a column through a pixel, as wide as the cut is that is there."""
        like = self._store.state.view.cut or Cut(x0=0, y0=0, x1=0, y1=0)
        x, y = round(x), round(y)
        self.set_cut(replace(like, x0=x, y0=y, x1=x, y1=y, kind=kind))

    def shape(self, shape: RegionShape) -> None:
        """Make the region a box or a circle; the next one that is drawn is of this shape, too."""
        view = self._store.state.view
        if view.tool in ("box", "circle"):
            self.use(shape)
        if view.region is None:
            self.use(shape)
            return
        region = replace(view.region, shape=shape)
        if shape == "circle":
            side = min(region.sides) / 2
            x, y = (region.x0 + region.x1) / 2, (region.y0 + region.y1) / 2
            region = replace(region, x0=x - side, y0=y - side, x1=x + side, y1=y + side)
        self.set_region(region)

    def remove(self) -> None:
        """Take away what the present tool draws; without a tool the cut, then the region."""
        view = self._store.state.view
        if view.cut is not None and view.tool in ("", "cut"):
            self.set_cut(None)
        elif view.region is not None and view.tool != "cut":
            self.set_region(None)

    def _view(self, **changes: Unpack[ViewChanges]) -> None:
        self._store.set(view=replace(self._store.state.view, **changes))
