"""Stages over many files: a night into sky frames, visits subtracted and corrected."""
