"""What the values of a mask mean: bit planes, codes, or just good and flagged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.files.fits.mask_planes import HIGHEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.files.fits.mask_tables import Meaning


Kind = Literal["auto", "bits", "codes", "flags"]
_ROWS = 32
_SMALL = 1 << 16
"""Values below this are looked up, where pixels are many more: one pass instead of one a plane."""


@dataclass(frozen=True)
class MaskReading:
    """How the user wants masks to be read.

    Attributes
    ----------
    kind : {"auto", "bits", "codes", "flags"}
        ``auto``: from the headers where they tell, else any value other than ``good`` is BAD.
        ``bits``: each bit is a plane. ``codes``: each value is a reason. ``flags``: any value other
        than ``good`` is BAD.
    good : int, optional
        The value of a good pixel; without it 0, or what the headers tell.
    names : tuple of (str, int)
        Plane names and their bits or codes; empty: from the headers.
    """

    kind: Kind = "auto"
    good: int | None = None
    names: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise SkyFrameError(
                f"A mask is read as {', '.join(get_args(Kind))}; {self.kind!r} is none of these."
            )
        if self.names and self.kind not in ("bits", "codes"):
            raise SkyFrameError("Names of mask planes go with masks of bits or codes only.")
        for name, number in self.names:
            if self.kind == "bits" and not 0 <= number <= 31:
                raise SkyFrameError(f"Mask plane {name} has bit {number}; bits go from 0 to 31.")

    def __str__(self) -> str:
        """Return it as `parse` reads it."""
        known = [*self.names, *([] if self.good is None else [("good", self.good)])]
        listed = ",".join(f"{name}={number}" for name, number in known)
        return f"{self.kind}:{listed}" if listed else self.kind

    @classmethod
    def parse(cls, text: str) -> MaskReading:
        """Read ``codes``, ``flags:good=32768`` or ``bits:BAD=0,SAT=1,good=0``.

        Raises
        ------
        SkyFrameError
            The text is nothing of the kind.
        """
        kind, _, rest = text.strip().partition(":")
        names: list[tuple[str, int]] = []
        good = None
        for item in filter(None, (part.strip() for part in rest.split(","))):
            match = re.fullmatch(r"([A-Za-z_]\w*)\s*=\s*(-?\d+)", item)
            if match is None:
                raise SkyFrameError(
                    f"{item!r} in the mask reading {text!r} is not NAME=NUMBER; write for example "
                    "bits:BAD=0,SAT=1 or flags:good=32768."
                )
            if match[1].lower() == "good":
                good = int(match[2])
            else:
                names.append((match[1].upper(), int(match[2])))
        return cls(kind.strip().lower() or "auto", good, tuple(names))  # type: ignore[arg-type]  # checked by the class itself


@dataclass(frozen=True, kw_only=True)
class MaskScheme:
    """How one mask is turned into bit planes.

    Attributes
    ----------
    kind : {"planes", "bits", "codes", "flags"}
        ``planes``: the values are bit planes already.
    planes : MaskPlanes
        The planes of the result.
    meaning : tuple
        For bits and codes, what each of them sets.
    good : int
        The value of a good pixel.
    good_bit : int, optional
        A bit that is set in every pixel that has data, where the mask uses it at all.
    others_are_bad : bool
        Whether a bit without a meaning makes a pixel BAD.
    majority : bool
        Of flags: where the mask is 0 and 1 alone, the value of most pixels is the good one.
    note : str
        What the user should know; "" where the mask speaks for itself.
    """

    kind: Literal["planes", "bits", "codes", "flags"]
    planes: MaskPlanes
    meaning: Meaning = ()
    good: int = 0
    good_bit: int | None = None
    others_are_bad: bool = True
    majority: bool = False
    note: str = ""

    def decode(
        self,
        values: NDArray[Any],
        holes: bool = False,
        notes: list[str] | None = None,
        image: NDArray[Any] | None = None,
    ) -> NDArray[np.int32]:
        """Return bit planes int32 [H, W].

        Parameters
        ----------
        values : integer array [H, W]
            As stored.
        holes : bool
            A value of -1 stands for one that was not a number: such pixels have no data.
        notes : list of str, optional
            Gets a sentence where bits had to be left out, or on what the image told.
        image : array [H, W], optional
            The image, which tells what is bad where it is 0 exactly there, see `_good_value`.
        """
        if self.kind == "planes":
            values = _lowest_32(values, notes)
            if notes is not None:
                notes.extend(self._unnamed(values, holes))
            if self.good == 0 and not holes:
                return _as_int32(values)
        good = self.good
        if self.kind == "flags" and self.majority:
            good = _good_value(values, good, image, notes)
        table = None if self.good_bit is not None else _values_in_question(values)
        if table is None:
            return self._of_values(values, good, holes)
        meanings = self._of_values(table, good, holes)
        pixels = np.empty(values.shape, np.int32)

        def look_up(top: int) -> None:
            rows = slice(top, top + _ROWS)  # -1 comes back to the last of the table
            np.take(meanings, values[rows], out=pixels[rows], mode="wrap")

        run_pieces(look_up, range(0, len(values), _ROWS), None, "", None)
        return pixels

    def _of_values(self, values: NDArray[Any], good: int, holes: bool) -> NDArray[np.int32]:
        if values.dtype.itemsize < 8:
            values = values.astype(np.int64)  # a good value of 32768 does not fit into int16
        if self.kind == "planes":
            pixels = _as_int32(values & ~self.good)
        elif self.kind == "flags":
            pixels = np.where(values == good, 0, self.planes.bits(["BAD"])).astype(np.int32)
        elif self.kind == "codes":
            pixels = self._decode_codes(values)
        else:
            pixels = self._decode_bits(values)
        if self.kind in ("bits", "codes", "planes") and self.good != 0:
            pixels[values == self.good] = 0
        if holes:
            pixels[values == -1] = self.planes.bits(["NO_DATA"]) or self.planes.bits(["BAD"])
        return pixels

    def _unnamed(self, values: NDArray[Any], holes: bool) -> list[str]:
        """Return a sentence on bits that are set and that no plane has: no config can name them."""
        named = self.good
        for bit in self.planes.values():
            named |= 1 << bit
        held = values[values != -1] if holes else values
        if not held.size:
            return []
        others = int(np.bitwise_or.reduce(held, axis=None)) & 0xFFFFFFFF & ~named
        if not others:
            return []
        bits = ", ".join(str(bit) for bit in range(HIGHEST + 1) if others >> bit & 1)
        return [f"Mask: its pixels use bits that have no name and flag nothing: {bits}."]

    def _decode_codes(self, values: NDArray[Any]) -> NDArray[np.int32]:
        # A code without a meaning still says that the pixel is not good.
        pixels = np.full(values.shape, self.planes.bits(["BAD"]), np.int32)
        pixels[values == self.good] = 0
        for code, names in self.meaning:
            pixels[values == code] = self.planes.bits(names)
        return pixels

    def _decode_bits(self, values: NDArray[Any]) -> NDArray[np.int32]:
        pixels = np.zeros(values.shape, np.int32)
        known = self.good
        for bit, names in self.meaning:
            known |= 1 << bit
            pixels[(values & (1 << bit)) != 0] |= self.planes.bits(names)
        if self.good_bit is not None:
            known |= 1 << self.good_bit
            covered = (values & (1 << self.good_bit)) != 0
            if covered.any():
                pixels[~covered] |= self.planes.bits(["NO_DATA"])
        if self.others_are_bad:
            pixels[(values & ~known) != 0] |= self.planes.bits(["BAD"])
        return pixels


def flag_bad(
    mask: NDArray[np.int32] | None, planes: MaskPlanes, bad: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], MaskPlanes]:
    """Set BAD in the pixels ``bad``; the plane is added where there is none."""
    planes = with_bad(planes)
    pixels = np.zeros(bad.shape, np.int32) if mask is None else mask
    pixels[bad] |= np.int32(planes.bits(["BAD"]))
    return pixels, planes


def with_bad(planes: MaskPlanes) -> MaskPlanes:
    """Return the planes with BAD among them, on a free bit where it has to be added."""
    if "BAD" in planes:
        return planes
    free = [bit for bit in range(32) if bit not in planes.values()]
    if not free:
        raise SkyFrameError("All 32 mask planes are taken; there is none left for BAD.")
    return MaskPlanes({**planes, "BAD": free[0]})


def _values_in_question(values: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return all values that small ones of many pixels may have, 0, 1 .. and -1; else None."""
    if values.size < 4 * _SMALL:
        return None
    highest = int(values.max())
    if values.min() < -1 or highest >= _SMALL:
        return None
    return np.append(np.arange(max(highest, 0) + 1), -1)


