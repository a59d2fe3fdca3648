"""What a session file says of a state."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from skyframe_gui.app.model.film import open_marks
from skyframe_gui.app.model.items import EMPTY, ExposureItem, SkyFrameItem
from skyframe_gui.app.model.looks import plain_looks
from skyframe_gui.app.model.queries import open_sky_frames, stamp_of
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.app.model.state import State
from skyframe_gui.app.project.view import plain_view
from skyframe_gui.files.butler.address import is_address
from skyframe_gui.files.session_file import (
    AssignedRecord,
    CorrectionRecord,
    DatasetRecord,
    FileRecord,
    ItemRef,
    MarkedRecord,
    MaskRecord,
    OptionsRecord,
    PinRecord,
    SampleRecord,
    SelectionRecord,
    SessionDocument,
    SetRecord,
    UnsavedRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from skyframe_gui.app.model.comparison import Pin
    from skyframe_gui.app.model.items import Options, SampleId, Stamp
    from skyframe_gui.files.butler.address import Dataset

_Item = TypeVar("_Item", ExposureItem, SkyFrameItem)
_PART = re.compile(r"\[\d+\]$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document_of(
    state: State,
    folder: str | os.PathLike[str] | None,
    layout: str = "",
    *,
    copies: Mapping[str, str] = EMPTY,
    autosave_of: str = "",
) -> SessionDocument:
    """Return what a session file says of a state. May be called in any thread.

    Parameters
    ----------
    state : State
    folder : path or None
        Of the session file; None keeps absolute paths.
    layout : str
        Of the window, base64.
    copies : mapping of key to path
        Where sky frames that are not saved were written for safety.
    autosave_of : str
        See `SessionDocument`.
    """
    names = _Names(state, folder)
    opened: dict[str, Stamp] = {
        str(item.source.path): item.stamp for item in _listed(state, state.exposures)
    }
    datasets: dict[str, list[DatasetRecord]] = defaultdict(list)
    for exposure in _listed(state, state.exposures):
        if exposure.source.dataset is not None:
            path = str(exposure.source.path)
            datasets[path].append(_dataset_record(exposure.source.dataset))
    for frame in open_sky_frames(state):
        if frame.path:
            opened[frame.path] = stamp_of(frame.path)
            if frame.dataset is not None:
                datasets[frame.path].append(_dataset_record(frame.dataset))
    for bad in state.bad_files:
        if not os.path.isdir(bad.path) and not is_address(bad.path):
            opened.setdefault(bad.path, stamp_of(bad.path))
    selection = state.selection
    return SessionDocument(
        saved=datetime.now(UTC).isoformat(timespec="seconds"),
        autosave_of=autosave_of,
        config=state.config,
        preset=state.preset,
        preset_name=state.preset_name,
        options=options_record(state.options),
        correction=CorrectionRecord(
            config=state.correction.config,
            preset=state.correction.preset,
            camera=state.correction.camera,
            base=state.correction.base,
        ),
        pins={name: _pin_record(pin, names) for name, pin in state.pins.items()},
        files=tuple(
            FileRecord(
                path=names.path(path),
                size=stamp[0],
                date=date_of(stamp),
                datasets=tuple(datasets.get(path, ())),
            )
            for path, stamp in opened.items()
        ),
        excluded_members=names.items(state.excluded_members),
        excluded_exposures=names.items(state.excluded_exposures),
        by_hand=tuple(
            names.sample(one) for one in sorted(state.excluded_samples) if names.knows(one[0])
        ),
        hand_masks=tuple(
            MaskRecord(
                shape=one.mask.shape,
                numbers=one.mask.numbers,
                on_sky=one.mask.on_sky,
                item=names.item(one.exposure) if one.exposure else None,
                visit=one.visit,
            )
            for one in state.hand_masks
            if not one.exposure or names.knows(one.exposure)
        ),
        assigned=tuple(
            AssignedRecord(item=names.item(key), **asdict(known))
            for key, known in state.assigned.items()
            if names.knows(key)
        ),
        # A file of which everything is closed is not in the session; parts of one may be.
        closed=tuple(
            names.item(item.key)
            for item in state.exposures
            if item.key in state.removed and str(item.source.path) in opened
        ),
        unsaved=tuple(
            _unsaved_record(item, _newer(state, item), names, copies)
            for item in unsaved_sky_frames(state)
        ),
        sets=tuple(
            SetRecord(
                item=ItemRef(part=one.key) if one.unsaved else names.item(one.frames[0].key),
                name=state.set_names.get(one.key, ""),
                in_use=one.key in state.chosen_sets,
                excluded=None
                if one.key not in state.set_exclusions
                else names.items(state.set_exclusions[one.key]),
            )
            for one in sky_sets(state)
            if one.key in {*state.chosen_sets, *state.set_names, *state.set_exclusions}
        ),
        selection=SelectionRecord(
            exposure=names.item(selection.exposure) if selection.exposure else None,
            sky_frame=names.item(selection.sky_frame) if selection.sky_frame else None,
            samples=tuple(
                names.sample(one) for one in sorted(selection.samples) if names.knows(one[0])
            ),
            step=selection.step,
            marked=tuple(
                MarkedRecord(item=names.item(one.key) if one.key else None, layer=one.layer)
                for one in open_marks(state)
            ),
        ),
        view={
            **plain_view(state.view),
            "looks": plain_looks(state.looks, selection.exposure or selection.sky_frame),
        },
        layout=layout,
    )


def unsaved_sky_frames(state: State) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames on the list that are in no file."""
    return tuple(item for item in open_sky_frames(state) if not item.path)


