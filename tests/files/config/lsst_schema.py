"""SkyMeasurementConfig declared again with LSST's own config library, the judge of our files."""

from __future__ import annotations

from lsst.pex.config import ChoiceField, Config, ConfigField, Field, ListField, RangeField

STATISTICS = {"MEANCLIP": "clipped mean", "MEAN": "mean", "MEDIAN": "median"}
STYLES = ("CONSTANT", "LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE", "NONE")


class BackgroundConfig(Config):
    statistic = ChoiceField(doc="statistic", dtype=str, default="MEANCLIP", allowed=STATISTICS)
    xBinSize = RangeField(doc="bin width", dtype=int, default=32, min=1)
    yBinSize = RangeField(doc="bin height", dtype=int, default=32, min=1)
    algorithm = ChoiceField(
        doc="interpolation",
        dtype=str,
        default="NATURAL_SPLINE",
        optional=True,
        allowed={name: name for name in STYLES},
    )
    mask = ListField(
        doc="planes",
        dtype=str,
        default=["SAT", "BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
    )


class StatsConfig(Config):
    statistic = ChoiceField(doc="statistic", dtype=str, default="MEANCLIP", allowed=STATISTICS)
    clip = Field(doc="threshold", dtype=float, default=3.0)
    nIter = Field(doc="iterations", dtype=int, default=3)
    mask = ListField(
        doc="planes",
        dtype=str,
        default=["SAT", "DETECTED", "DETECTED_NEGATIVE", "BAD", "NO_DATA"],
    )


class SkyConfig(Config):
    skyIter = Field(doc="rounds", dtype=int, default=3)
    skyRej = Field(doc="threshold", dtype=float, default=3.0)
    background = ConfigField(doc="bins", dtype=BackgroundConfig)
    xNumSamples = Field(doc="boxes along x", dtype=int, default=4)
    yNumSamples = Field(doc="boxes along y", dtype=int, default=4)
    stats = ConfigField(doc="statistic of a box", dtype=StatsConfig)


class TaskConfig(Config):
    sky = ConfigField(doc="sky measurement", dtype=SkyConfig)
