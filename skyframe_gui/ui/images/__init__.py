"""The image panes: from pyramids to pixels on the screen."""
