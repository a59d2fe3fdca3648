"""The form: sections of rows of editors, one for each field of a config model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from skyframe_gui.numbers import value_text
from skyframe_gui.ui.form.config_fields import (
    Field,
    fields_of,
    is_taken,
    rows_of,
    value_of,
    with_values,
)
from skyframe_gui.ui.form.editors import ChoiceEditor, Editor, SwitchEditor
from skyframe_gui.ui.form.form_row import LABEL_AT, WITH_SWITCHES, Row
from skyframe_gui.ui.form.line_editor import EntryEditor
from skyframe_gui.ui.form.planes_editor import PlanesEditor
from skyframe_gui.ui.widgets import in_column, text_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.ui.theme import Palette

SECTION_HEIGHT, LOW_SECTION_HEIGHT = 23, 22
MOST_OF_COLUMN = 330
"""Pixels; in a wider one a name would stand far from its editor."""
LEFT = ("background", "objects", "stages", "bgModel1")
"""Sections of the left one of two columns."""
EDITORS: dict[str, type[Editor]] = {
    "whole": EntryEditor,
    "real": EntryEditor,
    "text": EntryEditor,
    "choice": ChoiceEditor,
    "switch": SwitchEditor,
    "planes": PlanesEditor,
}


class Form(QWidget):
    """Edits a config of one model.

    Parameters
    ----------
    model : type of BaseModel
        Its fields become editors; fields of parts come under the part's name.
    config : BaseModel, optional
        What is shown at first; the model's defaults.
    leave_out : tuple of str
        Parts that are edited elsewhere.

    Attributes
    ----------
    edited : signal (config, label: str)
        A person wants this config; the label says what was done.
    refused : signal (Row)
        A row says what is wrong with what was typed.
    """

    edited = pyqtSignal(object, str)
    refused = pyqtSignal(object)

    def __init__(
        self,
        model: type[BaseModel],
        config: BaseModel | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.editors: dict[str, Editor] = {}
        self.rows: dict[str, Row] = {}
        self._config: BaseModel = model() if config is None else config
        self._preset: BaseModel = self._config
        self._palette: Palette | None = None
        self._titles: dict[str, QLabel] = {}
        self._form = (False, False, True, False)
        self._columns: list[list[QWidget]] = [[], []]
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._both.setContentsMargins(0, 0, 0, 4)
        self._both.setSpacing(0)
        for _ in self._columns:
            column = in_column()
            self._both.addLayout(column)
            column.addStretch(1)
        self._filled = 0
        for section, rows in rows_of(fields_of(model, leave_out=leave_out)).items():
            self.add_section(section)
            for fields in rows:
                self._add_row(fields)
        if any(isinstance(editor, SwitchEditor) for editor in self.editors.values()):
            for row in self.rows.values():
                row.most = WITH_SWITCHES

    def add_section(self, title: str) -> None:
        """Add a section's title below what is there, in the column that it belongs to."""
        label = text_label(title, "section", margins=(LABEL_AT, 0, 0, 0))
        label.setFixedHeight(SECTION_HEIGHT)
        self._titles[title] = label
        self._filled = 0 if title in LEFT else 1
        self._add(label)

    def note_section(self, title: str, note: str) -> None:
        """Say something beside a section's title; "" for nothing."""
        self._titles[title].setText(f"{title} · {note}" if note else title)

    def add_row(self, row: Row) -> None:
        """Add a row of another kind to the newest section."""
        self._add(row)

    def two_columns_width(self, short: bool) -> int:
        """Return the pixels that two columns need, with short names or whole ones."""
        return sum(self._least_widths(short))

    def _least_widths(self, short: bool) -> list[int]:
        return [
            max((row.least_width(short) for row in column if isinstance(row, Row)), default=0)
            for column in self._columns
        ]

    def height_with(self, low: bool, hints: bool) -> int:
        """Return the height of two columns in a form."""
        section = LOW_SECTION_HEIGHT if low else SECTION_HEIGHT
        heights = [
            sum(
                one.height_with(low, hints) if isinstance(one, Row) else section
                for one in column
                if not one.isHidden()
            )
            for column in self._columns
        ]
        return max(heights) + self._both.contentsMargins().bottom()

    def set_form(self, two_columns: bool, low: bool, hints: bool, short: bool) -> None:
        """Set number of columns, height of rows, whether there are hints, and whole names."""
        if (two_columns, low, hints, short) == self._form:
            return
        was_low = self._form[1]
        self._form = (two_columns, low, hints, short)
        direction = QBoxLayout.Direction
        self._both.setDirection(direction.LeftToRight if two_columns else direction.TopToBottom)
        for place, least in enumerate(self._least_widths(short)):
            self._both.setStretch(place, least if two_columns else 0)
        for title in self._titles.values():
            title.setFixedHeight(LOW_SECTION_HEIGHT if low else SECTION_HEIGHT)
        for column in self._columns:
            for row in column:
                if isinstance(row, Row):
                    row.set_form(two_columns, low, hints, short)
                    if low != was_low:
                        row.set_low(low)
        self._keep_together()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Keep two columns together where there is more room than they need."""
        super().resizeEvent(a0)
        self._keep_together()

    def _keep_together(self) -> None:
        two_columns = self._form[0]
        margins = self._both.contentsMargins()
        right = max(self.width() - 2 * MOST_OF_COLUMN, 0) if two_columns else 0
        if margins.right() != right:
            margins.setRight(right)
            self._both.setContentsMargins(margins)

    def focus_order(self) -> tuple[QWidget, ...]:
        """Return what takes the focus, from top to bottom and from the left column to the right."""
        rows = (row for column in self._columns for row in column if isinstance(row, Row))
        return tuple(widget for row in rows for widget in (*row.editors, row.reset))

    def show_config(
        self,
        config: BaseModel,
        preset: BaseModel,
        hints: Mapping[str, str],
        planes: tuple[str, ...] | None,
    ) -> None:
        """Show a config.

        Parameters
        ----------
        config : BaseModel
        preset : BaseModel
            What it is compared with.
        hints : mapping of str to str
            By the path of a row's first field.
        planes : tuple of str or None
            Mask planes of the shown file; None without one.
        """
        self._config, self._preset = config, preset
        for path, editor in self.editors.items():
            if isinstance(editor, PlanesEditor):
                editor.show_planes(value_of(preset, path), planes)
            editor.show_value(value_of(config, path))
        for path, row in self.rows.items():
            members = self._members(row)
            usual = {member: value_of(preset, member) for member in members}
            changed = any(value_of(config, member) != usual[member] for member in members)
            row.set_changed(changed, " and ".join(value_text(value) for value in usual.values()))
            row.show_hint(hints.get(path, ""))

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        if palette is self._palette:
            return
        self._palette = palette
        for editor in self.editors.values():
            editor.apply_theme(palette)
        for row in self.rows.values():
            row.apply_theme(palette)

    def _add_row(self, fields: tuple[Field, ...]) -> None:
        editors = [self._make(field) for field in fields]
        names = ", ".join(field.name for field in fields)
        row = Row(names, editors, "\n\n".join(field.tip for field in fields), _short(fields))
        row.reset.setAccessibleName(f"Reset {', '.join(field.path for field in fields)}")
        row.reset.clicked.connect(lambda: self._reset(row))
        for field, editor in zip(fields, editors, strict=True):
            editor.refused.connect(lambda why, path=field.path: self._refuse(row, path, why))
        self.rows[fields[0].path] = row
        self._add(row)

    def _add(self, widget: QWidget) -> None:
        self._columns[self._filled].append(widget)
        item = self._both.itemAt(self._filled)
        column = None if item is None else item.layout()
        assert isinstance(column, QVBoxLayout)  # made by the constructor
        column.insertWidget(column.count() - 1, widget)

    def _refuse(self, row: Row, path: str, why: str) -> None:
        row.refuse(path, why)
        if why:
            self.refused.emit(row)

    def _make(self, field: Field) -> Editor:
        editor = EDITORS[field.kind](field, lambda value: is_taken(self._config, field.path, value))
        editor.committed.connect(lambda value: self._change(field.path, value))
        self.editors[field.path] = editor
        return editor

    def _members(self, row: Row) -> list[str]:
        return [path for path, editor in self.editors.items() if editor.parent() is row]

    def _change(self, path: str, value: Any) -> None:
        self.edited.emit(with_values(self._config, {path: value}), f"change {path}")

    def _reset(self, row: Row) -> None:
        members = self._members(row)
        usual = {path: value_of(self._preset, path) for path in members}
        self.edited.emit(
            with_values(self._config, usual),
            f"reset {' and '.join(members)}",
        )


def _short(fields: tuple[Field, ...]) -> str:
    """Return "x, yBinSize" of two fields whose names are alike but for the first letter."""
    first, last = fields[0].name, fields[-1].name
    return f"{first[0]}, {last}" if first != last and first[1:] == last[1:] else ""