def moved_records(
    records: Iterable[UnsavedRecord], place: str, folder: str
) -> tuple[UnsavedRecord, ...]:
    """Return records of a session file in ``place`` as one in ``folder`` has them."""
    names = _Names(State(), folder)

    def moved(path: str) -> str:
        return names.path(os.path.normpath(os.path.join(place, path))) if path else ""

    return tuple(
        one.model_copy(
            update={
                "file": moved(one.file),
                "exposures": tuple(
                    ItemRef(file=moved(item.file), part=item.part) for item in one.exposures
                ),
            }
        )
        for one in records
    )


def options_record(options: Options) -> OptionsRecord:
    """Return options in the words of a session file."""
    return OptionsRecord(
        mask_objects=options.mask_objects.value,
        normalise=options.normalise.value,
        camera=options.camera,
    )


def date_of(stamp: Stamp) -> str:
    """Return a stamp's time of change, UTC, ISO 8601; "" where there is none."""
    if not stamp[1]:
        return ""
    try:
        return (_EPOCH + timedelta(microseconds=stamp[1] // 1000)).isoformat()
    except OverflowError:  # a file system may say anything
        return ""


class _Names:
    """Says files and keys in the words of a session file."""

    def __init__(self, state: State, folder: str | os.PathLike[str] | None) -> None:
        self._folder = None if folder is None else os.path.abspath(os.fspath(folder))
        self._exposures = {item.key: str(item.source.path) for item in state.exposures}
        self._frames = {item.key: item.path for item in state.sky_frames if item.path}
        self._bad = {bad.path for bad in state.bad_files}

    def path(self, path: str) -> str:
        """Return a path relative to the session's folder, where it can be, with slashes."""
        if self._folder is not None:
            try:
                path = os.path.relpath(path, self._folder)
            except ValueError:  # to another drive there is no way
                path = os.path.abspath(path)
        return path.replace(os.sep, "/")

    def knows(self, key: str) -> bool:
        """Whether an exposure is open, or is in a file that could not be opened.

        What a person excluded in a file that is missing today is wanted when it is back.
        """
        return key in self._exposures or _PART.sub("", key) in self._bad

    def item(self, key: str) -> ItemRef:
        """Return what stands for an exposure or sky frame."""
        if self.knows(key):
            path = self._exposures.get(key) or _PART.sub("", key)
            return ItemRef(file=self.path(path), part=key[len(path) :])
        if key in self._frames:
            return ItemRef(file=self.path(self._frames[key]))
        return ItemRef(part=key)

    def items(self, keys: Iterable[str]) -> tuple[ItemRef, ...]:
        """Return what stands for those exposures that the session knows, in order."""
        return tuple(self.item(key) for key in sorted(keys) if self.knows(key))

    def sample(self, sample: SampleId) -> SampleRecord:
        """Return what stands for a sample."""
        key, (x0, y0, x1, y1) = sample
        return SampleRecord(item=self.item(key), box=(int(x0), int(y0), int(x1), int(y1)))


def _dataset_record(dataset: Dataset) -> DatasetRecord:
    return DatasetRecord(
        repo=dataset.repo, dataset=dataset.dataset, run=dataset.run, data_id=dict(dataset.data_id)
    )


def _pin_record(pin: Pin, names: _Names) -> PinRecord:
    return PinRecord(
        config=pin.config,
        options=options_record(pin.options),
        sky_frame=names.item(pin.sky_frame) if pin.sky_frame else None,
        by_hand=tuple(
            names.sample(one) for one in sorted(pin.excluded_samples) if names.knows(one[0])
        ),
    )


def _unsaved_record(
    item: SkyFrameItem, newer: Sequence[str], names: _Names, copies: Mapping[str, str]
) -> UnsavedRecord:
    sources = () if item.built is None else item.built.sources
    copy = copies.get(item.key, "")
    return UnsavedRecord(
        key=item.key,
        name=item.name,
        detector=item.detector,
        unit=item.unit,
        exposures=tuple(
            ItemRef(file=names.path(str(source.path)), part=f"[{source.image.hdu}]")
            for source in sources
        ),
        config=item.made_with,
        options=None if item.made_options is None else options_record(item.made_options),
        set=item.set,
        made_at=item.made_at,
        file=names.path(copy) if copy else "",
        newer=tuple(names.path(path) for path in newer),
    )


def _newer(state: State, item: SkyFrameItem) -> list[str]:
    """Return the files of the saved sky frames that stand behind one, which are newer."""
    frames = open_sky_frames(state)
    return [one.path for one in frames[frames.index(item) + 1 :] if one.path]


def _listed(state: State, items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return tuple(item for item in items if item.key not in state.removed)
