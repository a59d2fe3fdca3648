"""What plots are made of: axes, marks, chips, and the widgets around them."""
