"""Plots by matplotlib, ``pip install 'glassgrad[plots]'``: each function returns a Figure.

Notebooks show it by themselves, ``save`` writes it into a file. None of the functions touches
pyplot, its windows or its settings."""

from nn.plotting.mpl.boundary import boundary
from nn.plotting.mpl.figure import save
from nn.plotting.mpl.layers import activations, weights
from nn.plotting.mpl.lines import bars, lines, losses
from nn.plotting.mpl.rates import along_gradient, rates

__all__ = ["activations", "along_gradient", "bars", "boundary", "lines", "losses"]
__all__ += ["rates", "save", "weights"]
