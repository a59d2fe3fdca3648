"""What is painted by hand: every shape, colour and word is what is kept of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from looks import assert_looks, drawn
from PyQt6.QtCore import QPointF, QRect
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QApplication, QLabel, QWidget
from seen import state_of

from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.badge import Badge, BadgeCount
from skyframe_gui.ui.docks import Subject
from skyframe_gui.ui.fit.finding_line import FindingLine
from skyframe_gui.ui.fit.fit_result import SHAPES, Mark
from skyframe_gui.ui.form.form_row import Row
from skyframe_gui.ui.images import box_overlay, canvas_layers
from skyframe_gui.ui.images.chip import Chip
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.images.geometry import Viewport
from skyframe_gui.ui.images.sample_boxes import Boxes, Kind
from skyframe_gui.ui.panels.readout import Part, ReadoutPanel
from skyframe_gui.ui.panels.sweep import _Legend
from skyframe_gui.ui.samples import chips, mark_shapes
from skyframe_gui.ui.samples.legend import Entry, Legend
from skyframe_gui.ui.theme import DARK, LIGHT, apply, icon
from skyframe_gui.ui.top_bar import Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands

# The words are of the sizes of one system's fonts.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    apply(qapp, DARK)


WARNS, NOTES = BadgeCount(1, True, "One thing."), BadgeCount(12, False, "Many things.")
X, Y = np.array([20.3, 60.0]), np.array([10.0, 40.6])


def keep(name: str, parts: dict[str, str]) -> None:
    assert_looks(name, "\n".join(f"{what}\n{text}" for what, text in parts.items()))


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[..., QWidget]:
    """Give a widget a size, in a window that keeps it."""

    def show(widget: QWidget, width: int, height: int) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        return widget

    return show


def test_chips_of_panes(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    found = {}
    for palette in (DARK, LIGHT):
        for words in (
            ("Exposure", "", False, False),
            ("Sky model", "akima spline", True, False),
            ("Sky model", "akima spline", True, True),
        ):
            chip = Chip(host)
            chip.show_words(palette, *words)
            found[f"{palette.name} {words}"] = drawn(on=chip._paint)
            chip.fit(70)
            found[f"{palette.name} {words} narrow"] = drawn(on=chip._paint)
    assert "…" in found[f"dark {('Sky model', 'akima spline', True, True)} narrow"]
    keep("drawn-chips", found)


def test_legends_under_plots(shown: Callable[..., QWidget]) -> None:
    entries = (
        Entry("circle", "#56b4e9", "used 120", "120"),
        Entry("square", "#e69f00", "rejected 1: 12", "1: 12"),
        Entry("triangle", "#cc79a7", "by hand 3", "3"),
        Entry("cross", "#8b9098", "no data 1"),
    )
    found = {}
    for width in (900, 420, 240, 90):
        legend = Legend()
        legend.show_entries(entries, "filled: dropped in step 2", LIGHT)
        found[f"{width} wide"] = drawn(shown(legend, width, 20))
    legend.show_entries(entries[:1], "", DARK)
    found["one alone"] = drawn(legend)
    found["said"] = f"{legend.accessibleName()} / {legend.toolTip()} / {legend.sizeHint()}"
    keep("drawn-legends", found)


def test_lines_that_warn(shown: Callable[..., QWidget]) -> None:
    found = {}
    for severity, palette, place, opened, width in (
        ("error", DARK, "", False, 400),
        ("warning", LIGHT, "1 of 3", False, 400),
        ("note", DARK, "2 of 3", False, 220),
        ("warning", DARK, "", True, 300),
        ("note", LIGHT, "", False, 40),
    ):
        card = FindingLine(
            kind="one", severity=severity, title="The sky rises.", short="by 12.5 electron over "
            "the detector", text="The sky rises by much.", link="Select",
        )  # fmt: skip
        card.set_theme(palette)
        card.set_open(opened)
        card.head.show_place(place)
        shown(card, width, 100)
        card.head.resize(width - 3, 28)
        found[f"{severity} {palette.name} {place} {opened} {width}"] = drawn(card.head)
    keep("drawn-findings", found)


def test_the_switch_between_workspaces(shown: Callable[..., QWidget]) -> None:
    found = {}
    for first, last, on, enabled, count in (
        (True, False, True, True, BadgeCount()),
        (False, False, False, True, WARNS),
        (False, True, False, False, NOTES),
        (False, True, True, True, NOTES),
    ):
        segment = Segment("stack", "Ctrl+2", first, last)
        segment.setChecked(on)
        segment.setEnabled(enabled)
        segment.show_count(count)
        segment.apply_theme(LIGHT if count.warns else DARK)
        size = segment.sizeHint()
        what = f"{first} {last} {on} {enabled} {count.n}, {size.width()} wide: {segment.toolTip()}"
        found[what] = drawn(shown(segment, size.width(), size.height()))
    keep("drawn-switch", found)


def test_small_things(shown: Callable[..., QWidget], commands: Commands) -> None:
    found = {}
    for count, palette in ((WARNS, DARK), (NOTES, LIGHT), (BadgeCount(1, False), DARK)):
        badge = Badge()
        badge.apply_theme(palette)
        badge.show_count(count)
        size = badge.sizeHint()
        found[f"badge {count} {size}"] = drawn(shown(badge, size.width(), size.height()))
    for kind in SHAPES:
        mark = Mark(kind)
        mark.colour = "#123456"
        found[f"mark of {kind}"] = drawn(shown(mark, 12, 16))
    for changed, low in ((True, False), (True, True), (False, False)):
        row = Row("skyRej", [QLabel()], "tip")
        row.apply_theme(LIGHT)
        row.set_form(narrow=False, low=low, hints=True)
        row.set_changed(changed, "3.0")
        found[f"row, changed {changed}, low {low}"] = drawn(shown(row, 300, 29))
    readout = ReadoutPanel(commands)
    readout.parts = [Part("x y", "10.0  20.0"), Part("", "12h 30m"), Part("mask", "BAD, SAT")]
    for width in (400, 150, 40):
        found[f"readout {width} wide"] = drawn(shown(readout, width, 28))
    found["readout in words"] = f"{readout.text()} / {readout.sizeHint()}"
    legend = _Legend()
    legend.show_letters(("A", "now"), LIGHT)
    found["lines of a sweep"] = drawn(shown(legend, legend.width(), 16)) + str(legend.size())
    for width in (300, 130, 10):
        subject = Subject("visit 2001, 2 detectors, 60 boxes")
        subject.setFixedWidth(width)
        found[f"subject {width} wide"] = drawn(shown(subject, width, 20))
    for name, colour in (("grid", "#ff0000"), ("alert", "#00ff00")):
        made = icon(name, colour, "#888888")
        for side in (16, 25):
            found[f"{name} {side}"] = drawn(
                lambda painter, made=made, side=side: made.paint(painter, QRect(2, 3, side, side))
            )
    keep("drawn-small", found)


def test_marks_of_samples() -> None:
    hollow = QColor("#80ffffff")
    shapes: dict[str, Callable[[QPainter], None]] = {
        "full squares": lambda p: mark_shapes.squares(p, X, Y, 7, "#ff0000", None),
        "hollow squares": lambda p: mark_shapes.squares(p, X, Y, 8, "#ff0000", hollow),
        "no squares": lambda p: mark_shapes.squares(p, X[:0], Y[:0], 8, "#ff0000", None),
        "triangles": lambda p: mark_shapes.triangles(p, X, Y, 10, "#00ff00"),
        "up": lambda p: mark_shapes.pointer(p, QPointF(9, 8), 6, "#0000ff", 1.5, True),
        "down": lambda p: mark_shapes.pointer(p, QPointF(9, 8), 6, "#0000ff", 2, False),
        "crosses": lambda p: mark_shapes.crosses(p, X, Y, 7, "#777777"),
        "discs": lambda p: mark_shapes.discs(p, X, Y, 5, QColor("#123456")),
        "rings": lambda p: mark_shapes.rings(p, X, Y, 12, "#ffffff", 1.5),
    }
    found = {name: drawn(paint) for name, paint in shapes.items()}
    words = [*chips.value("scale", "1.02", "e⁻"), chips.Word("late", "warning")]
    for palette in (DARK, LIGHT):
        boxes = []
        found[f"words, {palette.name}"] = drawn(
            lambda p, palette=palette, boxes=boxes: boxes.append(
                chips.draw(p, palette, QPointF(10, 5), words)
            )
        )
        assert boxes[0].topLeft() == QPointF(10, 5)
        assert boxes[0].width() == chips.width_of(words)
    keep("drawn-marks", found)


def boxes_of_all_kinds(side: int) -> Boxes:
    codes = [Kind.USED, Kind.REJECTED, Kind.HAND, Kind.NO_DATA, Kind.REJECTED]
    corners = [(side * k, 0, side * (k + 1), side) for k in range(5)]
    return Boxes(
        key="one",
        corners=np.array(corners),
        codes=np.array(codes, np.int8),
        rounds=np.array([0, 1, 0, 0, 2]),
        n_rounds=2,
    )


@pytest.mark.parametrize("with_used", [True, False])
def test_boxes_over_images(with_used: bool) -> None:
    found = {}
    for side, zoom in ((20, 2.0), (10, 1.3), (20, 0.15)):
        boxes = boxes_of_all_kinds(side)
        viewport = Viewport(200, 60, Frame(2.5 * side, 0.5 * side, zoom))
        found[f"{side} px at {zoom}"] = drawn(
            lambda p, boxes=boxes, viewport=viewport: box_overlay.draw_boxes(
                p, boxes, viewport, with_used
            )
        )
    keep(f"drawn-boxes-{with_used}", found)


def test_rings_around_boxes_and_the_crosshair(night: Night) -> None:
    viewport = Viewport(200, 60, Frame(50, 10, 2.0))
    corners = boxes_of_all_kinds(20).corners.tolist()
    chosen = frozenset({("one", tuple(corners[1])), ("two", tuple(corners[2]))})
    found = {
        "of one": drawn(lambda p: box_overlay.draw_rings(p, chosen, "one", viewport, 1.0)),
        "of two": drawn(lambda p: box_overlay.draw_rings(p, chosen, "two", viewport, -1.0)),
        "of three": drawn(lambda p: box_overlay.draw_rings(p, chosen, "three", viewport, -1.0)),
    }
    state = state_of(night)
    content = content_of(state, "grid")
    assert content is not None
    assert content.grid is not None
    whole = Viewport(300, 260, Frame(119.5, 99.5, 1.0))
    for at in (QPointF(40.4, 50.6), QPointF(5, 50), QPointF(150, 229.4), QPointF(150, 231)):
        found[f"crosshair at {at.x()}, {at.y()}"] = drawn(
            lambda p, at=at: canvas_layers.draw_crosshair(p, whole, content, at)
        )
    for dark, zoom in ((True, 1.0), (False, 1.0), (True, 3.0), (True, 0.1)):
        seen = Viewport(300, 260, Frame(119.5, 99.5, zoom))
        found[f"edges {dark} {zoom}"] = drawn(
            lambda p, seen=seen, dark=dark: canvas_layers.draw_edges(p, content, seen, dark)
        )
    hatched = np.zeros(content.grid.values.shape, bool)
    hatched[0, 1:3] = hatched[2, 4] = True
    for name, one in (
        ("some", replace(content, hatched=hatched)),
        ("none", content),
        ("no grid", replace(content, hatched=hatched, grid=None)),
    ):
        found[f"hatched {name}"] = drawn(
            lambda p, one=one: canvas_layers.draw_filled(p, one, whole)
        )
    keep("drawn-overlays", found)


def pixels(image: QImage) -> np.ndarray:
    memory = image.constBits()
    assert memory is not None
    memory.setsize(image.sizeInBytes())
    return np.frombuffer(memory, np.uint32).reshape(image.height(), image.width()).copy()


@pytest.mark.parametrize("n", [3, 20_001])
def test_dots_are_as_if_painted_one_over_the_other(n: int) -> None:
    """Few are placed by quarters of a pixel, very many by whole ones."""
    random = np.random.default_rng(1)
    x, y = random.uniform(-3, 33, n), random.uniform(-3, 23, n)
    x[200:] += 100  # beside the picture
    diameter, alpha, steps = 4.0, 0.3, 4 if n < 20_000 else 1
    found = pixels(mark_shapes.dots(30, 20, x, y, diameter, "#4080c0", alpha)).astype(np.int64)
    left, top = ((np.floor(one[:200] * steps) + 0.5) / steps for one in (x, y))
    across, down = np.arange(30) + 0.5 - left[:, None], np.arange(20) + 0.5 - top[:, None]
    far = np.sqrt(across[:, None, :] ** 2 + down[:, :, None] ** 2)
    through = np.prod(1 - alpha * np.clip(diameter / 2 + 0.5 - far, 0, 1), axis=0)
    for shift, part in ((24, 255), (16, 0x40), (8, 0x80), (0, 0xC0)):
        wanted = (1 - through) * part
        assert np.abs((found >> shift & 255) - wanted).max() <= 1


def test_on_a_fine_screen_marks_stand_on_its_own_pixels() -> None:
    """Half a pixel of the window is one of the screen's; a quarter is none."""

    def painted(by: float, ratio: float) -> list[list[int]]:
        image = QImage(80, 40, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        painter = QPainter(image)
        mark_shapes.squares(painter, np.array([20.3 + by]), np.array([10.0]), 7, "#ff0000", None)
        sides = np.array([[4.0 + by, 12, 6 + by, 14]])
        seen = Viewport(40, 20, Frame(0, 0, 1))
        box_overlay._fill(painter, sides, QColor("#00ff00"), seen)
        painter.end()
        found: list[list[int]] = pixels(image).tolist()
        return found

    assert painted(0.0, 2.0) == painted(0.1, 2.0)
    assert painted(0.0, 2.0) != painted(0.5, 2.0)
    apart = np.array(painted(0.5, 2.0)), np.array(painted(0.0, 2.0))
    np.testing.assert_array_equal(apart[0][:, 1:], apart[1][:, :-1])
    assert painted(0.0, 1.0) == painted(0.1, 1.0)
