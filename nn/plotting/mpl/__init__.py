"""Pictures of how a network learns, drawn by matplotlib: ``pip install 'glassgrad[plots]'``.

Each function returns a matplotlib Figure, which notebooks show by themselves and ``save`` writes
into a file. None of them touches pyplot, its windows or its settings."""

from nn.plotting.mpl.boundary import boundary
from nn.plotting.mpl.figure import save
from nn.plotting.mpl.gradient import along_gradient
from nn.plotting.mpl.layers import activations, weights
from nn.plotting.mpl.lines import bars, lines, losses
from nn.plotting.mpl.rates import rates

__all__ = [
    "activations",
    "along_gradient",
    "bars",
    "boundary",
    "lines",
    "losses",
    "rates",
    "save",
    "weights",
]
