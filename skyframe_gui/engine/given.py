"""What a person hands over in a notebook: arrays, quantities and CCDData taken as exposures.

Nothing is imported for them: a CCDData or NDData is known by its attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@runtime_checkable
class NDDataLike(Protocol):
    """What astropy's ``NDData`` and ``CCDData`` have."""

    data: Any
    mask: Any
    uncertainty: Any
    unit: Any
    meta: Any
    wcs: Any


ExposureLike: TypeAlias = "Exposure | NDDataLike | ArrayLike"
"""An exposure, or what `as_exposure` makes one of."""


def as_exposure(given: ExposureLike, name: str = "") -> Exposure:
    """Return an exposure of what is at hand.

    Parameters
    ----------
    given : Exposure, CCDData, NDData, Quantity, masked array or array [H, W]
        Of a CCDData or NDData the mask (True, or anything but 0, is bad) becomes the plane BAD; a
        standard deviation, variance or inverse variance the variance, infinite where an inverse
        variance is 0. Header and celestial coordinates are carried along. Values keep their unit,
        which is not looked at. A masked array's mask becomes BAD likewise.
    name : str
        What messages call it.

    Returns
    -------
    Exposure
        ``given`` itself where it is one. A float32 image is not copied.

    Raises
    ------
    SkyFrameError
        It is no image, or its uncertainty is of a kind that has no variance.
    """
    if isinstance(given, Exposure):
        return given
    if isinstance(given, NDDataLike) and not isinstance(given, np.ndarray):
        return Exposure(
            given.data,
            _bad(given.mask),
            _variance(given.uncertainty, name or "The image"),
            header=given.meta,
            wcs=given.wcs,
            name=name,
        )
    values: Any = getattr(given, "value", given)  # a Quantity is an array with a unit
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    return Exposure(np.ma.getdata(values), _bad(mask), name=name)


def _bad(mask: Any) -> NDArray[np.int32] | None:
    if mask is None:
        return None
    bad = np.int32(MaskPlanes.LSST_DEFAULT.bits(["BAD"]))
    return np.where(np.asarray(mask) != 0, bad, np.int32(0))


def _variance(uncertainty: Any, what: str) -> NDArray[np.float32] | None:
    if uncertainty is None:
        return None
    kind = getattr(uncertainty, "uncertainty_type", "")
    values = np.asarray(uncertainty.array, np.float32)
    with np.errstate(divide="ignore", over="ignore"):
        if kind == "std":
            return np.square(values)
        if kind == "var":
            return values
        if kind == "ivar":
            return np.reciprocal(values)
    raise SkyFrameError(
        f"{what} has an uncertainty of the kind {kind!r}, which has no variance; use "
        "StdDevUncertainty, VarianceUncertainty or InverseVariance."
    )
