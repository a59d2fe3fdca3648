"""The plots of a report, drawn as those on the screen are, on paper instead."""

from __future__ import annotations

import math
import re
from concurrent.futures import Future, TimeoutError
from html import escape
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, QRectF, QSize, Qt, QThread, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPalette
from PyQt6.QtWidgets import QWidget

from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.app.report.drawings import Drawings, Svg
from skyframe_gui.numbers import plural
from skyframe_gui.ui.graph.bars import BarPlot, stack_of
from skyframe_gui.ui.graph.sample_plot import SamplePlot
from skyframe_gui.ui.panel_pictures import svg_of
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.ui.samples.axis_range import Range, around
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.samples.points import Guide
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_view import view_of_report
from skyframe_gui.ui.theme import LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.engine import Watch
    from skyframe_gui.ui.graph.plot import Plot
    from skyframe_gui.ui.samples.sample_view import SampleView

WIDE, HALF = 505, 248
"""Points: the width of the text on A4, and of one of two columns."""
SAMPLES, RESIDUALS, DETECTORS = (WIDE, 225), (HALF, 190), (WIDE, 180)
PIXELS = 1.4
"""Of a plot to a point of paper: letters of 11 pixels are then 8 points high."""
MARK = 9
BARS = 48
ASK_SECONDS = 0.05
HEAD = re.compile(r".*?<svg\b[^>]*>", re.DOTALL)
NAMED = re.compile(r"""(\bid=["']|url\(#|\bhref=["']#)([^"')]+)""")
NUMBERS = count(1)
NOT_SHOWN = re.compile(r"<(title|desc)>.*?</\1>| style=\"normal\"", re.DOTALL)
"""Qt writes the slant of letters as a style, which the page's policy refuses, and it is none."""


class ReportPlotter(QObject):
    """Draws the plots of a report in the window's thread, whoever asks.

    Make it in that thread. A plot is drawn in each turn of its event loop, so that the window goes
    on meanwhile.
    """

    _asked = pyqtSignal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked.connect(self._begin)

    def draw(self, data: ReportData, watch: Watch) -> Drawings:
        """Return the drawings.

        Raises
        ------
        Cancelled
            The watch said so while the window was busy.
        """
        if QThread.currentThread() is self.thread():
            return _all_of(_drawn(data))
        answer: Future[Drawings] = Future()
        self._asked.emit(data, answer)
        while True:
            watch.step(0, 0, "Report")
            try:
                return answer.result(ASK_SECONDS)
            except TimeoutError:
                continue

    def _begin(self, data: ReportData, answer: Future[Drawings]) -> None:
        self._go_on(_drawn(data), answer)

    def _go_on(self, steps: Iterator[Drawings | None], answer: Future[Drawings]) -> None:
        try:
            found = next(steps)
        except Exception as error:  # it is the asker's, who has a place for it
            answer.set_exception(error)
            return
        if found is not None:
            answer.set_result(found)
        else:
            QTimer.singleShot(0, lambda: self._go_on(steps, answer))


def _all_of(steps: Iterator[Drawings | None]) -> Drawings:
    return next(found for found in steps if found is not None)


def _drawn(data: ReportData) -> Iterator[Drawings | None]:
    """Draw a plot at each step; the last one returns all."""
    view = view_of_report(data)
    has_scale = math.isfinite(view.step.scale)
    plot = SamplePlot()
    yield None
    samples = _samples(view, plot)
    yield None
    residuals = histogram = detectors = Svg()
    axes = axes_of(view, "sky")
    span = axes.y_range
    if has_scale:
        name = "Plot of residuals against sky frame samples"
        residuals = _residuals(view, "sky", RESIDUALS, name)
        yield None
        histogram = _histogram(view, span)
        yield None
        if len(data.fit.keys) > 1:
            name = f"Plot of residuals by detector, of {plural(len(data.fit.keys), 'detector')}"
            detectors = _residuals(view, "detector", DETECTORS, name)
            yield None
    with np.errstate(invalid="ignore"):
        beyond = int(((axes.y < span.low) | (axes.y > span.high)).sum())
    yield Drawings(
        samples=samples,
        residuals=residuals,
        histogram=histogram,
        detectors=detectors,
        legend=_legend(view),
        kinds=_kinds(view),
        n_beyond=beyond,
    )


def _samples(view: SampleView, plot: SamplePlot) -> Svg:
    x = view.rows.sky * view.sky_factor
    plot.x_label, plot.y_label = (
        f"sky frame sample [{view.sky_unit}]",
        f"image sample [{view.unit}]",
    )
    x_range, y_range = around(x), around(view.rows.image)
    guides: tuple[Guide, ...] = ()
    if math.isfinite(view.step.scale):
        slope, band = view.step.scale / view.sky_factor, view.band
        span = axes_of(view, "sky").y_range
        ends = (x_range.low * slope, x_range.high * slope)
        y_range = Range(min(ends) + span.low, max(ends) + span.high)
        guides = (Guide(value=lambda at: slope * at, half_width=lambda at: np.full_like(at, band)),)
    plot.set_points(view.points(x, view.rows.image), guides)
    n = int(np.count_nonzero(view.marks != Mark.NO_DATA))
    name = f"Plot of {n} image samples against sky frame samples"
    return _markup(plot, SAMPLES, (x_range, y_range), name)


