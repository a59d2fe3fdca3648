"""Files: exposures, sky frames, background lists, samples and configs, read and written.

A name is loaded when it is first asked for: a config file needs no FITS library, and the window is
shown before that has been loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skyframe_gui.files.atomic import ensure_folder
    from skyframe_gui.files.background_lists import read_background_list, write_background_list
    from skyframe_gui.files.cameras import camera_names, read_camera, read_detector
    from skyframe_gui.files.config.read import apply_settings, read_config
    from skyframe_gui.files.config.write import override_lines
    from skyframe_gui.files.fits.frame_cards import input_cards
    from skyframe_gui.files.fits.masks import MaskReading
    from skyframe_gui.files.fits.provenance import Provenance, sha256_of
    from skyframe_gui.files.fits.source import (
        CompanionError,
        ExposureSource,
        NoExposureError,
        kind_of,
        read_exposures,
        scan,
    )
    from skyframe_gui.files.fits.split_header import SplitHeader, notes_of
    from skyframe_gui.files.fits.write import write_exposure
    from skyframe_gui.files.pictures import write_picture
    from skyframe_gui.files.residual_maps import write_residual_map
    from skyframe_gui.files.samples_table import SamplesTable, read_samples, write_samples
    from skyframe_gui.files.sky_frames import read_sky_frame, sky_frame_detector, write_sky_frame

_MODULES = {
    "ensure_folder": "atomic",
    "read_background_list": "background_lists",
    "write_background_list": "background_lists",
    "camera_names": "cameras",
    "read_camera": "cameras",
    "read_detector": "cameras",
    "apply_settings": "config.read",
    "read_config": "config.read",
    "input_cards": "fits.frame_cards",
    "SplitHeader": "fits.split_header",
    "notes_of": "fits.split_header",
    "MaskReading": "fits.masks",
    "override_lines": "config.write",
    "write_picture": "pictures",
    "Provenance": "fits.provenance",
    "sha256_of": "fits.provenance",
    "write_residual_map": "residual_maps",
    "SamplesTable": "samples_table",
    "read_samples": "samples_table",
    "write_samples": "samples_table",
    "read_sky_frame": "sky_frames",
    "sky_frame_detector": "sky_frames",
    "write_sky_frame": "sky_frames",
    "CompanionError": "fits.source",
    "ExposureSource": "fits.source",
    "NoExposureError": "fits.source",
    "kind_of": "fits.source",
    "read_exposures": "fits.source",
    "scan": "fits.source",
    "write_exposure": "fits.write",
}

__all__ = [
    "CompanionError",
    "ExposureSource",
    "MaskReading",
    "NoExposureError",
    "Provenance",
    "SamplesTable",
    "SplitHeader",
    "apply_settings",
    "camera_names",
    "ensure_folder",
    "input_cards",
    "kind_of",
    "notes_of",
    "override_lines",
    "read_background_list",
    "read_camera",
    "read_config",
    "read_detector",
    "read_exposures",
    "read_samples",
    "read_sky_frame",
    "scan",
    "sha256_of",
    "sky_frame_detector",
    "write_background_list",
    "write_exposure",
    "write_picture",
    "write_residual_map",
    "write_samples",
    "write_sky_frame",
]


def __getattr__(name: str) -> Any:
    """Load the module that has a name, once."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
