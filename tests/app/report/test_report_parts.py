"""The parts of a report by themselves: every cell of its tables, every pixel of its pictures."""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.visualization import ZScaleInterval
from fitted_visits import fit_of, make_fit
from made_items import a_frame, a_sky_frame, a_source, an_exposure
from PIL import Image

from skyframe_gui.app.model.comparison import Comparison, Pin
from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.items import Facts, Options
from skyframe_gui.app.model.queries import open_exposures
from skyframe_gui.app.model.rejection_steps import Step, rows_of, steps_of
from skyframe_gui.app.model.requests import fit_inputs, request_of
from skyframe_gui.app.model.residual_map import residual_map
from skyframe_gui.app.model.results import Problem, Results
from skyframe_gui.app.model.stack_view import StackView
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.report import checksums, document, images, job, words
from skyframe_gui.app.report.drawings import Drawings, Svg
from skyframe_gui.app.report.origin import Origin, origin_of
from skyframe_gui.app.report.page import page
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.stages import Stages, exposure_key
from skyframe_gui.engine import (
    BinGrid,
    Exposure,
    MaskPlanes,
    Samples,
    SkyFrameError,
    SkyMeasurementConfig,
    Watch,
)
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.engine.scale import ScaleSolution
from skyframe_gui.engine.stack import Pulls
from skyframe_gui.files.fits.exposure_planes import PlaneRef
from skyframe_gui.numbers import value_text
from skyframe_gui.resource import colour_map
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG = SkyMeasurementConfig(skyRej=2.5)
ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
MEMBERS = (
    a_source("m1.fits", date="2026-01-01T02:03:04.567"),
    a_source("m2.fits", date=""),
)
OPTIONS = Options(MaskObjects.NEVER, Normalise.LEVEL)
BUILT = a_frame(
    "built 1",
    MEMBERS,
    made_with=CONFIG,
    made_options=OPTIONS,
    excluded_members=frozenset({"/night/m2.fits[1]"}),
)
SKY_2 = a_frame("s2", detector="2", sky_frame=a_sky_frame(detector="2"), made_with=CONFIG)
FIT = replace(make_fit(2, config=CONFIG), keys=(ONE.key, TWO.key), visit="7", unit="adu")


def a_state(**more: Any) -> State:
    known = {
        "exposures": (ONE, TWO),
        "sky_frames": (BUILT, SKY_2),
        "selection": Selection(exposure=ONE.key),
        "config": CONFIG,
    }
    return State(**(known | more))


def data_of(state: State | None = None, **changes: Any) -> document.ReportData:
    return replace(document.gather(state or a_state(), FIT), **changes)


