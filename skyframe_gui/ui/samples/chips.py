"""Small boxes of words over a plot, with the numbers set off from their names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.ui.theme import Palette

HEIGHT, PADDING, GAP = 20.0, 10.0, 9.0
OPACITY = {"dark": 0.96, "light": 0.97}


Role = Literal["text", "text2", "text3", "excluded", "warning"]


class Word(NamedTuple):
    """A piece of a chip; pieces of one group stand close together."""

    text: str
    role: Role = "text2"
    strong: bool = False
    joined: bool = False
    """Whether it follows the word before it as in a sentence."""


def value(name: str, text: str, unit: str = "", role: Role = "text") -> list[Word]:
    """Return the words of a named number with its unit."""
    words = [Word(name), Word(text, role, strong=True, joined=True)]
    return [*words, Word(unit, joined=True)] if unit else words


def width_of(words: Sequence[Word]) -> float:
    """Return how wide a chip with these words is."""
    return _places(tuple(words))[1]


def fitting(choices: Sequence[Sequence[Word]], width: float) -> Sequence[Word]:
    """Return the first of several wordings, the longest first, that is not too wide."""
    for words in choices:
        if width_of(words) <= width:
            return words
    return choices[-1] if choices else ()


def draw(painter: QPainter, palette: Palette, at: QPointF, words: Sequence[Word]) -> QRectF:
    """Draw a chip with its upper left corner at a point; return its outline."""
    places, width = _places(tuple(words))
    box = QRectF(at.x(), at.y(), width, HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(with_alpha(palette.chip, OPACITY[palette.name]))
    painter.drawRoundedRect(box, 3, 3)
    for word, place in zip(words, places, strict=True):
        face = _font(word)
        painter.setFont(face)
        painter.setPen(QColor(getattr(palette, word.role)))
        height = QFontMetricsF(face)
        baseline = box.center().y() + (height.ascent() - height.descent()) / 2
        painter.drawText(QPointF(at.x() + place, baseline), word.text)
    painter.restore()
    return box


def _font(word: Word) -> QFont:
    return font(11, 500 if word.strong else 400)


@lru_cache(maxsize=256)
def _places(words: tuple[Word, ...]) -> tuple[list[float], float]:
    places, x = [], PADDING
    for index, word in enumerate(words):
        if index:
            x += 3.5 if word.joined else GAP
        places.append(x)
        x += QFontMetricsF(_font(word)).horizontalAdvance(word.text)
    return places, x + PADDING
