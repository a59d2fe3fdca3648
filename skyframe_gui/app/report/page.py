"""The page of a report: a template filled with its data, and the tables that stand in it."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from skyframe_gui.app.report import images, words
from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    TIMES,
    area,
    decimals_with_error,
    digits,
    fixed,
    named,
    plural,
    size_of,
    three_digits,
    with_unit,
)
from skyframe_gui.resource import resource_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.report.checksums import FileRow
    from skyframe_gui.app.report.document import Frame, ReportData
    from skyframe_gui.app.report.drawings import Drawings
    from skyframe_gui.app.report.images import Pictures, PlanePictures

MOST_ROWS = 100
"""Samples excluded and masks made by hand that are listed one by one."""
MOST_OWN = 20
"""Detectors whose own fits are listed, the farthest off first."""
MOST_NAMED = 24
MOST_OPEN = 60
"""Rows of a table that stand open: more are unfolded by a click."""
_UNSEEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\N{REPLACEMENT CHARACTER}")
# Half a letter, as in a file name that is no UTF-8, could not be written to a file either.
_UNSEEN |= dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, and whether it holds numbers."""

    title: str
    numbers: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the template leaves out one without rows."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    last_stands_out: bool = False


def page(data: ReportData, pictures: Pictures, files: Sequence[FileRow], drawings: Drawings) -> str:
    """Return the report as a whole page of HTML.

    Every text in it is escaped; a browser that knows the page's policy loads and runs nothing.
    """
    template = resource_path("report.html")
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: list[Callable[..., object]] = [area, digits, size_of, words.counts]
    filters += [fixed, plural, words.scale_text, with_unit]
    filters += [images.strip, math.isfinite, data_uri, n_bins, several]
    environment.filters |= {one.__name__: one for one in filters}
    style = resource_path("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    shown = [frame for frame in data.frames if frame.shown] or list(data.frames[:1])
    others = [frame for frame in data.frames if frame not in shown]
    text = environment.get_template(template.name).render(
        data=data,
        pictures=pictures,
        files=files,
        drawings=drawings,
        style=Markup(style),
        style_digest=digest,
        most_open=MOST_OPEN,
        own_fits=_own_fits(data, pictures.plane),
        steps=_steps(data),
        excluded_samples=_excluded_samples(data),
        hand_masks=_hand_masks(data),
        shown_frames=[(frame, _members(frame)) for frame in shown],
        other_frames=others,
        frames=_frames(others),
        compare=_compare(data),
    )
    return text.translate(_UNSEEN)


def data_uri(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def several(names: Sequence[str]) -> str:
    """Return names side by side; of very many the first, and how many more there are."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED // 2])} and {len(names) - MOST_NAMED // 2} more"


def n_bins(item: SkyFrameItem) -> str:
    """Return how many bins a sky frame has, across and down."""
    ny, nx = item.sky_frame.grid.values.shape
    return f"{nx} {TIMES} {ny}"


def _steps(data: ReportData) -> Table:
    fitted = [step for step in data.steps if math.isfinite(step.scale)]
    decimals = decimals_with_error(fitted[-1].scale, fitted[-1].error) if fitted else 0
    of_sigma = three_digits(step.sigma for step in data.steps)
    rows = [
        (
            "no rejection" if not step.number else f"after round {step.number}",
            fixed(step.scale, decimals),
            fixed(step.error, decimals),
            fixed(step.sigma, of_sigma),
            str(step.n_new) if step.number else NONE,
            str(step.n_total),
            str(step.n_used),
        )
        for step in data.steps
    ]
    numbers = (
        named("scale", data.scale_unit),
        "±",
        named(SIGMA, data.unit),
        "newly rejected",
        "rejected",
        "used",
    )
    return Table([Column("step"), *_numbers(*numbers)], rows, last_stands_out=True)


def _own_fits(data: ReportData, plane: PlanePictures | None) -> Table:
    """Return the detectors whose own scales are farthest off."""
    if plane is None or plane.own is None:
        return Table((), ())
    own, names = plane.own, data.rows.detectors
    known = [k for k in range(len(names)) if math.isfinite(own.pull[k])]
    known.sort(key=lambda k: -abs(own.pull[k]))
    farthest = known[:MOST_OWN]
    decimals = max(
        (decimals_with_error(float(own.scale[k]), float(own.error[k])) for k in farthest),
        default=0,
    )
    of_sigma = three_digits(float(own.sigma[k]) for k in farthest)
    rows = [
        (
            names[k] or NONE,
            fixed(float(own.scale[k]), decimals),
            fixed(float(own.error[k]), decimals),
            fixed(100 * float(own.deviation[k]), 2, sign=True),
            fixed(float(own.pull[k]), 1, sign=True),
            fixed(float(own.sigma[k]), of_sigma),
            f"{own.rejected[k]} of {own.usable[k]}",
        )
        for k in farthest
    ]
    numbers = (
        named("own scale", data.scale_unit),
        "±",
        "from the visit's [%]",
        f"[{SIGMA}]",
        named(SIGMA, data.unit),
        "rejected",
    )
    return Table([Column("detector"), *_numbers(*numbers)], rows)


def _excluded_samples(data: ReportData) -> Table:
    # Three digits of the scatter, of the sky samples as the scale turns it into theirs.
    sigma, scale = data.steps[-1].sigma, data.fit.solution.scale
    decimals = three_digits([sigma])
    of_sky = three_digits([sigma / scale if scale else sigma])
    rows = [
        (
            one.detector or NONE,
            f"{one.box[0]} to {one.box[2] - 1}, {one.box[1]} to {one.box[3] - 1}",
            fixed(one.sky, of_sky),
            fixed(one.image, decimals),
            fixed(one.residual, decimals),
        )
        for one in data.excluded_samples[:MOST_ROWS]
    ]
    numbers = _numbers(
        named("sky", data.sky_unit),
        named("image", data.unit),
        named("residual", data.unit),
    )
    return Table([Column("detector"), Column("box, x and y from 0 [px]"), *numbers], rows)


def _hand_masks(data: ReportData) -> Table:
    rows = [(one.name or "whole visit", one.mask, one.place) for one in data.hand_masks[:MOST_ROWS]]
    return Table([Column("exposure"), Column("mask"), Column("middle [px from 0, or deg]")], rows)


def _members(frame: Frame) -> Table:
    members = frame.members
    middle = sum(one.level for one in members) / max(len(members), 1)
    decimals = three_digits([max((abs(one.level - middle) for one in members), default=0)])
    of_pull = three_digits([one.pull for one in members])
    source = frame.item.built.sources[0].unit if frame.item.built is not None else ""
    columns = [
        Column("exposure"),
        Column("taken [UTC]"),
        *_numbers(named("level", source)),
    ]
    if frame.has_pulls:
        columns += _numbers(
            named("pull, rms", frame.item.unit),
            named("worst bin", frame.item.unit),
        )
    columns.append(Column("in the frame"))
    rows = []
    for one in members:
        row = [one.name, one.date[:19].replace("T", " ") or NONE]
        row.append(fixed(one.level, decimals))
        if frame.has_pulls:
            row += [fixed(one.pull, of_pull), fixed(one.worst, of_pull)]
        rows.append((*row, "yes" if one.inside else "left out"))
    inside = sum(one.inside for one in members)
    title = f"{inside} of {plural(len(members), 'exposure')} in the frame"
    return Table(columns, rows, title)


def _frames(frames: Sequence[Frame]) -> Table:
    rows = []
    for frame in frames:
        item = frame.item
        inside = sum(one.inside for one in frame.members) or len(frame.origin.inputs)
        rows.append(
            (
                item.detector or NONE,
                item.name,
                n_bins(item),
                str(int(item.sky_frame.filled.sum())),
                str(inside or NONE),
                frame.algorithm,
            )
        )
    numbers = _numbers("bins", "filled", "exposures")
    return Table([Column("detector"), Column("sky frame"), *numbers, Column("interpolation")], rows)


def _compare(data: ReportData) -> Table:
    found = data.compare
    if found is None:
        return Table((), ())
    a, b = found.a.solution, found.b.solution
    in_a, in_b = words.counts(a), words.counts(b)
    rows = [
        *found.differing,
        ("scale", words.scale_text(a, data.scale_unit), words.scale_text(b, data.scale_unit)),
        *((kind, str(in_a[kind]), str(in_b[kind])) for kind in words.KINDS),
    ]
    return Table([Column("A against B"), *_numbers("A", "B")], rows)


def _numbers(*titles: str) -> list[Column]:
    return [Column(title, numbers=True) for title in titles]