def _residuals(view: SampleView, kind: str, size: tuple[int, int], name: str) -> Svg:
    plot = SamplePlot()
    axes = axes_of(view, kind)
    plot.x_label, plot.y_label, plot.x_axis.names = axes.x_label, axes.y_label, axes.names
    plot.set_points(view.points(axes.x, axes.y), (axes.guide,), axes.spreads)
    return _markup(plot, size, (axes.x_range, axes.y_range), name)


def _histogram(view: SampleView, span: Range) -> Svg:
    plot = BarPlot()
    plot.x_label, plot.y_label = axes_of(view, "sky").y_label, "samples"
    axes = axes_of(view, "sky")
    # The outermost bars hold all beyond.
    inside = np.clip(axes.y, span.low, np.nextafter(span.high, span.low))
    stack = stack_of(view.points(axes.x, axes.y), inside, span, BARS, LIGHT)
    plot.set_stack(stack, view.band)
    ranges = (span, Range(0.0, stack.longest * 1.06))
    return _markup(plot, RESIDUALS, ranges, "Histogram of the residuals")


def _markup(plot: Plot, size: tuple[int, int], ranges: tuple[Range, Range], name: str) -> Svg:
    """Return a plot as an element of a page, and throw the widget away."""
    plot.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    try:
        plot.apply_theme(LIGHT)
        # Paper below the plot, whatever the theme of the window: its edges shine through.
        colours = plot.palette()
        colours.setColor(QPalette.ColorRole.Window, QColor(LIGHT.plot))
        plot.setPalette(colours)
        plot.resize(QSize(round(size[0] * PIXELS), round(size[1] * PIXELS)))
        plot.show()
        plot.set_home(*ranges)
        plot.fit()
        return _element(svg_of(plot, name), size, name)
    finally:
        plot.hide()
        plot.deleteLater()


def _element(svg: bytes, size: tuple[int, int], name: str) -> Svg:
    """Return what Qt has drawn as an element inside a page: without head, names and addresses."""
    text = NOT_SHOWN.sub("", svg.decode("utf-8")).replace("xlink:href=", "href=")
    # Names are of the whole page: those of one drawing must not be those of another.
    own = f"d{next(NUMBERS)}-"
    text = NAMED.sub(lambda found: f"{found.group(1)}{own}{found.group(2)}", text)
    box = re.search(r'viewBox="([^"]*)"', text)
    assert box is not None, "Qt was given a view box"
    head = (
        f'<svg width="{size[0]}" height="{size[1]}" viewBox="{box.group(1)}" '
        f'role="img" aria-label="{escape(name)}">'
    )
    return Svg(HEAD.sub(lambda _: head, text, count=1).strip())


class _MarkWidget(QWidget):
    """A mark by itself, for a legend."""

    def __init__(self, paint: Callable[[QPainter], None]) -> None:
        super().__init__()
        self._paint = paint
        self.resize(MARK, MARK)

    def paintEvent(self, event: object) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter)
        painter.end()


def _mark(name: str, paint: Callable[[QPainter], None]) -> Svg:
    widget = _MarkWidget(paint)
    widget.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
    markup = _element(svg_of(widget, name), (MARK, MARK), name)
    widget.deleteLater()
    return markup


MIDDLE = np.array([MARK / 2])


def _circle(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.accent))
    painter.drawEllipse(QRectF(1.9, 1.9, 5.2, 5.2))


def _square(colour: str) -> Callable[[QPainter], None]:
    return lambda painter: mark_shapes.squares(
        painter, MIDDLE, MIDDLE, 5.0, colour, QColor("#ffffff")
    )


def _legend(view: SampleView) -> tuple[tuple[Svg, str], ...]:
    found = [(_mark("used", _circle), "used")]
    rounds = round_colours(LIGHT, view.n_rounds)
    for number in sorted({int(one) for one in view.rows.rejected_at if one >= 0}):
        found.append((_mark("rejected", _square(rounds[number])), f"round {number + 1}"))
    if (view.marks == Mark.EXCLUDED).any():
        found.append((_kinds(view)["by hand"], "by hand"))
    return tuple(found)


def _kinds(view: SampleView) -> dict[str, Svg]:
    rounds = round_colours(LIGHT, max(view.n_rounds, 1))
    painters: dict[str, Callable[[QPainter], None]] = {
        "used": _circle,
        "rejected": _square(rounds[0]),
        "by hand": lambda painter: mark_shapes.triangles(
            painter, MIDDLE, MIDDLE, 7.0, LIGHT.excluded
        ),
        "no data": lambda painter: mark_shapes.crosses(painter, MIDDLE, MIDDLE, 5.0, LIGHT.no_data),
    }
    return {name: _mark(name, paint) for name, paint in painters.items()}
