"""Names that are cut to a width: what tells them apart stays in sight."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_items import an_exposure
from PyQt6.QtGui import QFontMetrics

from skyframe_gui.app.model.state import State
from skyframe_gui.ui import theme
from skyframe_gui.ui.data.kept_rows import tree_rows
from skyframe_gui.ui.data.short_names import (
    last_part,
    least_by_length,
    shortened,
    shortest,
    told_apart,
)

NAMES = [
    "calexp-HSC-R-2026-11-25-visit-0034342-ccd-001",
    "calexp-HSC-R-2026-11-25-visit-0034342-ccd-002",
    "calexp-HSC-R-2026-11-25-visit-0034344-ccd-001",
    "other",
]


@pytest.fixture
def metrics(qapp: object) -> QFontMetrics:
    return QFontMetrics(theme.font(12))


@pytest.mark.parametrize("width", [70, 90, 120, 160, 200])
def test_names_stay_different_however_narrow(metrics: QFontMetrics, width: int) -> None:
    alike = told_apart(NAMES)
    cut = [shortened(name, alike[name], metrics, width) for name in NAMES]
    assert len(set(cut)) == len(NAMES), cut
    assert cut[3] == "other"
    assert all(metrics.horizontalAdvance(text) <= width for text in cut)


def test_what_fits_is_whole_and_the_common_part_is_cut(metrics: QFontMetrics) -> None:
    alike = told_apart(NAMES)
    wide = metrics.horizontalAdvance(NAMES[0])
    assert shortened(NAMES[0], alike[NAMES[0]], metrics, wide) == NAMES[0]
    cut = shortened(NAMES[1], alike[NAMES[1]], metrics, wide - 20)
    assert cut.startswith("ca")
    assert cut.endswith("-visit-0034342-ccd-002")


def test_of_numbers_the_last_figures_stay(metrics: QFontMetrics) -> None:
    visits = [f"20241108{number:05}" for number in (245, 246, 1300)]
    alike = told_apart(visits)
    cut = [shortened(one, alike[one], metrics, 60) for one in visits]
    assert [one[-3:] for one in cut] == ["245", "246", "300"]
    assert all(one.startswith("20") for one in cut)
    assert told_apart(["a"]) == {"a": 0}


def test_what_is_cut_away_is_told_by_dots(metrics: QFontMetrics) -> None:
    cut = shortened("13 Mar 2026", 1, metrics, metrics.horizontalAdvance("3 Mar 2026") + 1)
    assert "\N{HORIZONTAL ELLIPSIS}" in cut


def test_what_tells_two_names_apart_stays_also_where_their_ends_are_alike(
    metrics: QFontMetrics,
) -> None:
    names = [f"HATP-32171220{time}" for time in ("013343", "014512", "015412", "025412", "035412")]
    spare = told_apart(names)
    for width in range(48, 160, 7):
        cut = [shortened(one, spare[one], metrics, width) for one in names]
        assert len(set(cut)) == len(names), cut
    width = shortest(names[2], spare[names[2]], metrics)
    assert shortened(names[2], spare[names[2]], metrics, width).endswith("15412")


def test_names_of_one_length_lose_no_more_than_all_of_them_can() -> None:
    own = told_apart(["HATP013343", "HATP014512", "HATP015412", "other", "their"])
    assert least_by_length(own) == {10: 7, 5: 3}


@pytest.mark.parametrize(
    ("name", "last"),
    [("ZTF_r", "r"), ("HSC-R2", "R2"), ("CI", "CI"), ("r_DECam SDSS", "DECam SDSS")],
)
def test_of_a_filter_its_last_part_is_what_it_is_called(name: str, last: str) -> None:
    assert last_part(name) == last


def test_where_little_room_is_a_visit_is_called_without_the_night_and_filter_above_it() -> None:
    nights = [
        an_exposure(f"{night}-{band}.fits", visit="12", date=f"{night}T20:00:00", filter=band)
        for night, band in (("2023-12-31", "r"), ("2024-01-04", "r"), ("2024-01-04", "i"))
    ]
    nights = [
        replace(one, source=one.source.assigned({"night": one.source.date[:10]})) for one in nights
    ]
    rows = [row for row in tree_rows(State(exposures=tuple(nights))) if row.kind == "exposure"]
    rows += [row for row in tree_rows(State(exposures=tuple(nights))) if row.kind == "visit"]
    assert len({row.name for row in rows}) == 3
    assert all("2023-12-31" in row.name or "2024-01-04" in row.name for row in rows)
    assert [row.short for row in rows] == ["12"] * 3
