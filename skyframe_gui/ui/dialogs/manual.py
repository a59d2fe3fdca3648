"""The manual, read without a network: its pages on the left, one of them on the right."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import (
    QImage,
    QKeySequence,
    QShortcut,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PyQt6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QWidget,
)

from skyframe_gui.resource import resource_path
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent

FIRST = "index.md"
SIZE = (980, 720)
EDGE = 48
"""Pixels that a picture leaves free beside it."""
OF_SPHINX = re.compile(r"^```\{eval-rst\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DESCRIBED = re.compile(r"^\.\. auto(?:class|function):: ([\w.]+)$", re.MULTILINE)


class Manual(QDialog):
    """Browses the pages of ``resources/manual``, which Sphinx makes a site of."""

    def __init__(self, parent: QWidget | None, page: str = FIRST) -> None:
        super().__init__(parent)
        self.setWindowTitle("Manual")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.pages = QListWidget()
        self.pages.setFixedWidth(176)
        self.pages.setSpacing(2)
        self.pages.setAccessibleName("Pages of the manual")
        for name, title in pages():
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.pages.addItem(item)
        self.pages.currentItemChanged.connect(self._open_chosen)
        self.text = Browser()
        self.text.setAccessibleName("Page of the manual")
        self.text.sourceChanged.connect(self._mark_page)
        back = QPushButton("Back")
        back.setToolTip("The page before (Alt+Left)")
        back.setAutoDefault(False)  # Return finds the next
        back.setEnabled(False)
        back.clicked.connect(self.text.backward)
        self.text.backwardAvailable.connect(back.setEnabled)
        self.wanted = QLineEdit()
        self.wanted.setPlaceholderText("Find in this page")
        self.wanted.setAccessibleName("Find in this page")
        self.wanted.setToolTip("Find in this page (Ctrl+F); Return finds the next")
        self.wanted.setFixedWidth(220)
        self.wanted.returnPressed.connect(self.find_next)
        self.missing = text_label("", "text2")
        QShortcut(QKeySequence.StandardKey.Find, self, self.wanted.setFocus)
        QShortcut(QKeySequence("Alt+Left"), self, self.text.backward)
        bar = in_row(back, self.wanted, self.missing, STRETCH, spacing=8)
        right = in_column(bar, (self.text, 1), spacing=8)
        in_row(self.pages, (right, 1), on=self, margins=(16, 16, 16, 16), spacing=16)
        self.resize(*SIZE)
        self.go_to(page)

    def go_to(self, page: str) -> None:
        """Show a page of the manual by the name of its file."""
        self.text.setSource(QUrl.fromLocalFile(str(resource_path(f"manual/{page}"))))

    def find_next(self) -> None:
        """Go to the next place of what is looked for, from the top again after the last one."""
        words = self.wanted.text()
        if not words:
            self.missing.setText("")
            return
        found = self.text.find(words)
        if not found:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            found = self.text.find(words)
        self.missing.setText("" if found else "It is not on this page.")

    def _open_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.go_to(item.data(Qt.ItemDataRole.UserRole))

    def _mark_page(self, url: QUrl) -> None:
        self.missing.setText("")
        for row in range(self.pages.count()):
            item = self.pages.item(row)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == url.fileName():
                self.pages.blockSignals(True)
                self.pages.setCurrentRow(row)
                self.pages.blockSignals(False)


class Browser(QTextBrowser):
    """Shows pages with their pictures as wide as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenExternalLinks(True)

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """Return a picture in the room that there is, or a page with its docstrings."""
        path = Path(self.source().resolved(name).toLocalFile())
        if kind == QTextDocument.ResourceType.ImageResource.value and path.suffix == ".png":
            image = QImage(str(path))
            room = max(self.viewport_width() - EDGE, 1)
            if image.width() > room:
                mode = Qt.TransformationMode.SmoothTransformation
                image = image.scaledToWidth(room, mode)
            return image
        if path.suffix == ".md" and path.is_file():
            return with_docstrings(path.read_text(encoding="utf-8"))
        return super().loadResource(kind, name)

    def doSetSource(  # noqa: D102  Qt calls it for every page, loaded anew or not
        self,
        name: QUrl,
        type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource,
    ) -> None:
        super().doSetSource(name, type)
        document = self.document()
        if document is None:
            return
        document.setDocumentMargin(16)
        cursor = QTextCursor(document)
        code = QTextFormat.Property.BlockCodeFence.value
        block = document.begin()
        while block.isValid():
            cursor.setPosition(block.position())
            if cursor.currentTable() is None and not block.blockFormat().hasProperty(code):
                apart = QTextBlockFormat()
                apart.setTopMargin(12 if block.blockFormat().headingLevel() > 1 else 0)
                apart.setBottomMargin(2 if block.textList() is not None else 8)
                cursor.mergeBlockFormat(apart)
            block = block.next()

    def viewport_width(self) -> int:
        """Return how many pixels wide a page may be."""
        viewport = self.viewport()
        return self.width() if viewport is None else viewport.width()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the pictures to the new width; the place that was read stays."""
        before = self.viewport_width()
        super().resizeEvent(event)
        bar = self.verticalScrollBar()
        if self.viewport_width() != before and bar is not None:
            part = bar.value() / max(bar.maximum(), 1)
            self.reload()
            bar.setValue(round(part * bar.maximum()))


def pages() -> list[tuple[str, str]]:
    """Return file and title of every page, in the order of the first one's table."""
    first = resource_path(f"manual/{FIRST}").read_text(encoding="utf-8")
    others = re.findall(r"^\| \[([^\]]+)\]\((\w+\.md)\)", first, re.MULTILINE)
    return [(FIRST, "Overview"), *((name, title) for title, name in others)]


def with_docstrings(text: str) -> str:
    """Return a page in which what only Sphinx knows how to fill is filled."""
    return OF_SPHINX.sub(lambda block: "\n".join(map(described, DESCRIBED.findall(block[1]))), text)


def described(name: str) -> str:
    """Return what a function or a class says of itself, as Markdown."""
    module, _, last = name.rpartition(".")
    found = getattr(import_module(module), last)
    try:
        signature = str(inspect.signature(found))
    except (TypeError, ValueError):
        signature = ""
    words = inspect.getdoc(found) or ""
    return f"### {last}\n\n```\n{last}{signature}\n\n{words}\n```\n"
