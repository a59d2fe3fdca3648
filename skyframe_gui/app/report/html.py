"""Pieces of HTML: every text from outside goes through here and is escaped."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_UNSEEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\N{REPLACEMENT CHARACTER}")
# Half a letter, as in a file name that is no UTF-8, could not be written to a file either.
_UNSEEN |= dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class Html:
    """Text that is HTML already."""

    markup: str


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, and whether it holds numbers."""

    title: str
    numbers: bool = False


def text(value: str | Html) -> str:
    """Return a text as HTML, with letters that no page may hold replaced."""
    return value.markup if isinstance(value, Html) else escape(str(value).translate(_UNSEEN))


def element(name: str, content: str | Html, class_: str = "") -> str:
    """Return an element with a text in it."""
    of_class = f' class="{escape(class_)}"' if class_ else ""
    return f"<{name}{of_class}>{text(content)}</{name}>"


def section(title: str, *parts: str, class_: str = "") -> str:
    """Return a section under its title; "" where there is nothing in it."""
    content = "".join(parts)
    of_class = f' class="{escape(class_)}"' if class_ else ""
    return f"<section{of_class}>{element('h2', title)}{content}</section>\n" if content else ""


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Html]],
    caption: str = "",
    marked: Iterable[int] = (),
) -> str:
    """Return a table, numbers at the right; ``marked`` rows stand out. "" without rows."""
    chosen = set(marked)
    lines = []
    for number, row in enumerate(rows):
        cells = zip(columns, row, strict=True)
        cell = "".join(element("td", value, "n" if one.numbers else "") for one, value in cells)
        lines.append(f'<tr class="marked">{cell}</tr>' if number in chosen else f"<tr>{cell}</tr>")
    if not lines:
        return ""
    head = "".join(
        f'<th scope="col"{" class=" + chr(34) + "n" + chr(34) if one.numbers else ""}>'
        f"{text(one.title)}</th>"
        for one in columns
    )
    above = element("caption", caption) if caption else ""
    body = "".join(lines)
    return f"<table>{above}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return names with their values below one another."""
    lines = "".join(
        f'<tr><th scope="row">{text(name)}</th><td>{text(value)}</td></tr>' for name, value in rows
    )
    return f'<table class="facts"><tbody>{lines}</tbody></table>\n'


def image(png: bytes, alt: str, class_: str = "") -> str:
    """Return an image that the page itself holds."""
    of_class = f' class="{escape(class_)}"' if class_ else ""
    return f'<img{of_class} src="{data_uri(png)}" alt="{text(alt)}">'


def data_uri(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def figure(content: str, caption: str | Html, class_: str = "") -> str:
    """Return a figure with its caption below."""
    of_class = f' class="{escape(class_)}"' if class_ else ""
    below = element("figcaption", caption)
    return f"<figure{of_class}>{content}{below}</figure>"


def items(lines: Iterable[str]) -> str:
    """Return a list; "" where it is empty."""
    content = "".join(element("li", line) for line in lines)
    return f"<ul>{content}</ul>" if content else ""
