"""The badge: how many warnings and notes there are, where they are seen at every size of window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.ui.theme import Palette

HEIGHT = 16


@dataclass(frozen=True)
class BadgeCount:
    """What a badge shows.

    Attributes
    ----------
    n : int
        Warnings and notes; with 0 there is no badge.
    warns : bool
        Whether one of them is a warning.
    text : str
        Their titles, one a line.
    """

    n: int = 0
    warns: bool = False
    text: str = ""


def count_of(findings: Sequence[Finding]) -> BadgeCount:
    """Return the badge of some findings."""
    warns = any(one.severity == "warning" for one in findings)
    return BadgeCount(len(findings), warns, "\n".join(one.title for one in findings))


def fit_count(state: State) -> BadgeCount:
    """Return the badge of the fit on screen."""
    fit = state.results.fit
    return BadgeCount() if fit is None else count_of(fit.findings)


def night_count(state: State) -> BadgeCount:
    """Return the badge of the night: how many visits have a warning."""
    night = state.results.night
    warned = [row for row in (() if night is None else night.rows) if row.warns]
    lines = "\n".join(f"{row.visit}: {row.state}" for row in warned)
    return BadgeCount(len(warned), bool(warned), lines)


def badge_width(n: int) -> int:
    """Return the width of a badge: a circle for one figure, wider for more."""
    if n <= 0:
        return 0
    return max(HEIGHT, round(QFontMetricsF(font(11, 600)).horizontalAdvance(str(n))) + 9)


def paint_badge(painter: QPainter, x: float, y: float, count: BadgeCount, palette: Palette) -> None:
    """Draw a badge with its upper left corner at a place: amber when one is a warning."""
    box = QRectF(x, y, badge_width(count.n), HEIGHT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
    if count.warns:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.warning))
    else:
        painter.setPen(QPen(QColor(palette.text2), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
    painter.setPen(QColor(palette.on_accent if count.warns else palette.text))
    painter.setFont(font(11, 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(count.n))


class Badge(QWidget):
    """A badge beside a title; away while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self._count, self._palette = BadgeCount(), DARK
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def count(self) -> BadgeCount:
        """What it shows."""
        return self._count

    def show_count(self, count: BadgeCount) -> None:
        """Show another number."""
        if count == self._count:
            return
        self._count = count
        self.setToolTip(plain_tip(count.text))
        self.setAccessibleName(f"{count.n} warnings and notes" if count.n else "")
        self.setVisible(count.n > 0)
        self.updateGeometry()
        self.update()

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the number."""
        return QSize(badge_width(self._count.n), HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw it."""
        painter = QPainter(self)
        paint_badge(painter, 0, 0, self._count, self._palette)
        painter.end()
