"""Sky frames that a session file names and that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.project.document import moved_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from skyframe_gui.app.program import Program
    from skyframe_gui.files.session_file import UnsavedRecord


class Unbuilt:
    """What a session file tells of them: it is built by, and saved again as long as it is not.

    Parameters
    ----------
    records : iterable of UnsavedRecord
    folder : str
        Of the session file, which their paths are relative to.
    """

    def __init__(self, records: Iterable[UnsavedRecord] = (), folder: str = "") -> None:
        self._records = {record.key: record for record in records}
        self._folder = folder

    def records_in(self, folder: str) -> tuple[UnsavedRecord, ...]:
        """Return the records of those that are still missing as a file in a folder has them."""
        return moved_records(self._records.values(), self._folder, folder)

    def build(
        self,
        program: Program,
        recovered: Iterable[tuple[str, UnsavedRecord]],
        built: Callable[[], None],
    ) -> tuple[str, ...]:
        """Build them in the background, and find the exposures of those that were ``recovered``.

        Parameters
        ----------
        program : Program
        recovered : iterable of (key, UnsavedRecord)
            Sky frames that came from a copy.
        built : callable
            Called for each when it is there.

        Returns
        -------
        tuple of str
            Why some cannot be built as they were, a sentence each; they stay for another time.
        """
        from skyframe_gui.app.project.rebuild import complete, in_builds, rebuild, why_not_rebuilt

        def on_built(key: str) -> None:
            self._records.pop(key, None)
            built()

        notes: list[str] = []
        found: list[UnsavedRecord] = []
        for record in tuple(self._records.values()):
            why = why_not_rebuilt(record, self._folder, program.store.state)
            if why:
                notes.append(why)
            else:
                found.append(record)
        for group in in_builds(found):
            rebuild(group, self._folder, program, on_built)
        complete(tuple(recovered), self._folder, program, on_built)
        write_log(program.store, *notes)
        return tuple(notes)
