"""What is due: when a clock runs, when it ends, who is reminded of what."""
