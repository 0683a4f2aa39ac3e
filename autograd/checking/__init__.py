"""check: a gradient against independent numbers; the verdict says what is wrong, and where."""
