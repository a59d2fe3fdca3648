"""The sheet of all keys: those of the menus, from their table, and those of the panels."""

from __future__ import annotations

from itertools import combinations_with_replacement, pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QDialog, QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from skyframe_gui.ui.actions.action import MENUS
from skyframe_gui.ui.theme import font
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skyframe_gui.ui.actions.action import Action
    from skyframe_gui.ui.theme import Palette

PANELS: tuple[tuple[str, str, str], ...] = (
    ("Image", "Move", "Drag"),
    ("Image", "Zoom at the cursor", "Wheel"),
    ("Image", "Select samples", "Click"),
    ("Image", "Add to the selection", "Ctrl+Click"),
    ("Image", "Lasso", "Shift+Drag"),
    ("Image", "Clear the selection", "Esc"),
    ("Image", "Row or column, while a cut is drawn", "Shift+Drag"),
    ("Image", "Draw no more cuts and boxes", "Esc"),
    ("Image", "Remove the selected mask, else cut or box", "Del"),
    ("Image", "Select a mask by hand, at its outline", "Click"),
    ("Image", "Move the selected mask by a pixel", "Up Down"),
    ("Image", "By 10 pixels", "Shift+Up Shift+Down"),
    ("Image", "Turn a mask by steps of 15°", "Shift+Drag"),
    ("Image", "Close a polygon that is masked", "Return"),
    ("Image", "From low to high limit", "Tab"),
    ("Image", "Apply typed limits", "Return"),
    ("Film", "Next, previous picture", "B Shift+B"),
    ("Film", "End the film", "Esc"),
    ("Samples", "Step back", ","),
    ("Samples", "Step on", "."),
    ("Samples", "First, last step", "Home End"),
    ("Samples", "Play the steps", "Space"),
    ("Samples", "Exclude the sample under the cursor", "D"),
    ("Samples", "Restore it", "U"),
    ("Samples", "Line of the last step", "O"),
    ("Samples", "Centre the pane on the sample", "Return"),
    ("Lists", "In the sky frame or out of it", "Space"),
    ("Lists", "Science or not", "Shift+Space"),
    ("Lists", "Up, down", "Up Down"),
    ("Lists", "Open, close a group", "Right Left"),
    ("Everywhere", "Menus", "F10"),
    ("Everywhere", "Next, previous control", "Tab Shift+Tab"),
)
COLUMNS = 3
ROW = 24


class Shortcuts(QDialog):
    """All keys, in groups and columns."""

    def __init__(self, parent: QWidget, palette: Palette, actions: Iterable[Action]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups = grouped(actions)
        scroll = QScrollArea()
        scroll.setAccessibleName("All keys")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        in_column(scroll, on=self)
        bar = scroll.verticalScrollBar()
        beside = 0 if bar is None else bar.sizeHint().width()
        window = parent.window()
        room = QSize(960, 780) if window is None else window.size()
        # Fewer columns where three are wider than the window; the rest is to be scrolled to.
        for count in range(COLUMNS, 0, -1):
            body = QWidget()
            row = in_row(on=body, margins=(24, 16, 24, 24), spacing=40)
            for column in columns([(name, len(keys) + 2) for name, keys in groups.items()], count):
                box = in_column(spacing=16)
                for name in column:
                    box.addWidget(_group(name, groups[name], palette))
                box.addStretch(1)
                row.addLayout(box, 1)
            scroll.setWidget(body)
            # The window's style sheet makes words wider, and Qt takes it up when they are shown.
            for widget in body.findChildren(QWidget):
                widget.ensurePolished()
            wanted = body.sizeHint()
            if wanted.width() + beside <= room.width():
                break
        self.resize(
            max(wanted.width() + beside, min(880, room.width())),
            min(wanted.height(), max(room.height() - 80, 400)),
        )


def grouped(actions: Iterable[Action]) -> dict[str, list[tuple[str, str]]]:
    """Return (what, keys) by group: the menus' first."""
    groups: dict[str, list[tuple[str, str]]] = {menu: [] for menu in MENUS}
    rows = [(action.menu, action.text, action.keys) for action in actions if action.keys]
    for menu, text, keys in (*rows, *PANELS):
        group = groups.setdefault(menu, [])
        if keys not in [known for _, known in group]:  # a key of a panel that is a menu's, too
            group.append((text.rstrip("…"), keys))
    return {name: keys for name, keys in groups.items() if keys}


def columns(heights: Sequence[tuple[str, int]], count: int = COLUMNS) -> list[list[str]]:
    """Return names in ``count`` columns of which the highest is as low as can be."""
    n = len(heights)
    cuts = combinations_with_replacement(range(n + 1), count - 1)
    choices = [[0, *cut, n] for cut in cuts]
    best = min(
        choices, key=lambda ends: max(sum(h for _, h in heights[a:b]) for a, b in pairwise(ends))
    )
    return [[name for name, _ in heights[a:b]] for a, b in pairwise(best)]


def key_texts(keys: str) -> list[str]:
    """Return each of several keys as this system writes it."""
    made = []
    for key in keys.split():
        text = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        made.append(text if text and "Click" not in key and "Drag" not in key else key)
    return made


def _group(name: str, keys: Sequence[tuple[str, str]], palette: Palette) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(0)
    title = text_label(name, "section")
    title.setFixedHeight(ROW)
    grid.addWidget(title, 0, 0, 1, 2)
    for number, (text, key) in enumerate(keys, 1):
        what = QLabel(text)
        what.setFont(font(12))
        what.setFixedHeight(ROW)
        grid.addWidget(what, number, 0)
        caps = in_row(STRETCH, spacing=4)
        for one in key_texts(key):
            cap = QLabel(one)
            cap.setStyleSheet(
                f"color: {palette.text2}; background: {palette.field}; font-size: 11px; "
                f"border: 1px solid {palette.border}; border-radius: 3px; padding: 0 5px;"
            )
            cap.setFixedHeight(18)
            caps.addWidget(cap)
        grid.addLayout(caps, number, 1)
    grid.setColumnStretch(0, 1)
    return box
