"""Widgets and words of A against B, and of sweeps."""
