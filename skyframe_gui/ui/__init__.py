"""The window: widgets that paint the state and call commands."""
