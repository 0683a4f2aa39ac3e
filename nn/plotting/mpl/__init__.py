"""Plots by matplotlib, ``pip install 'glassgrad[plots]'``: each function returns a Figure.

Notebooks show it by themselves, ``save`` writes it into a file. None of the functions touches
pyplot, its windows or its settings."""

from nn.plotting.mpl.bars import activations, bars, weights
from nn.plotting.mpl.boundary import boundary
from nn.plotting.mpl.evaluation import confusion, predictions
from nn.plotting.mpl.figure import save
from nn.plotting.mpl.lines import along_gradient, lines, losses, rates

__all__ = ["activations", "along_gradient", "bars", "boundary", "confusion", "lines", "losses"]
__all__ += ["predictions", "rates", "save", "weights"]
