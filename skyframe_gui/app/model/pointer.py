"""Where the mouse is: apart from the state, as it moves all the time and changes no result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import SampleId


@dataclass(frozen=True, kw_only=True)
class PlanePoint:
    """A place on one of the detectors of the focal plane.

    Attributes
    ----------
    key : str
        Of its exposure; "" where the visit has none.
    name : str
        Of the detector.
    pixel : (x, y)
        Of the exposure; pixel centres are whole numbers.
    place : (x, y)
        In the focal plane, in the unit of its layout.
    """

    key: str
    name: str
    pixel: tuple[float, float]
    place: tuple[float, float]


@dataclass(frozen=True)
class Pointed:
    """What is under the mouse.

    Attributes
    ----------
    cursor : (x, y) or None
        In pixels of the shown exposure; pixel centres are whole numbers.
    sample : SampleId or None
        The sample that is lit up everywhere.
    plane : PlanePoint or None
        Where on the focal plane.
    """

    cursor: tuple[float, float] | None = None
    sample: SampleId | None = None
    plane: PlanePoint | None = None


class Pointer(QObject):
    """Holds what is under the mouse, for those who follow it.

    Attributes
    ----------
    moved : signal (now: Pointed)
        Sent once for each change.
    """

    moved = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._now = Pointed()

    @property
    def now(self) -> Pointed:
        """What is under the mouse now."""
        return self._now

    def point(self, cursor: tuple[float, float] | None) -> None:
        """Move the cursor, or take it off the images."""
        self._set(replace(self._now, cursor=cursor))

    def point_at_plane(self, plane: PlanePoint | None) -> None:
        """Move the cursor over the focal plane, or take it off."""
        self._set(replace(self._now, plane=plane))

    def light_up(self, sample: SampleId | None) -> None:
        """Light up another sample, or none."""
        self._set(replace(self._now, sample=sample))

    def _set(self, now: Pointed) -> None:
        if now != self._now:
            self._now = now
            self.moved.emit(now)
