"""The report is one whole page: its numbers are the fit's, and nothing in it comes from outside."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
from skyframe_gui.app.model.pins import pin_of, pinned_request
from skyframe_gui.app.model.queries import bins_of
from skyframe_gui.app.model.rejection_steps import steps_of
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.results import Problem, Results
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.report import checksums, document, images, words
from skyframe_gui.app.report.job import render, save, write_report
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.compare import compare
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.app.work.tasks import build
from skyframe_gui.engine import Cancelled, SkyFrameError, SkyMeasurementConfig, Watch
from skyframe_gui.engine.scale import KEPT
from skyframe_gui.files import atomic, sha256_of
from skyframe_gui.ui.graph.report_plots import ReportPlotter
from skyframe_gui.ui.samples import mark_shapes
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.outputs import write_built

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.report.drawings import Draw

CONFIG = SkyMeasurementConfig().model_copy(update={"skyRej": 2.5})
VOID = {"meta", "img", "br", "wbr", "hr", "link", "input"}
HOSTILE = '<script>alert("x")</script>&\'"><img src=http://evil/>'


class Page(HTMLParser):
    """A page taken apart; complains of tags that are not closed in their order."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self.feed(markup)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)
        if self._cell is not None:
            self._cell.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def row(self, first: str) -> list[str]:
        return next(row for row in self.rows if row and row[0] == first)

    def pictures(self) -> list[Image.Image]:
        found = []
        for tag, attributes in self.elements:
            if tag in ("img", "image"):
                address = attributes["src" if tag == "img" else "href"]
                head, _, data = address.partition(",")
                assert head == "data:image/png;base64"
                found.append(Image.open(io.BytesIO(base64.b64decode(data, validate=True))))
        return found


@pytest.fixture(scope="module")
def stages() -> Stages:
    return Stages(Memory())


@pytest.fixture(scope="module")
def state(night: Night, stages: Stages) -> State:
    """The science visit against sky frames built here, with one sample excluded by hand."""
    items = [one for path in (*night.science, *night.paths) for one in open_one(path)]
    exposures = tuple(one for one in items if isinstance(one, ExposureItem))
    behind = exposures[len(night.science) :]
    made = State(exposures=exposures, config=CONFIG, selection=Selection(exposure=exposures[0].key))
    built = build(stages, behind, made.config, made.options, Watch())
    keys = {id(item.source): item.key for item in behind}
    frames = tuple(
        SkyFrameItem(
            key=f"built {number}",
            name="built from 5",
            detector=one.detector,
            sky_frame=one.sky_frame,
            built=one,
            unit="electron",
            made_with=CONFIG,
            made_options=made.options,
            members=tuple(keys[id(source)] for source in one.sources),
        )
        for number, one in enumerate(built.sky_frames)
    )
    made = replace(made, sky_frames=frames)
    request = request_of(made)
    box = tuple(int(edge) for edge in fit_visit(stages, request, [0, 1], None).samples[0].boxes[4])
    return fitted(stages, replace(made, excluded_samples=frozenset({(exposures[0].key, box)})))


def fitted(stages: Stages, state: State) -> State:
    request = request_of(state)
    fit = fit_visit(stages, request, range(len(request.members)), None)
    return replace(state, results=Results(fit=fit))


@pytest.fixture(scope="module")
def draw(qapp: object) -> Draw:
    return ReportPlotter().draw


@pytest.fixture(scope="module")
def markup(stages: Stages, state: State, draw: Draw) -> str:
    return render(stages, state, Watch(), draw)


@pytest.fixture(scope="module")
def page(markup: str) -> Page:
    return Page(markup)


