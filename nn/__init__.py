"""A thin neural-net layer on top of autograd: modules, losses, optimisers, data, and the training loop."""

import autograd

if not hasattr(autograd, "Value"):
    _found = getattr(autograd, "__file__", None) or ", ".join(autograd.__path__)  # a remnant of one has no __init__.py
    raise ImportError(
        f"nn needs glassgrad's autograd, but 'import autograd' found another distribution's at {_found}: "
        "give glassgrad a virtual environment of its own, or here: pip uninstall autograd, then install glassgrad again"
    )

from nn.csvfile import DataError
from nn.data import circles, iris, load_csv, moons, spirals, xor
from nn.dataset import Dataset, Standardizer
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mean_squared_error
from nn.metrics import accuracy, confusion_matrix, predicted_class
from nn.module import Module
from nn.optim import SGD
from nn.train import Divergence, Epoch, History, evaluate, train

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "SGD",
    "DataError",
    "Dataset",
    "Divergence",
    "Epoch",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Standardizer",
    "accuracy",
    "binary_cross_entropy",
    "circles",
    "confusion_matrix",
    "cross_entropy",
    "evaluate",
    "hinge",
    "iris",
    "load_csv",
    "mean_squared_error",
    "moons",
    "predicted_class",
    "spirals",
    "train",
    "xor",
]
