"""The editor of mask planes: what is chosen in short, and all planes in a list that opens."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QCheckBox, QFrame, QLineEdit, QPushButton, QScrollArea, QWidget

from skyframe_gui.engine.exposure import MaskPlanes
from skyframe_gui.ui.form.editors import Editor, QuietCombo
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtCore import QObject
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.ui.form.config_fields import Field
    from skyframe_gui.ui.theme import Palette

N_NAMED = 2
"""So many planes are named in short, the others counted."""
ROW, MOST_ROWS = 24, 14
ARROW = 32
"""Pixels of a combo box that are not for text."""
LACKING = "not in this file"


def summary_of(planes: tuple[str, ...], n_named: int = N_NAMED) -> str:
    """Return "SAT, BAD, + 4"."""
    if not planes:
        return "none"
    more = len(planes) - n_named
    named = list(planes[:n_named])
    return ", ".join([*named, f"+ {more}"] if more > 0 else named)


class PlanesPopup(QFrame):
    """The planes with a check box each, and a line to add one.

    Attributes
    ----------
    toggled : signal (plane: str, checked: bool)
    added : signal (plane: str)
    """

    toggled = pyqtSignal(str, bool)
    added = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.boxes: dict[str, QCheckBox] = {}
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Another plane")
        self.line.setAccessibleName("Add a mask plane")
        self.line.setFixedHeight(26)
        self.line.returnPressed.connect(self._on_added)
        add = QPushButton("Add")
        add.setAutoDefault(False)
        add.clicked.connect(self._on_added)
        row = in_row((self.line, 1), add, margins=(8, 0, 8, 0), spacing=4)
        self._why = text_label(role="error", plain=True, wraps=True, margins=(8, 0, 8, 0))
        self._why.hide()
        in_column(self._scroll, row, self._why, on=self, margins=(1, 1, 1, 8), spacing=4)

    def list_planes(
        self, planes: tuple[str, ...], chosen: tuple[str, ...], in_file: frozenset[str] | None
    ) -> None:
        """List planes; those that the file lacks say so."""
        body = QWidget()
        column = in_column(on=body, margins=(8, 4, 8, 4))
        self.boxes = {}
        for plane in planes:
            box = QCheckBox(plane.replace("&", "&&"))  # else a mark of its key
            box.setFixedHeight(ROW)
            box.setChecked(plane in chosen)
            box.toggled.connect(lambda on, plane=plane: self.toggled.emit(plane, on))
            box.installEventFilter(self)
            line = in_row((box, 1), spacing=-1)
            if in_file is not None and plane not in in_file:
                note = text_label(LACKING, "hint")
                box.setAccessibleDescription(LACKING)
                line.addWidget(note)
            column.addLayout(line)
            self.boxes[plane] = box
        column.addStretch(1)
        self._scroll.setWidget(body)
        self._scroll.setFixedHeight(min(len(planes), MOST_ROWS) * ROW + 8)
        self.refuse("")
        self.adjustSize()

    def refuse(self, why: str) -> None:
        """Say why a plane is not taken; "" takes it back."""
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.adjustSize()

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Go from box to box with Up and Down."""
        if isinstance(a1, QKeyEvent) and a1.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(a1.key()))
            boxes = list(self.boxes.values())
            if step and a0 in boxes:
                place = [box is a0 for box in boxes].index(True) + step
                target: QWidget = boxes[max(place, 0)] if place < len(boxes) else self.line
                target.setFocus(Qt.FocusReason.TabFocusReason)
                self._scroll.ensureWidgetVisible(target)
                return True
        return super().eventFilter(a0, a1)

    def _on_added(self) -> None:
        plane = self.line.text().strip()
        if plane:
            self.added.emit(plane)