def test_the_page_is_whole_and_needs_nothing_from_outside(markup: str, page: Page) -> None:
    assert markup.startswith("<!DOCTYPE html>\n<html lang=")
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert attributes.get(name, "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)
    loading = {"script", "link", "iframe", "object", "embed", "base", "form", "audio", "video"}
    assert not loading & {tag for tag, _ in page.elements}
    # A drawing may name a part of itself; names in the page are each given once.
    assert not re.search(r"https?://|@import|url\((?!#)", markup)
    names = re.findall(r"""\bid=["']([^"']+)""", markup)
    assert len(names) == len(set(names))
    assert set(re.findall(r"url\(#([^)]+)\)", markup)) <= set(names)
    css = markup.partition("<style>")[2].partition("</style>")[0]
    used = {name for _, one in page.elements for name in one.get("class", "").split()}
    ruled = set(re.findall(r"\.([a-z]+)", re.sub(r"\{[^}]*\}", "", css)))
    assert ruled - used <= {"warning", "error"}, "this fit has none of these"
    assert css.count("{") == css.count("}")
    assert "@media print" in css
    assert "A4" in css


def test_a_browser_may_show_the_style_sheet_and_the_pictures_of_the_page_and_run_nothing(
    markup: str, page: Page
) -> None:
    (policy,) = (
        one["content"]
        for tag, one in page.elements
        if tag == "meta" and one.get("http-equiv") == "Content-Security-Policy"
    )
    (css,) = re.findall(r"<style>(.*?)</style>", markup, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    allowed = {"default-src 'none'", "img-src data:", f"style-src 'sha256-{digest}'"}
    assert set(policy.split("; ")) == allowed
    # Styles of single elements are not of that sheet: a browser would complain of each.
    assert not any("style" in attributes for _, attributes in page.elements)


def test_a_file_with_markup_for_a_name_is_called_what_it_is(
    night: Night, stages: Stages, state: State, tmp_path: Path, draw: Draw
) -> None:
    name = "<img src=x onerror='a()'>\"&amp;{{ 7 * 7 }}.fits"
    path = tmp_path / name
    path.write_bytes(Path(night.science[0]).read_bytes())
    (item,) = open_one(str(path))
    assert isinstance(item, ExposureItem)
    exposures = (item, *state.exposures[len(night.science) :])
    shown = Selection(exposure=item.key)
    one = fitted(
        stages, replace(state, exposures=exposures, selection=shown, excluded_samples=frozenset())
    )
    page = Page(render(stages, one, Watch(), draw))
    assert page.row(f"{name}exposure")[-1] == sha256_of(path)
    assert all(
        attributes["src"].startswith("data:") for tag, attributes in page.elements if tag == "img"
    )


def test_images_can_be_decoded_and_have_words_for_those_who_cannot_see(page: Page) -> None:
    pictures = page.pictures()
    for picture in pictures:
        picture.load()
        assert min(picture.size) > 1
    # Before, after and residual map of the shown one, before and after of each detector small, two
    # sky frames, four colour bars.
    assert len(pictures) == 3 + 4 + 2 + 4
    assert all(attributes["alt"] for tag, attributes in page.elements if tag == "img")
    plots_ = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert all(one["role"] == "img" and one["aria-label"] for one in plots_)
    assert not any("nan" in value or "inf" in value for one in plots_ for value in one.values())


def test_the_residual_map_has_its_bins_their_error_and_hatches(
    stages: Stages, state: State, page: Page
) -> None:
    request = request_of(state)
    scale = state.results.fit.solution.scale
    found = residual_of(
        stages,
        request.shown,
        request.sky_frame,
        request.config,
        request.options,
        scale,
        bins_of(state),
    )
    error = np.nanmedian(found.exact.errors)
    x, y = bins_of(state)
    size = f"{x} px" if x == y else f"{x} \u00d7 {y} px"
    assert f"Residual map, bins of {size}, each ± {error:.2g} electron" in page.text
    values = found.exact.values.copy()
    values[0, 0] = np.nan
    holed = replace(found, exact=replace(found.exact, values=values))
    whole, hatched = (
        np.asarray(Image.open(io.BytesIO(images.residual_picture(one).png)).convert("RGB"))
        for one in (found, holed)
    )
    changed = (whole != hatched).any(axis=2)
    assert whole.shape[:2] == (found.exact.height, found.exact.width)
    rows, columns = np.nonzero(changed[::-1])
    assert rows.max() < found.exact.y_edges[1]
    assert columns.max() < found.exact.x_edges[1]


def test_every_plot_has_its_caption(page: Page) -> None:
    for caption in ("Residuals against the sky frame", "Residuals of each detector"):
        assert caption in page.text


def test_numbers_are_those_of_the_fit(state: State, page: Page) -> None:
    fit = state.results.fit
    assert fit is not None
    assert words.scale_text(fit.solution, "").split(" ± ")[0] in page.text
    alone = words.scale_text(fit.alone, "")
    assert f"by the config alone it is {alone}." in page.text
    assert fit.alone is not fit.solution
    at = fit.solution.rejected_at
    assert (at >= 0).any()
    for kind, count in (("used", (at == -1).sum()), ("rejected", (at >= 0).sum())):
        assert f"{count} {kind}" in page.text
    assert "1 by hand" in page.text
    for step in steps_of(fit):
        first = f"after round {step.number}" if step.number else "no rejection"
        row = page.row(first)
        assert row[-2:] == [str(step.n_total), str(step.n_used)]
        assert float(row[1]) == pytest.approx(step.scale, abs=step.error)
    for finding in fit.findings:
        assert finding.title in page.text
        assert " ".join(finding.text.split()) in page.text


def test_changed_settings_stand_out(markup: str, page: Page) -> None:
    assert page.row("skyRej") == ["skyRej", "2.5", "3.0"]
    assert page.row("mask objects") == ["mask objects", "auto", "auto"]
    assert page.row("background.mask")[1].startswith("SAT, BAD, EDGE")
    marked = re.findall(r'<tr class="marked"><td[^>]*><code>([^<]+)', markup)
    assert marked == ["skyRej"]


def test_every_used_sample_is_in_each_plot(state: State, draw: Draw) -> None:
    fit = state.results.fit
    assert fit is not None
    drawings = draw(document.gather(state, fit), Watch())
    for markup in (drawings.samples, drawings.residuals, drawings.detectors):
        drawn = Page(markup)
        _, attributes = drawn.elements[0]
        width, height = (float(one) for one in attributes["viewbox"].split()[2:])
        circles = [one for tag, one in drawn.elements if tag == "circle"]
        assert len(circles) == fit.solution.n_used
        assert all(0 <= float(one["cx"]) <= width for one in circles)
        assert all(0 <= float(one["cy"]) <= height for one in circles)


def test_the_line_of_the_fit_and_the_numbers_on_the_axes_are_where_the_samples_say(
    state: State, draw: Draw
) -> None:
    fit = state.results.fit
    assert fit is not None
    markup = draw(document.gather(state, fit), Watch()).samples
    matrix = r"matrix\((\S+),0,0,(\S+),(\S+),(\S+)\)"
    path = r'd="M(\S+),(\S+) L([^,]+),([^\s"]+) ?"'
    (line,) = re.findall(rf'stroke-width="1.5"[^>]*{matrix}"[^<]*<path[^>]*{path}', markup)
    x_pixels, y_pixels, x_zero, y_zero, *ends = map(float, line)
    slope = ends[1] / ends[0]
    assert ends[3] == pytest.approx(slope * ends[2], rel=1e-4)
    circles = np.array(re.findall(r'<circle cx="(\S+)" cy="(\S+)"', markup), float)
    used = fit.solution.rejected_at == KEPT
    sky, image = (
        np.concatenate([getattr(one, name) for one in fit.samples])[used]
        for name in ("sky", "image")
    )
    sky_drawn = (circles[:, 0] - x_zero) / x_pixels * slope / fit.solution.scale
    image_drawn = (circles[:, 1] - y_zero) / y_pixels
    np.testing.assert_allclose(np.sort(sky_drawn), np.sort(sky), rtol=1e-4)
    np.testing.assert_allclose(np.sort(image_drawn), np.sort(image), rtol=1e-4)
    # Each number stands at its gridline, to within the size of the letters.
    numbers = re.findall(r'<text[^>]* x="(\S+)" y="(\S+)"[^>]*>([\d.]+)</text>', markup)
    at = [(float(x), float(y), float(text)) for x, y, text in numbers]
    below = [(x, value) for x, y, value in at if y == at[0][1]]
    beside = [(y, value) for x, y, value in at if y != at[0][1]]
    assert len(below) > 3
    assert len(beside) > 3
    for x, value in below:
        assert 0 < x_pixels * value + x_zero - (x + 48) < 25
    for y, value in beside:
        assert abs(y_pixels * value + y_zero - (y + 8)) < 8


def test_thousands_of_samples_become_an_image_that_shows_where_they_are(
    stages: Stages, state: State, draw: Draw
) -> None:
    many = state.config.model_copy(update={"xNumSamples": 40, "yNumSamples": 40})
    dense = fitted(stages, replace(state, config=many, excluded_samples=frozenset()))
    fit = dense.results.fit
    assert fit is not None
    assert fit.solution.n_used > mark_shapes.MANY
    markup = draw(document.gather(dense, fit), Watch()).residuals
    drawn = Page(markup)
    assert "circle" not in {tag for tag, _ in drawn.elements}
    (cloud,) = drawn.pictures()
    alpha = np.asarray(cloud)[..., 3]
    rows = np.flatnonzero(alpha.sum(axis=1))
    assert rows.min() > 0
    assert rows.max() < alpha.shape[0] - 1
    assert len(markup) < 400_000


def test_axes_have_true_minus_signs_and_their_units(state: State, draw: Draw) -> None:
    fit = state.results.fit
    assert fit is not None
    drawings = draw(document.gather(state, fit), Watch())
    words_ = " ".join(Page(drawings.residuals).words)
    assert "residual [" in words_
    assert "\N{MINUS SIGN}" in words_
    assert not re.search(r"(^|\s)-\d", words_)


def test_files_are_named_with_their_checksums_and_nothing_of_where_they_are(
    night: Night, page: Page, markup: str
) -> None:
    for path in (*night.science, *night.paths):
        row = next(
            row
            for row in page.rows
            if row[0].startswith(os.path.basename(path)) and len(row[-1]) == 64
        )
        assert row[2] == sha256_of(path)
    assert str(night.folder) not in markup


def test_a_file_that_is_gone_or_changed_is_told_of_in_its_row(tmp_path: Path) -> None:
    kept, changed = tmp_path / "kept", tmp_path / "changed"
    kept.write_bytes(b"abc")
    changed.write_bytes(b"abc")
    wanted = (
        checksums.Wanted(str(kept), "exposure"),
        checksums.Wanted(str(changed), "exposure", (2, 12345)),
        checksums.Wanted(str(tmp_path / "gone"), "exposure"),
        checksums.Wanted(str(tmp_path), "exposure"),
    )
    rows = checksums.checksums(wanted, Watch())
    assert [bool(row.sha256) for row in rows] == [True, True, False, False]
    assert rows[0].note == ""
    assert "changed since" in rows[1].note
    assert "gone" in rows[2].note
    assert "cannot be read" in rows[3].note


def test_names_from_files_cannot_become_markup(stages: Stages, state: State, draw: Draw) -> None:
    fit = state.results.fit
    assert fit is not None
    sources = [replace(item.source, name=HOSTILE, unit=HOSTILE) for item in state.exposures]
    exposures = tuple(
        replace(item, source=source) for item, source in zip(state.exposures, sources, strict=True)
    )
    hostile = replace(
        state,
        exposures=exposures,
        sky_frames=tuple(replace(one, name=HOSTILE, unit=HOSTILE) for one in state.sky_frames),
        problems=(Problem("x", HOSTILE + "\x00\udc80"),),
        preset_name=HOSTILE,
        excluded_exposures=frozenset({exposures[-1].key}),
    )
    again = fitted(stages, hostile)
    assert again.results.fit is not None
    named = replace(again.results.fit, visit=HOSTILE)
    markup = render(stages, replace(again, results=Results(fit=named)), Watch(), draw)
    page = Page(markup)
    markup.encode("utf-8")
    tags = {tag for tag, _ in page.elements}
    assert "script" not in tags
    assert all(one["src"].startswith("data:") for tag, one in page.elements if tag == "img")
    assert page.text.count("<script>alert") > 5
    assert "\x00" not in markup


def test_a_comparison_tells_what_each_gave(stages: Stages, state: State, draw: Draw) -> None:
    a = pin_of(state)
    b = replace(a, config=SkyMeasurementConfig())
    pins = MappingProxyType({"A": a, "B": b})
    requests = tuple(pinned_request(state, one) for one in (a, b))
    found = compare(stages, requests, (a, b), Watch())
    results = replace(state.results, compare=found)
    page = Page(render(stages, replace(state, pins=pins, results=results), Watch(), draw))
    rows = [row for row in page.rows if row and row[0] == "skyRej" and row[1:] == ["2.5", "3.0"]]
    assert len(rows) == 2  # of the config and of the comparison
    expected = [words.scale_text(one.solution, "") for one in (found.a, found.b)]
    assert page.row("scale")[1:] == expected
    assert f"only in A: {len(found.only_a)}" in page.text


def test_a_saved_sky_frame_tells_how_it_was_made(
    night: Night, stages: Stages, state: State, tmp_path: Path, draw: Draw
) -> None:
    background = CONFIG.background.model_copy(update={"xBinSize": 40})
    config = CONFIG.model_copy(update={"background": background})
    written, failed = write_built(
        build_sky_frames(night.paths, config), tmp_path, config, False, {"normalise": "level"}
    )
    assert not failed
    frames = [one for _, path in written for one in open_one(path)]
    saved = fitted(stages, replace(state, sky_frames=tuple(frames)))
    page = Page(render(stages, saved, Watch(), draw))
    assert "with background.xBinSize = 40; normalise level." in page.text
    assert f"5 exposures: {os.path.basename(night.paths[0])}" in page.text
    for _, path in written:
        row = next(row for row in page.rows if row[0].startswith(os.path.basename(path)))
        assert row[-1] == sha256_of(path)


def test_a_fit_that_failed_gives_a_report_that_says_so(
    stages: Stages, state: State, draw: Draw
) -> None:
    nothing = state.config.model_copy(update={"skyRej": 1e-12, "skyIter": 9})
    failed = fitted(stages, replace(state, config=nothing))
    assert failed.results.fit is not None
    assert failed.results.fit.why
    markup = render(stages, failed, Watch(), draw)
    assert "There is no scale." in Page(markup).text
    assert not re.search(r"\b(nan|inf)\b", re.sub(r'"data:[^"]*"', "", markup).lower())


def test_an_older_fit_on_screen_is_not_reported(stages: Stages, state: State, draw: Draw) -> None:
    newer = replace(state, config=state.config.model_copy(update={"skyRej": 1.5}))
    fit = fitted(stages, newer).results.fit
    assert fit is not None
    assert newer.results.fit is not fit
    page = Page(render(stages, newer, Watch(), draw))
    assert page.row("skyRej")[1] == "1.5"
    assert f"{fit.solution.n_used} used" in page.text


def test_without_anything_to_fit_there_is_a_sentence_and_no_file(
    stages: Stages, tmp_path: Path, draw: Draw
) -> None:
    with pytest.raises(SkyFrameError, match="no fit to report"):
        save(stages, State(), str(tmp_path / "report.html"), False, Watch(), draw)
    assert not list(tmp_path.iterdir())


def test_an_existing_file_gives_way_only_when_told(
    stages: Stages, state: State, tmp_path: Path, draw: Draw
) -> None:
    path = tmp_path / "report.html"
    path.write_text("mine")
    with pytest.raises(SkyFrameError, match="exists already"):
        save(stages, state, str(path), False, Watch(), draw)
    assert path.read_text() == "mine"
    save(stages, state, str(path), True, Watch(), draw)
    Page(path.read_text(encoding="utf-8"))
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_a_full_disk_leaves_nothing_behind(
    stages: Stages, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(SkyFrameError, match="the disk is full"):
        save(stages, state, str(tmp_path / "report.html"), False, Watch(), draw)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_a_sentence(
    stages: Stages, state: State, tmp_path: Path, draw: Draw
) -> None:
    with pytest.raises(SkyFrameError, match=r"the folder .* is not there"):
        save(stages, state, str(tmp_path / "no" / "report.html"), False, Watch(), draw)


def test_a_cancelled_report_leaves_nothing_behind(
    stages: Stages, state: State, tmp_path: Path, draw: Draw
) -> None:
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        save(stages, state, str(tmp_path / "report.html"), False, watch, draw)
    assert not list(tmp_path.iterdir())


def test_an_open_exposure_is_never_written_over(
    stages: Stages, state: State, night: Night, draw: Draw
) -> None:
    before = sha256_of(night.science[0])
    with pytest.raises(SkyFrameError, match="one of the files that are open"):
        save(stages, state, night.science[0], True, Watch(), draw)
    assert sha256_of(night.science[0]) == before


def test_a_sky_frame_has_its_low_end_dark_and_its_first_row_below(state: State) -> None:
    frame = state.sky_frames[0].sky_frame
    picture = images.sky_map(frame)
    # The green of viridis rises with the value.
    green = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(float)[..., 1]
    ny, nx = frame.grid.values.shape
    small = green[:: green.shape[0] // ny, :: green.shape[1] // nx][::-1]
    values = np.clip(frame.grid.values, picture.low, picture.high)
    assert np.corrcoef(small.ravel(), values.ravel())[0, 1] > 0.95
    assert picture.low < picture.high


def test_a_cancelled_report_does_not_wait_for_the_window(
    state: State, qapp: object, qtbot: QtBot
) -> None:
    """The window is busy for good: whoever asks for drawings from a lane gets away all the same."""
    fit = state.results.fit
    assert fit is not None
    plotter, watch = ReportPlotter(), Watch()
    data = document.gather(state, fit)
    with ThreadPoolExecutor(1) as lane:
        asked = lane.submit(plotter.draw, data, watch)
        watch.cancel()
        with pytest.raises(Cancelled):
            asked.result(5)
    qtbot.wait(200)  # the drawings that nobody wants any more


def test_the_command_writes_the_report_and_says_so(
    store: Store,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
    tmp_path: Path,
    draw: Draw,
) -> None:
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    path = tmp_path / "report.html"
    told: list[bool] = []
    write_report(commands.program, path, draw, written=lambda: told.append(True))
    idle()
    assert told == [True]
    assert store.state.log[-1] == f"Wrote the report {path}."
    Page(path.read_text(encoding="utf-8"))
    write_report(commands.program, path, draw)
    idle()
    assert ["exists already" in one.text for one in store.state.problems] == [True]
    write_report(commands.program, path, draw, overwrite=True)
    idle()
    assert not store.state.problems
