"""What the panels of the workspace Camera are made of."""
