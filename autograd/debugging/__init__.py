"""Stepping through and explaining a reverse pass."""
