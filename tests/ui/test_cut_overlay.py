"""How the lines of a cut look: smooth where they slant, along the screen's pixels elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtGui import QImage, QPainter

from skyframe_gui.app.model.cuts import Cut, Region
from skyframe_gui.app.model.view import Frame, View
from skyframe_gui.ui.images.cut_overlay import draw_measures
from skyframe_gui.ui.images.geometry import Viewport


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
