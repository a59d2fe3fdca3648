"""The page: the sections of a report one after the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from skyframe_gui.app.report import words
from skyframe_gui.app.report.html import (
    Column,
    Html,
    element,
    figure,
    items,
    section,
    table,
    text,
)
from skyframe_gui.app.report.page_files import compare_section, files_section, frames_section
from skyframe_gui.app.report.page_images import images_section
from skyframe_gui.resource import resource_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.report.checksums import FileRow
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.app.report.drawings import Drawings
    from skyframe_gui.app.report.images import Pictures

MOST_ROWS = 100
"""Samples excluded by hand that are listed one by one."""


def page(data: ReportData, pictures: Pictures, files: Sequence[FileRow], drawings: Drawings) -> str:
    """Return the report as a whole page of HTML."""
    title = f"Sky report: {_visit(data)}"
    css = resource_path("report.css").read_text(encoding="utf-8")
    body = "".join(
        (
            _head(data, drawings),
            _warnings(data),
            _fit(data, drawings),
            images_section(data, pictures),
            _by_hand(data),
            _config(data),
            frames_section(data, pictures),
            compare_section(data),
            files_section(files),
            _notes(data),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="skyframe_gui {text(data.version)}">\n'
        f"<title>{text(title)}</title>\n<style>\n{css}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _visit(data: ReportData) -> str:
    return f"visit {data.visit}" if data.visit else "a visit without a name"


def _head(data: ReportData, drawings: Drawings) -> str:
    solution = data.fit.solution
    n = len(data.fit.keys)
    value, _, error = words.scale_text(solution, "").partition(" ± ")
    scale = element("span", value, "value")
    if error or data.scale_unit:
        scale += element("span", f"± {error} {data.scale_unit}" if error else data.scale_unit)
    facts = [f"one scale for {words.plural(n, 'detector')}"]
    if math.isfinite(data.ratio):
        facts.append(f"sky level {words.TIMES} {words.fixed(data.ratio, 4)}")
    made = f"made {data.made} with skyframe_gui {data.version}"
    counts = words.counts(solution)
    tiles = "".join(
        f"<li>{drawings.kinds[kind]}<b>{counts[kind]}</b> {text(kind)}</li>" for kind in words.KINDS
    )
    name = _visit(data)
    return (
        "<header>"
        f'<p class="kind">Sky report</p><h1>{text(name[0].upper() + name[1:])}</h1>'
        f"{element('p', made, 'made')}"
        f'<div class="summary"><div><p class="label">Scale</p><p class="scale">{scale}</p>'
        f"{element('p', ', '.join(facts), 'label')}</div>"
        f'<div><p class="label">Samples</p><ul class="counts">{tiles}</ul>'
        f"{_alone(data)}</div></div></header>\n"
    )


def _alone(data: ReportData) -> str:
    if not data.by_hand:
        return ""
    alone = words.scale_text(data.fit.alone, data.scale_unit)
    return element("p", f"Without the exclusions by hand, by the config alone: {alone}", "label")


def _warnings(data: ReportData) -> str:
    cards = []
    if data.fit.why:
        cards.append(_card("There is no scale.", data.fit.why, "error"))
    cards += [_card("Not solved", one, "error") for one in data.problems]
    cards += [_card(one.title, one.text, one.severity) for one in data.fit.findings]
    nothing = element("p", "Nothing was found that puts the scale in doubt.", "label")
    return section("Warnings", "".join(cards) or nothing)


def _card(title: str, what: str, severity: str) -> str:
    word = {"note": "Note", "warning": "Warning", "error": "Error"}[severity]
    return (
        f'<div class="card {severity}"><p>{element("span", word, "severity")}'
        f"{element('b', title)} {text(what)}</p></div>"
    )


def _fit(data: ReportData, drawings: Drawings) -> str:
    legend = "".join(f"<span>{mark}{text(name)}</span>" for mark, name in drawings.legend)
    beyond = drawings.n_beyond
    has_scale = math.isfinite(data.steps[-1].scale)
    told = "There is no scale, so neither a line nor residuals."
    if has_scale:
        rejection = f"{words.digits(data.request.config.skyRej, 6)} {words.SIGMA}"
        band = f"{words.digits(data.band, 3)} {data.unit}".rstrip()
        told = f"Line: the scale; band: ± {band} ({rejection} of the last round)."
        if beyond:
            told += f" {words.plural(beyond, 'sample')} beyond the axes at their edge."
    caption = Html(f'<span class="legend">{legend}</span>{text(told)}')
    parts = [_steps(data), figure(drawings.samples, caption)]
    if has_scale:
        histogram = "Residuals; the outermost bins hold all beyond"
        pair = figure(drawings.residuals, "Residuals against the sky frame")
        pair += figure(drawings.histogram, histogram)
        parts.append(f'<div class="pair">{pair}</div>')
        if drawings.detectors:
            parts.append(figure(drawings.detectors, "Residuals of each detector"))
    return section("Fit", *parts)


def _steps(data: ReportData) -> str:
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
    columns = [
        Column("step"),
        Column(words.named_unit("scale", data.scale_unit), True),
        Column("±", True),
        Column(words.named_unit(words.SIGMA, data.unit), True),
        Column("newly rejected", True),
        Column("rejected", True),
        Column("used", True),
    ]
    return table(columns, rows, marked=[len(rows) - 1])


def _by_hand(data: ReportData) -> str:
    if not data.by_hand:
        return ""
    columns = [
        Column("detector"),
        Column("box, x and y from 0 [px]"),
        Column(words.named_unit("sky", data.sky_unit), True),
        Column(words.named_unit("image", data.unit), True),
        Column(words.named_unit("residual", data.unit), True),
    ]
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
    more = len(data.by_hand) - len(rows)
    alone = words.scale_text(data.fit.alone, data.scale_unit)
    with_them = words.scale_text(data.fit.solution, data.scale_unit)
    told = f"With these left out the scale is {with_them}; by the config alone it is {alone}."
    return section(
        f"Excluded by hand: {words.plural(len(data.by_hand), 'sample')}",
        element("p", told),
        table(columns, rows),
        element("p", f"and {more} more", "label") if more else "",
    )


def _config(data: ReportData) -> str:
    columns = [Column("field"), Column("value"), Column("default")]
    rows, marked = [], []
    for number, one in enumerate((*data.settings, *data.options)):
        rows.append((Html(element("code", one.name)), one.value, one.default))
        if one.changed:
            marked.append(number)
    n = len(marked)
    told = f"{words.plural(n, 'field')} changed from LSST's defaults" if n else "LSST's defaults"
    return section(
        "Config",
        element("p", f"{told}; preset: {data.preset}.", "label"),
        table(columns, rows, marked=marked),
        class_="config",
    )


def _notes(data: ReportData) -> str:
    left_out = [f"Left out: {', '.join(data.left_out)}."] if data.left_out else []
    return section(
        "Notes",
        items((*data.notes, *left_out)),
        element("p", f"Made with skyframe_gui {data.version}, {data.software}.", "label"),
    )
