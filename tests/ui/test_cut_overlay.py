"""How the lines of a cut look: smooth where they slant, along the screen's pixels elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtGui import QImage, QPainter, QPen
from recorded import drawn

from skyframe_gui.app.model.cuts import Cut, Region
from skyframe_gui.app.model.view import Frame, View
from skyframe_gui.numbers import NONE
from skyframe_gui.ui.images.cut_overlay import draw_measures
from skyframe_gui.ui.images.geometry import Viewport
from skyframe_gui.ui.images.profile_legend import Names
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def shades(view: View) -> int:
    """Return how many different pixels the lines make, but for those of the handles."""
    image = QImage(300, 200, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    draw_measures(painter, view, (400, 300), Viewport(300, 200, Frame(150.0, 100.0, 1.0)))
    painter.end()
    bits = image.constBits()
    assert bits is not None
    pixels = np.frombuffer(bits.asarray(image.sizeInBytes()), np.uint32).reshape(200, 300)
    return len(np.unique(pixels[:, 60:240]))


@pytest.mark.parametrize("width", [1.0, 30.0])
def test_only_lines_that_slant_are_smooth(qapp: object, width: float) -> None:
    slanted = View(cut=Cut(x0=20, y0=40, x1=280, y1=171, width=width))
    assert shades(slanted) > 20
    level = View(cut=Cut(x0=20, y0=100, x1=280, y1=100, width=width))
    assert shades(level) <= 4


def test_a_circle_is_smooth_and_a_box_sharp(qapp: object) -> None:
    box = Region(x0=80, y0=50, x1=200, y1=150)
    assert shades(View(region=box)) <= 4
    circle = Region(x0=80, y0=50, x1=200, y1=170, shape="circle")
    assert shades(View(region=circle)) > 20


def test_where_nothing_is_known_at_the_cursor_the_curves_keep_their_names(qtbot: QtBot) -> None:
    names = Names()
    qtbot.addWidget(names)
    names.resize(236, names.height())

    def texts(*values: str) -> list[str]:
        curves = zip(("exposure", "model", "subtracted"), values, strict=True)
        names.show_entries([(QPen(), name, value) for name, value in curves], DARK)
        return [line.split("'")[1] for line in drawn(names) if line.startswith("'")]

    assert texts("", "", "") == ["exposure", "model", "subtracted"]
    assert texts("1144.2", "1131.0", "13.2") == ["1144.2", "1131.0", "13.2"]
    assert texts(NONE, NONE, NONE) == ["exposure", "model", "subtracted"]
