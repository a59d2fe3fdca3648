"""Rows and columns of widgets, said in one call."""

from __future__ import annotations

from typing import Final, Literal, TypeVar

from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

STRETCH: Final = "stretch"
Part = QWidget | QLayout | tuple[QWidget | QLayout, int] | int | Literal["stretch"]
"""A widget or a layout, perhaps with its stretch; pixels that stay free; what takes the rest."""
Box = TypeVar("Box", bound=QBoxLayout)


def in_row(
    *parts: Part,
    on: QWidget | None = None,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing: int = 0,
) -> QHBoxLayout:
    """Return parts side by side.

    Parameters
    ----------
    *parts : Part
    on : QWidget, optional
        Whose layout it is to be.
    margins : (left, top, right, bottom)
    spacing : int
        Pixels between two parts; -1 for as many as the style has.
    """
    return _filled(QHBoxLayout(on), parts, margins, spacing)


def in_column(
    *parts: Part,
    on: QWidget | None = None,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing: int = 0,
) -> QVBoxLayout:
    """Return parts one below the other; see `in_row`."""
    return _filled(QVBoxLayout(on), parts, margins, spacing)


def _filled(
    box: Box, parts: tuple[Part, ...], margins: tuple[int, int, int, int], spacing: int
) -> Box:
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addSpacing(part)
        elif isinstance(part, str):
            box.addStretch(1)
        else:
            item, stretch = part if isinstance(part, tuple) else (part, 0)
            if isinstance(item, QLayout):
                box.addLayout(item, stretch)
            else:
                box.addWidget(item, stretch)
    return box
