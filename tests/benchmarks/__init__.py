"""Measurements and long comparisons, run by hand or by make; none of them is a timed test."""
