"""What the data panel tells of a row under the mouse."""

from __future__ import annotations

import math
import os
from html import escape
from typing import TYPE_CHECKING

from skyframe_gui.app.model.config_hints import differences
from skyframe_gui.app.model.items import DEFAULTS
from skyframe_gui.app.model.queries import excluded, open_exposure
from skyframe_gui.engine.identity import STRAIGHT, oriented
from skyframe_gui.numbers import TIMES, digits, percent, unit_of
from skyframe_gui.text import on_one_line
from skyframe_gui.ui.data.tree_rows import odd_notes, open_bad_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.sky_sets import SkySet
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.data.tree_rows import Row


def tip_of(state: State, row: Row) -> str:
    """Return a row's tooltip, as rich text; "" for none."""
    if row.kind == "exposure":
        item = open_exposure(state, row.id)
        tip = "" if item is None else _exposure(state, item)
        return tip + "".join(map(_text, row.said))
    if row.kind == "bad file":
        return next((_text(i.why) for i in open_bad_files(state) if i.path == row.id), "")
    if row.kind == "visit":
        n = len(row.keys)
        what = f"Visit {row.name}: {n} exposure{'s' * (n != 1)}; mean level and masked part"
        return "".join(map(_text, (what, *row.said)))
    return ""


def _exposure(state: State, item: ExposureItem) -> str:
    source = item.source
    planes = ["image"]
    planes += ["mask"] * source.has_mask + ["variance"] * source.has_variance
    time = "" if source.exposure_time is None else f"{source.exposure_time:g} s"
    lines = [
        ("file", str(source.path)),
        ("data set", "" if source.dataset is None else source.dataset.whereabouts),
        ("instrument", source.instrument),
        ("night", source.night),
        ("date", source.date),
        ("exposure time", time),
        ("filter", source.filter),
        ("size", f"{source.width} {TIMES} {source.height} pixels"),
        ("binning", "" if source.binning == (1, 1) else "{} x {}".format(*source.binning)),
        ("read out", "" if source.orientation == STRAIGHT else oriented(source.orientation)),
        ("planes", ", ".join(planes)),
    ]
    facts = state.facts.get(item.key)
    if facts is not None and math.isfinite(facts.level):
        lines.append(("sky level", digits(facts.level, 6, unit_of(source.unit))))
    if facts is not None and math.isfinite(facts.masked):
        lines.append(("masked", percent(facts.masked)))
    notes = list(source.notes) if facts is None else list(facts.notes)
    problem = on_disk = ""
    if facts is not None:
        odd = odd_notes(facts)
        notes = [*odd, *(note for note in notes if note not in odd)]
        problem, on_disk = facts.problem, facts.on_disk
    if item.key in state.excluded_exposures:
        notes.insert(0, "No science: neither fitted nor exported (tick sci to have it so).")
    if item.key in excluded(state, "sky"):
        notes.insert(0, "Left out of sky frames (tick sky, or Space, to take it in).")
    return _table(lines) + "".join(_text(note) for note in (on_disk, problem, *notes) if note)


def tip_of_set(one: SkySet) -> str:
    """Return the tooltip of a set of sky frames, as rich text."""
    first = one.frames[0]
    n = len(one.frames)
    names = [item.detector for item in one.frames if item.detector]
    ny, nx = first.sky_frame.grid.values.shape
    folder = os.path.dirname(first.path) if n > 1 else first.path
    lines = [
        ("file" if n == 1 else "folder", folder or "not saved"),
        ("instrument", first.identity.instrument),
        ("filter", one.filter or "not known"),
        ("detectors", f"{n}: {names[0]} to {names[-1]}" if n > 1 and names else "".join(names)),
        ("bins", f"{nx} {TIMES} {ny}"),
        ("interpolation", first.sky_frame.algorithm),
        ("unit", first.unit),
        ("exposures", str(one.n_exposures) if one.n_exposures else ""),
        ("built", one.made_at.replace("T", " ")),
    ]
    changed = () if one.config is None else differences(one.config, DEFAULTS)
    notes = [f"Built with {', '.join(changed)} other than LSST's default."] if changed else []
    if 0 < len(one.unsaved) < n:
        notes.append(f"{len(one.unsaved)} of its {n} sky frames are not saved.")
    notes += dict.fromkeys(note for item in one.frames for note in item.sky_frame.notes)
    return _table(lines) + "".join(map(_text, notes))


def ticks_text(sets: Sequence[SkySet]) -> str:
    """Return whose members the sky ticks show; "" while they are those of the newest sets."""
    names = (" of ".join(filter(None, (f"“{one.name}”", one.filter))) for one in sets)
    return f"Sky ticks: those of {on_one_line(', '.join(names))}, in use" if sets else ""


def _table(lines: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td>{name}&nbsp;&nbsp;</td><td>{escape(value)}</td></tr>"
        for name, value in lines
        if value
    )
    return f"<table>{cells}</table>"


def _text(sentence: str) -> str:
    return f"<p>{escape(sentence)}</p>"
