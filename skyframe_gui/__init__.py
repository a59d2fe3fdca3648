"""skyframe_gui: make, inspect and apply sky frames with the method of LSST's SkyMeasurementTask."""

from importlib.metadata import version

__version__ = version("skyframe_gui")
