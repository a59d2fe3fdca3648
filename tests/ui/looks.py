"""What is to be seen of a widget, in words that can be compared: states, texts, and what is drawn.

The expected words stand in ``tests/data/looks``. After a change that is meant,
``WRITE_LOOKS=1 python -m pytest tests/ui/test_kept_looks.py`` writes them anew, and the difference
in git says what a person will see of it.
"""

from __future__ import annotations

import difflib
import os
import re
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from PyQt6.QtCore import (
    QAbstractListModel,
    QBuffer,
    QByteArray,
    QMargins,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PyQt6.QtGui import QAction, QIcon, QKeySequence, QPainter, QRegion
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLayout,
    QMainWindow,
    QToolButton,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent.parent / "data" / "looks"
PLACES = re.compile(
    r".*(Size|Hint|Hints|Width|Height|Text|Position|Geometry|Rect|Region|Available|Selection.*)"
    r"|acceptDrops|bottom|cornerWidget|cursor|currentFont|currentData|d(ocument.*|own|uplicates.*)"
    r"|dockLocation"
    r"|f(ocus|ont|ullScreen)|height|html|isActiveWindow|l(ayoutDirection|ocale)|m(odal|arkdown)"
    r"|m(ax|in).*|mouseTracking|objectName|pa(lette|geCount)|pos|rect|selection(Start|End|Length)"
    r"|size|inputMask|toolTipDuration|autoFillBackground|blockCount|updatesEnabled|statusTip"
    r"|visible|w(hatsThis|idth|indow(?!Title).*)|[xy]|sizeIncrement"
)
"""Properties that say where things come to stand, or what changes by itself."""
SEEN = re.compile(
    "text|minimum|maximum|currentText|placeholderText|plainText|iconSize|.*SectionSize"
)
"""Of these names the ones that are to be told all the same."""
ATTRIBUTES = ("WA_StyledBackground", "WA_DeleteOnClose", "WA_TransparentForMouseEvents")


def assert_looks(name: str, found: str) -> None:
    """Compare with the words that are kept under a name."""
    path = FOLDER / f"{name}.txt"
    found = "\n".join(line.rstrip() for line in found.strip().splitlines())
    if os.environ.get("WRITE_LOOKS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(found + "\n", encoding="utf-8")
    wanted = path.read_text(encoding="utf-8").splitlines()
    lines = difflib.unified_diff(wanted, found.splitlines(), "as kept", "as it is", lineterm="")
    difference = "\n".join(lines)
    assert not difference, f"{path.name}; WRITE_LOOKS=1 writes it anew\n{difference}"


def described(widget: QWidget, without: type[QWidget] | tuple[()] = ()) -> str:
    """Return a line for everything that is to be seen of a widget, deeper ones further in.

    Parameters
    ----------
    widget : QWidget
    without : type of QWidget
        What is only named.
    """
    text = "\n".join(_lines(widget, 0, without))
    text = re.sub(r'url\("[^"]*/resources/', 'url("resources/', text)  # wherever they stand
    text = re.sub(r"\b\d\d:\d\d(:\d\d)?\b", "<time>", text)
    return re.sub(r"\b\d{4}-\d\d-\d\d <time>", "<day> <time>", text)


def drawn(
    paint: QWidget | Callable[[QPainter], None] | None = None,
    on: Callable[[QSvgGenerator], None] | None = None,
) -> str:
    """Return what is painted, a line for each shape and each text, to a tenth of a pixel.

    Parameters
    ----------
    paint : QWidget or callable
        A widget, painted without its children, or what paints with a painter,
    on : callable
        or what paints on a device.
    """
    held = QByteArray()
    buffer = QBuffer(held)
    svg = QSvgGenerator()
    svg.setOutputDevice(buffer)
    svg.setResolution(96)
    svg.setSize(paint.size() if isinstance(paint, QWidget) else QSize(100, 100))
    if on is not None:
        on(svg)
    else:
        painter = QPainter(svg)
        if isinstance(paint, QWidget):
            paint.render(painter, QPoint(), QRegion(), QWidget.RenderFlag(0))
        elif paint is not None:
            paint(painter)
        painter.end()
    tree = ElementTree.fromstring(bytes(held.data()))
    return "\n".join(_shapes(tree, {}))


def _lines(widget: QWidget, depth: int, without: type[QWidget] | tuple[()]) -> Iterator[str]:
    indent, kind = "  " * depth, type(widget).__name__
    name = f" #{widget.objectName()}" if widget.objectName() else ""
    if depth and widget.isHidden():
        yield f"{indent}({kind}{name} hidden)"
        return
    if depth and isinstance(widget, without):
        yield f"{indent}[{kind}{name}]"
        return
    yield f"{indent}{kind}{name} {_states(widget, sized=depth > 0)}".rstrip()
    if isinstance(widget, QToolButton):
        menu = widget.menu()
        if menu is not None:
            yield from (f"{indent}  : {_entry(one)}" for one in menu.actions())
    if isinstance(widget, QAbstractItemView):
        yield from (f"{indent}  | {row}" for row in _cells(widget))
    if isinstance(widget, QComboBox):
        tips = (widget.itemData(at, Qt.ItemDataRole.ToolTipRole) for at in range(widget.count()))
        items = [
            f"{widget.itemText(at)}{f' ({tip})' if tip else ''}" for at, tip in enumerate(tips)
        ]
        yield f"{indent}  : {' / '.join(items)}"
        return
    layout = widget.layout()
    if layout is not None:
        yield from _layout(layout, f"{indent}  ")
    inner = isinstance(widget, QAbstractItemView)
    for child in widget.children():
        if isinstance(child, QWidget) and not child.isWindow() and not inner:
            qts_own = child.objectName().startswith("qt_")
            if not (qts_own and (child.isHidden() or "container" in child.objectName())):
                yield from _lines(child, depth + 1, without)


def _states(widget: QWidget, sized: bool) -> str:
    usual, meta = _usual(_qt_class(widget)), widget.metaObject()
    assert meta is not None
    found = []
    for at in range(meta.propertyCount()):
        name = meta.property(at).name()
        if _tells(name):
            value = _word(widget.property(name))
            if name == "styleSheet" and value is not None and len(value) > 1000:
                value = f"{value[3:13]}…"  # the theme's, in which there are paths
            if value is not None and value != usual.get(name):
                found.append(f"{name}={value}")
    window = widget.parentWidget()
    if isinstance(widget, QDockWidget) and isinstance(window, QMainWindow):
        # A property of its own, but in older versions of Qt.
        found.append(f"dockLocation={window.dockWidgetArea(widget).name}")
    least, most = widget.minimumSize(), widget.maximumSize()
    sizes = [least.width(), least.height(), most.width(), most.height()]
    words = ["any" if one >= 16777215 else str(one) for one in sizes]
    if sized and words != ["0", "0", "any", "any"]:  # the outermost has the least of its layout
        found.append(f"size={words[0]}x{words[1]}..{words[2]}x{words[3]}")
    for raw in widget.dynamicPropertyNames():
        key = bytes(raw.data()).decode()
        if not key.startswith("_"):
            found.append(f"[{key}={_word(widget.property(key))}]")
    if isinstance(widget, QLabel) and not widget.contentsMargins().isNull():
        found.append(f"margins={_word(widget.contentsMargins())}")
    if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
        face = widget.font()
        found.append(f"font={face.pixelSize()} {face.weight()}{' slanted' * face.italic()}")
    found += [one for one in ATTRIBUTES if widget.testAttribute(Qt.WidgetAttribute[one])]
    if isinstance(widget, QLabel) and not widget.pixmap().isNull():
        found.append(f"picture={_word(widget.pixmap().deviceIndependentSize().toSize())}")
    if widget.cursor().shape() is not Qt.CursorShape.ArrowCursor:
        found.append(f"cursor={widget.cursor().shape().name}")
    return " ".join(found)


def _tells(name: str) -> bool:
    return bool(SEEN.fullmatch(name)) or not PLACES.fullmatch(name)


@cache
def _usual(kind: type[QWidget]) -> dict[str, str | None]:
    """Return what the properties of a widget of Qt's are before anybody sets them."""
    try:
        made = kind()
    except TypeError:  # of an abstract one
        made = QToolButton() if issubclass(kind, QAbstractButton) else QWidget()
    meta = made.metaObject()
    assert meta is not None
    names = [meta.property(at).name() for at in range(meta.propertyCount())]
    found = {name: _word(made.property(name)) for name in names if _tells(name)}
    made.deleteLater()
    return found


def _qt_class(widget: QWidget) -> type[QWidget]:
    return next(one for one in type(widget).__mro__ if one.__module__.startswith("PyQt6"))


def _word(value: Any) -> str | None:
    """Return a value of Qt's as a word; None for one that tells nothing."""
    match value:
        case None | QIcon():
            return None if value is None or value.isNull() else "icon"
        case str():
            return repr(value)
        case bool() | int() | float():
            return str(value)
        case Enum():
            return value.name if value.name else str(value.value)
        case QSize():
            return f"{value.width()}x{value.height()}"
        case QMargins():
            return f"{value.left()},{value.top()},{value.right()},{value.bottom()}"
        case QRect():
            return None
        case QKeySequence():
            return value.toString() or None
        case _ if type(value).__name__ == "QSizePolicy":
            parts = value.horizontalPolicy().name, value.verticalPolicy().name
            kept = " kept" if value.retainSizeWhenHidden() else ""
            return f"{parts[0]}/{parts[1]}{kept}"
    return None


def _layout(layout: QLayout, indent: str) -> Iterator[str]:
    margins, parts = _word(layout.contentsMargins()), []
    for at in range(layout.count()):
        item = layout.itemAt(at)
        assert item is not None
        stretch = layout.stretch(at) if isinstance(layout, QBoxLayout) else 0
        spacer = item.spacerItem()
        inner, held = item.layout(), item.widget()
        word = "" if held is None else type(held).__name__
        if spacer is not None:
            word = f"gap {spacer.sizeHint().width()}x{spacer.sizeHint().height()}"
        word = word if inner is None else "row"
        side = item.alignment().value
        parts.append(f"{word}{f'*{stretch}' if stretch else ''}{f'@{side}' if side else ''}")
    way = f" {layout.direction().name}" if isinstance(layout, QBoxLayout) else ""
    yield f"{indent}~ {margins} / {layout.spacing()}{way}: {', '.join(parts)}"
    for at in range(layout.count()):
        item = layout.itemAt(at)
        inner = None if item is None else item.layout()
        if inner is not None:
            yield from _layout(inner, f"{indent}  ")


def _entry(action: QAction) -> str:
    if action.isSeparator():
        return "----"
    marks = ["" if action.isEnabled() else " (off)"]
    if action.isCheckable():
        marks.append(" [x]" if action.isChecked() else " [ ]")
    menu = action.menu()
    inner = "" if menu is None else f" > {', '.join(_entry(one) for one in menu.actions())}"
    hidden = "" if action.isVisible() else " hidden"
    return f"{action.text()!r}{''.join(marks)}{hidden}{inner}"


def entries(actions: list[QAction]) -> str:
    """Return a line for each entry of a menu."""
    return "\n".join(map(_entry, actions))


def _cells(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    header = getattr(view, "horizontalHeader", getattr(view, "header", None))
    if model is None:
        return
    # Of a list's model the library hides how many columns it has.
    columns = range(1 if isinstance(model, QAbstractListModel) else model.columnCount())
    heads = [
        str(model.headerData(at, Qt.Orientation.Horizontal) or "")
        + _extra(lambda role, at=at: model.headerData(at, Qt.Orientation.Horizontal, role))
        for at in columns
    ]
    bar = header() if callable(header) else None
    if isinstance(bar, QHeaderView):
        hidden = [at for at in columns if bar.isSectionHidden(at)]
        modes = [bar.sectionResizeMode(at).name[0] for at in columns]
        yield f"columns {'; '.join(heads)} {''.join(modes)} hidden {hidden}"

    def rows(parent: QModelIndex, depth: int) -> Iterator[str]:
        for row in range(min(model.rowCount(parent), 12)):
            cells: list[str] = []
            for at in columns:
                index = model.index(row, at, parent)
                text = model.data(index) if index.isValid() else ""
                more = _extra(lambda role, index=index: model.data(index, role))
                told = any(more and more in cell for cell in cells)  # a tip of the whole row
                cells.append(f"{'' if text is None else text}{'' if told else more}")
            yield f"{'. ' * depth}{' ; '.join(cells)}"
            yield from rows(model.index(row, 0, parent), depth + 1)

    yield from rows(QModelIndex(), 0)


def _extra(data: Callable[[int], Any]) -> str:
    roles = Qt.ItemDataRole
    tip, side = data(roles.ToolTipRole), data(roles.TextAlignmentRole)
    checked, colour = data(roles.CheckStateRole), data(roles.ForegroundRole)
    words = []
    if tip:
        words.append(repr(str(tip)))
    if side is not None:
        words.append(f"@{getattr(side, 'value', side)}")
    if checked is not None:
        words.append(f"checked={getattr(checked, 'value', checked)}")
    if colour is not None:
        name = colour.color().name() if hasattr(colour, "color") else colour.name()
        words.append(name)
    return f" ({' '.join(words)})" if words else ""


KEPT = ("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray")


def _shapes(element: ElementTree.Element, above: dict[str, str]) -> Iterator[str]:
    own = dict(above)
    for key in (*KEPT, "font-size", "font-weight", "transform"):
        if key in element.attrib:
            own[key] = element.attrib[key]
    tag = element.tag.rpartition("}")[2]
    looks = [own[key] for key in KEPT if key in own and not key.endswith("-opacity")]
    looks += [f"{float(own[key]):.2f}" for key in KEPT if key.endswith("-opacity") and key in own]
    style = " ".join(looks)
    moved = own.get("transform", "matrix(1,0,0,1,0,0)").removeprefix("matrix(").removesuffix(")")
    moved = "" if moved == "1,0,0,1,0,0" else f" by {_rounded(moved)}"
    if tag in ("rect", "path", "polyline", "circle", "ellipse", "line", "polygon"):
        places = " ".join(
            element.attrib.get(key, "")
            for key in ("x", "y", "width", "height", "d", "points", "cx", "cy", "r")
        )
        # Newer versions of Qt close a path that comes back to where it began.
        places = re.sub(r"\s*Z", "", " ".join(places.split()))
        # Older ones write a polygon as a path.
        corners = re.findall(r"[ML]([^\sML]+)", places)
        straight = not re.search(r"[A-KN-Za-z]", places.replace("e-", ""))
        closed = len(corners) > 3 and corners[0] == corners[-1] and places.count("M") == 1
        if tag == "path" and straight and closed:
            tag, places = "polygon", " ".join(corners[:-1])
        yield f"{tag} {_rounded(places)}{moved} {style}"
    elif tag == "text":
        face = f"{own.get('font-size', '')} {own.get('font-weight', '')}"
        x, y = (float(element.attrib[key]) for key in "xy")
        yield f"text {element.text!r} at {x:.0f}, {y:.1f}{moved} {style} {face}"
    elif tag == "image":
        yield f"image {element.attrib.get('width')} x {element.attrib.get('height')}{moved}"
    for child in element:
        yield from _shapes(child, own)


def _rounded(text: str) -> str:
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda one: f"{float(one[0]):.1f}", text)
