"""Says what this program is, and of what versions of what."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QWidget

from skyframe_gui import __version__
from skyframe_gui.resource import resource_path
from skyframe_gui.ui.clipboard import copy_text
from skyframe_gui.ui.theme import font
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "astropy",
    "astro-metadata-translator",
    "pydantic",
    "PyQt6",
    "pyqtgraph",
    "qtawesome",
)
LINKS = (
    ("The method: LSST's SkyMeasurementTask", "https://github.com/lsst/pipe_tasks"),
    ("License: GPL 3.0 or later", "https://www.gnu.org/licenses/gpl-3.0.html"),
    ("Font: Inter (SIL Open Font License)", "https://rsms.me/inter/"),
)


class About(QDialog):
    """Name, version, license, libraries."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About skyframe_gui")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picture = QLabel()
        icon = QIcon(str(resource_path("icons/skyframe_gui.svg")))
        picture.setPixmap(icon.pixmap(64, 64))
        title = text_label(f"skyframe_gui {__version__}", "title")
        what = text_label(
            "Makes sky frames of mosaic cameras, fits their scale to a visit and subtracts them, "
            "with the method of LSST's SkyMeasurementTask.",
            "text2",
            wraps=True,
        )
        head = in_column(title, what, spacing=4)
        top = in_row(spacing=16)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(head, 1)

        rows = versions()
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        half = (len(rows) + 1) // 2
        for number, (name, value) in enumerate(rows):
            row, column = number % half, number // half * 2
            for offset, text in enumerate((name, value)):
                label = QLabel(text)
                label.setFont(font(12))
                if not offset:
                    label.setProperty("role", "text2")
                grid.addWidget(label, row, column + offset)
        grid.setColumnMinimumWidth(1, 110)
        grid.setColumnStretch(3, 1)

        links = QLabel("<br>".join(f'<a href="{url}">{words}</a>' for words, url in LINKS))
        links.setOpenExternalLinks(True)
        links.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        links.setFont(font(12))

        copy = QPushButton("Copy versions")
        copy.setToolTip("Copy the versions, for a report of a fault")
        copy.clicked.connect(self._copy)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        close.setDefault(True)
        foot = in_row(copy, STRETCH, close, spacing=-1)

        in_column(top, grid, links, STRETCH, foot, on=self, margins=(24, 24, 24, 16), spacing=16)
        self.setFixedWidth(560)

    @staticmethod
    def _copy() -> None:
        copy_text("\n".join(f"{name} {value}" for name, value in versions()))


def versions() -> list[tuple[str, str]]:
    """Return this program, Python, the system and the libraries with their versions."""
    rows = [
        ("skyframe_gui", __version__),
        ("Python", platform.python_version()),
        ("system", f"{platform.system()} {platform.machine()}"),
    ]
    for name in LIBRARIES:
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:
            rows.append((name, "missing"))
    return rows
