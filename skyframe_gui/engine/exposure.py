"""One detector's exposure: image, mask and variance planes with what is known about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

BBox = tuple[int, int, int, int]
HAND_PLANE = "USER"
"""The mask plane of what a person masks by hand."""


class MaskPlanes(Mapping[str, int]):
    """Frozen mapping from the name of a mask plane to its bit number.

    Parameters
    ----------
    mapping : mapping of str to int
        Names and bit numbers, 0 to 31.

    Raises
    ------
    SkyFrameError
        A bit number is not a whole number from 0 to 31.
    """

    LSST_DEFAULT: ClassVar[MaskPlanes]

    def __init__(self, mapping: Mapping[str, int]) -> None:
        for name, bit in mapping.items():
            if isinstance(bit, bool) or int(bit) != bit or not 0 <= bit <= 31:
                raise SkyFrameError(
                    f"Mask plane {name} has bit {bit!r}; a plane's bit is a number from 0 to 31."
                )
        self._bits = {str(name): int(bit) for name, bit in mapping.items()}

    def __getitem__(self, name: str) -> int:
        return self._bits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bits)

    def __len__(self) -> int:
        return len(self._bits)

    def __hash__(self) -> int:
        return hash(frozenset(self._bits.items()))

    def __repr__(self) -> str:
        return f"MaskPlanes({self._bits})"

    def bits(self, names: Iterable[str]) -> int:
        """Return the OR of ``1 << bit`` over ``names``; names that are not defined add nothing.

        The result is a signed 32-bit pattern, as the mask pixels are.
        """
        if isinstance(names, str):
            raise SkyFrameError(f"Mask planes are given as a list, as in [{names!r}].")
        pattern = 0
        for name in names:
            if name in self._bits:
                pattern |= 1 << self._bits[name]
        return pattern - (1 << 32) if pattern >= 1 << 31 else pattern

    def left_out(self, names: Iterable[str]) -> int:
        """Return the bits of the pixels that no measurement takes: those of ``names``, and USER.

        What a person has masked by hand is left out whatever a config's lists say.
        """
        if isinstance(names, str):
            return self.bits(names)  # which refuses it
        return self.bits((*names, HAND_PLANE))

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of ``names`` that are not defined, in order."""
        return tuple(name for name in names if name not in self._bits)


MaskPlanes.LSST_DEFAULT = MaskPlanes(
    {
        "BAD": 0,
        "SAT": 1,
        "INTRP": 2,
        "CR": 3,
        "EDGE": 4,
        "DETECTED": 5,
        "DETECTED_NEGATIVE": 6,
        "SUSPECT": 7,
        "NO_DATA": 8,
    }
)


def read_only(array: ArrayLike, dtype: DTypeLike) -> NDArray[Any]:
    """Return a read-only, C-contiguous view of ``array``, converted only where its type differs.

    Raises
    ------
    SkyFrameError
        The array does not hold real numbers.
    """
    given = np.asarray(array)
    if given.dtype.kind not in "biuf":
        raise SkyFrameError(f"An array of {given.dtype} cannot be used; real numbers are needed.")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, so not good
        view = np.ascontiguousarray(given, dtype=dtype).view()
    view.flags.writeable = False
    return view


