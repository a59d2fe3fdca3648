"""Configs as text: override files, YAML and single settings, and the presets of cameras."""
