"""A small writer of SVG drawings that stand inside an HTML page."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Anchor = Literal["start", "middle", "end"]
Value = str | float | int


class Svg:
    """A drawing; lengths are points, y goes down.

    Parameters
    ----------
    width, height : float
        Of the drawing; it shrinks with its column.
    label : str
        What it shows, for those who cannot see it.
    """

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width, self.height = width, height
        self._label = label
        self._parts: list[str] = []

    def line(self, x0: float, y0: float, x1: float, y1: float, **style: Value) -> None:
        """Draw a straight line."""
        self._add("line", style, x1=x0, y1=y0, x2=x1, y2=y1)

    def rect(self, x: float, y: float, width: float, height: float, **style: Value) -> None:
        """Draw a rectangle."""
        self._add("rect", style, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0))

    def circle(self, x: float, y: float, radius: float, **style: Value) -> None:
        """Draw a circle."""
        self._add("circle", style, cx=x, cy=y, r=radius)

    def polygon(self, points: Iterable[tuple[float, float]], **style: Value) -> None:
        """Draw a closed shape."""
        self._add("polygon", style, points=" ".join(f"{_n(x)},{_n(y)}" for x, y in points))

    def path(self, d: str, **style: Value) -> None:
        """Draw a path, given in SVG's own words."""
        self._add("path", style, d=d)

    def text(self, x: float, y: float, text: str, anchor: Anchor = "start", **style: Value) -> None:
        """Write a line of text; ``y`` is its base line."""
        values = _attributes({"x": x, "y": y, "text_anchor": anchor, **style})
        self._parts.append(f"<text{values}>{escape(text)}</text>")

    def image(self, x: float, y: float, width: float, height: float, png: bytes) -> None:
        """Place a PNG, stretched to the rectangle."""
        style: dict[str, Value] = {"preserveAspectRatio": "none", "href": data_uri(png)}
        self._add("image", style, x=x, y=y, width=width, height=height)

    def begin(self, **style: Value) -> None:
        """Begin a group whose parts share a style."""
        self._parts.append(f"<g{_attributes(style)}>")

    def end(self) -> None:
        """End the group."""
        self._parts.append("</g>")

    def markup(self) -> str:
        """Return the ``svg`` element."""
        size = _attributes({"width": self.width, "height": self.height})
        box = f"0 0 {_n(self.width)} {_n(self.height)}"
        return (
            f'<svg{size} viewBox="{box}" role="img" aria-label="{escape(self._label)}">'
            f"{''.join(self._parts)}</svg>"
        )

    def _add(self, name: str, style: dict[str, Value], **place: Value) -> None:
        self._parts.append(f"<{name}{_attributes({**place, **style})}/>")


def data_uri(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def _attributes(values: dict[str, Value]) -> str:
    """Return attributes; ``stroke_width`` stands for ``stroke-width``, ``class_`` for ``class``."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_n(value))}"'
        for name, value in values.items()
    )


def _n(value: Value) -> str:
    """Return a number with two decimals, which on paper is far below what is seen."""
    if isinstance(value, str):
        return value
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
