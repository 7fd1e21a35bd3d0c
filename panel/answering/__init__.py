"""What is said of a decision: why, why not, what if, and whether it comes out the same again."""
