"""The page's sections on what went in: sky frames, the comparison, files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from skyframe_gui.app.report import words
from skyframe_gui.app.report.html import Column, Html, element, facts, figure, image, section, table
from skyframe_gui.app.report.page_images import colour_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.report.checksums import FileRow
    from skyframe_gui.app.report.document import Frame, ReportData
    from skyframe_gui.app.report.images import Pictures


def frames_section(data: ReportData, pictures: Pictures) -> str:
    """Return the sky frames: their maps, how they were made, and what is in them."""
    shown = [frame for frame in data.frames if frame.shown] or list(data.frames[:1])
    others = [frame for frame in data.frames if frame not in shown]
    parts = [_frame(frame, pictures) for frame in shown]
    if others:
        maps = "".join(_small(frame, pictures) for frame in others)
        parts.append(f'{element("h3", "The other detectors")}<div class="thumbs">{maps}</div>')
        parts.append(_frames_table(others))
    return section("Sky frames" if others else "Sky frame", *parts)


def _frame(frame: Frame, pictures: Pictures) -> str:
    item = frame.item
    picture = pictures.maps[item.key]
    unit = item.unit
    map_ = image(picture.png, f"Map of the sky frame, {_detector(frame)}", "sky")
    grid = item.sky_frame.grid
    ny, nx = grid.values.shape
    rows = [
        ("sky frame", item.name),
        ("detector", item.detector or words.NONE),
        ("bins", f"{nx} {words.TIMES} {ny}"),
        ("filled with the median", str(int(item.sky_frame.filled.sum()))),
        ("interpolation", frame.algorithm),
        ("values", unit or "unit not known"),
    ]
    origin = frame.origin
    recipe = element("p", origin.recipe, "label") if origin.recipe else ""
    if origin.inputs:
        n = words.plural(len(origin.inputs), "exposure")
        recipe += element("p", f"In it, by its file, {n}: {', '.join(origin.inputs)}.", "label")
    caption = f"Sky frame, {_detector(frame)}"
    if item.sky_frame.filled.any():
        caption += "; hatched: bins filled with the median"
    left = figure(map_ + colour_bar(picture, "viridis", unit), caption)
    return f'<div class="pair">{left}<div>{facts(rows)}{recipe}</div></div>{_members(frame)}'


def _members(frame: Frame) -> str:
    members = frame.members
    with_pull = any(math.isfinite(one.pull) for one in members)
    middle = sum(one.level for one in members) / max(len(members), 1)
    decimals = words.three_digits([max((abs(one.level - middle) for one in members), default=0)])
    of_pull = words.three_digits([one.pull for one in members])
    source = frame.item.built.sources[0].unit if frame.item.built is not None else ""
    columns = [
        Column("exposure"),
        Column("taken [UTC]"),
        Column(words.named_unit("level", source), True),
    ]
    if with_pull:
        columns.append(Column(words.named_unit("pull, rms", frame.item.unit), True))
        columns.append(Column(words.named_unit("worst bin", frame.item.unit), True))
    columns.append(Column("in the frame"))
    rows = []
    for one in members:
        row = [one.name, one.date[:19].replace("T", " ") or words.NONE]
        row.append(words.fixed(one.level, decimals))
        if with_pull:
            row += [words.fixed(one.pull, of_pull), words.fixed(one.worst, of_pull)]
        rows.append((*row, "yes" if one.inside else "left out"))
    inside = sum(one.inside for one in members)
    title = f"{inside} of {words.plural(len(members), 'exposure')} in the frame"
    pull = (
        element("p", "Pull: how much the frame changes when the exposure is left out.", "label")
        if with_pull
        else ""
    )
    return table(columns, rows, title) + pull if rows else ""


def _small(frame: Frame, pictures: Pictures) -> str:
    map_ = image(pictures.maps[frame.item.key].png, f"Map of the sky frame, {_detector(frame)}")
    return figure(f"<div>{map_}</div>", frame.item.detector or frame.item.name, "thumb")


def _frames_table(frames: Sequence[Frame]) -> str:
    columns = [
        Column("detector"),
        Column("sky frame"),
        Column("bins", True),
        Column("filled", True),
        Column("exposures", True),
        Column("interpolation"),
    ]
    rows = []
    for frame in frames:
        ny, nx = frame.item.sky_frame.grid.values.shape
        inside = sum(one.inside for one in frame.members) or len(frame.origin.inputs)
        rows.append(
            (
                frame.item.detector or words.NONE,
                frame.item.name,
                f"{nx} {words.TIMES} {ny}",
                str(int(frame.item.sky_frame.filled.sum())),
                str(inside or words.NONE),
                frame.algorithm,
            )
        )
    return table(columns, rows)


def compare_section(data: ReportData) -> str:
    """Return what A and B differ in and what each gave; "" without them."""
    found = data.compare
    if found is None:
        return ""
    a, b = found.a.solution, found.b.solution
    unit = data.scale_unit
    rows = [*found.differing]
    rows.append(("scale", words.scale_text(a, unit), words.scale_text(b, unit)))
    in_a, in_b = words.counts(a), words.counts(b)
    rows += [(kind, str(in_a[kind]), str(in_b[kind])) for kind in words.KINDS]
    columns = [Column("A against B"), Column("A", True), Column("B", True)]
    told = "The samples are not the same boxes, so that they cannot be told apart one by one."
    if found.same_boxes:
        told = (
            f"Rejected only in A: {len(found.only_a)}; only in B: {len(found.only_b)}; "
            f"in both: {len(found.both)}."
        )
    stale = (
        element("p", "The comparison is not of the newest settings and files.", "label")
        if data.compare_is_stale
        else ""
    )
    names = f"visit {found.a.visit}" if found.a.visit != data.visit else ""
    return section(
        f"A and B {names}".strip(), stale, table(columns, rows), element("p", told, "label")
    )


def files_section(files: Sequence[FileRow]) -> str:
    """Return the files with their sizes and checksums."""
    columns = [Column("file"), Column("size", True), Column("SHA-256")]
    rows = []
    for one in files:
        name = Html(element("b", one.name) + element("span", one.what, "in"))
        half = len(one.sha256) // 2
        # Where the page is too narrow the checksum breaks in its middle.
        digest = f"<code>{one.sha256[:half]}<wbr>{one.sha256[half:]}</code>" if half else ""
        note = element("span", one.note, "in") if one.note else ""
        size = words.bytes_text(one.size) if one.size >= 0 else words.NONE
        rows.append((name, size, Html(digest + note)))
    return section("Files", table(columns, rows), class_="files")


def _detector(frame: Frame) -> str:
    return f"detector {frame.item.detector}" if frame.item.detector else frame.item.name
