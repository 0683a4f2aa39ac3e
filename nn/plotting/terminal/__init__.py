"""Pictures for the terminal, as text: the standard library is all they need.

Each function returns a string to print, at most 80 columns wide. It is drawn in Unicode's blocks
and braille; with ``ascii=True``, and where standard output cannot carry more, in plain ASCII."""

from nn.plotting.terminal.bars import bars, histogram
from nn.plotting.terminal.lines import lines, losses, rates
from nn.plotting.terminal.map import boundary

__all__ = ["bars", "boundary", "histogram", "lines", "losses", "rates"]
