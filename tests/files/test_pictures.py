"""The picture of a detector shows before, model and after on comparable scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from skyframe_gui import resource
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import pictures
from skyframe_gui.files.pictures import BACKGROUND, MAX_SIDE, NO_VALUE, QUIET, TEXT, write_picture
from skyframe_gui.resource import colour_map

if TYPE_CHECKING:
    from pathlib import Path

TOP, MARGIN = 48, 24


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        image.load()
        assert image.mode == "RGB"
        return np.asarray(image).astype(int)


def panels(path: Path, width: int, height: int) -> list[np.ndarray]:
    """Cut the three panels of a picture without a title out of it."""
    pixels = picture(path)
    column = max(width, 200)
    return [
        pixels[TOP : TOP + height, x : x + width]
        for x in (MARGIN + number * (column + MARGIN) for number in range(3))
    ]


def written_texts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float, str, object, int]]:
    """Note what is written into pictures from now on: x, y, text, colour, size."""
    found: list[tuple[float, float, str, object, int]] = []

    def note(draw: Any, xy: Any, text: str, fill: Any, font: Any) -> None:
        found.append((*xy, text, fill, font.size))

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", note)
    return found


def ramp(height: int, width: int) -> np.ndarray:
    return np.linspace(0, 100, width)[None, :] * np.ones((height, 1))


def test_before_and_after_have_scales_of_one_width_about_their_own_level(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 10, (400, 500))
    write_picture(tmp_path / "p.png", noise + 5000, np.full((400, 500), 5000.0), noise)
    before, _, after = panels(tmp_path / "p.png", 500, 400)
    np.testing.assert_array_equal(before, after)
    assert np.median(before) == pytest.approx(127.5, abs=2)
    assert before.min() == 0
    assert before.max() == 255


def test_the_model_is_painted_in_viridis_from_low_to_high(tmp_path: Path) -> None:
    model = ramp(350, 400)
    write_picture(tmp_path / "p.png", model, model, model)
    painted = panels(tmp_path / "p.png", 400, 350)[1]
    assert painted[0, 0].tolist() == colour_map("viridis")[0].tolist()
    assert painted[0, -1].tolist() == colour_map("viridis")[-1].tolist()


@pytest.mark.parametrize(("title", "head"), [("", 0), ("A visit \N{EN DASH} r", 40)])
def test_words_and_bars_of_colours_stand_above_and_below_the_panels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, head: int
) -> None:
    texts = written_texts(monkeypatch)
    model = ramp(350, 400)
    before = np.where(np.arange(400) % 2, 10.0, -10.0) * np.ones((350, 1))
    write_picture(tmp_path / "p.png", before + 500, model, before, title, "counts")
    xs = (24, 448, 872)
    expected = [(24, 24, "A visit ? r", TEXT, 20)] if title else []
    behind = 10  # the line of the minus
    for x, name, low, high, sign in (
        (24, "Before", "455.5", "544.5", 0),
        (448, "Sky model", "0.5", "99.5", 0),
        (872, "After", "44.5", "44.5", behind),
    ):
        right = x + 400 - pictures._font(13).getlength(high)
        expected.append((x, 24 + head, f"{name} [counts]", TEXT, 14))
        expected.append((x + sign, head + 422, low, QUIET, 13))
        expected.append((right, head + 422, high, QUIET, 13))
    assert texts == expected
    pixels = picture(tmp_path / "p.png")
    assert pixels.shape == (head + 48 + 350 + 64, 3 * 400 + 96, 3)
    step = np.linspace(0, 255, 400).astype(int)
    for x, colours in zip(xs, ("grey", "viridis", "grey"), strict=True):
        bar = pixels[head + 406 : head + 414, x : x + 400]
        assert (bar == colour_map(colours)[step]).all()
    # Nothing else is there but the panels and the minus.
    pixels[head + 406 : head + 414] = pixels[head + 48 : head + 398] = BACKGROUND
    rows, columns = np.nonzero((pixels != BACKGROUND).any(axis=2))
    assert set(rows) == {head + 422 + 8}
    assert columns.tolist() == list(range(872, 880))


def test_the_first_row_is_at_the_bottom(tmp_path: Path) -> None:
    image = ramp(400, 400).T
    write_picture(tmp_path / "p.png", image, image, image)
    before = panels(tmp_path / "p.png", 400, 400)[0]
    assert before[-1].mean() < before[0].mean()


def test_pixels_without_a_value_are_flat_grey(tmp_path: Path) -> None:
    image = ramp(400, 400)
    holed = image.copy()
    holed[100:120, 50:60] = np.nan
    holed[200, 200] = np.inf
    write_picture(tmp_path / "p.png", holed, image, holed)
    before = panels(tmp_path / "p.png", 400, 400)[0]
    assert (before[400 - 110, 55] == NO_VALUE).all()
    assert (before[400 - 201, 200] == NO_VALUE).all()


@pytest.mark.parametrize("shape", [(1300, 2000), (2001, 333), (641, 641)])
def test_large_images_are_averaged_not_skipped(tmp_path: Path, shape: tuple[int, int]) -> None:
    # Skipping pixels of a chessboard shows only its zeros, as in the empty half beside it.
    board = np.indices(shape).sum(axis=0) % 2 * 100.0
    board[:, shape[1] // 2 :] = 0
    write_picture(tmp_path / "p.png", board, board, board)
    block = -(-max(shape) // MAX_SIDE)
    height, width = (-(-n // block) for n in shape)
    assert max(height, width) <= MAX_SIDE
    model = panels(tmp_path / "p.png", width, height)[1]
    left, right = model[1:-1, 1 : width // 2 - 1], model[1:-1, width // 2 + 1 : -1]
    assert (left == colour_map("viridis")[-1]).all()
    assert (right == colour_map("viridis")[0]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (33, 64)])
def test_any_size_makes_a_picture_with_a_margin(tmp_path: Path, shape: tuple[int, int]) -> None:
    image = np.ones(shape)
    write_picture(tmp_path / "p.png", image, image, image, title="détecteur 1", unit="µJy")
    pixels = picture(tmp_path / "p.png")
    for edge in (pixels[:MARGIN], pixels[-8:], pixels[:, :MARGIN], pixels[:, -MARGIN:]):
        assert (edge == BACKGROUND).all()


@pytest.mark.parametrize("value", [np.nan, 0.0, 1e30, -1e-30])
def test_flat_and_empty_images_make_a_picture(tmp_path: Path, value: float) -> None:
    image = np.full((20, 20), value, np.float32)
    write_picture(tmp_path / "p.png", image, image, image)
    assert picture(tmp_path / "p.png").shape[2] == 3


def test_images_that_differ_in_size_give_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match="three images of one size"):
        write_picture(tmp_path / "p.png", np.ones((3, 4)), np.ones((4, 3)), np.ones((3, 4)))
    with pytest.raises(SkyFrameError, match="three images of one size"):
        write_picture(tmp_path / "p.png", np.ones(3), np.ones(3), np.ones(3))


def test_an_existing_picture_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_text("old")
    with pytest.raises(SkyFrameError, match=r"p\.png exists already"):
        write_picture(tmp_path / "p.png", np.ones((3, 4)), np.ones((3, 4)), np.ones((3, 4)))
    assert (tmp_path / "p.png").read_text() == "old"


def test_resources_are_found_in_a_wheel_and_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "skyframe_gui"
    monkeypatch.setattr(resource, "_PACKAGE", package)
    with pytest.raises(SkyFrameError, match=r"resources/a/b\.csv is missing; install"):
        resource.resource_path("a/b.csv")
    for root in (package.parent, package):
        (root / "resources" / "a").mkdir(parents=True)
        (root / "resources" / "a" / "b.csv").touch()
        assert resource.resource_path("a/b.csv") == root / "resources" / "a" / "b.csv"


@pytest.mark.parametrize("right", [False, True])
def test_a_minus_is_a_line_before_its_number_and_does_not_touch_it(right: bool) -> None:
    image = Image.new("RGB", (80, 30), BACKGROUND)
    pictures._write(ImageDraw.Draw(image), 40, 4, "-1", 12, right)
    drawn = (np.asarray(image) != np.array(BACKGROUND)).any(axis=2)
    columns = np.flatnonzero(drawn.any(axis=0))
    breaks = np.flatnonzero(np.diff(columns) > 1)
    line, digit = columns[: breaks[0] + 1], columns[breaks[0] + 1 :]
    assert len(line) == pictures.UNIT
    assert digit[-1] <= 40 if right else line[0] == 40
    assert drawn[:, line].sum(axis=0).tolist() == [1] * pictures.UNIT


def test_the_middle_of_residuals_colours_is_grey_and_as_bright_as_it_was() -> None:
    rows = resource.resource_path("colormaps/CET-D1A.csv").read_text().splitlines()
    table = np.array([row.split(",") for row in rows if not row.startswith("#")], float)
    shown = colour_map("CET-D1A").astype(float)
    away = np.abs(np.arange(256) - 127.5) > resource.GREY_REACH
    np.testing.assert_array_equal(shown[away], table[away])
    middle = table[127:129].mean(axis=0) @ resource.LUMINANCE
    assert np.abs(shown[127:129] - middle).max() < 2
    assert np.ptp(shown[127:129], axis=1).max() <= 2
    # Half way there half of the tint is left.
    tint = table[127:129].mean(axis=0) - middle
    for place in (127 - 15, 128 + 15):
        np.testing.assert_allclose(table[place] - shown[place], tint * (1 - 15.5 / 32), atol=0.51)
    for name, first in (("grey", 0), ("grey inverted", 255)):
        assert colour_map(name)[[0, -1]].tolist() == [[first] * 3, [255 - first] * 3]
        assert not colour_map(name).flags.writeable
