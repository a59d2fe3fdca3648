"""Values: what the program knows, and what follows from it; no worker is named here."""
