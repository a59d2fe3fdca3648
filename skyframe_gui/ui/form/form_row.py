"""A row of the form: its mark when changed, name, editors, reset, and the hint below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter
from PyQt6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from skyframe_gui.ui.form.editors import SwitchEditor, set_low
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import font, icon
from skyframe_gui.ui.widgets import in_column, in_row, set_sheet, text_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.ui.theme import Palette

HEIGHT, LOW_HEIGHT, HINT_HEIGHT = 29, 27, 18
LABEL_AT, EDITORS_AT = 10, 192
GAP, SWITCH_GAP, RESET, EDGE = 5, 2, 16, 1
EDITORS_WIDTH, WITH_SWITCHES, BETWEEN = 134, 122, 4
"""Pixels of the editors of a row in a narrow column, of one in a form that has switches with long
names, and between two of them."""
LEAST, LEAST_ALONE = 37, 116
"""Pixels of one of two editors at least, three figures, and of one that stands alone."""
SCROLLED = 5
"""Pixels that each of them gives away to a scroll bar."""
BAR_AT, BAR = 3, 3
"""The mark of a changed row: pixels from the left, and its width."""
UNBOUNDED = 16777215
"""Qt's largest width."""


class Hint(QLabel):
    """A line under the editors; further to the left where it is long, over lines if need be."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "hint")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._sheet = ""
        self.wrong = False
        self.narrow = False
        """Whether the hint ends where the editors end, as it does in a narrow column."""
        self.hide()

    def show_text(self, text: str, wrong: bool) -> None:
        """Show a text, in the colour of errors where something is wrong."""
        self.wrong = wrong
        set_sheet(self, self._sheet if wrong else "")
        self.setText(text)
        self.fit()
        self.setVisible(bool(text))

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._sheet = f"QLabel {{ color: {palette.error}; font-size: 11px; }}"
        set_sheet(self, self._sheet if self.wrong else "")

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Find the place anew."""
        super().resizeEvent(a0)
        if a0 is not None and a0.size().width() != a0.oldSize().width():
            self.fit()

    def fit(self) -> None:
        """Find place and height for the text."""
        wide = self.fontMetrics().horizontalAdvance(self.text()) + 2
        right = RESET + EDGE if self.narrow else 8
        room = self.width() - right
        long = wide > room - LABEL_AT
        at = room - wide if self.narrow else min(EDITORS_AT, room - wide)
        left = LABEL_AT if long else max(at, LABEL_AT)
        margins = self.contentsMargins()
        if (self.wordWrap(), margins.left(), margins.right()) != (long, left, right):
            self.setWordWrap(long)
            self.setContentsMargins(left, 0, right, 3 if long else 0)
        height = HINT_HEIGHT
        if long:
            # Not heightForWidth, which is never less than the height that is set here.
            flags = Qt.TextFlag.TextWordWrap
            bounds = self.fontMetrics().boundingRect(0, 0, room - left, 0, flags, self.text())
            height = max(bounds.height() + 5, HINT_HEIGHT)
        if self.minimumHeight() != height:
            self.setFixedHeight(height)


