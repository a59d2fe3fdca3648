"""The page's images: the shown exposure before and after, and thumbnails of the visit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from skyframe_gui.app.report import images, words
from skyframe_gui.app.report.html import element, figure, image, section

if TYPE_CHECKING:
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.app.report.images import DetectorPictures, Picture, Pictures

MOST_THUMBNAILS = 200


def images_section(data: ReportData, pictures: Pictures) -> str:
    """Return the section of images; "" where no pixels are at hand."""
    parts = []
    if pictures.shown is not None:
        parts.append(_shown(data, pictures.shown))
    many = pictures.visit[:MOST_THUMBNAILS]
    if len(many) > 1:
        parts.append(element("h3", "All detectors, each before and after"))
        parts.append(f'<div class="thumbs">{"".join(map(_thumbnail, many))}</div>')
        half = next((one.after.high for one in many if one.after is not None), None)
        told = "Exposures in grey by zscale"
        if half is not None:
            unit = f" {data.unit}" if data.unit else ""
            told += f"; subtracted all from {words.MINUS}{half:.3g} to {half:.3g}{unit}"
        missing = len(data.request.members) - len(many)
        if missing:
            told += f"; {words.plural(missing, 'exposure')} not in the memory"
        parts.append(element("p", f"{told}.", "label"))
    return section("Before and after", *parts)


def colour_bar(picture: Picture, name: str, unit: str) -> str:
    """Return a colour bar with its limits."""
    return (
        f'<span class="bar">{element("span", words.digits(picture.low, 4))}'
        f"{image(images.strip(name), 'colour bar')}"
        f"{element('span', f'{words.digits(picture.high, 4)} {unit}'.rstrip())}</span>"
    )


def _shown(data: ReportData, shown: DetectorPictures) -> str:
    what = _named(shown)
    before = image(shown.before.png, f"Exposure of {what} before the subtraction", "sky")
    bar = colour_bar(shown.before, "grey", data.unit)
    parts = figure(before + bar, f"Exposure, {shown.name}")
    if shown.after is not None:
        after = image(shown.after.png, f"What is left of {what} after the subtraction", "sky")
        bar = colour_bar(shown.after, "residual", data.unit)
        parts += figure(after + bar, "Subtracted; grey: left out by stats.mask")
    if shown.residual is not None:
        map_ = image(shown.residual.png, f"Residual map of {what}", "sky")
        bar = colour_bar(shown.residual, "residual", data.unit)
        x, y = data.bins
        size = f"{x} px" if x == y else f"{x} {words.TIMES} {y} px"
        told = f"Residual map, bins of {size}"
        if math.isfinite(shown.error):
            told += f", each \N{PLUS-MINUS SIGN} {shown.error:.2g} {data.unit}".rstrip()
        parts += figure(map_ + bar, f"{told}; hatched: no good pixel")
    return f'<div class="pair">{parts}</div>'


def _thumbnail(one: DetectorPictures) -> str:
    what = _named(one)
    parts = image(one.before.png, f"Before, {what}")
    if one.after is not None:
        parts += image(one.after.png, f"After, {what}")
    return figure(f"<div>{parts}</div>", one.detector or one.name, "thumb")


def _named(one: DetectorPictures) -> str:
    return f"detector {one.detector}" if one.detector else one.name
