"""Writes the corrected exposures of a visit with their lists and config, all or nothing."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.export.visits import saved_frame
from skyframe_gui.app.work.correct_visit import correct_visit, is_still_so
from skyframe_gui.app.work.stages import check_unchanged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.export.values import CorrectedPart, Exported, Plan, Saved
    from skyframe_gui.app.model.correction import FinishedCorrection
    from skyframe_gui.engine import Watch


def export_corrected(
    plan: Plan,
    part: CorrectedPart,
    found: Exported,
    watch: Watch,
    saved: Mapping[str, Saved] = MappingProxyType({}),
) -> None:
    """Correct a visit, where that is not done yet, and write it as the command ``correct`` does.

    Parameters
    ----------
    plan : Plan
    part : CorrectedPart
    found : Exported
        Gets what was written, what was left out of the visit, and notes.
    watch : Watch
    saved : mapping of str to Saved
        The sky frames that were written just before, by their keys in the session.

    Raises
    ------
    SkyFrameError
        Nothing of the visit can be corrected, or a file could not be read or written.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.files.config.write import as_overrides
    from skyframe_gui.workflow.correct import keep_lists, notes_of_inputs, write_corrected
    from skyframe_gui.workflow.visit_outputs import CorrectedWriter

    request, camera = part.request, part.correction.camera
    sources = [item.source for item in request.members]
    targets = {(str(item.source.path), item.source.detector): name for item, name in part.written}
    done = _finished(part, watch)
    keep_lists([item.source for item, _ in part.written], done.lists, targets, plan.folder)
    choices = {"mask_reading": "auto"} | ({"camera": camera} if camera else {})
    frames = [saved_frame(loaded, key, saved) for key, loaded in done.frames.items()]
    writer = CorrectedWriter(
        folder=plan.folder,
        targets=targets,
        sky_frames=frames,
        visit=done.visit,
        lists=done.lists.by_detector(done.visit.sources),
        choices=choices,
    )
    notes = [*notes_of_inputs(sources, done.lists, camera or None), *done.notes]
    texts = {part.config_name: as_overrides(done.visit.config)}

    def still() -> None:
        for item in request.members:
            check_unchanged(item)

    paths, unwritten = write_corrected(writer, plan.replace, None, watch, notes, texts, still=still)
    found.paths += paths
    found.notes += dict.fromkeys(notes)
    found.failed += [one.why for one in (*done.failed, *unwritten)]


def _finished(part: CorrectedPart, watch: Watch) -> FinishedCorrection:
    """Return the visit corrected: what is shown, where files are as they were then."""
    shown = None if part.run is None else part.run.finished
    if shown is not None and is_still_so(shown, part.request):
        return shown
    run = correct_visit(part.request, part.correction, None, watch)
    assert run.finished is not None
    return run.finished
