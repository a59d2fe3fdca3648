"""FITS: any file that claims to be it is opened, its exposures are read, and written back."""
