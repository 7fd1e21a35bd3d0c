"""Tests: one file per module or promise."""
