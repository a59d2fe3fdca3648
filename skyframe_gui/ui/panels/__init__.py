"""One file, one panel; a new file appears in the window and its View menu by itself."""
