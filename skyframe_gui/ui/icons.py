"""Icons: glyphs of qtawesome's Material Design font, drawn in any colour and at any size."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

SET = "materialdesignicons6-webfont"
FILL = 0.92
"""Of the icon's side that the glyph's square takes."""


@cache
def _font_and_glyphs() -> tuple[str, Mapping[str, str]]:
    """Return the font's family and the hexadecimal code of every icon.

    Read from qtawesome's own files without importing it: its import goes through every enum of Qt,
    which would take a third of the time until the first window.
    """
    spec = find_spec("qtawesome")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    fonts = [Path(place) / "fonts" for place in places]
    font = next((path for folder in fonts for path in folder.glob(f"{SET}-[0-9]*.ttf")), None)
    table = next((path for folder in fonts for path in folder.glob(f"{SET}-charmap-*.json")), None)
    if font is None or table is None:
        raise SkyFrameError(
            "The icons are missing: qtawesome is not installed whole; install skyframe_gui again."
        )
    number = QFontDatabase.addApplicationFont(str(font))
    families = QFontDatabase.applicationFontFamilies(number)
    glyphs: dict[str, str] = json.loads(table.read_text(encoding="utf-8"))
    return (families[0] if families else ""), glyphs


class _Glyph(QIconEngine):
    """Draws one glyph: grey where the icon is disabled."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        family, glyphs = _font_and_glyphs()
        self._family = family
        self._letter = chr(int(glyphs[name].removeprefix("0x"), 16))
        self._name, self._colour, self._disabled = name, colour, disabled

    def paint(
        self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State
    ) -> None:
        if painter is None:
            return
        painter.save()
        font = QFont(self._family)
        font.setPixelSize(max(round(FILL * rect.height()), 1))
        painter.setFont(font)
        painter.setPen(QColor(self._disabled if mode == QIcon.Mode.Disabled else self._colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Glyph(self._name, self._colour, self._disabled)


def glyph(name: str, colour: str, disabled: str) -> QIcon:
    """Return an icon of the set by its name there, such as "grid".

    Raises
    ------
    KeyError
        The set has no such icon.
    SkyFrameError
        The set is not installed.
    """
    return QIcon(_Glyph(name, colour, disabled))
