"""Files: exposures, sky frames, background lists, samples and configs, read and written."""

from __future__ import annotations

from skyframe_gui.files.atomic import ensure_folder
from skyframe_gui.files.background_lists import read_background_list, write_background_list
from skyframe_gui.files.config_file import apply_settings, read_config
from skyframe_gui.files.headers import SplitHeader
from skyframe_gui.files.masks import MaskReading
from skyframe_gui.files.overrides import override_lines
from skyframe_gui.files.png import write_picture
from skyframe_gui.files.provenance import Provenance, sha256_of
from skyframe_gui.files.samples_table import SamplesTable, read_samples, write_samples
from skyframe_gui.files.sky_frames import read_sky_frame, sky_frame_detector, write_sky_frame
from skyframe_gui.files.source import ExposureSource, kind_of, read_exposures, scan
from skyframe_gui.files.write import write_exposure

__all__ = [
    "ExposureSource",
    "MaskReading",
    "Provenance",
    "SamplesTable",
    "SplitHeader",
    "apply_settings",
    "ensure_folder",
    "kind_of",
    "override_lines",
    "read_background_list",
    "read_config",
    "read_exposures",
    "read_samples",
    "read_sky_frame",
    "scan",
    "sha256_of",
    "sky_frame_detector",
    "write_background_list",
    "write_exposure",
    "write_picture",
    "write_samples",
    "write_sky_frame",
]
