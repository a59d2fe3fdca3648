"""What the program asks a person; never modal, so that work goes on behind it."""
