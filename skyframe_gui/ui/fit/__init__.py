"""What the fit box is made of: its words, its table of steps, its cards."""
