"""What is written for others: planned, then written."""
