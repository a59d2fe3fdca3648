"""The manual, read in the window without a network."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QTextDocument

from skyframe_gui import engine
from skyframe_gui.resource import resource_names, resource_path
from skyframe_gui.ui.dialogs.manual import Manual, pages


@pytest.fixture
def manual(qtbot):
    shown = Manual(None)
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def text_of(manual) -> str:
    return manual.text.toPlainText()


def test_every_page_is_in_the_list_and_opens_with_its_title(manual, qtbot) -> None:
    names = [name for name, _title in pages()]
    assert sorted(names) == sorted(resource_names("manual", ".md"))
    assert [manual.pages.item(row).text() for row in range(manual.pages.count())] == [
        title for _name, title in pages()
    ]
    assert manual.pages.currentRow() == 0
    for row, name in enumerate(names):
        manual.pages.setCurrentRow(row)
        (title,) = re.findall(
            "^# (.+)$", resource_path(f"manual/{name}").read_text(encoding="utf-8"), re.MULTILINE
        )
        assert text_of(manual).startswith(title)


def test_links_between_pages_lead_there_and_back(manual) -> None:
    manual.text.setSource(QUrl("night.md"))
    assert text_of(manual).startswith("Night\nWhich visits are odd?")
    assert manual.pages.currentItem().text() == "Night"
    manual.text.backward()
    assert manual.pages.currentItem().text() == "Overview"


def test_pictures_have_the_width_of_the_page(manual, qtbot) -> None:
    def width() -> int:
        name = manual.text.source().resolved(QUrl("images/main-dark.png"))
        kind = QTextDocument.ResourceType.ImageResource
        return manual.text.loadResource(kind.value, name).width()

    assert width() == manual.text.viewport_width() - 48
    manual.resize(700, 600)
    qtbot.waitUntil(lambda: width() < 500)
    manual.resize(2600, 600)
    qtbot.waitUntil(lambda: width() == 1440)


def test_words_are_found_on_the_page_again_and_again(manual, qtbot) -> None:
    manual.go_to("visit.md")
    manual.wanted.setText("lasso")
    qtbot.keyClick(manual.wanted, Qt.Key.Key_Return)
    first = manual.text.textCursor()
    assert first.selectedText() == "lasso"
    assert manual.missing.text() == ""
    qtbot.keyClick(manual.wanted, Qt.Key.Key_Return)
    assert manual.text.textCursor().selectionStart() == first.selectionStart()
    manual.wanted.setText("no such word")
    qtbot.keyClick(manual.wanted, Qt.Key.Key_Return)
    assert manual.missing.text() == "It is not on this page."
    manual.go_to("index.md")
    assert manual.missing.text() == ""
    manual.wanted.clear()
    qtbot.keyClick(manual.wanted, Qt.Key.Key_Return)
    assert manual.missing.text() == ""


def test_the_page_of_functions_has_what_they_say_of_themselves(manual) -> None:
    manual.go_to("api.md")
    shown = text_of(manual)
    for name in engine.__all__:
        assert f"\n{name}\n" in shown, name
    assert "Return the samples of an exposure against a sky model" in shown
    assert "eval-rst" not in shown
