"""What a person can do with masks by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.hand_masks import MaskItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine.hand_masks import HandMask


class MaskCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, masks: Iterable[MaskItem]) -> None:
        """Mask regions; one that is there already is not added again."""
        now = self._store.state.hand_masks
        fresh = tuple(one for one in dict.fromkeys(masks) if one not in now)
        if fresh:
            self._store.edit(f"mask {_counted(len(fresh))}", hand_masks=(*now, *fresh))

    def change(self, old: MaskItem, mask: HandMask) -> None:
        """Put another region in the place of one."""
        fresh = MaskItem(mask, old.exposure, old.visit)
        masks = tuple(fresh if one == old else one for one in self._store.state.hand_masks)
        self._store.edit("change a mask by hand", hand_masks=masks)

    def remove(self, masks: Iterable[MaskItem]) -> None:
        """Take masks away."""
        gone = frozenset(masks)
        rest = tuple(one for one in self._store.state.hand_masks if one not in gone)
        n = len(self._store.state.hand_masks) - len(rest)
        if n:
            self._store.edit(f"remove {_counted(n)}", hand_masks=rest)


def _counted(n: int) -> str:
    return "1 mask by hand" if n == 1 else f"{n} masks by hand"
