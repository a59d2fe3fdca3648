"""What the panels of the workspace Night are made of."""
