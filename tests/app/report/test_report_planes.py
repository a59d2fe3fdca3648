"""The report of a visit of many detectors: their focal plane, and those that stand out."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from fitted_visits import make_fit
from PIL import Image
from test_report_parts import NONE_DRAWN, Rows, data_of

from skyframe_gui.app.model.camera_view import CameraView
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.report import images, page
from skyframe_gui.app.report.focal_plane import SIDE, laid_down
from skyframe_gui.app.report.images import PlanePictures
from skyframe_gui.engine import Samples, SkyMeasurementConfig
from skyframe_gui.engine.diagnostics.own_fits import own_fits
from skyframe_gui.workflow.detector_places import Layout, Place

TURNED = (0.0, -1.0, 1.0, 0.0, 49.0, 0.0)
"""Its x runs up, its y to the left."""


def a_view() -> CameraView:
    affines = {"left": (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), "right": TURNED}
    places = tuple(
        Place(name=name, width=20, height=20, affine=affine, number=number)
        for number, (name, affine) in enumerate(affines.items())
    )
    layout = Layout(camera="Two", unit="pixels", places=places)
    return CameraView(visit="7", keys=("left", "right"), layout=layout)


def test_values_lie_where_the_detectors_do() -> None:
    values = np.array([[1, 2], [3, np.nan]], np.float32)
    found = laid_down(a_view(), {"left": (values, 10), "right": (10 * values, 10)})
    step = 50 / SIDE
    assert found.shape == (SIDE * 20 // 50, SIDE)

    def at(x: float, y: float) -> float:
        return float(found[int((y + 0.5) / step), int((x + 0.5) / step)])

    assert [at(5, 5), at(15, 5), at(5, 15)] == [1, 2, 3]
    assert [at(45, 5), at(45, 15), at(35, 5)] == [10, 20, 30]
    assert np.isnan([at(15, 15), at(25, 5), at(35, 15)]).all()
    alone = laid_down(a_view(), {"right": (values, 10)})
    assert np.isnan(alone[:, : SIDE // 2]).all()


def test_what_has_no_value_is_clear_and_the_rest_has_its_colour() -> None:
    found = images.picture_of(np.array([[0.0, np.nan, 10.0]]), 0, 10, "grey", transparency=255)
    pixels = np.asarray(Image.open(io.BytesIO(found.png)).convert("RGBA"))
    assert pixels[0, :, 3].tolist() == [255, 0, 255]
    assert pixels[0, 0, 0] < pixels[0, 2, 0]


@pytest.fixture(scope="module")
def shown() -> Rows:
    config = SkyMeasurementConfig()
    fit = make_fit(n_detectors=30, config=config)
    one = fit.samples[7]
    odd = Samples(1.2 * one.image, one.sky, one.good_fraction, one.boxes, one.detector)
    fit = replace(fit, samples=(*fit.samples[:7], odd, *fit.samples[8:]))
    own = own_fits(fit.samples, fit.solution, config)
    picture = images.picture_of(np.eye(4), 0, 1, "grey")
    plane = PlanePictures(
        exposure=picture, residual=picture, model=picture, bins=32, missing=2, note="", own=own
    )
    names = tuple(f"v{number}.fits" for number in range(100))
    data = data_of(fit=fit, rows=rows_of(fit), not_in_frames=names)
    drawn = images.drawn_frames(data, many=True)
    maps = {one.item.key: images.sky_map(one.item.sky_frame) for one in drawn}
    found = images.Pictures(None, (), maps, plane)
    return Rows(page.page(data, found, (), NONE_DRAWN))


def test_the_detectors_farthest_off_come_first(shown: Rows) -> None:
    head = next(row for row in shown.rows if row and row[0] == "detector" and "±" in row)
    rows = shown.after(head, page.MOST_OWN)
    assert rows[0][0] == "007"
    off = [abs(float(row[4].replace("\N{MINUS SIGN}", "-"))) for row in rows]
    assert off == sorted(off, reverse=True)
    assert float(rows[0][3]) == pytest.approx(20, abs=4)


def test_the_focal_plane_stands_for_all_and_long_lists_are_cut(shown: Rows) -> None:
    assert "detectors in the focal plane" in shown.text
    assert "2 exposures not in the memory" in shown.text
    assert "each before and after" not in shown.text
    assert "v11.fits and 88 more" in shown.text
