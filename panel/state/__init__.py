"""What is so: entries up to a moment, folded; and what may come next in a case."""
