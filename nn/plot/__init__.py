"""Pictures of how a network learns, drawn by matplotlib: ``pip install 'glassgrad[plots]'``.

Each function returns a matplotlib Figure, which notebooks show by themselves and ``save`` writes into a file. None of
them touches pyplot, its windows or its settings.
"""

from nn.plot.boundary import boundary
from nn.plot.figure import save
from nn.plot.gradient import along_gradient
from nn.plot.layers import activations, weights
from nn.plot.lines import bars, lines, losses
from nn.plot.rates import rates

__all__ = ["activations", "along_gradient", "bars", "boundary", "lines", "losses", "rates", "save", "weights"]
