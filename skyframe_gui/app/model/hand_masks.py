"""Masks that a person has made by hand: of one exposure, or of all of a visit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.engine.hand_masks import HandMask


_numbers = count(1)


@dataclass(frozen=True)
class MaskItem:
    """A mask by hand and what it is of: an exposure, or a visit where that is "".

    Attributes
    ----------
    mask : HandMask
    exposure : str
        Key of an exposure.
    visit : str
        As the visits of the list are named.
    number : int
        Stays as it is when the mask is changed, so that a selected one stays selected; two that
        differ in nothing else are equal.
    """

    mask: HandMask
    exposure: str = ""
    visit: str = ""
    number: int = field(default_factory=lambda: next(_numbers), compare=False, repr=False)


def masks_of(masks: tuple[MaskItem, ...], key: str, visit: str) -> tuple[MaskItem, ...]:
    """Return those that are of an exposure of a visit."""
    return tuple(
        one for one in masks if (one.exposure == key if one.exposure else one.visit == visit)
    )


def with_masks(
    masks: tuple[MaskItem, ...],
    items: tuple[ExposureItem, ...],
    visits: Mapping[str, tuple[ExposureItem, ...]],
) -> tuple[ExposureItem, ...]:
    """Return exposures whose sources know the masks by hand, from which all that read them do."""
    visit_of = {item.key: name for name, members in visits.items() for item in members}
    found = []
    for item in items:
        own = tuple(one.mask for one in masks_of(masks, item.key, visit_of[item.key]))
        if own:
            item = replace(item, source=replace(item.source, hand_masks=own))
        found.append(item)
    return tuple(found)
