"""The dialog that opens data sets of a Butler repository: where, which, and how many there are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from skyframe_gui.files.butler.address import Address
from skyframe_gui.text import natural_order
from skyframe_gui.ui.dialogs.files import ask_folder
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, one_shot, set_look, text_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.work.repositories import Contents
    from skyframe_gui.files.butler.address import Dataset

PAUSE_MS = 350
WIDTH = 640
ALL = "all"
CHOICES = (
    ("instrument", "Instrument", "Such as HSC"),
    ("physical_filter", "Filters", "Physical filters, with commas between"),
    ("day_obs", "Nights", "Such as 20240229, 20240301 or 20240201..20240229"),
    ("visit", "Visits", "Numbers such as 1228, 1230 or 1200..1299"),
    ("detector", "Detectors", "Numbers such as 1, 2 or 40..50"),
)
SKY = "sky"


class ButlerDialog(QDialog):
    """Not modal, one a window. Nothing waits for a repository: the newest question is answered.

    Parameters
    ----------
    parent : QWidget
        The window.
    commands : Commands
    """

    def __init__(self, parent: QWidget, commands: Commands) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open from a Butler repository")
        self.resize(WIDTH, 0)
        self._commands = commands
        self._ask = commands.program.repositories
        self._contents: Contents | None = None
        self._found: tuple[Dataset, ...] = ()
        self._asked: Address | None = None
        self._look_soon = one_shot(self, self._look, PAUSE_MS)
        self._find_soon = one_shot(self, self._find, PAUSE_MS)
        self._make()
        self.repository.setText(commands.folders.get("butler", ""))
        self.finished.connect(lambda _: self._ask.lane.cancel())
        self._show()

    def _make(self) -> None:
        self.repository = QLineEdit()
        self.repository.setAccessibleName("Repository")
        self.repository.setPlaceholderText("a folder, an address, or a label such as /repo/main")
        self.repository.setToolTip(
            "The folder or address of a Butler repository, or its label in the index "
            "(DAF_BUTLER_REPOSITORY_INDEX)"
        )
        self.repository.textChanged.connect(self._on_repository)
        browse = QPushButton("Choose…")
        browse.setToolTip("Choose the folder of a repository")
        browse.setAutoDefault(False)
        browse.clicked.connect(
            lambda: ask_folder(self, self.repository.text(), self.repository.setText)
        )
        self.collections = _choice("Collections", "Searched in this order, with commas between")
        self.dataset = _choice("Dataset type", "Such as calexp, visit_image")
        self.choices = {name: _choice(text, tip, ALL) for name, text, tip in CHOICES}
        self.where = QLineEdit()
        self.where.setAccessibleName("Where")
        self.where.setPlaceholderText("visit > 1200 AND detector IN (1..9)")
        self.where.setToolTip("An expression as butler query-datasets --where takes it")
        self.sky = QCheckBox("Open the sky frames that belong to them, too, from")
        self.sky.setToolTip("Those of each detector and filter that are valid at the exposures")
        self.calibrations = _choice("Collections of sky frames", "With commas between")
        self.calibrations.setEnabled(False)
        self.sky.setEnabled(False)
        self.sky.toggled.connect(self.calibrations.setEnabled)

        form = QFormLayout()
        form.setContentsMargins(16, 16, 16, 12)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        row = QWidget()
        in_row((self.repository, 1), browse, on=row, spacing=8)
        for text, field in (
            ("Repository", row),
            ("Collections", self.collections),
            ("Dataset type", self.dataset),
            *((words, self.choices[name]) for name, words, _ in CHOICES),
            ("Where", self.where),
        ):
            label = text_label(text, "text2")
            label.setBuddy(self.repository if field is row else field)
            form.addRow(label, field)
        sky = QWidget()
        in_row(self.sky, (self.calibrations, 1), on=sky, spacing=8)
        form.addRow(sky)

        self.collections.currentTextChanged.connect(self._on_collections)
        for box in (self.dataset, *self.choices.values()):
            box.currentTextChanged.connect(self._on_choice)
        self.where.textChanged.connect(self._on_choice)

        self.message = text_label(plain=True, wraps=True)
        policy = self.message.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.message.setSizePolicy(policy)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.stop = QPushButton("Stop")
        self.stop.setProperty("link", True)
        self.stop.setToolTip("Ask no further")
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._on_stop)
        close = QPushButton("Close")
        close.setToolTip("Close (Esc)")
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        self.open_button = QPushButton("Open")
        self.open_button.setProperty("primary", True)
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self.open_them)
        bar = QWidget()
        bar.setObjectName("statusbar")  # looks like the window's
        in_row(
            (self.message, 1), self.stop, 8, close, self.open_button,
            on=bar, margins=(16, 12, 16, 12), spacing=8,
        )  # fmt: skip
        in_column(form, STRETCH, bar, on=self)

    def address(self) -> Address:
        """Return what is chosen."""
        values = {name: _text(box) for name, box in self.choices.items()}
        return Address(
            repo=self.repository.text().strip(),
            collections=_names(self.collections),
            dataset=_text(self.dataset),
            where=self.where.text().strip(),
            data_id=tuple((name, text) for name, text in values.items() if text),
        )

    def words(self) -> list[str]:
        """Return what is to be opened, as words of the command line."""
        address = self.address()
        found = [str(address)]
        if self.sky.isChecked():
            names = _names(self.calibrations) or address.collections
            found.append(str(Address(repo=address.repo, collections=names, dataset=SKY)))
        return found

    def open_them(self) -> None:
        """Open what was found."""
        if self.open_button.isEnabled():
            self._commands.folders["butler"] = self.repository.text().strip()
            words = self.words()
            self.close()
            self._commands.open(words)

    # Asking ------------------------------------------------------------------------------------

    def _on_repository(self) -> None:
        self._contents, self._found, self._asked = None, (), None
        self._ask.lane.cancel()
        self._find_soon.stop()
        self._look_soon.start()
        self._show()

    def _can_offer_skies(self, there: bool) -> None:
        self.sky.setEnabled(there)
        self.sky.setChecked(self.sky.isChecked() and there)
        line = self.calibrations.lineEdit()
        if line is not None:
            line.setPlaceholderText("" if there else "no sky frames are in it")

    def _look(self) -> None:
        repo = self.repository.text().strip()
        if repo:
            self._ask.look(repo, self._on_contents, self._on_problem)
        self._show()

    def _on_contents(self, contents: Contents) -> None:
        if contents.repo != self.repository.text().strip():
            return
        self._contents = contents
        names = [one.name for one in contents.collections]
        _offer(self.collections, names)
        skies = [one.name for one in contents.collections if SKY in one.datasets]
        _offer(self.calibrations, skies)
        self._can_offer_skies(bool(skies))
        self._on_collections()
        self._show()

    def _on_collections(self) -> None:
        if self._contents is not None:
            types = self._contents.types_of(_names(self.collections))
            _offer(self.dataset, [one for one in types if one != SKY] or types)
        self._on_choice()

    def _on_choice(self) -> None:
        self._find_soon.start()
        self._show()

    def _find(self) -> None:
        address = self.address()
        if self._contents is not None and address.collections and address.dataset:
            self._asked = address
            self._found = ()
            self._ask.find(address, self._on_found, self._on_problem)
        self._show()

    def _on_found(self, found: tuple[Dataset, ...]) -> None:
        if self._asked != self.address():
            return
        self._found = found
        if not self._asked.data_id and not self._asked.where:  # all that there is to choose from
            for name, box in self.choices.items():
                _offer_values(box, _values(found, name))
        self._show()

    def _on_problem(self, problem: Problem) -> None:
        self._found = ()
        self._show(problem.text)

    def _on_stop(self) -> None:
        self._look_soon.stop()
        self._find_soon.stop()
        self._ask.lane.cancel()
        self._show("Stopped; change something to ask again.", "text2")

    def _show(self, text: str = "", role: str = "error") -> None:
        waits = self._look_soon.isActive() or self._find_soon.isActive()
        busy = not text and (waits or self._ask.lane.busy) and not self._is_answered()
        if not text:
            text, role = self._line(busy), "text2"
        self.message.setText(text)
        self.message.setToolTip(plain_tip(text))
        if self.message.property("role") != role:
            set_look(self.message, "role", role)
        self.stop.setVisible(busy)
        n = len(self._found) if self._is_answered() else 0
        self.open_button.setText(f"Open {n}" if n else "Open")
        self.open_button.setEnabled(bool(n))

    def _is_answered(self) -> bool:
        return bool(self._found) and self._asked == self.address()

    def _line(self, busy: bool) -> str:
        repo = self.repository.text().strip()
        if not repo:
            return "Choose a repository."
        if busy:
            return f"Asking {os.path.basename(repo.rstrip('/')) or repo}…"
        if self._contents is None:
            return ""
        if not _names(self.collections):
            n = len(self._contents.collections)
            return f"Choose a collection; there {'is' if n == 1 else 'are'} {n}."
        if not _text(self.dataset):
            return "Choose the dataset type; the collections have no images of detectors."
        if not self._is_answered():
            return ""
        counts = (
            (len(self._found), "data set"),
            (len(_values(self._found, "visit") or _values(self._found, "exposure")), "visit"),
            (len(_values(self._found, "detector")), "detector"),
            (len(_values(self._found, "physical_filter")), "filter"),
        )
        return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n) + "."


def _choice(name: str, tip: str, empty: str = "") -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    line = box.lineEdit()
    if line is not None:
        line.setPlaceholderText(empty)
        line.setAccessibleName(name)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    completer = box.completer()
    if completer is not None:
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    return box


def _offer(box: QComboBox, names: Iterable[str]) -> None:
    """Offer names; what is typed stays while it is one of them, else the first is taken."""
    names = list(names)
    before = box.currentText()
    box.blockSignals(True)
    box.clear()
    box.addItems(names)
    kept = before if before and set(_split(before)) <= set(names) else next(iter(names), "")
    box.setCurrentText(kept)
    box.blockSignals(False)


def _offer_values(box: QComboBox, values: Sequence[str]) -> None:
    """Offer all values and each of them; what is typed stays."""
    before = box.currentText()
    box.blockSignals(True)
    box.clear()
    box.addItems([ALL, *values])
    box.setCurrentText(before or ALL)
    box.blockSignals(False)


def _values(found: Iterable[Dataset], name: str) -> list[str]:
    """Return the values that a dimension has, in order."""
    values = {str(value) for one in found for key, value in one.data_id if key == name}
    return sorted(values, key=natural_order)


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in text.split(","))))


def _names(box: QComboBox) -> tuple[str, ...]:
    return _split(box.currentText())


def _text(box: QComboBox) -> str:
    text = box.currentText().strip()
    return "" if text == ALL else ",".join(_split(text))
