"""The header of an exposure: merged for look-up, its file's two headers kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from astropy.io.fits import Header

from skyframe_gui.files.fits.headers import header_of, merged_cards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.engine import Exposure
    from skyframe_gui.files.fits.headers import CardText


def notes_of(exposure: Exposure) -> tuple[str, ...]:
    """Return what the reader of an exposure found worth telling; nothing if it was not read."""
    header = exposure.header
    return header.notes if isinstance(header, SplitHeader) else ()


def add_note(exposure: Exposure, note: str) -> None:
    """Add to what `notes_of` an exposure that was read returns."""
    if isinstance(exposure.header, SplitHeader):
        exposure.header.notes = (*exposure.header.notes, note)


class SplitHeader(Header):  # type: ignore[misc]  # astropy brings no types
    """The merged header of an exposure that remembers the headers it was merged from.

    Attributes
    ----------
    primary : Header
        Copy of the primary header as stored.
    extension : Header or None
        Copy of the image HDU's header (of the image, where the HDU is a compressed table). None
        where the image is the primary HDU.
    notes : tuple of str
        What the reader found worth telling, one sentence each.
    """

    notes: tuple[str, ...]

    def __init__(self, cards: Any = (), copy: bool = False) -> None:
        super().__init__(cards, copy)
        self._keep((), None, ())

    def _keep(
        self,
        primary: tuple[CardText, ...],
        extension: tuple[CardText, ...] | None,
        notes: tuple[str, ...],
    ) -> None:
        # As text until somebody asks for a header: most exposures are read for their pixels.
        self._primary: Header | tuple[CardText, ...] = primary
        self._extension: Header | tuple[CardText, ...] | None = extension
        self.notes = notes
        self._merged: tuple[CardText, ...] | None = None

    def __getattr__(self, name: str) -> Any:
        # Called for what is not there yet: astropy's own fields, of a header that was merged.
        own = self.__dict__
        if (cards := own.get("_merged")) is not None:
            for field, value in vars(header_of(cards)).items():
                own.setdefault(field, value)
            self._merged = None
        if name not in own:
            raise AttributeError(name)
        return own[name]

    @classmethod
    def merge(
        cls,
        primary: Iterable[CardText],
        extension: Iterable[CardText] | None,
        notes: tuple[str, ...] = (),
    ) -> SplitHeader:
        """Merge the cards of the primary and, where the image is not in it, of the image's HDU."""
        first = tuple(primary)
        second = None if extension is None else tuple(extension)
        header = cls.__new__(cls)
        header._keep(first, second, notes)
        header._merged = first if second is None else merged_cards(first, second)
        return header

    @property
    def primary(self) -> Header:
        """Copy of the primary header as stored."""
        if isinstance(self._primary, tuple):
            self._primary = header_of(self._primary)
        return self._primary

    @primary.setter
    def primary(self, header: Header) -> None:
        self._primary = header

    @property
    def extension(self) -> Header | None:
        """Copy of the image HDU's header; None where the image is the primary HDU."""
        if isinstance(self._extension, tuple):
            self._extension = header_of(self._extension)
        return self._extension

    @extension.setter
    def extension(self, header: Header | None) -> None:
        self._extension = header

    @property
    def stored(self) -> tuple[Header | tuple[CardText, ...], Header | tuple[CardText, ...] | None]:
        """Both headers, as text where nobody has asked for them."""
        return self._primary, self._extension

    def copy(self, strip: bool = False) -> SplitHeader:
        """Return a copy of the merged header and of the two that it was merged from."""
        twin = cast("SplitHeader", super().copy(strip))
        first, second = self._primary, self._extension
        twin._primary = first if isinstance(first, tuple) else first.copy()
        twin._extension = second.copy() if isinstance(second, Header) else second
        twin.notes = self.notes
        return twin
