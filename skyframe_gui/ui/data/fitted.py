"""A button that cuts its words to the width it has, so that a long file name widens nothing."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QPushButton, QSizePolicy

ROOM = 26
"""Pixels beside the words: icon and gaps."""


class Fitted(QPushButton):
    """A flat line of text that can be clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        """Show a text, its end cut off where it is too long."""
        self._whole = text
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Ask for no width."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Cut anew."""
        self._fit()

    def _fit(self) -> None:
        width = max(self.width() - ROOM, 0)
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, width))
        self.setAccessibleName(self._whole)
