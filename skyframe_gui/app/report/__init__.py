"""The report: one self-contained page of HTML that tells what was done and what came of it."""
