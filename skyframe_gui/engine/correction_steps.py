"""What a stage of the sky correction does with one detector: small values, whoever works on them.

A step holds all that it needs besides its exposure, so that another process can do it, and
`about` names it, so that what came of it can be kept.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skyframe_gui.engine.background_list import BackgroundList
from skyframe_gui.engine.focal_plane import measure_focal_plane
from skyframe_gui.engine.objects import find_objects
from skyframe_gui.engine.samples import measure_scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.engine.exposure import BBox, Exposure, MaskPlanes
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
    from skyframe_gui.engine.model import BackgroundModel, GridModel
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.engine.samples import Samples


def subtract_backgrounds(
    exposure: Exposure,
    backgrounds: BackgroundList,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return the exposure minus the sum of a list, one subtraction in float32.

    Raises
    ------
    SkyFrameError
        The exposure is not wholly inside the list's bounding box.
    Cancelled
        The watch said so.
    """
    if not backgrounds.models:
        return exposure
    box = backgrounds.models[0].box_of(exposure.bbox, exposure.name)
    total = backgrounds.image(box, watch, threads)
    return exposure.with_planes(image=np.subtract(exposure.image, total, out=total))


class ChangedMask(NamedTuple):
    """How the mask of found objects differs from the file's own, in some 100 kB a detector."""

    planes: MaskPlanes
    bits: dict[int, bytes]

    @classmethod
    def between(cls, given: Exposure, found: Exposure) -> ChangedMask:
        """Keep what is needed to make the one of the other."""
        changed = given.mask ^ found.mask
        some = int(np.bitwise_or.reduce(changed.ravel())) & 0xFFFFFFFF
        return cls(
            found.planes,
            {
                bit: zlib.compress(np.packbits(changed & _pattern(bit) != 0).tobytes(), 1)
                for bit in range(32)
                if some >> bit & 1
            },
        )

    def of(self, given: Exposure) -> Exposure:
        """Return the exposure with the mask of the objects found."""
        mask = given.mask.copy()
        for bit, packed in self.bits.items():
            flags = np.frombuffer(zlib.decompress(packed), np.uint8)
            changed = np.unpackbits(flags, count=mask.size).reshape(mask.shape)
            mask[changed.view(bool)] ^= _pattern(bit)
        return given.with_planes(mask=mask, planes=self.planes)


def _pattern(bit: int) -> np.int32:
    return np.int32((1 << bit) - (1 << 32 if bit == 31 else 0))


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """What all steps have: the detector, its list so far, and the mask of the objects found."""

    name: str
    members: tuple[GridModel, ...]
    mask: ChangedMask | None

    def work(self, exposure: Exposure, watch: Watch | None, threads: int | None) -> Any:
        """Return what comes of the exposure as it is in its file."""
        raise NotImplementedError

    def about(self) -> Mapping[str, object]:
        """Return what the result depends on besides the exposure, as JSON has it."""
        mask = () if self.mask is None else (self.mask.planes, *self.mask.bits.items())
        return {"members": [_digest(one) for one in self.members], "mask": _named(repr(mask))}

    def given(self, exposure: Exposure) -> Exposure:
        """Return the exposure as it was given, with the mask of the objects found anew."""
        return exposure if self.mask is None else self.mask.of(exposure)

    def rest(self, exposure: Exposure, watch: Watch | None, threads: int | None) -> Exposure:
        """Return an exposure minus the sum of the list."""
        return subtract_backgrounds(exposure, BackgroundList(self.members), watch, threads)


class Measured(NamedTuple):
    """Superpixels of a detector, the mask of the objects found in it, and its bounding box."""

    sums: NDArray[np.float32]
    counts: NDArray[np.float32]
    mask: ChangedMask | None
    bbox: BBox


@dataclass(frozen=True, eq=False, kw_only=True)
class MeasureStep(Step):
    """Measures a detector's part of a background over the focal plane.

    Attributes
    ----------
    camera : Camera
        With all detectors, or as many as tell where its superpixels are.
    config : FocalPlaneBackgroundConfig
    chain : SkyCorrectionConfig or None
        How objects are found first; None where they are not.
    """

    camera: Camera
    config: FocalPlaneBackgroundConfig
    chain: SkyCorrectionConfig | None

    def work(self, exposure: Exposure, watch: Watch | None, threads: int | None) -> Measured:
        """Return the part of the background."""
        given = self.given(exposure)
        rest, mask = self.rest(given, watch, threads), None
        if self.chain is not None:
            # Its pixels have two roundings more, as the original's have in this stage alone.
            rest = find_objects(rest, self.chain.maskObjects, watch, threads)
            mask = ChangedMask.between(given, rest)
        part = measure_focal_plane(rest, self.name, self.camera, self.config, watch, threads)
        return Measured(part.sums, part.counts, mask, given.bbox)

    def about(self) -> Mapping[str, object]:
        """Return what the result depends on besides the exposure, as JSON has it."""
        objects = None if self.chain is None else self.chain.maskObjects.model_dump(mode="json")
        return {
            **super().about(),
            "detector": self.name,
            "camera": _named(repr(self.camera.detectors)),
            "config": self.config.model_dump(mode="json", exclude={"interpolation"}),
            "objects": objects,
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleStep(Step):
    """Samples what is left of a detector against its sky frame."""

    sky: BackgroundModel
    config: SkyMeasurementConfig

    def work(self, exposure: Exposure, watch: Watch | None, threads: int | None) -> Samples:
        """Return the samples."""
        rest = self.rest(self.given(exposure), watch, threads)
        return measure_scale(rest, self.sky, self.config, watch, threads)

    def about(self) -> Mapping[str, object]:
        """Return what the result depends on besides the exposure, as JSON has it."""
        fields = {"xNumSamples", "yNumSamples", "stats"}
        config = self.config.model_dump(mode="json", include=fields)
        return {**super().about(), "sky": _digest(self.sky), "config": config}


@dataclass(frozen=True, eq=False, kw_only=True)
class CountStep(Step):
    """Counts pixels that objects and borders cover."""

    def work(self, exposure: Exposure, watch: Watch | None, threads: int | None) -> tuple[int, int]:
        """Return the masked pixels and all."""
        found = self.given(exposure)
        objects = found.mask & np.int32(found.planes.bits(["DETECTED", "EDGE"])) != 0
        return int(objects.sum()), objects.size


@dataclass(frozen=True, eq=False, kw_only=True)
class SubtractStep(Step):
    """Subtracts the list."""

    def work(self, exposure: Exposure, watch: Watch | None, threads: int | None) -> Exposure:
        """Return the corrected exposure."""
        return self.rest(exposure, watch, threads)


def _digest(model: GridModel) -> str:
    """Name a model by all that its image depends on."""
    grid = model.grid
    kind = [type(model).__name__, model.algorithm, *grid.values.shape, *grid.bbox]
    order, is_weighted = (getattr(model, name, None) for name in ("order", "weighting"))
    errors = grid.errors.tobytes() if is_weighted else b""
    return _named(repr([*kind, order, is_weighted]), grid.values.tobytes(), errors)


def _named(text: str, *more: bytes) -> str:
    return hashlib.blake2b(b"|".join((text.encode(), *more)), digest_size=16).hexdigest()
