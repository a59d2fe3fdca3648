"""What the panels of the stack inspector are made of."""
