"""skyframe_gui: make, inspect and apply sky frames with the method of LSST's SkyMeasurementTask."""

__version__ = "0.1.0"
