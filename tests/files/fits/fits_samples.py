"""Small FITS files for the reading tests, made on the spot."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from astropy.io import fits

DATA = Path(__file__).parents[2] / "data" / "fits"
PLANES = {"BAD": 0, "SAT": 1, "CR": 3, "DETECTED": 5, "NO_DATA": 8}


def pixels(seed: int = 0, shape: tuple[int, int] = (24, 32)) -> np.ndarray:
    return np.random.default_rng(seed).normal(1000, 30, shape).astype(np.float32)


def lsst_exposure(*, compress: bool = False, shape: tuple[int, int] = (24, 32)) -> fits.HDUList:
    """An LSST exposure with celestial coordinates, an origin and a few cards."""
    rng = np.random.default_rng(1)
    mask = (rng.random(shape) < 0.1).astype(np.int32) * 33
    primary = fits.PrimaryHDU()
    primary.header["EXPID"] = 4711
    primary.header["DETNAME"] = "R22_S11"
    primary.header["FILTER"] = "r"
    primary.header["EXPTIME"] = 30.0
    primary.header["DATE-OBS"] = "2025-03-01T02:03:04.5"
    primary.header["HIERARCH A LONG KEYWORD"] = "kept"
    hdus = fits.HDUList([primary])
    for name, plane in (
        ("IMAGE", pixels(shape=shape)),
        ("MASK", mask),
        ("VARIANCE", np.full(shape, 900, np.float32)),
    ):
        hdu = (
            fits.CompImageHDU(plane, compression_type="GZIP_2", quantize_level=0)
            if compress
            else fits.ImageHDU(plane)
        )
        header = hdu.header
        header["EXTNAME"] = header["EXTTYPE"] = name
        header["LTV1"], header["LTV2"] = -100, -200
        for axis, value in (("1", 150.0), ("2", 2.0)):
            header[f"CTYPE{axis}"] = ("RA---TAN", "DEC--TAN")[axis == "2"]
            header[f"CRVAL{axis}"], header[f"CRPIX{axis}"] = value, 10.0
            header[f"CDELT{axis}"] = 5e-5
        if name == "MASK":
            for plane_name, bit in PLANES.items():
                header[f"HIERARCH MP_{plane_name}"] = bit
        hdus.append(hdu)
    return hdus


def to_bytes(hdus: fits.HDUList | fits.PrimaryHDU, **kwargs: object) -> bytes:
    stream = io.BytesIO()
    hdus.writeto(stream, **kwargs)
    return stream.getvalue()


def save(path: Path, hdus: fits.HDUList | fits.PrimaryHDU, **kwargs: object) -> Path:
    path.write_bytes(to_bytes(hdus, **kwargs))
    return path


def mef(path, *hdus, **primary):
    first = fits.PrimaryHDU()
    first.header.update(primary)
    return save(path, fits.HDUList([first, *hdus]))