class Exposure:
    """One detector of one exposure. Immutable: its arrays are read-only views.

    Parameters
    ----------
    image : array [H, W]
        Pixel values, in the file's own unit. A float32 array is not copied; others are converted.
    mask : array [H, W], optional
        Bit planes, int32. Unsigned and wider integers are taken bit by bit.
    variance : array [H, W], optional
        Variance of the pixels, float32, unit of the image squared.
    planes : MaskPlanes
        Which bit of the mask means what.
    xy0 : (int, int)
        Parent coordinates of the lower left pixel.
    header, wcs : optional
        The file's header and celestial coordinate system, carried along and never read here.
    detector, visit, name : str
        What the camera calls detector and visit, and what messages call the exposure.

    Attributes
    ----------
    image : float32 [H, W]
    mask : int32 [H, W]
        All 0 where no mask was given.
    variance : float32 [H, W]
        All 0 where no variance was given, as LSST has it.
    has_mask, has_variance : bool
        Whether the plane was given.

    Raises
    ------
    SkyFrameError
        The image is not two-dimensional or empty, or the planes differ in shape.
    """

    def __init__(
        self,
        image: ArrayLike,
        mask: ArrayLike | None = None,
        variance: ArrayLike | None = None,
        planes: Mapping[str, int] = MaskPlanes.LSST_DEFAULT,
        xy0: tuple[int, int] = (0, 0),
        *,
        header: object = None,
        wcs: object = None,
        detector: str = "",
        visit: str = "",
        name: str = "",
    ) -> None:
        what = name or "The exposure"
        self.image: NDArray[np.float32] = read_only(image, np.float32)
        if self.image.ndim != 2 or self.image.size == 0:
            raise SkyFrameError(
                f"{what}: the image has the shape {self.image.shape}; "
                "a two-dimensional image with at least one pixel is needed."
            )
        shape = self.image.shape
        self.has_mask = mask is not None
        self.has_variance = variance is not None
        if mask is None:
            self.mask: NDArray[np.int32] = _zeros(shape, np.int32)
        else:
            self.mask = read_only(_as_bit_planes(mask, what), np.int32)
        if variance is None:
            self.variance: NDArray[np.float32] = _zeros(shape, np.float32)
        else:
            self.variance = read_only(variance, np.float32)
        for plane, pixels in (("mask", self.mask), ("variance", self.variance)):
            if pixels.shape != shape:
                raise SkyFrameError(
                    f"{what}: the {plane} is {_size(pixels.shape)} pixels but the image is "
                    f"{_size(shape)}; they must be alike."
                )
        self.planes = planes if isinstance(planes, MaskPlanes) else MaskPlanes(planes)
        self.xy0 = (int(xy0[0]), int(xy0[1]))
        self.header = header
        self.wcs = wcs
        self.detector = detector
        self.visit = visit
        self.name = name

    def __repr__(self) -> str:
        return (
            f"<Exposure {self.name or '(no name)'}: {self.width} x {self.height} at {self.xy0}, "
            f"detector {self.detector!r}, visit {self.visit!r}>"
        )

    def _repr_html_(self) -> str:
        from skyframe_gui.engine.showing import card

        planes = ["image", *(["mask"] if self.has_mask else [])]
        planes += ["variance"] if self.has_variance else []
        rows = {
            "size": f"{self.width} x {self.height} at {self.xy0}",
            "detector": self.detector or "(no name)",
            "visit": self.visit or "(none)",
            "planes": ", ".join(planes),
        }
        return card(self.name or "Exposure", rows, self.image)

    @property
    def width(self) -> int:
        """Number of columns W."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Number of rows H."""
        return int(self.image.shape[0])

    @property
    def bbox(self) -> BBox:
        """(min_x, min_y, max_x, max_y) in parent coordinates, inclusive."""
        x0, y0 = self.xy0
        return x0, y0, x0 + self.width - 1, y0 + self.height - 1

    def with_planes(
        self,
        *,
        image: ArrayLike | None = None,
        mask: ArrayLike | None = None,
        variance: ArrayLike | None = None,
        planes: Mapping[str, int] | None = None,
    ) -> Exposure:
        """Return a copy in which the given planes take the place of this exposure's."""
        old_mask = self.mask if self.has_mask else None
        old_variance = self.variance if self.has_variance else None
        return Exposure(
            self.image if image is None else image,
            old_mask if mask is None else mask,
            old_variance if variance is None else variance,
            self.planes if planes is None else planes,
            self.xy0,
            header=self.header,
            wcs=self.wcs,
            detector=self.detector,
            visit=self.visit,
            name=self.name,
        )


def _zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return a read-only array of zeros that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def _as_bit_planes(mask: ArrayLike, what: str) -> NDArray[np.int32]:
    pixels = np.asarray(mask)
    if pixels.dtype == np.int32:
        return pixels
    if pixels.dtype.kind == "b":
        return pixels.astype(np.int32)
    if pixels.dtype.kind == "f":
        whole = np.where(np.isfinite(pixels), pixels, 0)
        if not np.array_equal(whole, np.trunc(whole)):
            raise SkyFrameError(
                f"{what}: the mask has broken numbers; bit planes are whole numbers."
            )
        pixels = whole.astype(np.int64)
    if pixels.dtype.kind not in "iu":
        raise SkyFrameError(
            f"{what}: the mask is of type {pixels.dtype}; whole numbers are needed."
        )
    if pixels.dtype.itemsize > 4 and pixels.size:
        low, high = int(pixels.min()), int(pixels.max())
        if low < -(1 << 31) or high >= 1 << 32:
            raise SkyFrameError(f"{what}: the mask uses bits above 31; only 32 planes can be used.")
    return (
        pixels.astype(np.uint32).view(np.int32)
        if pixels.dtype.itemsize > 2
        else pixels.astype(np.int32)
    )


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in reversed(shape))
