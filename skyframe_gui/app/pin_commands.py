"""What a person can do with A and B, the two settings that are compared."""

from __future__ import annotations

import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.app.model.pins import pin_of, sides_of
from skyframe_gui.app.model.sky_sets import set_of_frame

if TYPE_CHECKING:
    from skyframe_gui.app.model.comparison import Pin
    from skyframe_gui.app.model.store import Store


class PinCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def pin(self, name: str) -> None:
        """Keep what is set now as A or B."""
        pins = {**self._store.state.pins, name: _kept(pin_of(self._store.state))}
        self._store.edit(f"pin {name}", pins=MappingProxyType(pins))

    def pin_b_as_a(self) -> None:
        """Keep what B stands for as A; B is then what is set now."""
        sides = sides_of(self._store.state)
        if sides is not None:
            self._store.edit("pin B as A", pins=MappingProxyType({"A": _kept(sides[1])}))

    def exchange_pins(self) -> None:
        """Let A be B and B be A; where B is what is set now it is pinned by that."""
        sides = sides_of(self._store.state)
        if sides is not None:
            pins = {"A": _kept(sides[1]), "B": sides[0]}
            self._store.edit("swap A and B", pins=MappingProxyType(pins))

    def unpin(self) -> None:
        """Forget A and B."""
        self._store.edit("unpin A and B", pins=EMPTY)

    def take_pin(self, name: str) -> None:
        """Set what A or B stands for."""
        pin = self._store.state.pins.get(name)
        if pin is not None:
            selection = self._store.state.selection
            sky_frame = "" if selection.exposure else pin.sky_frame
            self._store.set(selection=replace(selection, sky_frame=sky_frame))
            found = set_of_frame(self._store.state, pin.sky_frame)
            self._store.edit(
                f"take {name}",
                config=pin.config,
                options=pin.options,
                excluded_samples=pin.excluded_samples,
                chosen_sets=frozenset() if found is None else frozenset({found.key}),
            )

    def swap_pins(self) -> None:
        """Go from A to B, or from B to A: blink between the two."""
        pins = self._store.state.pins
        if len(pins) == 2:
            self.take_pin("B" if pins["A"] == pin_of(self._store.state) else "A")


def _kept(pin: Pin) -> Pin:
    """Return a pin that knows when it was kept."""
    return pin if pin.at else replace(pin, at=time.strftime("%H:%M"))
