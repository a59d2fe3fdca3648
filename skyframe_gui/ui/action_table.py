"""One table of everything that menus, toolbar and keys do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skyframe_gui.app.model.queries import included, open_exposures, open_sky_frames
from skyframe_gui.app.model.view import AT_HAND
from skyframe_gui.ui.images.planes import next_veil
from skyframe_gui.ui.workspaces import ABOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Workspace
    from skyframe_gui.ui.deeds import Deeds

MENUS = ("File", "Edit", "View", "Image", "Samples", "Stack", "Help")


@dataclass(frozen=True)
class Entry:
    """One thing that can be done.

    Attributes
    ----------
    id : str
    text : str
        As menus say it.
    menu : str
        One of `MENUS`, with "/" for a submenu.
    keys : str
        The shortcut, "" for none; several with a blank between.
    run : callable
        Called with the `Deeds`.
    enabled, checked : callable, optional
        Called with the state; without ``checked`` it is no switch.
    icon : str
        Of the icon set, "" for none.
    separator : bool
        Whether a line goes before it.
    of_pointed : bool
        Whether it can also be done to the sample under the mouse.
    """

    id: str
    text: str
    menu: str
    keys: str
    run: Callable[[Deeds], Any]
    enabled: Callable[[State], bool] = lambda state: True
    checked: Callable[[State], bool] | None = None
    icon: str = ""
    separator: bool = False
    of_pointed: bool = False


def _is_open(state: State) -> bool:
    return bool(state.exposures or state.sky_frames or state.bad_files)


def _has_exposure(state: State) -> bool:
    return state.results.shown is not None


def _has_sample(state: State) -> bool:
    return bool(state.selection.samples)


def _has_fit(state: State) -> bool:
    return state.results.fit is not None


def _can_fit(state: State) -> bool:
    return bool(open_sky_frames(state)) and bool(state.selection.exposure)


def _shows(*layers: CompareLayer) -> Callable[[State], bool]:
    """Return whether an exposure is shown, and if in Compare then one of these layers of it."""

    def shows(state: State) -> bool:
        view = state.view
        return _has_exposure(state) and (view.workspace != "compare" or view.compared in layers)

    return shows


def _blinks(state: State) -> bool:
    """Whether there are two pictures to blink between."""
    return _has_exposure(state) and (state.view.workspace != "compare" or "A" in state.pins)


def _view(name: str, enabled: Callable[[State], bool] = _has_exposure) -> dict[str, Any]:
    return {
        "run": lambda d: d.commands.view(**{name: not getattr(d.session.state.view, name)}),
        "checked": lambda s: getattr(s.view, name),
        "enabled": enabled,
    }


def _workspace(name: Workspace) -> Entry:
    return Entry(
        f"workspace-{name}",
        ABOUT[name].title,
        "View",
        f"Ctrl+{list(ABOUT).index(name) + 1}",
        lambda d: d.commands.show_workspace(name),
        lambda s: _is_open(s) and name in AT_HAND,
        lambda s: _is_open(s) and s.view.workspace == name,
    )


TABLE: tuple[Entry, ...] = (
    Entry(
        "open", "Open files…", "File", "Ctrl+O", lambda d: d.ask_open(), icon="folder-open-outline"
    ),
    Entry("open-folder", "Open folder…", "File", "Ctrl+Shift+O", lambda d: d.ask_open_folder()),
    Entry("demo", "Try the demo", "File", "Ctrl+D", lambda d: d.open_demo()),
    Entry(
        "new-session",
        "New session",
        "File",
        "Ctrl+N",
        lambda d: d.files.new(),
        _is_open,
        separator=True,
    ),
    Entry("open-session", "Open session…", "File", "Ctrl+Alt+O", lambda d: d.files.open()),
    Entry("save-session", "Save session", "File", "Ctrl+S", lambda d: d.files.save(), _is_open),
    Entry(
        "save-session-as",
        "Save session as…",
        "File",
        "Ctrl+Alt+S",
        lambda d: d.files.save_as(),
        _is_open,
    ),
    Entry(
        "build",
        "Build sky frame",
        "Stack",
        "Ctrl+B",
        lambda d: d.commands.build(),
        lambda s: bool(included(s)),
        icon="layers-triple-outline",
    ),
    Entry(
        "fit", "Fit", "Samples", "F", lambda d: d.commands.fit(), _can_fit, icon="chart-bell-curve"
    ),
    Entry(
        "save-sky-frame",
        "Save sky frame…",
        "Stack",
        "Ctrl+Shift+S",
        lambda d: d.save_sky_frame(),
        lambda s: bool(open_sky_frames(s)),
    ),
    Entry(
        "stack",
        "Stack inspector",
        "Stack",
        "Ctrl+Shift+I",
        lambda d: d.commands.show_workspace("stack"),
        lambda s: bool(open_sky_frames(s)),
        separator=True,
    ),
    Entry(
        "stack-toggle",
        "Include or leave out the selected exposure",
        "Stack",
        "",
        lambda d: d.toggle_stack_exposure(),
        lambda s: bool(s.selection.stack_exposure),
    ),
    Entry(
        "stack-clear-bin",
        "Select no bin",
        "Stack",
        "",
        lambda d: d.commands.select_bin(None),
        lambda s: s.selection.bin is not None,
    ),
    Entry(
        "exclude",
        "Exclude sample",
        "Samples",
        "D",
        lambda d: d.commands.exclude_pointed(True),
        _has_sample,
        separator=True,
        of_pointed=True,
    ),
    Entry(
        "restore",
        "Restore sample",
        "Samples",
        "U",
        lambda d: d.commands.exclude_pointed(False),
        _has_sample,
        of_pointed=True,
    ),
    Entry(
        "clear-samples",
        "Select no sample",
        "Samples",
        "",
        lambda d: d.commands.select_samples(()),
        _has_sample,
    ),
    Entry("step-back", "Step back", "Samples", ",", lambda d: d.step(-1), _has_fit, separator=True),
    Entry("step-on", "Step on", "Samples", ".", lambda d: d.step(1), _has_fit),
    Entry(
        "next-finding",
        "Next warning",
        "Samples",
        "N",
        lambda d: d.show_next_finding(),
        lambda s: s.results.fit is not None and bool(s.results.fit.findings),
    ),
    Entry("last-line", "Line of the last step", "Samples", "O", lambda d: d.last_line(), _has_fit),
    Entry(
        "config-import",
        "Import config…",
        "File",
        "Ctrl+I",
        lambda d: d.config.ask_import(),
        separator=True,
    ),
    Entry("config-paste", "Paste overrides…", "File", "", lambda d: d.config.ask_paste()),
    Entry("config-export", "Export config…", "File", "", lambda d: d.config.ask_export()),
    Entry(
        "export",
        "Export…",
        "File",
        "Ctrl+E",
        lambda d: d.export(),
        lambda s: bool(open_exposures(s) or open_sky_frames(s)),
        icon="export-variant",
        separator=True,
    ),
    Entry(
        "save-report",
        "Save report…",
        "File",
        "Ctrl+Shift+R",
        lambda d: d.save_report(),
        lambda s: s.results.fit is not None,
    ),
    Entry("close-items", "Close selected", "File", "", lambda d: d.data.close_selected(), _is_open),
    Entry("quit", "Quit", "File", "Ctrl+Q", lambda d: d.close(), separator=True),
    Entry(
        "undo",
        "Undo",
        "Edit",
        "Ctrl+Z",
        lambda d: d.session.undo(),
        icon="undo",
    ),
    Entry("redo", "Redo", "Edit", "Ctrl+Shift+Z", lambda d: d.session.redo(), icon="redo"),
    Entry(
        "one-pane",
        "One pane",
        "Image",
        "1",
        lambda d: d.commands.lay_out(1),
        _has_exposure,
        lambda s: len(s.view.panes) == 1,
        "square-outline",
    ),
    Entry(
        "two-panes",
        "Two panes",
        "Image",
        "2",
        lambda d: d.commands.lay_out(2),
        _has_exposure,
        lambda s: len(s.view.panes) == 2,
        "view-split-vertical",
    ),
    Entry(
        "four-panes",
        "Four panes",
        "Image",
        "4",
        lambda d: d.commands.lay_out(4, (2, 2)),
        _has_exposure,
        lambda s: len(s.view.panes) == 4 and s.view.pane_shape != (4, 1),
        "view-grid-outline",
    ),
    Entry(
        "row-of-panes",
        "Four panes in a row",
        "Image",
        "3",
        lambda d: d.commands.lay_out(4, (4, 1)),
        _has_exposure,
        lambda s: len(s.view.panes) == 4 and s.view.pane_shape == (4, 1),
        "view-column-outline",
    ),
    Entry(
        "auto-panes",
        "Four panes, as large as can be",
        "Image",
        "",
        lambda d: d.commands.lay_out(4),
        _has_exposure,
        lambda s: len(s.view.panes) == 4 and s.view.pane_shape is None,
    ),
    Entry(
        "six-panes",
        "Six panes",
        "Image",
        "6",
        lambda d: d.commands.lay_out(6),
        _has_exposure,
        lambda s: len(s.view.panes) == 6,
        "view-module-outline",
    ),
    Entry(
        "toggle-included",
        "Include or leave out",
        "Edit",
        "",
        lambda d: d.data.toggle(),
        _is_open,
        separator=True,
    ),
    Entry(
        "assign",
        "Set visit and detector…",
        "Edit",
        "",
        lambda d: d.data.assign_selected(),
        _is_open,
    ),
    Entry("config-reset", "Reset config", "Edit", "", lambda d: d.config.reset_all()),
    Entry("find", "Filter data", "Edit", "Ctrl+F", lambda d: d.find()),
    Entry("pin-a", "Pin A", "Edit", "Alt+A", lambda d: d.commands.pin("A"), separator=True),
    Entry("pin-b", "Pin B", "Edit", "Alt+B", lambda d: d.commands.pin("B")),
    Entry(
        "swap-pins",
        "Blink between A and B",
        "Edit",
        "Alt+X",
        lambda d: d.commands.swap_pins(),
        lambda s: len(s.pins) == 2,
    ),
    Entry(
        "take-a", "Take A", "Edit", "", lambda d: d.commands.take_pin("A"), lambda s: "A" in s.pins
    ),
    Entry(
        "take-b", "Take B", "Edit", "", lambda d: d.commands.take_pin("B"), lambda s: "B" in s.pins
    ),
    Entry(
        "unpin", "Clear A and B", "Edit", "", lambda d: d.commands.unpin(), lambda s: bool(s.pins)
    ),
    Entry(
        "compare", "Compare A and B", "Samples", "", lambda d: d.reveal("compare"), separator=True
    ),
    Entry("sweep", "Sweep a field of the config", "Samples", "", lambda d: d.reveal("sweep")),
    Entry(
        "edges", "Bin edges", "Image", "G", icon="grid", separator=True, **_view("edges", _shows())
    ),
    Entry("boxes", "Sample boxes", "Image", "S", icon="vector-square", **_view("boxes")),
    Entry(
        "masks",
        "Mask planes",
        "Image",
        "P",
        icon="layers-outline",
        **_view("masks", _shows("subtracted")),
    ),
    Entry(
        "veil",
        "Masked pixels: veil, full, hidden",
        "Image",
        "M",
        lambda d: d.commands.view(veil=next_veil(d.session.state.view.veil)),
        _shows("subtracted"),
    ),
    Entry(
        "planes",
        "Choose mask planes…",
        "Image",
        "Shift+P",
        lambda d: d.choose_planes(),
        _shows(),
    ),
    Entry(
        "own-grid",
        "Bins of the exposure itself",
        "Image",
        "Shift+G",
        lambda d: d.toggle_own_grid(),
        _shows(),
        lambda s: s.view.own_grid,
    ),
    Entry(
        "fit-view",
        "Whole exposure",
        "Image",
        "0",
        lambda d: d.commands.move(d.session.state.view.active_frame, None),
        _has_exposure,
        lambda s: s.view.frames[s.view.active_frame] is None,
    ),
    Entry(
        "one-to-one",
        "One screen pixel a pixel",
        "Image",
        "9",
        lambda d: d.zoom_to_pixels(),
        _has_exposure,
    ),
    Entry(
        "link-limits",
        "Link limits of exposure and subtracted",
        "Image",
        "",
        **_view("limits_linked", _shows()),
    ),
    Entry(
        "reset-limits",
        "Measure limits again",
        "Image",
        "Shift+L",
        lambda d: d.reset_limits(),
        _has_exposure,
    ),
    Entry("crosshair", "Crosshair", "Image", "X", icon="crosshairs", **_view("crosshair")),
    Entry(
        "link",
        "Link panes",
        "Image",
        "L",
        lambda d: d.commands.link(not d.session.state.view.linked),
        _shows(),
        lambda s: s.view.linked,
        "link-variant",
    ),
    Entry(
        "blink",
        "Blink before and after",
        "Image",
        "B Shift+B",
        lambda d: d.blink(),
        _blinks,
        lambda s: s.view.blinking if s.view.workspace == "compare" else s.view.before,
        "swap-horizontal-bold",
        separator=True,
    ),
    Entry("blinking", "Blink by itself", "Image", "Ctrl+Shift+B", **_view("blinking", _blinks)),
    Entry(
        "previous",
        "Previous detector",
        "Image",
        "PgUp",
        lambda d: d.commands.step_exposure(-1),
        _has_exposure,
        separator=True,
    ),
    Entry(
        "next",
        "Next detector",
        "Image",
        "PgDown",
        lambda d: d.commands.step_exposure(1),
        _has_exposure,
    ),
    *(_workspace(name) for name in ABOUT),
    Entry(
        "theme",
        "Light or dark",
        "View",
        "Ctrl+T",
        lambda d: d.toggle_theme(),
        icon="theme-light-dark",
        separator=True,
    ),
    Entry(
        "shortcuts",
        "Shortcuts",
        "Help",
        "?",
        lambda d: d.show_shortcuts(),
        icon="help-circle-outline",
    ),
    Entry("about", "About", "Help", "", lambda d: d.show_about()),
)


def rows() -> list[tuple[str, str, str]]:
    """Return (menu, text, keys) of every entry that has keys, for the shortcut sheet."""
    return [(entry.menu, entry.text, entry.keys) for entry in TABLE if entry.keys]
