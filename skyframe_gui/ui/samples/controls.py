"""Bars over plots: segmented choices and icon buttons; and what empty panels say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QLabel, QSizePolicy, QToolButton, QWidget

from skyframe_gui.ui.theme import icon
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QShowEvent

    from skyframe_gui.ui.theme import Palette
    from skyframe_gui.ui.widgets import Part

BAR_HEIGHT, SEGMENT_HEIGHT, SMALL_HEIGHT = 34, 24, 20
"""Of the bar under a title, and of choices side by side: in it, and in the title."""


def control_bar(*parts: Part) -> QWidget:
    """Return the bar under a dock's title, with parts as `in_row` takes them."""
    bar = QWidget()
    bar.setObjectName("controlBar")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    bar.setFixedHeight(BAR_HEIGHT)
    in_row(*parts, on=bar, margins=(8, 0, 8, 0), spacing=4)
    return bar


class IconButton(QToolButton):
    """A flat button with an icon, which says what it does to those who cannot see it."""

    def __init__(self, name: str, tip: str, checkable: bool = False, small: bool = False) -> None:
        super().__init__()
        self._name, self._shown = name, ""
        self.setProperty("flat", True)
        self.setCheckable(checkable)
        self.setToolTip(tip)
        self.setAccessibleName(tip.split(" (")[0])
        self.setIconSize(QSize(14, 14) if small else QSize(16, 16))
        self.setFixedSize(20 if small else 22, 20 if small else 26)
        # A click leaves the focus in the plot, where the keys work.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def apply_theme(self, palette: Palette, name: str = "") -> None:
        """Take a theme's colours, and perhaps another icon."""
        self._name = name or self._name
        look = f"{self._name} {palette.name}"
        if look != self._shown:
            self._shown = look
            self.setIcon(icon(self._name, palette.text, palette.text3))


class Segments(QWidget):
    """Choices side by side, of which one is on.

    Attributes
    ----------
    chosen : signal (id)
        A person has pressed one.
    """

    chosen = pyqtSignal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], small: bool = False) -> None:
        super().__init__()
        self._small = small
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for name, text, tip in choices:
            self.add(name, text, tip)

    def add(self, name: str, text: str, tip: str) -> QToolButton:
        """Add a choice at the right end."""
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(" (")[0])
        button.setProperty("segment", True)
        button.setProperty("small", self._small)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
        button.toggled.connect(self._raise)
        self._group.addButton(button)
        self.buttons[name] = button
        self.lay_out()
        return button

    def clear(self) -> None:
        """Take all choices away."""
        for button in self.buttons.values():
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self.buttons.clear()

    def check(self, name: str) -> None:
        """Switch a choice on without telling anybody."""
        self.buttons[name].setChecked(True)

    def check_only(self, name: str) -> None:
        """Switch one choice on, or none where there is none of that name."""
        self._group.setExclusive(False)
        for choice, button in self.buttons.items():
            button.setChecked(choice == name)
        self._group.setExclusive(True)

    def checked(self, name: str) -> bool:
        """Whether a choice is on."""
        return self.buttons[name].isChecked()

    def lay_out(self) -> None:
        """Put the choices side by side, so that neighbours share one line."""
        x, height = 0, SMALL_HEIGHT if self._small else SEGMENT_HEIGHT
        for button in self.buttons.values():
            width = button.sizeHint().width()
            button.setGeometry(x, 0, width, height)
            button.show()
            x += width - 1
        self.setFixedSize(x + 1, height)
        self._raise()

    def changeEvent(self, event: QEvent | None) -> None:
        """Take the widths that another font or style asks for."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.lay_out()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take the widths that the style sheet asks for."""
        for button in self.buttons.values():
            button.ensurePolished()
        self.lay_out()

    def _raise(self) -> None:
        for button in self.buttons.values():
            if button.isChecked():
                button.raise_()


class EmptyNote(QWidget):
    """What a panel says that has nothing to show: an icon, a title, and what to do next."""

    def __init__(self, icon_name: str, title: str, text: str) -> None:
        super().__init__()
        self._name = icon_name
        column = in_column(STRETCH, on=self, margins=(24, 8, 24, 8), spacing=4)
        self._icon = QLabel()
        self._title = text_label(title, "text2")
        self._text = text_label(text, "text2", pixels=12, wraps=True)
        self._title.setStyleSheet("font-weight: 600")
        for label in (self._icon, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(1)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._icon.setPixmap(icon(self._name, palette.text3).pixmap(QSize(24, 24)))

    def show_words(self, title: str, text: str) -> None:
        """Show another title and text."""
        self._title.setText(title)
        self._text.setText(text)
