"""The session file: written, read, checked and rebuilt; preferences and autosave beside it."""
