"""Plots as text, from the standard library alone: each function returns a string to print.

It is at most 80 columns wide, in Unicode's blocks and braille; with ``ascii=True``, and where
standard output cannot encode more, in plain ASCII."""

from nn.plotting.terminal.bars import bars, histogram
from nn.plotting.terminal.boundary import boundary
from nn.plotting.terminal.lines import lines, losses, rates

__all__ = ["bars", "boundary", "histogram", "lines", "losses", "rates"]
