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
from skyframe_gui.resource import resource_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.report.checksums import FileRow
    from skyframe_gui.app.report.document import Frame, ReportData
    from skyframe_gui.app.report.drawings import Drawings
    from skyframe_gui.app.report.images import Pictures

MOST_ROWS = 100
"""Samples excluded by hand that are listed one by one."""
MOST_THUMBNAILS = 200
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
    filters: list[Callable[..., object]] = [words.bytes_text, words.counts, words.digits]
    filters += [words.fixed, words.plural, words.scale_text, words.with_unit]
    filters += [images.strip, math.isfinite, data_uri, n_bins]
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
        most_thumbnails=MOST_THUMBNAILS,
        steps=_steps(data),
        by_hand=_by_hand(data),
        shown_frames=[(frame, _members(frame)) for frame in shown],
        other_frames=others,
        frames=_frames(others),
        compare=_compare(data),
    )
    return text.translate(_UNSEEN)


def data_uri(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def n_bins(item: SkyFrameItem) -> str:
    """Return how many bins a sky frame has, across and down."""
    ny, nx = item.sky_frame.grid.values.shape
    return f"{nx} {words.TIMES} {ny}"


def _steps(data: ReportData) -> Table:
    fitted = [step for step in data.steps if math.isfinite(step.scale)]
    decimals = words.scale_decimals(fitted[-1].scale, fitted[-1].error) if fitted else 0
    of_sigma = words.three_digits(step.sigma for step in data.steps)
    rows = [
        (
            "no rejection" if not step.number else f"after round {step.number}",
            words.fixed(step.scale, decimals),
            words.fixed(step.error, decimals),
            words.fixed(step.sigma, of_sigma),
            str(step.n_new) if step.number else words.NONE,
            str(step.n_total),
            str(step.n_used),
        )
        for step in data.steps
    ]
    numbers = (
        words.named_unit("scale", data.scale_unit),
        "±",
        words.named_unit(words.SIGMA, data.unit),
        "newly rejected",
        "rejected",
        "used",
    )
    return Table([Column("step"), *_numbers(*numbers)], rows, last_stands_out=True)


def _by_hand(data: ReportData) -> Table:
    # Three digits of the scatter, of the sky samples as the scale turns it into theirs.
    sigma, scale = data.steps[-1].sigma, data.fit.solution.scale
    decimals = words.three_digits([sigma])
    of_sky = words.three_digits([sigma / scale if scale else sigma])
    rows = [
        (
            one.detector or words.NONE,
            f"{one.box[0]} to {one.box[2] - 1}, {one.box[1]} to {one.box[3] - 1}",
            words.fixed(one.sky, of_sky),
            words.fixed(one.image, decimals),
            words.fixed(one.residual, decimals),
        )
        for one in data.by_hand[:MOST_ROWS]
    ]
    numbers = _numbers(
        words.named_unit("sky", data.sky_unit),
        words.named_unit("image", data.unit),
        words.named_unit("residual", data.unit),
    )
    return Table([Column("detector"), Column("box, x and y from 0 [px]"), *numbers], rows)


def _members(frame: Frame) -> Table:
    members = frame.members
    middle = sum(one.level for one in members) / max(len(members), 1)
    decimals = words.three_digits([max((abs(one.level - middle) for one in members), default=0)])
    of_pull = words.three_digits([one.pull for one in members])
    source = frame.item.built.sources[0].unit if frame.item.built is not None else ""
    columns = [
        Column("exposure"),
        Column("taken [UTC]"),
        *_numbers(words.named_unit("level", source)),
    ]
    if frame.has_pulls:
        columns += _numbers(
            words.named_unit("pull, rms", frame.item.unit),
            words.named_unit("worst bin", frame.item.unit),
        )
    columns.append(Column("in the frame"))
    rows = []
    for one in members:
        row = [one.name, one.date[:19].replace("T", " ") or words.NONE]
        row.append(words.fixed(one.level, decimals))
        if frame.has_pulls:
            row += [words.fixed(one.pull, of_pull), words.fixed(one.worst, of_pull)]
        rows.append((*row, "yes" if one.inside else "left out"))
    inside = sum(one.inside for one in members)
    title = f"{inside} of {words.plural(len(members), 'exposure')} in the frame"
    return Table(columns, rows, title)


def _frames(frames: Sequence[Frame]) -> Table:
    rows = []
    for frame in frames:
        item = frame.item
        inside = sum(one.inside for one in frame.members) or len(frame.origin.inputs)
        rows.append(
            (
                item.detector or words.NONE,
                item.name,
                n_bins(item),
                str(int(item.sky_frame.filled.sum())),
                str(inside or words.NONE),
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
