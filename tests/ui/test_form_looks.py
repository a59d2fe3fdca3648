"""A form as it stands: in one column and in two, low and high, with hints, marks and mistakes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from pydantic import BaseModel, Field
from PyQt6.QtCore import QCoreApplication
from recorded import agree, drawn, parts

from skyframe_gui.ui.form import Form
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")


class Background(BaseModel):
    """The part of the left column."""

    xBinSize: Annotated[int, Field(ge=1, description="Width of a bin.")] = 32
    yBinSize: Annotated[int, Field(ge=1, description="Height of a bin.")] = 16
    mask: Annotated[tuple[str, ...], Field(json_schema_extra={"planes": True})] = ("BAD", "SAT")
    statistic: Literal["MEAN", "MEDIAN"] = "MEAN"


class Made(BaseModel):
    """A model with an editor of every kind."""

    skyRej: Annotated[float, Field(gt=0, le=7.25, description="How far.")] = 3.0
    skyIter: Annotated[int, Field(ge=0)] = 3
    on: bool = True
    word: str = "a"
    background: Background = Background()


def test_a_form_is_as_kept_in_each_of_its_forms(qtbot: QtBot) -> None:
    form = Form(Made)
    qtbot.addWidget(form)
    form.resize(420, 420)
    form.show()
    usual = Made()
    changed = Made(skyRej=2.5, on=False, background=Background(yBinSize=8, statistic="MEDIAN"))
    lines: list[str] = []

    def tell(of: str, paint: bool = False) -> None:
        QCoreApplication.sendPostedEvents()
        height = [form.height_with(low, hints) for low in (False, True) for hints in (False, True)]
        widths = [form.two_columns_width(short) for short in (False, True)]
        places = [one.geometry().getRect() for row in form.rows.values() for one in row.editors]
        lines.extend(["", of, f"{height} {widths} {places}", *parts(form)])
        lines.extend(drawn(form) if paint else ())

    form.apply_theme(DARK)
    form.show_config(usual, usual, {}, None)
    tell("as it is", paint=True)
    hints = {
        "skyRej": "Rather low.",
        "background.xBinSize": "A long hint that needs two lines " * 3,
    }
    form.show_config(changed, usual, hints, ("BAD", "EDGE"))
    form.note_section("background", "a note")
    tell("changed", paint=True)
    for two, low, with_hints, short in (
        (False, True, True, False),
        (False, True, False, True),
        (True, False, True, False),
        (True, True, True, True),
        (True, True, False, True),
    ):
        form.resize(900 if two else 300, 420)
        form.set_form(two, low, with_hints, short)
        tell(f"two {two}, low {low}, hints {with_hints}, short {short}", paint=two and short)
    form.apply_theme(LIGHT)
    first, row = next(iter(form.rows.items()))
    row.refuse(first, "It takes a number above 0.")
    form.note_section("background", "")
    tell("in the light, with a mistake", paint=True)
    row.refuse(first, "")
    form.show_config(usual, usual, {}, ("BAD", "SAT"))
    tell("as it was")
    agree("form-of-all-kinds", "\n".join(lines).splitlines())
