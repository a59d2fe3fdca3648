"""All that is drawn of a widget and what is in it, compared with what was recorded of it.

A line for each shape, word and picture, with its colours and its place, as an SVG has them; places
may be a little off, as versions of Qt round differently. What is in a widget is told by `looks`,
and ``WRITE_LOOKS=1`` writes both anew.
"""

from __future__ import annotations

import base64
import os
import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from looks import FOLDER, described
from PyQt6.QtGui import QImage, QTransform

from skyframe_gui.ui.panel_pictures import drawing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QWidget

SAME = 0.7
"""Pixels: numbers so near to each other are equal, as versions of Qt round differently."""
MANY = 24
"""Corners of a shape of which only some are told."""
NUMBER = re.compile(r"(?<![#\w.])-?\d+(?:\.\d+)?(?![\w.])")
QUOTED = re.compile(r"('[^']*')")
STYLES = (
    *("fill", "fill-opacity", "stroke", "stroke-opacity"),
    *("stroke-width", "stroke-dasharray", "opacity"),
)


def check(name: str, *widgets: QWidget) -> None:
    """Compare what widgets draw and have with what was recorded under a name."""
    agree(name, [line for one in widgets for line in (*drawn(one), *parts(one))])


def parts(widget: QWidget) -> list[str]:
    """Return what is in a widget: its kinds, what it says and what it allows."""
    return described(widget).splitlines()


def agree(name: str, lines: list[str]) -> None:
    """Compare lines with those that were recorded under a name; numbers may be a little off."""
    path = FOLDER / f"{name.replace(' ', '-')}.txt"
    if os.environ.get("WRITE_LOOKS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    recorded = path.read_text(encoding="utf-8").splitlines()
    for now, before in zip(lines, recorded, strict=False):
        assert _alike(now, before), f"{name}: {now!r}, recorded {before!r}"
    assert len(lines) == len(recorded), f"{name}: {len(lines)} lines, recorded {len(recorded)}"


def _alike(one: str, other: str) -> bool:
    """Whether words are the same, places differ by less than a pixel and numbers told by little."""
    for a, b in zip_longest(QUOTED.split(one), QUOTED.split(other), fillvalue=""):
        if NUMBER.sub("0", a) != NUMBER.sub("0", b):
            return False
        told = a.startswith("'")
        for x, y in zip(NUMBER.findall(a), NUMBER.findall(b), strict=True):
            if abs(float(x) - float(y)) > (0.01 * abs(float(y)) if told else SAME):
                return False
    return True


def drawn(widget: QWidget) -> list[str]:
    """Return what a widget draws: the style of each shape where it changes, then its places."""
    root = ElementTree.fromstring(drawing_of(widget, ""))
    return list(_shapes(root, {}, QTransform()))


def _shapes(
    element: ElementTree.Element, style: dict[str, str], transform: QTransform
) -> Iterator[str]:
    tag = element.tag.rpartition("}")[2]
    style = style | {key: element.attrib[key] for key in STYLES if key in element.attrib}
    if "transform" in element.attrib:
        values = map(float, re.findall(r"[-+\d.e]+", element.attrib["transform"]))
        transform = QTransform(*values)  # Qt writes the whole one at each group
    if tag in ("defs", "clipPath", "title", "desc"):
        return
    shape = _shape(tag, element, transform)
    if shape and (style.get("fill"), style.get("stroke")) != ("none", "none"):
        looks = " ".join(style[key] for key in STYLES if style.get(key) not in (None, "none", "1"))
        yield f"{shape} | {looks}"
    for one in element:
        yield from _shapes(one, style, transform)


def _shape(tag: str, element: ElementTree.Element, transform: QTransform) -> str:
    have: Any = element.attrib
    if tag == "path":
        points = re.findall(r"(C?)L?M?(-?[\d.e+-]+),(-?[\d.e+-]+)", have["d"])
        corners = [f"{kind}{_at(transform, float(x), float(y))}" for kind, x, y in points]
        if len(corners) > 3 and corners[0] == corners[-1]:
            del corners[-1]  # some versions of Qt write a polygon so
        return f"path {_some(corners)}"
    if tag in ("polyline", "polygon"):
        pairs = [one.split(",") for one in have["points"].split()]
        return f"path {_some([_at(transform, float(x), float(y)) for x, y in pairs])}"
    if tag == "rect":
        x, y, width, height = (float(have[key]) for key in ("x", "y", "width", "height"))
        return f"rect {_at(transform, x, y)} to {_at(transform, x + width, y + height)}"
    if tag in ("circle", "ellipse"):
        reach = have.get("r") or f"{have['rx']} {have['ry']}"
        return f"{tag} {_at(transform, float(have['cx']), float(have['cy']))} {reach}"
    if tag == "text":
        words = "".join(element.itertext()).strip()
        face = f"{have.get('font-size', '')} {have.get('font-weight', '')}"
        return f"{words!r} {_at(transform, float(have['x']), float(have['y']))} {face}"
    if tag == "image":
        return f"image {_at(transform, float(have['x']), float(have['y']))} {_picture(element)}"
    return ""


def _some(corners: list[str]) -> str:
    """Return the corners of a shape; of a long curve their number and a few of them."""
    if len(corners) < MANY:
        return " ".join(corners)
    return f"{len(corners)} corners " + " ".join(corners[:: len(corners) // 8])


def _at(transform: QTransform, x: float, y: float) -> str:
    across, up = transform.map(x, y)
    return f"{across:.1f},{up:.1f}"


def _picture(element: ElementTree.Element) -> str:
    """Return a picture as its size and the colours of a few of its pixels."""
    data = next(value for key, value in element.attrib.items() if key.endswith("href"))
    image = QImage.fromData(base64.b64decode(data.partition(",")[2]))
    width, height = image.width(), image.height()
    found = [
        image.pixelColor(int(width * (x + 0.5) / 4), int(height * (y + 0.5) / 4)).name()
        for y in range(4)
        for x in range(4)
    ]
    return f"{width} x {height}: {' '.join(found)}"
