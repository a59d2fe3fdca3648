"""A FITS header as a Qt table that reads only the cards that are in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt

from skyframe_gui.ui.plain_text import plain_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYWORD, VALUE, COMMENT = range(3)
HEADS = ("keyword", "value", "comment")
NO_INDEX = QModelIndex()


class CardsModel(QAbstractTableModel):
    """Keyword, value and comment of the cards that have all the wanted words."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: Sequence[Any] = ()
        self._images: list[str] = []
        self._wanted = ""
        self._rows: list[int] = []
        self._read: dict[int, tuple[str, str, str]] = {}

    def take(self, header: Any) -> None:
        """Show another header; None for none."""
        self.beginResetModel()
        self._cards = () if header is None else header.cards
        self._images = [str(card.image).rstrip() for card in self._cards]
        self._read = {}
        self._rows = self._matching()
        self.endResetModel()

    def search(self, wanted: str) -> None:
        """Show only the cards with all these words."""
        self.beginResetModel()
        self._wanted = wanted
        self._rows = self._matching()
        self.endResetModel()

    @property
    def n_cards(self) -> int:
        """The number of cards, also of those that are not shown."""
        return len(self._images)

    def card_text(self, row: int) -> str:
        """Return a card as it stands in the file."""
        return self._images[self._rows[row]]

    def rowCount(self, parent: QModelIndex = NO_INDEX) -> int:
        """Return the number of cards shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = NO_INDEX) -> int:
        """Return 3."""
        return 0 if parent.isValid() else len(HEADS)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the columns' heads."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._card(self._rows[index.row()])[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._card(self._rows[index.row()])[index.column()])
        return None

    def _matching(self) -> list[int]:
        words = self._wanted.casefold().split()
        return [
            row
            for row, image in enumerate(self._images)
            if all(word in image.casefold() for word in words)
        ]

    def _card(self, place: int) -> tuple[str, str, str]:
        if place not in self._read:
            self._read[place] = read_card(self._cards[place], self._images[place])
        return self._read[place]


def read_card(card: Any, image: str) -> tuple[str, str, str]:
    """Return keyword, value and comment as text; a card that cannot be parsed as it stands."""
    from astropy.io.fits import VerifyError

    from skyframe_gui.files.fits.headers import quiet

    with quiet():
        try:
            keyword, value, comment = str(card.keyword), card.value, str(card.comment)
        except (VerifyError, ValueError):
            return image[:8].strip(), image[8:].lstrip("= "), "this card is not valid FITS"
    if isinstance(value, bool):
        return keyword, "T" if value else "F", comment
    return keyword, "" if value is None else str(value), comment
