"""What a screen reader is told of a widget: Qt's own answers, which PyQt does not hand on.

`QAccessibleInterface` has no wrapper in PyQt, so its virtual functions are called by their place,
which Qt keeps the same through all of Qt 6.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import PyQt6
from PyQt6 import sip
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QAbstractScrollArea

if TYPE_CHECKING:
    from collections.abc import Iterator

FOCUSABLE = 1 << 2
DISABLED = 1 << 0
INVISIBLE = 1 << 17


class Role(IntEnum):
    """Of Qt's roles those that are looked for."""

    TABLE = 0x18
    HEADER = 0x19
    CELL = 0x1D
    LIST = 0x21
    LIST_ITEM = 0x22
    TREE = 0x23
    TREE_ITEM = 0x24
    TEXT = 0x29
    EDIT = 0x2A
    BUTTON = 0x2B
    CHECK = 0x2C
    RADIO = 0x2D
    COMBO = 0x2E
    SLIDER = 0x33
    SPIN = 0x34
    MENU_ITEM = 0x0C
    BUTTON_MENU = 0x39


WORKED = (
    *(Role.EDIT, Role.BUTTON, Role.CHECK, Role.RADIO, Role.COMBO, Role.SLIDER, Role.SPIN),
    *(Role.TABLE, Role.LIST, Role.TREE, Role.BUTTON_MENU, Role.MENU_ITEM),
)
"""What a person does something with."""


class _Text(ctypes.Structure):
    """A `QString`: what holds it, its UTF-16, its length."""

    _fields_ = (("held", ctypes.c_void_p), ("data", ctypes.c_void_p), ("size", ctypes.c_ssize_t))


VALID, OBJECT, CHILD, COUNT, TEXT, ROLE, STATE = 2, 3, 9, 10, 12, 15, 16
"""Places in the table of virtual functions."""


@dataclass(kw_only=True)
class Spoken:
    """One element as a screen reader meets it.

    Attributes
    ----------
    role : int
    name, description, value : str
    state : int
        Bits of Qt's state.
    widget : QObject, optional
        None for a cell, which is none.
    inside : tuple of str
        Names, or else kinds, of what it is in, from outside.
    """

    role: int
    name: str
    description: str
    value: str
    state: int
    widget: QObject | None
    inside: tuple[str, ...] = field(default=())

    @property
    def kind(self) -> str:
        """Class of the widget."""
        return "" if self.widget is None else type(self.widget).__name__

    @property
    def is_worked(self) -> bool:
        """Whether a person does something with it."""
        parent = None if self.widget is None else self.widget.parent()
        if isinstance(parent, QAbstractScrollArea) and parent.viewport() is self.widget:
            return False  # the keys are the area's
        return self.role in WORKED or bool(self.state & FOCUSABLE)

    def __str__(self) -> str:
        told = f"{self.kind or hex(self.role)} {self.name!r}"
        return f"{' / '.join(self.inside)}: {told} {self.description!r} {self.value!r}"


def walk(top: QObject, most: int = 40) -> Iterator[Spoken]:
    """Yield what is shown of a widget and of all that is in it, in Qt's order.

    Parameters
    ----------
    top : QObject
    most : int
        Children that are looked at of tables and lists.
    """
    query = _library()._ZN11QAccessible24queryAccessibleInterfaceEP7QObject
    query.restype, query.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    found = query(sip.unwrapinstance(top))
    assert found, "Qt knows nothing to say of it"
    yield from _walk(found, (), most)


def _walk(at: int, inside: tuple[str, ...], most: int) -> Iterator[Spoken]:
    if not _call(at, VALID, ctypes.c_bool):
        return
    state = _call(at, STATE, ctypes.c_uint64)
    role = _call(at, ROLE, ctypes.c_int)
    if state & INVISIBLE and role != Role.MENU_ITEM:
        return
    spoken = Spoken(
        role=role,
        name=_text(at, 0),
        description=_text(at, 1),
        value=_text(at, 2),
        state=state,
        widget=_widget(at),
        inside=inside,
    )
    yield spoken
    deeper = (*inside, spoken.name[:40] or spoken.kind)
    for number in range(min(_call(at, COUNT, ctypes.c_int), most)):
        child = _call(at, CHILD, ctypes.c_void_p, number)
        if child:
            yield from _walk(child, deeper, most)


def _call(at: int, place: int, result: type, *numbers: int) -> int:
    table = ctypes.cast(at, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    kinds = [ctypes.c_int] * len(numbers)
    function = ctypes.CFUNCTYPE(result, ctypes.c_void_p, *kinds)(table[place] or 0)
    answer: int = function(at, *numbers)
    return answer


def _text(at: int, which: int) -> str:
    table = ctypes.cast(at, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    function = ctypes.CFUNCTYPE(_Text, ctypes.c_void_p, ctypes.c_int)(table[TEXT] or 0)
    text = function(at, which)
    if not text.data or not text.size:
        return ""
    return ctypes.string_at(text.data, 2 * text.size).decode("utf-16-le")


def _widget(at: int) -> QObject | None:
    pointer = _call(at, OBJECT, ctypes.c_void_p)
    return sip.wrapinstance(pointer, QObject) if pointer else None


def _library() -> ctypes.CDLL:
    folder = Path(PyQt6.__file__).parent / "Qt6" / "lib"
    return ctypes.CDLL(str(folder / "libQt6Gui.so.6"))
