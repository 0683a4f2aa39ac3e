"""A thin neural-net layer on top of autograd: modules, losses, optimisers, data, and the training
loop.
"""

import autograd

if not hasattr(autograd, "Value"):
    _found = getattr(autograd, "__file__", None) or ", ".join(
        autograd.__path__
    )  # a remnant of one has no __init__.py
    raise ImportError(
        f"nn needs glassgrad's autograd, but 'import autograd' found another distribution's at {_found}: "
        "give glassgrad a virtual environment of its own, or here: pip uninstall autograd glassgrad, "
        "then install glassgrad again"
    )

from nn.analysis.hessian import curvature
from nn.analysis.lr_finder import RateSearch, find_rate
from nn.data.csv_reader import DataError
from nn.data.dataset import Dataset, Standardizer
from nn.data.toy import circles, iris, load_csv, moons, spirals, xor
from nn.doctor import diagnose
from nn.init import INITIALIZERS, constant
from nn.io.models import StoreError, load, save
from nn.io.predictor import Predictor, load_predictor
from nn.layers import ACTIVATIONS, MLP, Dropout, Layer, Neuron, training_mode
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
from nn.penalties import L1, L2, ElasticNet
from nn.plotting import mpl as plot
from nn.plotting import terminal as sketch
from nn.plotting.page import Frame, play_training
from nn.schedules import Cosine, StepDecay, WarmUp
from nn.training.callbacks import Callback, EarlyStopping
from nn.training.checkpoint import Checkpoint, Unsaved
from nn.training.checks import Divergence, Fallback, Mismatch
from nn.training.config import Recipe, TrainConfig
from nn.training.evaluation import evaluate, predict
from nn.training.fit import rerun, train
from nn.training.history import Epoch, History
from nn.training.trainer import Trainer, Training

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "L1",
    "L2",
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "Callback",
    "Checkpoint",
    "Cosine",
    "DataError",
    "Dataset",
    "Divergence",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "Epoch",
    "Fallback",
    "Frame",
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
    "TrainConfig",
    "Trainer",
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
    "load",
    "load_csv",
    "load_predictor",
    "mean_absolute_error",
    "mean_squared_error",
    "moons",
    "play_training",
    "plot",
    "precision",
    "predict",
    "predicted_class",
    "r_squared",
    "recall",
    "rerun",
    "save",
    "sketch",
    "spirals",
    "train",
    "training_mode",
    "xor",
]
