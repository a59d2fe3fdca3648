"""The line that says which sky frame the shown detector is corrected with, and changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.app.model.queries import shown_exposure, sky_frame_of, sky_frames_for
from skyframe_gui.app.model.sky_sets import sky_set
from skyframe_gui.numbers import area
from skyframe_gui.ui.form.editors import QuietCombo, set_low
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import State


class SkyFrameLine(QWidget):
    """A combo box of the sky frames that the shown detector has.

    Attributes
    ----------
    chosen : signal (str)
        The key of the sky frame that a person wants.
    """

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._name = text_label("sky set", "text2", pixels=12)
        self.combo = QuietCombo()
        self.combo.setAccessibleName("Sky set of the shown detector")
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.activated.connect(lambda index: self.chosen.emit(self.combo.itemData(index)))
        in_row(self._name, (self.combo, 1), on=self, spacing=8)
        self._listed: tuple[tuple[str, str], ...] = ()

    def set_compact(self, compact: bool) -> None:
        """Set the line's height."""
        set_low(self.combo, compact)

    def show_state(self, state: State) -> None:
        """List the sky frames of the shown detector and mark the one in use."""
        item = shown_exposure(state)
        detector = "" if item is None else item.source.detector
        frames = () if item is None else sky_frames_for(state, item.source)
        in_use = None if item is None else sky_frame_of(state, item.source)
        listed = tuple((frame.key, words(frame, _called(state, frame))) for frame in frames)
        if listed != self._listed:
            self._listed = listed
            self.combo.clear()
            for key, text in listed:
                self.combo.addItem(text, key)
                tip = key if key.startswith("built ") else f"{key}\n{text}"
                self.combo.setItemData(
                    self.combo.count() - 1, plain_tip(tip), Qt.ItemDataRole.ToolTipRole
                )
        self.combo.setCurrentIndex(-1 if in_use is None else self.combo.findData(in_use.key))
        of = f"detector {detector}" if detector else "the shown exposure"
        more = "" if len(frames) > 1 else "; it is the only one"
        self.combo.setToolTip(plain_tip(f"The set whose sky frame is subtracted from {of}{more}"))
        self.combo.setEnabled(bool(frames))


def _called(state: State, frame: SkyFrameItem) -> str:
    one = sky_set(state, frame.set_key)
    return frame.name if one is None else one.name


def words(frame: SkyFrameItem, name: str) -> str:
    """Return the name of a sky frame's set with what tells it from others of its detector."""
    grid = frame.sky_frame.grid
    ny, nx = grid.values.shape
    x0, y0, x1, y1 = grid.bbox
    bins = f"bins of {area((x1 - x0 + 1) / nx, (y1 - y0 + 1) / ny)}"
    n = len(frame.members) - len(frame.excluded_members)
    made = f"{n} exposure{'s' * (n != 1)}" if frame.members else ""
    name = " ".join(filter(None, (name, frame.identity.filter)))
    built = f"built {frame.made_at[11:]}" if frame.made_at else ""
    return ", ".join(part for part in (name, made, bins, built) if part)
