"""Masks by hand in the menu Image: read from region files, written to them, taken away."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from os.path import basename
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QFileDialog

from skyframe_gui.app.model.hand_masks import MaskItem, masks_of
from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.model.queries import open_exposure, shown_exposure, visit_of
from skyframe_gui.app.model.results import Problem
from skyframe_gui.numbers import plural
from skyframe_gui.ui.actions.action import Action, has_exposure
from skyframe_gui.ui.actions.cut_menu import canvas_in_use
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.ui.images.sample_boxes import Kind, boxes_of
from skyframe_gui.workflow import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.cuts import Tool
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import Watch
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.ui.actions.action import Context

ORIGIN = "regions"
FILTER = "Region files (*.reg *.ds9 *.txt);;All files (*)"
COLOURS = {"USED": "cyan", "REJECTED": "red", "HAND": "magenta", "NO_DATA": "white"}
"""Of boxes, as DS9 names colours."""


def read_masks(context: Context, path: str, whole_visit: bool = False) -> None:
    """Mask the regions of a file in the shown exposure, or in all of its visit."""
    from skyframe_gui.files.regions import read_regions

    store = context.store
    item = shown_exposure(store.state)
    if item is None:
        return
    visit = visit_of(store.state, item.key)
    of = partial(MaskItem, visit=visit) if whole_visit else partial(MaskItem, exposure=item.key)

    def read(watch: Watch) -> tuple[tuple[HandMask, ...], tuple[str, ...]]:
        return read_regions(path, item.source.xy0)

    def take(found: tuple[tuple[HandMask, ...], tuple[str, ...]]) -> None:
        masks, notes = found
        context.commands.masks.add(of(mask) for mask in masks)
        write_log(store, f"Masked {plural(len(masks), 'region')} of {path}.", *notes)
        others = tuple(one for one in store.state.problems if one.origin != ORIGIN)
        if notes:  # who reads a file of seven and sees four is to know why
            regions, lines = _are(len(masks), "region"), _are(len(notes), "line")
            text = f"{basename(path)}: {regions} masked, {lines} left out."
            others = (*others, Problem(ORIGIN, text, notes="\n".join(notes)))
        store.set(problems=others)

    context.commands.program.tasks.run("Read region file", read, take)


def _are(n: int, what: str) -> str:
    return f"{plural(n, what)} {'is' if n == 1 else 'are'}"


def ask_read(context: Context, whole_visit: bool = False) -> QFileDialog:
    """Ask for a region file and read it."""
    folders = context.commands.folders
    dialog = QFileDialog(context.window, "Read region file", folders.get("open", ""), FILTER)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.finished.connect(dialog.deleteLater)
    dialog.fileSelected.connect(lambda path: read_masks(context, path, whole_visit))
    dialog.open()
    return dialog


def mask_lines(state: State) -> list[str]:
    """Return the masks by hand of the shown exposure, as DS9 writes them."""
    from skyframe_gui.files.regions import ds9_words

    shown = shown_exposure(state)
    item = None if shown is None else open_exposure(state, shown.key)
    if item is None:
        return []
    return [ds9_words(mask, item.source.xy0) for mask in item.source.hand_masks]


def box_lines(state: State) -> list[str]:
    """Return the sample boxes of the shown exposure, as DS9 writes them, in colours by class."""
    boxes = boxes_of(state)
    if boxes is None:
        return []
    lines = []
    for (x0, y0, x1, y1), code in zip(boxes.corners.tolist(), boxes.codes.tolist(), strict=True):
        kind = Kind(code).name
        place = f"{(x0 + x1 + 1) / 2:g},{(y0 + y1 + 1) / 2:g},{x1 - x0:g},{y1 - y0:g}"
        tag = kind.lower().replace("_", " ")
        lines.append(f"image;box({place},0) # color={COLOURS[kind]} tag={{{tag}}}")
    return lines


def bin_lines(state: State) -> list[str]:
    """Return the bins of the shown exposure, as DS9 writes them."""
    shown = state.results.shown
    grid = None if shown is None else shown.grid
    if shown is None or grid is None:
        return []
    x, y = grid.x_edges.tolist(), grid.y_edges.tolist()
    return [
        f"image;box({(x0 + x1 + 1) / 2:g},{(y0 + y1 + 1) / 2:g},{x1 - x0:g},{y1 - y0:g},0)"
        for y0, y1 in pairwise(y)
        for x0, x1 in pairwise(x)
    ]


def ask_save(context: Context, what: str, lines: Iterable[str]) -> QFileDialog | None:
    """Ask where to save a region file, and write it; asks again before replacing."""
    from skyframe_gui.files.atomic import write_bytes
    from skyframe_gui.files.regions import region_text

    item, data = shown_exposure(context.store.state), region_text(lines).encode("ascii")
    if item is None:
        return None

    def write(path: str, overwrite: bool) -> None:
        write_bytes(path, data, overwrite=overwrite)
        write_log(context.store, f"Saved {path}.")

    name = f"{names.safe_name(item.source.path.stem)}-{what}.reg"
    folders = context.commands.folders
    return ask_export(context.window, f"Save {what}", folders, FILTER, name, write)


def remove_shown(context: Context) -> None:
    """Take the masks by hand of the shown exposure away, those of its visit, too."""
    state = context.store.state
    item = shown_exposure(state)
    if item is not None:
        own = masks_of(state.hand_masks, item.key, visit_of(state, item.key))
        context.commands.masks.remove(own)


def _has_masks(state: State) -> bool:
    return bool(state.hand_masks) and bool(mask_lines(state))


def _is_exposure(state: State) -> bool:
    return shown_exposure(state) is not None


def _has_images(state: State) -> bool:
    return has_exposure(state) and state.view.workspace in ("visit", "compare")


def _take(context: Context, tool: Tool) -> None:
    """Take a tool for masks in hand, or lay it down."""
    view = context.store.state.view
    context.commands.cuts.use("" if view.tool == tool else tool)
    canvas = canvas_in_use(context)
    if canvas is not None:
        canvas.setFocus()  # where Esc, Del and Return work


def _is_taken(tool: Tool, state: State) -> bool:
    return state.view.tool == tool


TOOLS: tuple[tuple[str, Tool, str, str, str], ...] = (
    ("circle", "mask-circle", "K", "shape-circle-plus", ""),
    ("ellipse", "mask-ellipse", "Shift+K", "shape-oval-plus", ""),
    ("box", "mask-box", "", "shape-rectangle-plus", ""),
    ("polygon", "mask-polygon", "", "shape-polygon-plus", " by clicks"),
)
_action = partial(Action, menu="Image", under="Masks by hand")
ACTIONS: tuple[Action, ...] = (
    *(
        _action(
            id=f"mask-{shape}",
            text=f"Mask by hand: {shape}{how}",
            keys=keys,
            icon=icon,
            run=partial(_take, tool=tool),
            enabled=_has_images,
            checked=partial(_is_taken, tool),
        )
        for shape, tool, keys, icon, how in TOOLS
    ),
    _action(
        id="mask-visits",
        text="New masks for the whole visit",
        run=lambda c: c.commands.switch("mask_visits"),
        checked=lambda s: s.view.mask_visits,
    ),
    _action(
        id="mask-sky",
        text="New masks on the sky",
        run=lambda c: c.commands.switch("mask_sky"),
        checked=lambda s: s.view.mask_sky,
    ),
    _action(id="list-masks", text="List of masks by hand", run=lambda c: c.reveal("masks")),
    _action(
        id="read-regions",
        text="Mask the regions of a file…",
        run=ask_read,
        enabled=_is_exposure,
    ),
    _action(
        id="read-visit-regions",
        text="Mask the regions of a file in all of the visit…",
        run=partial(ask_read, whole_visit=True),
        enabled=_is_exposure,
    ),
    _action(
        id="save-masks",
        text="Save masks by hand as region file…",
        run=lambda c: ask_save(c, "masks", mask_lines(c.store.state)),
        enabled=_has_masks,
    ),
    _action(
        id="save-boxes",
        text="Save sample boxes as region file…",
        run=lambda c: ask_save(c, "boxes", box_lines(c.store.state)),
        enabled=lambda s: boxes_of(s) is not None,
    ),
    _action(
        id="save-bins",
        text="Save bins as region file…",
        run=lambda c: ask_save(c, "bins", bin_lines(c.store.state)),
        enabled=_is_exposure,
    ),
    _action(id="remove-masks", text="Remove masks by hand", run=remove_shown, enabled=_has_masks),
)
