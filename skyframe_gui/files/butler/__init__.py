"""LSST Butler repositories: files found by data id in them, sky frames put into them."""
