"""Pictures for the terminal, as text: the standard library is all they need.

Each function returns a string to print, at most 80 columns wide. It is drawn in Unicode's blocks and braille; with
``ascii=True``, and where standard output cannot carry more, in plain ASCII.
"""

from nn.sketch.bars import bars, histogram
from nn.sketch.lines import lines, losses, rates
from nn.sketch.map import boundary

__all__ = ["bars", "boundary", "histogram", "lines", "losses", "rates"]
