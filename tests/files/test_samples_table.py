"""The samples of a visit and their rejection history survive in a table that anybody can read."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skyframe_gui import __version__
from skyframe_gui.engine import (
    Samples,
    ScaleError,
    ScaleSolution,
    SkyFrameError,
    SkyMeasurementConfig,
    solve_scales,
)
from skyframe_gui.files.samples_table import read_samples, write_samples

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = SkyMeasurementConfig(skyIter=2, skyRej=2.5)


def visit() -> tuple[list[Samples], ScaleSolution]:
    """Return two exposures' samples with an outlier, one without data, and one left out."""
    rng = np.random.default_rng(3)
    samples = []
    for number in range(2):
        sky = 1 + 0.1 * rng.random(40)
        image = 50 * sky + rng.normal(0, 0.5, 40)
        image[3] = np.nan
        image[7] += 40
        boxes = np.stack(
            [np.arange(40), np.arange(40), np.arange(40) + 9, np.arange(40) + 5], axis=1
        )
        samples.append(Samples(image, sky, rng.random(40), boxes, f"N{number}"))
    excluded = np.zeros(80, bool)
    excluded[50] = True
    return samples, solve_scales(samples, CONFIG, excluded)


def assert_same(one: ScaleSolution, other: ScaleSolution) -> None:
    np.testing.assert_array_equal(one.rejected_at, other.rejected_at)
    np.testing.assert_array_equal([one.scale, one.error], [other.scale, other.error])
    np.testing.assert_array_equal(np.array(one.iterations), np.array(other.iterations))
    assert one.n_used == other.n_used


def test_samples_and_history_come_back_with_every_digit(tmp_path: Path) -> None:
    samples, solution = visit()
    assert solution.iterations[0].n_rejected > 0
    write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG, visit="42", unit="electron")
    back = read_samples(tmp_path / "s.ecsv")
    assert len(back.samples) == 2
    for one, other in zip(samples, back.samples, strict=True):
        for name in ("image", "sky", "good_fraction", "boxes"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert one.detector == other.detector
    assert_same(solution, back.solution)
    assert back.config == CONFIG
    assert (back.visit, back.unit, back.version) == ("42", "electron", __version__)


def test_what_was_read_can_be_solved_again_to_the_same_scale(tmp_path: Path) -> None:
    samples, solution = visit()
    write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG)
    back = read_samples(tmp_path / "s.ecsv")
    again = solve_scales(back.samples, back.config, back.solution.rejected_at == -3)
    assert_same(solution, again)


def test_the_table_explains_itself_to_other_programs(tmp_path: Path) -> None:
    samples, solution = visit()
    write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG, visit="42")
    table = Table.read(tmp_path / "s.ecsv")
    assert set(table["class"]) == {"used", "rejected", "no data", "excluded"}
    assert table["class"][50] == "excluded"
    assert table["image"].unit == "adu"
    assert all(table[name].description for name in table.colnames)
    used = table[table["class"] == "used"]
    np.testing.assert_allclose(used["residual"], used["image"] - solution.scale * used["sky"])
    assert np.std(used["residual_sigma"]) == pytest.approx(1, abs=0.3)
    assert np.isnan(table["residual"][3])
    assert table.meta["scale"] == solution.scale
    assert table.meta["iterations"][0]["n_used"] == solution.iterations[0].n_used
    assert table.meta["config"]["skyRej"] == 2.5
    assert table.meta["visit"] == "42"


@given(
    st.lists(
        st.tuples(
            hnp.arrays(np.float64, st.integers(0, 6), elements=st.floats()),
            st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=12),
        ),
        min_size=1,
        max_size=3,
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=12),
    st.floats(),
    st.data(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_any_samples_come_back(
    tmp_path: Path,
    parts: list[tuple[np.ndarray, str]],
    name: str,
    scale: float,
    data: st.DataObject,
) -> None:
    samples = [Samples(image, image[::-1], detector=detector) for image, detector in parts]
    n = sum(map(len, samples))
    rejected_at = data.draw(hnp.arrays(np.int64, n, elements=st.integers(-3, 4)))
    solution = ScaleSolution(
        scale=scale,
        error=scale,
        rejected_at=rejected_at,
        iterations=(),
        n_used=int((rejected_at == -1).sum()),
    )
    write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG, visit=name, overwrite=True)
    back = read_samples(tmp_path / "s.ecsv")
    assert_same(solution, back.solution)
    assert [one.detector for one in back.samples] == [one.detector for one in samples]
    for one, other in zip(samples, back.samples, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
    assert back.visit == name


def test_a_failed_fit_is_written_with_its_history(tmp_path: Path) -> None:
    samples = [Samples([1.0, 100.0, 1.0], [1.0, -1.0, 1.0])]
    with pytest.raises(ScaleError) as caught:
        solve_scales(samples, SkyMeasurementConfig(skyRej=0.001))
    solution = caught.value.solution
    assert math.isnan(solution.scale)
    write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG)
    assert_same(solution, read_samples(tmp_path / "s.ecsv").solution)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("adu", "adu"),
        ("ADU", "adu"),
        ("electron / s", "electron / s"),
        ("furlong", None),
        ("", "adu"),
    ],
)
def test_units_of_headers_are_kept(tmp_path: Path, unit: str, expected: str | None) -> None:
    samples, solution = visit()
    write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG, unit=unit)
    found = Table.read(tmp_path / "s.ecsv")["image"].unit
    assert (None if found is None else str(found)) == expected
    assert read_samples(tmp_path / "s.ecsv").unit == (unit or "adu")


def test_a_fit_of_other_samples_is_refused(tmp_path: Path) -> None:
    samples, solution = visit()
    with pytest.raises(SkyFrameError, match="the fit is of 80 samples but there are 40"):
        write_samples(tmp_path / "s.ecsv", samples[:1], solution, CONFIG)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_table_is_left_alone(tmp_path: Path) -> None:
    samples, solution = visit()
    (tmp_path / "s.ecsv").write_text("old")
    with pytest.raises(SkyFrameError, match=r"s\.ecsv exists already"):
        write_samples(tmp_path / "s.ecsv", samples, solution, CONFIG)
    assert (tmp_path / "s.ecsv").read_text() == "old"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "hello", "this is not an ECSV table"),
        (lambda text: "", "this is not an ECSV table"),
        (lambda text: text.replace("good_fraction", "gf"), "it has no good_fraction"),
        (lambda text: text.rsplit("\n", 2)[0] + "\n", "rows are missing"),
        (lambda text: text.replace("skyIter: 2", "skyIter: -2"), r"is damaged \(skyIter"),
        (lambda text: text.replace("0 N0 0 0", "0 N0 0 zero"), "damaged"),
        (lambda text: re.sub("meta:( !!omap)?", "meta: !!python/object:os", text), "damaged"),
        (lambda text: text[: len(text) // 3], r"s\.ecsv"),
    ],
)  # fmt: skip
def test_damaged_tables_give_one_sentence(tmp_path: Path, change: object, words: str) -> None:
    samples, solution = visit()
    path = tmp_path / "s.ecsv"
    write_samples(path, samples, solution, CONFIG)
    assert callable(change)
    path.write_text(change(path.read_text()))
    with pytest.raises(SkyFrameError, match=words) as caught:
        read_samples(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_table_and_a_binary_file_give_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match="no such file"):
        read_samples(tmp_path / "missing.ecsv")
    (tmp_path / "x.ecsv").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(SkyFrameError, match=r"x\.ecsv"):
        read_samples(tmp_path / "x.ecsv")
