"""What the program knows at a moment: one frozen value, replaced whole when anything changes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict

from skyframe_gui.app.model.items import DEFAULTS, EMPTY, Correction, Options
from skyframe_gui.app.model.looks import DEFAULT_LOOKS
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.view import Selection, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.comparison import Pin
    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.items import (
        Assigned,
        BadFile,
        ExposureItem,
        Facts,
        Recent,
        SampleId,
        SkyFrameItem,
    )
    from skyframe_gui.app.model.looks import Layer, Look
    from skyframe_gui.app.model.results import Job, Problem
    from skyframe_gui.engine import SkyMeasurementConfig

# One of each for all states: an untouched field is the same object in all of them.
_OPTIONS, _SELECTION, _VIEW, _RESULTS = Options(), Selection(), View(), Results()
_CORRECTION = Correction()


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything the program knows. Panels paint it, commands replace it.

    Attributes
    ----------
    exposures, sky_frames, bad_files : tuples
        What was opened, in that order.
    facts : mapping of exposure key to Facts
    config, preset, options : what the engine is told; ``preset`` is what ``config`` is compared to
    correction : Correction
        What a whole visit is corrected with.
    excluded_members : frozenset of str
        Keys of exposures that are left out of sky frames.
    excluded_exposures : frozenset of str
        Keys of exposures that are no science: neither fitted nor exported.
    excluded_samples : frozenset of SampleId
        Samples that a person excluded.
    hand_masks : tuple of MaskItem
        What a person has masked by hand, oldest first.
    assigned : mapping of exposure key to Assigned
        Where a person knows better than the headers.
    built_sets : frozenset of str
        Builds whose sky frames are on the list: one that was undone or thrown away is not.
    chosen_sets : frozenset of str
        Keys of the sets that are used in the place of newer ones.
    set_exclusions : mapping of set key to frozenset of str
        Exposures that are left out of a set that is not the newest; the newest is without those of
        ``excluded_members``.
    set_names : mapping of set key to str
        What a person calls them.
    removed : frozenset of str
        Keys of items that were taken off the list.
    pins : mapping of "A" and "B" to Pin
        What is compared.
    looks : mapping of Layer to Look
        How each layer is coloured.
    selection, view : what is looked at, and how
    results, problems, jobs : what came of it
    log : tuple of str
        Lines of the log panel, oldest first.
    recent : tuple of Recent
        Newest first.
    """

    exposures: tuple[ExposureItem, ...] = ()
    sky_frames: tuple[SkyFrameItem, ...] = ()
    bad_files: tuple[BadFile, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=lambda: EMPTY)
    config: SkyMeasurementConfig = DEFAULTS
    preset: SkyMeasurementConfig = DEFAULTS
    preset_name: str = "LSST defaults"
    options: Options = _OPTIONS
    correction: Correction = _CORRECTION
    excluded_members: frozenset[str] = frozenset()
    excluded_exposures: frozenset[str] = frozenset()
    excluded_samples: frozenset[SampleId] = frozenset()
    hand_masks: tuple[MaskItem, ...] = ()
    assigned: Mapping[str, Assigned] = field(default_factory=lambda: EMPTY)
    built_sets: frozenset[str] = frozenset()
    chosen_sets: frozenset[str] = frozenset()
    set_exclusions: Mapping[str, frozenset[str]] = field(default_factory=lambda: EMPTY)
    set_names: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    removed: frozenset[str] = frozenset()
    pins: Mapping[str, Pin] = field(default_factory=lambda: EMPTY)
    looks: Mapping[Layer, Look] = field(default_factory=lambda: DEFAULT_LOOKS)
    selection: Selection = _SELECTION
    view: View = _VIEW
    results: Results = _RESULTS
    problems: tuple[Problem, ...] = ()
    jobs: tuple[Job, ...] = ()
    log: tuple[str, ...] = ()
    recent: tuple[Recent, ...] = ()

    def without_shown(self) -> State:
        """Return it without what the panes show, its largest part, for who keeps it longer."""
        return replace(self, results=replace(self.results, shown=None))


class Changes(TypedDict, total=False):
    """Fields of the `State` to be replaced; mypy holds each call of the store to them."""

    exposures: tuple[ExposureItem, ...]
    sky_frames: tuple[SkyFrameItem, ...]
    bad_files: tuple[BadFile, ...]
    facts: Mapping[str, Facts]
    config: SkyMeasurementConfig
    preset: SkyMeasurementConfig
    preset_name: str
    options: Options
    correction: Correction
    excluded_members: frozenset[str]
    excluded_exposures: frozenset[str]
    excluded_samples: frozenset[SampleId]
    hand_masks: tuple[MaskItem, ...]
    assigned: Mapping[str, Assigned]
    built_sets: frozenset[str]
    chosen_sets: frozenset[str]
    set_exclusions: Mapping[str, frozenset[str]]
    set_names: Mapping[str, str]
    removed: frozenset[str]
    pins: Mapping[str, Pin]
    looks: Mapping[Layer, Look]
    selection: Selection
    view: View
    results: Results
    problems: tuple[Problem, ...]
    jobs: tuple[Job, ...]
    log: tuple[str, ...]
    recent: tuple[Recent, ...]


UNDOABLE = (
    "config",
    "preset",
    "preset_name",
    "options",
    "correction",
    "excluded_members",
    "excluded_exposures",
    "excluded_samples",
    "hand_masks",
    "assigned",
    "built_sets",
    "chosen_sets",
    "set_exclusions",
    "set_names",
    "removed",
    "pins",
    "looks",
)
"""Fields of the state that a person changes and may want back."""
