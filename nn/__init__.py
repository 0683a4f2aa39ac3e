"""A thin neural-net layer on top of autograd: modules, losses, optimisers, data, and the training loop."""

import autograd

if not hasattr(autograd, "Value"):
    _found = getattr(autograd, "__file__", None) or ", ".join(autograd.__path__)  # a remnant of one has no __init__.py
    raise ImportError(
        f"nn needs glassgrad's autograd, but 'import autograd' found another distribution's at {_found}: "
        "give glassgrad a virtual environment of its own, or here: pip uninstall autograd glassgrad, "
        "then install glassgrad again"
    )

from nn import plot, sketch
from nn.checkpoint import Unsaved
from nn.csvfile import DataError
from nn.curvature import curvature
from nn.data import circles, iris, load_csv, moons, spirals, xor
from nn.dataset import Dataset, Standardizer
from nn.demands import Mismatch
from nn.doctor import diagnose
from nn.evaluate import evaluate, predict
from nn.history import Epoch, History
from nn.init import INITIALIZERS, constant
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron
from nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
)
from nn.metrics import accuracy, confusion_matrix, f1, precision, predicted_class, r_squared, recall
from nn.module import Module
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSProp
from nn.predictor import Predictor, load_predictor
from nn.rates import RateSearch, find_rate
from nn.recipe import Recipe
from nn.regularize import L1, L2, Dropout, EarlyStopping, ElasticNet, learning
from nn.schedule import Cosine, StepDecay, WarmUp
from nn.store import StoreError, load, save
from nn.train import train
from nn.training import Divergence, Fallback, Training

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "L1",
    "L2",
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "Cosine",
    "DataError",
    "Dataset",
    "Divergence",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "Epoch",
    "Fallback",
    "History",
    "Layer",
    "Mismatch",
    "Module",
    "Neuron",
    "Optimizer",
    "Predictor",
    "RMSProp",
    "RateSearch",
    "Recipe",
    "Standardizer",
    "StepDecay",
    "StoreError",
    "Training",
    "Unsaved",
    "WarmUp",
    "accuracy",
    "binary_cross_entropy",
    "circles",
    "confusion_matrix",
    "constant",
    "cross_entropy",
    "curvature",
    "diagnose",
    "evaluate",
    "f1",
    "find_rate",
    "hinge",
    "huber",
    "iris",
    "learning",
    "load",
    "load_csv",
    "load_predictor",
    "mean_absolute_error",
    "mean_squared_error",
    "moons",
    "plot",
    "precision",
    "predict",
    "predicted_class",
    "r_squared",
    "recall",
    "save",
    "sketch",
    "spirals",
    "train",
    "xor",
]
