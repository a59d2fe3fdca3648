"""Colours, fonts and the style sheet, dark and light."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.resource import resource_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PyQt6.QtWidgets import QApplication

    from skyframe_gui.app.model.state import State

FAMILY = "Inter"
WEIGHTS = ("Regular", "Medium", "SemiBold")


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of one theme by their roles, each "#rrggbb".

    Attributes
    ----------
    rounds : tuple of str
        The ramp of the rejection rounds, from the first on.
    """

    name: str
    gap: str
    dock: str
    header: str
    field: str
    hover: str
    line: str
    border: str
    plot: str
    canvas: str
    text: str
    text2: str
    text3: str
    accent: str
    selected: str
    on_accent: str
    warning: str
    warning_card: str
    error: str
    excluded: str
    no_data: str
    highlight: str
    rounds: tuple[str, str, str]
    chip: str
    masked: str
    histogram: str


DARK = Palette(
    name="dark",
    gap="#121315",
    dock="#1c1d20",
    header="#232528",
    field="#2a2c30",
    hover="#33363b",
    line="#303338",
    border="#41454b",
    plot="#17181b",
    canvas="#0c0d0e",
    text="#e4e6e9",
    text2="#a6abb3",
    text3="#8f959d",
    accent="#56b4e9",
    selected="#1f3b4d",
    on_accent="#0b1a24",
    warning="#e69f00",
    warning_card="#2e2717",
    error="#f0783c",
    excluded="#cc79a7",
    no_data="#8b9098",
    highlight="#ffffff",
    rounds=("#f0e442", "#e69f00", "#d55e00"),
    chip="#121315",
    masked="#4a4e55",
    histogram="#5c6067",
)
LIGHT = Palette(
    name="light",
    gap="#cdd0d4",
    dock="#f6f7f8",
    header="#e9ebed",
    field="#ffffff",
    hover="#e0e3e6",
    line="#d9dce0",
    border="#bcc1c7",
    plot="#ffffff",
    canvas="#dde0e3",
    text="#1c1e21",
    text2="#555b63",
    text3="#646a72",
    accent="#0072b2",
    selected="#d3e7f3",
    on_accent="#ffffff",
    warning="#965800",
    warning_card="#fbf1dc",
    error="#b84300",
    excluded="#b0508a",
    no_data="#646a72",
    highlight="#000000",
    rounds=("#a08a00", "#b06400", "#8f2d00"),
    chip="#ffffff",
    masked="#b2b6bc",
    histogram="#9ca1a8",
)


def palette_of(state: State) -> Palette:
    """Return the colours of the state's theme."""
    return LIGHT if state.view.theme == "light" else DARK


@cache
def load_fonts() -> str:
    """Make the program's own font known; return its family, the system's where it is missing."""
    for weight in WEIGHTS:
        path = resource_path(f"fonts/inter/Inter-{weight}.otf")
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            return QFont().family()
    return FAMILY


@cache
def font(pixels: int = 13, weight: int = 400) -> QFont:
    """Return the program's font with figures of one width; the same object each time."""
    made = QFont(load_fonts())
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def icon(name: str, colour: str, disabled: str = "") -> QIcon:
    """Return an icon of the set, as in ``icon("grid", palette.text2)``.

    Raises
    ------
    KeyError
        The set has no such icon.
    SkyFrameError
        The set is not installed.
    """
    return QIcon(_Glyph(name, colour, disabled or colour))


def apply(app: QApplication, palette: Palette) -> None:
    """Give the whole program a theme's colours; windows take their `style_sheet` besides."""
    # Each of these goes through all widgets, so only once.
    style = app.style()
    if style is None or style.objectName() != "fusion":
        app.setStyle("Fusion")
    if app.font() != font():
        app.setFont(font())
    roles = {
        QPalette.ColorRole.Window: palette.dock,
        QPalette.ColorRole.WindowText: palette.text,
        QPalette.ColorRole.Base: palette.dock,
        QPalette.ColorRole.AlternateBase: palette.dock,
        QPalette.ColorRole.Text: palette.text,
        QPalette.ColorRole.Button: palette.field,
        QPalette.ColorRole.ButtonText: palette.text,
        QPalette.ColorRole.Highlight: palette.selected,
        QPalette.ColorRole.HighlightedText: palette.text,
        QPalette.ColorRole.ToolTipBase: palette.header,
        QPalette.ColorRole.ToolTipText: palette.text,
        QPalette.ColorRole.PlaceholderText: palette.text3,
        QPalette.ColorRole.Link: palette.accent,
    }
    colours = QPalette()
    for role, colour in roles.items():
        colours.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    ):
        colours.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.text3))
    app.setPalette(colours)


def style_sheet(palette: Palette) -> str:
    """Return Qt's style sheet in a palette's colours."""
    text = resource_path("style.qss").read_text(encoding="utf-8")
    colours = {key: value for key, value in vars(palette).items() if isinstance(value, str)}
    return Template(text).substitute(
        colours,
        family=load_fonts(),
        arrow_down=resource_path("icons/arrow-down.svg").as_posix(),
        check=resource_path(f"icons/check-{palette.name}.svg").as_posix(),
    )


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