class PlanesCombo(QuietCombo):
    """A combo box that opens the list of planes.

    Attributes
    ----------
    opened : signal ()
        The list is to be filled.
    """

    opened = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._planes: tuple[str, ...] = ()
        self.addItem("")

    @cached_property
    def popup(self) -> PlanesPopup:
        """The list, made when it is first opened."""
        return PlanesPopup(self)

    def name(self, planes: tuple[str, ...]) -> None:
        """Show planes in short, as many by name as there is room for."""
        self._planes = planes
        room = self.width() - ARROW
        for n_named in range(N_NAMED, -1, -1):
            text = summary_of(planes, n_named)
            if self.fontMetrics().horizontalAdvance(text) <= room:
                break
        self.setItemText(0, text)

    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Name more planes, or fewer."""
        super().resizeEvent(e)
        self.name(self._planes)

    def showPopup(self) -> None:
        """Open the list below, or above where there is no room."""
        popup = self.popup
        self.opened.emit()
        popup.setMinimumWidth(max(self.width(), 250))
        popup.adjustSize()
        place = self.mapToGlobal(self.rect().bottomRight())
        place.setX(place.x() - popup.width())
        place.setY(place.y() + 2)
        screen = self.screen()
        if screen is not None:
            area = screen.availableGeometry()
            if place.y() + popup.height() > area.bottom():
                place.setY(self.mapToGlobal(self.rect().topLeft()).y() - popup.height() - 2)
            place.setX(max(place.x(), area.left()))
            place.setY(max(place.y(), area.top()))
        popup.move(place)
        popup.show()
        first = next(iter(popup.boxes.values()), None)
        (first or popup.line).setFocus(Qt.FocusReason.PopupFocusReason)

    def hidePopup(self) -> None:
        """Close the list."""
        if "popup" in vars(self):
            self.popup.hide()
        super().hidePopup()


def names_in(value: object) -> tuple[str, ...]:
    """Return the names of a field's value; those of nothing are none."""
    return tuple(str(name) for name in value) if isinstance(value, tuple | list) else ()


class PlanesEditor(Editor):
    """Mask planes by name."""

    def __init__(self, field: Field, takes: Callable[[Any], bool]) -> None:
        super().__init__(field, takes)
        self._value: tuple[str, ...] = ()
        self._usual: tuple[str, ...] = names_in(field.default)
        self._in_file: tuple[str, ...] | None = None
        self._order: tuple[str, ...] = ()
        self.combo = PlanesCombo()
        self._sheet = ""
        self._popup: PlanesPopup | None = None
        self.combo.opened.connect(self._fill)
        self.add(self.combo)

    def show_value(self, value: Any) -> None:
        """Show what is chosen, in short."""
        self._value = tuple(value)
        self.combo.name(self._value)
        self.combo.setToolTip(plain_tip(f"{', '.join(self._value) or 'none'}\n{self.field.tip}"))
        boxes = {} if self._popup is None else self._popup.boxes
        for plane, box in boxes.items():
            box.blockSignals(True)
            box.setChecked(plane in self._value)
            box.blockSignals(False)

    def show_planes(self, usual: tuple[str, ...], in_file: tuple[str, ...] | None) -> None:
        """PreferencesSaver which planes the preset has and which the file; None without a file."""
        self._usual, self._in_file = usual, in_file

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._sheet = (
            f"PlanesPopup {{ background: {palette.header}; border: 1px solid {palette.border}; }}"
            f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {palette.header}; }}"
            "QCheckBox, QLineEdit, QPushButton, QLabel { font-size: 12px; }"
        )
        if self._popup is not None:
            self._popup.setStyleSheet(self._sheet)

    def _fill(self) -> None:
        popup = self.combo.popup
        if self._popup is None:
            self._popup = popup
            popup.setStyleSheet(self._sheet)
            popup.toggled.connect(self._on_toggled)
            popup.added.connect(self._on_added)
        # In the preset's order where that is the value's too, so that a plane that is taken out
        # and put back leaves nothing changed.
        usual = [*self._usual, *(plane for plane in self._value if plane not in self._usual)]
        same = [plane for plane in usual if plane in self._value] == list(self._value)
        order = usual if same else [*self._value]
        order += [*self._usual, *(self._in_file or ()), *MaskPlanes.LSST_DEFAULT]
        self._order = tuple(dict.fromkeys(order))
        in_file = None if self._in_file is None else frozenset(self._in_file)
        popup.list_planes(self._order, self._value, in_file)

    def _on_toggled(self, plane: str, on: bool) -> None:
        chosen = {*self._value, plane} if on else {*self._value} - {plane}
        self.committed.emit(tuple(one for one in self._order if one in chosen))

    def _on_added(self, plane: str) -> None:
        popup = self.combo.popup
        value = (*self._value, plane)
        if plane in self._value:
            popup.refuse(f"{plane} is chosen already.")
        elif not self.takes(value):
            popup.refuse(
                f"“{plane}” is no name of a mask plane; letters, digits and _ are taken, "
                "a digit not first."
            )
        else:
            self.committed.emit(value)
            self._value = value
            popup.line.clear()
            self._fill()
            popup.line.setFocus()