class Rows(HTMLParser):
    """The cells of all rows, and the plain text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self._in_cell = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._in_cell:
            self.rows[-1][-1] += data.strip()

    def after(self, head: Sequence[str], n: int) -> list[list[str]]:
        place = self.rows.index(list(head))
        return self.rows[place + 1 : place + 1 + n]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


NONE_DRAWN = Drawings(
    samples=Svg(),
    residuals=Svg(),
    histogram=Svg(),
    detectors=Svg(),
    legend=(),
    kinds=dict.fromkeys(words.KINDS, Svg()),
    n_beyond=0,
)


def rows_of_page(data: document.ReportData) -> Rows:
    maps = {one.item.key: images.sky_map(one.item.sky_frame) for one in data.frames}
    return Rows(page(data, images.Pictures(None, (), maps), (), NONE_DRAWN))


# Tables ----------------------------------------------------------------------------------------


def a_step(number: int, scale: float, **more: Any) -> Step:
    known = {"error": 0.0123, "sigma": 0.0456, "n_new": 0, "n_total": 0, "n_used": 10}
    return Step(number=number, scale=scale, **(known | more))


def test_each_round_of_the_fit_has_a_row_with_digits_that_its_error_allows() -> None:
    nan = math.nan
    steps = (
        a_step(0, 1.23456, sigma=12.3),
        a_step(1, 1.2, n_new=2, n_total=2, n_used=8),
        a_step(2, nan, error=nan, sigma=nan, n_new=8, n_total=10, n_used=0),
    )
    head = ["step", "scale [s]", "±", "\N{GREEK SMALL LETTER SIGMA} [adu]"]
    head += ["newly rejected", "rejected", "used"]
    found = rows_of_page(data_of(steps=steps, scale_unit="s", unit="adu"))
    dash = "\N{EM DASH}"
    assert found.after(head, 3) == [
        ["no rejection", "1.235", "0.012", "12.3000", dash, "0", "10"],
        ["after round 1", "1.200", "0.012", "0.0456", "2", "2", "8"],
        ["after round 2", dash, dash, dash, "8", "10", "0"],
    ]
    failed = rows_of_page(data_of(steps=steps[2:], scale_unit="", unit=""))
    assert failed.after(["step", "scale", "±", head[3][0], *head[4:]], 1)[0][1] == dash


def test_samples_excluded_by_hand_have_their_inclusive_box() -> None:
    sample = document.HandSample(
        detector="3", box=(0, 5, 10, 20), sky=0.0123456, image=12.3456, residual=-0.98765
    )
    solution = replace(FIT.solution, scale=1000.0)
    data = data_of(
        excluded_samples=(sample, *[replace(sample, detector="")] * 100),
        fit=replace(FIT, solution=solution),
        steps=(a_step(0, 1000.0, sigma=1.23),),
        sky_unit="k",
        unit="adu",
    )
    found = rows_of_page(data)
    head = ["detector", "box, x and y from 0 [px]", "sky [k]", "image [adu]", "residual [adu]"]
    first, second, *_, last, after = found.after(head, 101)
    numbers = ["0 to 9, 5 to 19", "0.01235", "12.35", "\N{MINUS SIGN}0.99"]
    assert first == ["3", *numbers]
    assert second == last == ["\N{EM DASH}", *numbers]
    assert after[1:] != numbers
    assert "Excluded by hand: 101 samples" in found.text
    assert "and 1 more" in found.text


def test_masks_by_hand_are_told_with_what_they_are_of_and_where() -> None:
    circle = HandMask("circle", (60.04, 40.0, 25.0))
    sky = HandMask("polygon", (150.0, 2.0, 150.2, 2.0, 150.1, 2.3), on_sky=True)
    state, visit = a_state(), data_of().fit.visit
    masks = (
        MaskItem(circle, exposure=ONE.key),
        MaskItem(sky, visit=visit),
        MaskItem(circle, exposure="another"),
        MaskItem(circle, visit="another"),
    )
    found = document.gather(replace(state, hand_masks=masks), FIT).hand_masks
    name = open_exposures(state)[0].source.name
    assert [(one.name, one.mask, one.place) for one in found] == [
        (name, "circle, radius 25 px", "x 60.0, y 40.0"),
        ("", "polygon, 3 corners", "RA 150.100000, Dec 2.100000"),
    ]
    rows = rows_of_page(data_of(hand_masks=found * 51))
    head = ["exposure", "mask", "middle [px from 0, or deg]"]
    first, second, *_ = rows.after(head, 100)
    assert first == [name, "circle, radius 25 px", "x 60.0, y 40.0"]
    assert second[0] == "whole visit"
    assert "Masked by hand: 102 regions" in rows.text
    assert "and 2 more" in rows.text
    assert "by hand" not in rows_of_page(data_of()).text.replace("0 by hand", "")


def test_exposures_behind_a_frame_tell_their_date_level_and_pull() -> None:
    frame = BUILT.sky_frame
    pulls = Pulls(np.array([0.0123, np.nan]), np.array([0.5, 1.25]), np.array([0, 1]))
    stack = StackView(
        key="built 1",
        sky_frame=frame,
        members=BUILT.members,
        names=("", ""),
        dates=("", ""),
        inside=(True, False),
        values=np.ones((2, 2, 2), np.float32),
        levels=(1.0, 2.0),
        residuals=np.ones((2, 2, 2), np.float32),
        rms=np.ones(2),
        pulls=pulls,
    )
    dash = "\N{EM DASH}"
    plain = ["exposure", "taken [UTC]", "level [electron]"]
    without = rows_of_page(data_of())
    assert without.after([*plain, "in the frame"], 2) == [
        ["m1.fits", "2026-01-01 02:03:04", "100.000", "yes"],
        ["m2.fits", dash, "101.000", "left out"],
    ]
    assert "1 of 2 exposures in the frame" in without.text
    assert "Pull:" not in without.text
    state = a_state(results=Results(stack=stack))
    data = data_of(state)
    assert [one.has_pulls for one in data.frames] == [True, False]
    found = rows_of_page(data)
    head = [*plain, "pull, rms [electron]", "worst bin [electron]", "in the frame"]
    assert found.after(head, 2) == [
        ["m1.fits", "2026-01-01 02:03:04", "100.000", "0.0123", "0.5000", "yes"],
        ["m2.fits", dash, "101.000", dash, "1.2500", "left out"],
    ]
    for other in (replace(stack, key="x"), replace(stack, sky_frame=a_sky_frame())):
        assert not data_of(a_state(results=Results(stack=other))).frames[0].has_pulls


def test_the_other_frames_have_a_row_each() -> None:
    filled = replace(SKY_2.sky_frame, filled=np.array([[True, False], [False, False]]))
    from_file = Origin("Made.", ("x", "y", "z"))
    first, second = data_of().frames
    assert (first.shown, second.shown) == (True, False)
    second = replace(second, item=replace(SKY_2, sky_frame=filled), origin=from_file)
    third = replace(first, item=replace(BUILT, key="k", detector=""), shown=False)
    found = rows_of_page(data_of(frames=(first, second, third)))
    head = ["detector", "sky frame", "bins", "filled", "exposures", "interpolation"]
    times = "2 \N{MULTIPLICATION SIGN} 2"
    assert found.after(head, 2) == [
        ["2", "s2", times, "1", "3", "LINEAR"],
        ["\N{EM DASH}", "built 1", times, "0", "1", str(CONFIG.background.algorithm)],
    ]
    nothing = replace(second, origin=Origin())
    assert rows_of_page(data_of(frames=(first, nothing))).after(head, 1)[0][4] == "\N{EM DASH}"
    # Where none is on screen the first stands for all.
    data = data_of(frames=(replace(first, shown=False), second))
    assert rows_of_page(data).after(head, 1)[0][0] == "2"


def test_a_comparison_has_what_differs_the_scale_and_the_counts() -> None:
    pin = Pin(config=CONFIG, options=OPTIONS)
    b = make_fit(3, config=SkyMeasurementConfig())
    compared = Comparison(
        a=FIT,
        b=b,
        pins=(pin, pin),
        fields=(("skyRej", "2.5", "3.0"), ("skyIter", "3", "3")),
        same_boxes=False,
        rises=({}, {}),
    )
    found = rows_of_page(data_of(compare=compared, scale_unit="s"))
    a_counts, b_counts = (words.counts(one.solution) for one in (FIT, b))
    assert found.after(["A against B", "A", "B"], 6) == [
        ["skyRej", "2.5", "3.0"],
        ["scale", *(words.scale_text(one.solution, "s") for one in (FIT, b))],
        *([kind, str(a_counts[kind]), str(b_counts[kind])] for kind in words.KINDS),
    ]
    assert ["A against B", "A", "B"] not in rows_of_page(data_of()).rows


def test_samples_are_counted_by_what_became_of_them() -> None:
    solution = ScaleSolution(
        scale=2.0,
        error=0.1,
        rejected_at=np.array([-1, -1, 0, 2, 1, -3, -3, -3, -3, -2]),
        iterations=(),
        n_used=2,
    )
    assert words.counts(solution) == {"used": 2, "rejected": 3, "by hand": 4, "no data": 1}
    assert words.scale_text(solution, "adu") == "2.00 ± 0.10 adu"


# What is gathered ------------------------------------------------------------------------------


def test_the_report_tells_what_was_set_noticed_and_left_out() -> None:
    noted = an_exposure("two.fits", detector="2", notes=("From its header.", "Of both."))
    state = a_state(
        exposures=(replace(ONE, source=replace(ONE.source, notes=("Of both.",))), noted),
        facts=MappingProxyType({noted.key: Facts(1.0, 0.0, ("From its pixels.", "Of both."))}),
        problems=(Problem("x", "Something failed."),),
        excluded_members=frozenset({ONE.key}),
        preset_name="a camera",
        options=OPTIONS,
    )
    data = data_of(state)
    assert data.notes == (
        "Of both.",
        "two.fits: From its header.",
        "two.fits: From its pixels.",
    )
    assert data.problems == ("Something failed.",)
    assert (data.not_in_frames, data.not_fitted) == (("one.fits",), ())
    assert data_of(a_state(excluded_exposures=frozenset({ONE.key}))).not_fitted == ("one.fits",)
    assert (data.visit, data.preset, data.bins) == ("7", "a camera", (32, 32))
    changed = {(one.name, one.value, one.default) for one in data.settings if one.changed}
    assert changed == {("skyRej", "2.5", "3.0")}
    assert [(one.name, one.value, one.default) for one in data.options] == [
        ("mask objects", "never", "auto"),
        ("normalise", "level", "none"),
    ]
    chosen = data_of(a_state(options=Options(camera="/tables/mine.json"))).options[-1]
    assert (chosen.name, chosen.value, chosen.default) == (
        "camera",
        "mine.json",
        "as the files tell",
    )
    assert (data.unit, data.sky_unit) == ("adu", "electron")
    other = replace(SKY_2, unit="adu")
    assert data_of(a_state(sky_frames=(BUILT, other))).sky_unit == ""
    assert data.band == pytest.approx(2.5 * data.steps[-1].sigma)
    assert data.software.startswith("Python 3.")
    names = [one.split()[0] for one in data.software.split(", ")]
    assert names == ["Python", "numpy", "scipy", "numba", "astropy"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d[+-]\d\d:\d\d", data.made)
    assert (data.steps, data.rows) == (steps_of(FIT), rows_of(FIT))
    assert (data.compare, data.compare_is_stale) == (None, False)


def test_many_exposures_of_one_note_are_named_by_the_first() -> None:
    items = tuple(
        an_exposure(f"{n}.fits", detector=str(n), notes=("Odd.",) * (n < 5)) for n in range(1, 6)
    )
    nameless = a_frame("s", sky_frame=a_sky_frame(detector=""), made_with=CONFIG)
    state = a_state(
        exposures=items, sky_frames=(nameless,), selection=Selection(exposure=items[0].key)
    )
    assert data_of(state).notes == ("1.fits and 3 more: Odd.",)
    state = replace(state, exposures=(*items[:3], *items[4:]))
    assert data_of(state).notes == ("1.fits, 2.fits, 3.fits: Odd.",)


def test_samples_of_the_fit_that_a_person_excluded_are_told_with_their_residual() -> None:
    samples = [
        Samples([10.0, 20.0], [1.0, 2.0], boxes=[(0, 0, 5, 5), (5, 0, 10, 5)], detector="1"),
        Samples([31.0, 40.0], [3.0, 4.0], boxes=[(0, 0, 5, 5), (5, 0, 10, 5)], detector="2"),
    ]
    config = CONFIG.model_copy(update={"skyIter": 0})
    fit = fit_of(samples, config, np.array([False, False, True, False]), (ONE.key, TWO.key))
    (found,) = document.gather(a_state(), fit).excluded_samples
    assert (found.detector, found.box, found.sky, found.image) == ("2", (0, 0, 5, 5), 3.0, 31.0)
    assert found.residual == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("value", "text"), [(["SAT", "BAD"], "SAT, BAD"), ([], "none"), (None, "None"), (3.0, "3.0")]
)
def test_a_value_of_a_setting_is_written_plainly(value: object, text: str) -> None:
    assert value_text(value) == text


def test_how_a_sky_frame_came_about_is_told_as_far_as_it_is_known() -> None:
    background = CONFIG.background.model_copy(update={"xBinSize": 40, "mask": ("SAT",)})
    config = CONFIG.model_copy(update={"background": background})
    made = "Made with background.xBinSize = 40, background.mask = SAT"
    assert origin_of(replace(BUILT, made_with=config)).recipe == (
        f"{made}; mask objects never; normalise level."
    )
    assert origin_of(replace(SKY_2, made_with=config)).recipe == f"{made}."
    assert origin_of(replace(SKY_2, made_with=CONFIG)).recipe == "Made with LSST's defaults."
    assert origin_of(replace(SKY_2, made_with=None, path="")) == Origin()
    gone = origin_of(replace(SKY_2, made_with=None, path="/nowhere/s2.fits"))
    assert "/nowhere/s2.fits" in gone.recipe
    assert gone.inputs == ()


# Files -----------------------------------------------------------------------------------------


def test_the_files_behind_the_numbers_are_listed_once_in_the_visits_order() -> None:
    planes = {
        "mask": PlaneRef(Path("/night/mask.fits"), 0),
        "variance": PlaneRef(Path("/night/one.fits"), 2),
    }
    behind = [an_exposure(f"m{number}.fits", visit=str(number)) for number in (1, 2)]
    one = replace(ONE, source=replace(ONE.source, **planes))
    state = a_state(exposures=(*behind, one, TWO, an_exposure("x.fits", visit="9")),
                    excluded_exposures=frozenset(item.key for item in behind))  # fmt: skip
    wanted = checksums.files_of(state, data_of(state))
    assert [(Path(one.path).name, one.what, one.stamp, one.sha256) for one in wanted] == [
        ("one.fits", "exposure", (10, 20), ""),
        ("mask.fits", "mask of one.fits", (0, 0), ""),
        ("two.fits", "exposure", (10, 20), ""),
        ("m1.fits", "exposure in a sky frame", (10, 20), ""),
        ("m2.fits", "exposure in a sky frame", (10, 20), ""),
        ("s2", "sky frame", (0, 0), "sum"),
    ]


def test_a_checksum_is_of_the_whole_file_and_its_progress_of_all_files(tmp_path: Path) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    large.write_bytes(bytes(range(256)) * 20_000)
    small.write_bytes(b"abc" * 1000)
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (large, small)]
    stat = os.stat(small)
    steps: list[tuple[int, int, str]] = []
    wanted = (
        checksums.Wanted(str(large), "exposure", (0, 0), "another"),
        checksums.Wanted(str(small), "mask", (3000, stat.st_mtime_ns), sums[1]),
        checksums.Wanted(str(tmp_path / "gone"), "sky frame"),
    )
    rows = checksums.checksums(wanted, Watch(lambda *step: steps.append(step)))
    changed = "It has changed since it was opened."
    found = [(row.name, row.what, row.size, row.sha256, row.note) for row in rows]
    assert found == [
        ("large", "exposure", 5_120_000, sums[0], changed),
        ("small", "mask", 3000, sums[1], ""),
        ("gone", "sky frame", -1, "", "It is gone."),
    ]
    assert steps == [(done, 5123, "Checksums for the report") for done in (4194, 5120, 5123)]
    (moved,) = checksums.checksums((replace(wanted[1], stamp=(3000, 1)),), Watch())
    assert moved.note == changed


def test_a_fit_of_now_is_taken_and_any_other_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    state = a_state()
    of_now = replace(FIT, made_from=fit_inputs(request_of(state)))
    state = replace(state, results=Results(fit=of_now))
    stages = Stages(Memory())
    assert job.newest_fit(stages, state, Watch()) is of_now
    anew = object()
    monkeypatch.setattr(job, "fit_to_write", lambda *_: anew)
    for fit in (None, FIT, replace(of_now, n_members=3)):
        other = replace(state, results=Results(fit=fit))
        assert job.newest_fit(stages, other, Watch()) is anew
    with pytest.raises(SkyFrameError) as caught:
        job.newest_fit(stages, replace(state, exposures=()), Watch())
    assert str(caught.value) == (
        "There is no fit to report; show an exposure whose detector has a sky frame first."
    )


# Pictures --------------------------------------------------------------------------------------


def places_in(png: bytes, name: str) -> np.ndarray:
    """Return the places in the palette, the first row first; the palette is the named one."""
    image = Image.open(io.BytesIO(png))
    palette = np.asarray(image.getpalette()).reshape(-1, 3)
    colours = colour_map(name)
    assert palette[[0, 254]].tolist() == colours[[0, -1]].tolist()
    assert palette[255].tolist() == [0xB2, 0xB6, 0xBC]
    return np.asarray(image)[::-1].astype(int)


def places_of(values: np.ndarray, low: float, high: float) -> np.ndarray:
    share = np.clip((np.nan_to_num(values) - low) / (high - low), 0, 1)
    return np.where(np.isfinite(values), np.rint(share * 254), 255).astype(int)


def test_a_sky_frame_is_its_bins_with_those_hatched_that_were_filled() -> None:
    values = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 6.0]], np.float32)
    frame = a_sky_frame(values)
    picture = images.sky_map(frame)
    low, high = np.percentile(values[np.isfinite(values)].astype(float), (1, 99))
    assert (picture.low, picture.high) == pytest.approx((low, high))
    places = places_in(picture.png, "viridis")
    assert places.shape == (200, 300)
    np.testing.assert_array_equal(places[50::100, 50::100], places_of(values, low, high))
    filled = replace(frame, filled=np.array([[False, True, False], [False, False, False]]))
    hatched = places_in(images.sky_map(filled).png, "viridis")
    rows, columns = np.indices(places.shape)
    inside = (rows < 100) & (columns >= 100) & (columns < 200)
    # The hatching is drawn in the map's own rows, of which the first is at the bottom.
    wanted = np.where(inside & ((rows + columns) % 6 < 2), 255, places)
    np.testing.assert_array_equal(hatched, wanted)
    same = images.sky_map(a_sky_frame([[2.0, 2.0]]))
    assert (same.low, same.high) == pytest.approx((1.998, 2.002))
    zero = images.sky_map(a_sky_frame([[0.0, 0.0]]))
    assert (zero.low, zero.high) == (-0.5, 0.5)
    none = images.sky_map(a_sky_frame([[np.nan]]))
    assert (none.low, none.high) == (0, 1)
    large = images.sky_map(a_sky_frame(np.ones((400, 301))))
    assert places_in(large.png, "viridis").shape == (400, 301)


def test_a_colour_bar_goes_through_its_map_from_end_to_end() -> None:
    for name, colours in (("grey", "grey"), ("viridis", "viridis"), ("residual", "CET-D1A")):
        places = places_in(images.strip(name), colours)
        np.testing.assert_array_equal(places, np.tile(np.arange(255), (8, 1)))


def test_a_residual_map_is_its_bins_between_their_edges() -> None:
    values = np.array([[1.0, -1.0, np.nan], [0.5, 2.0, -2.0]], np.float32)
    grid = BinGrid.from_values(values, (0, 0, 99, 79))
    found = residual_map("a", grid, 1.0, np.zeros((2, 3)), CONFIG.background, ())
    picture = images.residual_picture(found)
    low, high = found.limits["98 %"]
    assert (picture.low, picture.high) == (low, high)
    places = places_in(picture.png, "CET-D1A")
    assert places.shape == (80, 100)
    wanted = places_of(values, low, high)
    x, y = grid.x_edges, grid.y_edges
    for row in range(2):
        for column in range(3):
            part = places[y[row] : y[row + 1], x[column] : x[column + 1]]
            if np.isfinite(values[row, column]):
                assert set(part.flat) == {wanted[row, column]}
            else:
                rows, columns = np.indices(places.shape)
                where = (rows + columns)[y[row] : y[row + 1], x[column] : x[column + 1]]
                np.testing.assert_array_equal(part, np.where(where % 6 >= 2, 127, 255))
    wide = replace(found, exact=BinGrid.from_values(values, (0, 0, 1279, 79)))
    assert places_in(images.residual_picture(wide).png, "CET-D1A").shape == (40, 640)


PLANES = MaskPlanes({"SAT": 0, "CR": 1})


def an_image(seed: int, width: int = 340, height: int = 60) -> Exposure:
    rng = np.random.default_rng(seed)
    image = rng.normal(1000, 10, (height, width)).astype(np.float32)
    image[0, 0] = np.nan
    mask = np.zeros(image.shape, np.int32)
    mask[:40, :40] = 1
    mask[50:] = 2
    return Exposure(image, mask, planes=PLANES, detector="1")


def blocks(values: np.ndarray, good: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means over blocks of good pixels, and which part of each block is good."""
    height, width = -(-values.shape[0] // n), -(-values.shape[1] // n)
    means, shares = np.full((height, width), np.nan), np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            part = slice(row * n, (row + 1) * n), slice(column * n, (column + 1) * n)
            shares[row, column] = good[part].mean()
            if good[part].any():
                means[row, column] = values[part][good[part]].astype(float).mean()
    return means, shares


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pictures are alike but for how float32 rounds."""
    return bool((np.abs(one - other) <= 1).all() and (one != other).mean() < 0.01)


@pytest.mark.parametrize("scale", [2.5, math.nan])
def test_an_exposure_is_painted_before_and_after_with_what_is_masked_in_grey(scale: float) -> None:
    stats = CONFIG.stats.model_copy(update={"mask": ("SAT",)})
    background = CONFIG.background.model_copy(update={"mask": ("SAT",)})
    config = CONFIG.model_copy(update={"stats": stats, "background": background})
    items = [an_exposure(f"{name}.fits", detector=name, width=340, height=60) for name in "123"]
    flat = a_sky_frame(np.full((3, 3), 400.0), size=(340, 60), detector="")
    frame = a_frame("s", sky_frame=flat, made_with=CONFIG)
    state = a_state(exposures=tuple(items), sky_frames=(frame,), config=config,
                    selection=Selection(exposure=items[0].key))  # fmt: skip
    stages, taken = Stages(Memory()), [an_image(1), an_image(2)]
    for item, exposure in zip(items[:2], taken, strict=True):
        key = exposure_key(item, state.options)
        stages.memory.get("exposure", key, lambda one=exposure: one)
    fit = replace(FIT, solution=replace(FIT.solution, scale=scale), keys=(items[0].key,))
    steps: list[tuple[int, int, str]] = []
    watch = Watch(lambda *step: steps.append(step))
    found = images.make_pictures(data_of(state, fit=fit), stages, watch)
    assert [step for step in steps if step[2] == "Images for the report"] == [
        (number, 3, "Images for the report") for number in range(3)
    ]
    assert [one.name for one in found.visit] == ["1.fits", "2.fits"]
    assert list(found.maps) == ["s"]
    assert found.shown is not None
    halves = []
    for exposure, one, side in (
        (taken[0], found.shown, 640),
        (taken[0], found.visit[0], 104),
        (taken[1], found.visit[1], 104),
    ):
        finite = np.isfinite(exposure.image)
        before, _ = blocks(exposure.image, finite, math.ceil(340 / side))
        low, high = ZScaleInterval().get_limits(before[np.isfinite(before)])
        assert (one.before.low, one.before.high) == pytest.approx((low, high), rel=1e-5)
        assert close(places_in(one.before.png, "grey"), places_of(before, low, high))
        if not math.isfinite(scale):
            assert (one.after, one.residual) == (None, None)
            continue
        good = finite & (exposure.mask & 1 == 0)
        after, share = blocks(exposure.image - 1000.0, good, math.ceil(680 / side))
        shown = after[np.isfinite(after) & (share >= 0.25)]
        half = 3 * np.subtract(*np.percentile(shown, (84.1, 15.9))) / 2
        halves.append(half)
        assert one.after is not None
        limit = one.after.high
        assert one.after.low == -limit
        wanted = np.where(share < 0.25, 255, places_of(after, -limit, limit))
        assert close(places_in(one.after.png, "CET-D1A"), wanted)
    if halves:
        assert found.shown.after is not None
        assert found.shown.after.high == pytest.approx(halves[0], rel=1e-4)
        assert found.visit[0].after is not None
        assert found.visit[0].after.high == pytest.approx(np.median(halves[1:]), rel=1e-4)
        assert found.shown.residual is not None
        assert 0 < found.shown.error < 1
    assert found.visit[0].residual is None


def test_a_picture_of_one_value_or_none_has_limits_that_are_apart() -> None:
    item = an_exposure(width=8, height=8)
    state = a_state(exposures=(item,), selection=Selection(exposure=item.key))
    for value, limits in ((5.0, (4.5, 5.5)), (np.nan, (0.0, 1.0))):
        stages = Stages(Memory())
        exposure = Exposure(np.full((8, 8), value, np.float32))
        stages.memory.get("exposure", exposure_key(item, state.options), lambda e=exposure: e)
        fit = replace(FIT, solution=replace(FIT.solution, scale=math.nan))
        found = images.make_pictures(data_of(state, fit=fit), stages, Watch())
        assert found.shown is not None
        assert (found.shown.before.low, found.shown.before.high) == pytest.approx(limits)


def test_residuals_colours_are_three_sigma_wide_or_one_where_there_is_none() -> None:
    def reduced(after: Any, masked: Any) -> Any:
        return images._Reduced(
            name="a",
            detector="1",
            before=np.zeros((1, 100)),
            after=None if after is None else np.asarray(after, float)[None],
            masked=np.asarray(masked, bool)[None],
        )

    ramp, none = np.arange(100.0), np.zeros(100)
    half = 3 * np.subtract(*np.percentile(ramp, (84.1, 15.9))) / 2
    for one, wanted in (
        (reduced(ramp, none), half),
        (reduced(np.where(ramp < 50, ramp, 1e9), ramp >= 50), half * 49 / 99),
        (reduced(np.where(ramp < 50, ramp, np.nan), none), half * 49 / 99),
        (reduced(ramp, ramp >= 0), 1.0),
        (reduced(ramp * np.nan, none), 1.0),
        (reduced(none, none), 1.0),
    ):
        (painted,) = images._paint_all([one])
        assert painted.after is not None
        assert (painted.after.low, painted.after.high) == pytest.approx((-wanted, wanted))
    # Side by side all have the middling width; without a scale there is none.
    three = [reduced(ramp * factor, none) for factor in (1, 5, 2)]
    bare = reduced(None, none)
    *painted_ones, last = images._paint_all([*three, bare])
    assert [one.after and one.after.high for one in painted_ones] == pytest.approx([2 * half] * 3)
    assert last.after is None
    assert images._paint_all([bare])[0].after is None
