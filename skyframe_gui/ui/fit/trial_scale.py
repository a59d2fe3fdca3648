"""A slider that tries another scale on the screen: the fit and all exports stay as they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QLabel, QSlider, QToolButton, QWidget

from skyframe_gui.numbers import value_and_error
from skyframe_gui.ui.theme import font, icon
from skyframe_gui.ui.widgets import in_row, set_sheet

if TYPE_CHECKING:
    from skyframe_gui.ui.theme import Palette

NAME = "try another scale"
STEPS = 1000
SPAN = 0.1
"""The slider's ends, in parts of the fitted scale; wider where the error is larger."""
ERRORS = 20.0


class TrialScale(QWidget):
    """A slider about the fitted scale.

    Attributes
    ----------
    tried : signal (float or None)
        The scale to show; None for the fitted one.
    """

    tried = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._scale, self._span, self._digits = 1.0, SPAN, 0.0
        self.name = QLabel(NAME)
        # As wide with a number in it: the slider must not move while it is dragged.
        self.name.setFixedWidth(QFontMetrics(font(12)).horizontalAdvance(NAME) + 4)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-STEPS, STEPS)
        self.slider.setSingleStep(STEPS // 100)
        self.slider.setPageStep(STEPS // 10)
        self.slider.setAccessibleName("Try another scale")
        self.slider.setMinimumWidth(60)
        for widget in (self.name, self.slider):
            widget.setToolTip(
                "Shows model and subtracted image with another scale (arrow keys); "
                "the fit and exports stay as they are"
            )
        self.reset = QToolButton()
        self.reset.setProperty("flat", True)
        self.reset.setIconSize(QSize(14, 14))
        self.reset.setFixedSize(20, 20)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setToolTip("Back to the fitted scale")
        self.reset.setAccessibleName("Back to the fitted scale")
        self.slider.valueChanged.connect(self._on_moved)
        self.reset.clicked.connect(lambda: self.tried.emit(None))
        in_row(self.name, (self.slider, 1), self.reset, on=self, spacing=6)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Set the line's height."""
        self.setFixedHeight(20 if compact else 24)

    def show_trial(self, scale: float, error: float, trial: float | None, palette: Palette) -> None:
        """Paint what is tried.

        Parameters
        ----------
        scale, error : float
            Of the fit.
        trial : float or None
            The scale that is shown instead.
        palette : Palette
        """
        self.setEnabled(math.isfinite(scale) and scale != 0)
        if not self.isEnabled():
            self.reset.hide()
            self._show_name(None, palette)
            return
        self._scale = scale
        self._span = max(SPAN, ERRORS * error / abs(scale) if math.isfinite(error) else 0.0)
        self._digits = max(error if math.isfinite(error) else 0.0, abs(scale) * self._span / STEPS)
        self.reset.setIcon(icon("restore", palette.text2))
        self.reset.setVisible(trial is not None)
        place = 0 if trial is None else round((trial / scale - 1) / self._span * STEPS)
        self.slider.blockSignals(True)
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self._show_name(trial, palette)

    def _show_name(self, trial: float | None, palette: Palette) -> None:
        """Say what the line is for, or with which scale the panes are shown."""
        text, colour = NAME, palette.text2
        if trial is not None:
            number, _ = value_and_error(trial, self._digits)
            text, colour = f"trying {number}", palette.text
            if QFontMetrics(font(12)).horizontalAdvance(text) > self.name.width():
                text = number
        self.name.setText(text)
        set_sheet(self.name, f"font-size: 12px; color: {colour};")

    def _on_moved(self, place: int) -> None:
        trial = self._scale * (1 + self._span * place / STEPS)
        self.tried.emit(trial if place else None)