class Row(QWidget):
    """One row, with one editor or two.

    Parameters
    ----------
    label : str
    editors : sequence of QWidget
    tip : str
        Of the label.
    short : str
        The label where there is no room for the whole; "" for the same.
    """

    def __init__(self, label: str, editors: Sequence[QWidget], tip: str, short: str = "") -> None:
        super().__init__()
        self._bar = QColor()
        self._changed = False
        self._hint_text = ""
        self._always = False
        self._tip = tip
        self._hints = True
        self._height = HEIGHT
        self._wrong: dict[str, str] = {}
        self.editors = tuple(editors)
        self.label = text_label(label, "field")
        self.label.setToolTip(tip)
        # Not by its hint, which a label keeps from when its width was fixed; the layout asks for
        # the least width only where there is a stretch.
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.label.setBuddy(editors[0])
        self._names = label, short or label
        self._gap = SWITCH_GAP if isinstance(editors[0], SwitchEditor) else GAP
        self.most = EDITORS_WIDTH
        """Pixels of the editors in a narrow column; as many in all rows of a form."""
        line = in_row((self.label, 1), margins=(LABEL_AT, 0, EDGE, 0))
        for place, editor in enumerate(editors):
            line.addSpacing(BETWEEN if place else self._gap)
            line.addWidget(editor)
        self.reset = QToolButton()
        self.reset.setProperty("flat", True)
        self.reset.setStyleSheet("padding: 0;")
        self.reset.setIconSize(QSize(14, 14))
        self.reset.setFixedSize(RESET, 22)
        self.reset.setAccessibleName(f"Reset {label}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.hide()
        line.addWidget(self.reset)
        self._line = line
        self.hint = Hint()
        in_column(line, self.hint, on=self)
        self.set_form(narrow=False, low=False, hints=True)

    def least_width(self, short: bool) -> int:
        """Return the pixels that the row needs in a narrow column, with its short name or not."""
        n = len(self.editors)
        fields = LEAST_ALONE if n == 1 else n * LEAST + (n - 1) * BETWEEN
        if isinstance(self.editors[0], SwitchEditor):
            fields = self.most  # else its name would push the box to the right of fields
        return LABEL_AT + _width(self._names[short]) + GAP + fields + RESET + EDGE

    def height_with(self, low: bool, hints: bool) -> int:
        """Return the height that the row has in a form, without what is wrong with it."""
        hint = HINT_HEIGHT if (hints or self._always) and self._hint_text else 0
        return (LOW_HEIGHT if low else HEIGHT) + hint

    def set_form(self, narrow: bool, low: bool, hints: bool, short: bool = False) -> None:
        """Set how the row stands: in a narrow column, low, with its hint, with its short name.

        In a narrow column a name takes what it needs and the editors end where those of the other
        rows end; else names have one width and the editors the rest.
        """
        self._height = LOW_HEIGHT if low else HEIGHT
        self.label.setText(self._names[short])
        if narrow:
            self.label.setMinimumWidth(_width(self._names[short]))
            self.label.setMaximumWidth(UNBOUNDED)
        else:
            self.label.setFixedWidth(EDITORS_AT - LABEL_AT - self._gap)
        self.label.setFixedHeight(self._height)
        n = len(self.editors)
        most = (self.most - (n - 1) * BETWEEN) // n if narrow else UNBOUNDED
        for editor in self.editors:
            editor.setMaximumWidth(most)
            least = LEAST_ALONE if narrow and n == 1 else LEAST
            if isinstance(editor, SwitchEditor):
                least = LEAST  # a long name leaves the box where the fields below it begin
            editor.setMinimumWidth(least - SCROLLED)
            self._line.setStretchFactor(editor, 1000)  # the name gets what they may not take
        self.hint.narrow = narrow
        self._hints = hints
        self._show_hint()

    def set_low(self, low: bool) -> None:
        """Make the editors lower, or as high as usual again."""
        for editor in self.editors:
            for field in (editor, *editor.findChildren(QWidget)):
                if field.property("role") == "field":
                    set_low(field, low)

    @property
    def changed(self) -> bool:
        """Whether the row is marked as changed."""
        return self._changed

    def set_changed(self, changed: bool, back_to: str = "") -> None:
        """Mark the row, and say what reset goes back to."""
        self._changed = changed
        self.reset.setVisible(changed)
        self.reset.setToolTip(plain_tip(f"Reset to {back_to}"))
        self.update()

    def show_hint(self, text: str, always: bool = False) -> None:
        """Show a hint, ``always`` or where there is room; what is wrong with an editor goes before.

        Without room the name's tool tip has it.
        """
        self._hint_text, self._always = text, always
        self.label.setToolTip("\n\n".join(filter(None, (self._tip, text))))
        self._show_hint()

    def refuse(self, path: str, why: str) -> None:
        """Show what is wrong with an editor; "" takes it back."""
        self._wrong[path] = why
        self._show_hint()

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._bar = QColor(palette.accent)
        self.reset.setIcon(icon("restore", palette.text2))
        self.hint.apply_theme(palette)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the mark of a changed row."""
        super().paintEvent(a0)
        if self._changed:
            painter = QPainter(self)
            painter.fillRect(BAR_AT, 5, BAR, self._height - 10, self._bar)
            painter.end()

    def _show_hint(self) -> None:
        wrong = next((why for why in self._wrong.values() if why), "")
        told = self._hint_text if self._hints or self._always else ""
        self.hint.show_text(wrong or told, bool(wrong))


def _width(name: str) -> int:
    return QFontMetrics(font(12)).horizontalAdvance(name) + 1
