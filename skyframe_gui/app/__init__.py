"""The program without its widgets: the state, who changes it, and the work in other threads."""
