"""Rows of numbers: reading, splitting, scaling, toy data."""