def _good_value(
    values: NDArray[Any], good: int, image: NDArray[Any] | None, notes: list[str] | None
) -> int:
    """Return which of 0 and 1 is good; ``good`` where there are other values.

    Elixir sets bad pixels to 0 (CFHT, MegaCam data Elixir pre-processing): where the image is 0 in
    nearly all pixels of one value, and in hardly any other, that value is bad. Else it is the one
    that fewer pixels have.
    """
    if not values.size or values.min() < 0 or values.max() > 1:
        return good
    blank = None if image is None else image == 0
    if blank is not None and blank.any():
        for bad in (0, 1):
            flagged = values == bad
            both = np.count_nonzero(flagged & blank)
            if both > 0.9 * max(np.count_nonzero(flagged), np.count_nonzero(blank)):
                if notes is not None:
                    notes.append(f"Mask: {bad} is bad in it, for there the image is 0.")
                return 1 - bad
    return int(np.count_nonzero(values) * 2 > values.size)


def _lowest_32(values: NDArray[Any], notes: list[str] | None) -> NDArray[Any]:
    """Return the values without bits that no plane can have."""
    if values.dtype.itemsize <= 4 or not values.size:
        return values
    above = (values < -(1 << 31)) | (values >= 1 << 32)
    if not above.any():
        return values
    if notes is not None:
        notes.append(
            f"Mask: {int(above.sum()):,} pixels use bits above {HIGHEST}, which were left out."
        )
    return np.where(above, values & 0xFFFFFFFF, values)


def _as_int32(values: NDArray[Any]) -> NDArray[np.int32]:
    """Take 32-bit patterns as they are, signed or not."""
    if values.dtype == np.int32:
        return values
    if values.dtype.itemsize <= 2:
        return values.astype(np.int32)
    return values.astype(np.uint32).view(np.int32)
