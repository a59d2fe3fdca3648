"""Stages over many files: a night into sky frames, a visit corrected."""
