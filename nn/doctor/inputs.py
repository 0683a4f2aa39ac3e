"""Whether the rows and the model that are to be diagnosed are those of the run."""

import warnings
from collections import Counter
from math import hypot, isclose, isfinite
from typing import Any

from autograd import no_grad
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.module import Module
from nn.training.config import TrainConfig
from nn.training.history import History

__all__ = ["check_data", "check_model"]


def check_data(config: TrainConfig, data: Dataset) -> None:
    """Raise a ValueError unless these are the rows of the run, with or without those held out."""
    given, training, held_out = (
        Counter((tuple(row), target) for row, target in part or ())
        for part in (data, config.data, config.validation)
    )
    if given not in (training, training + held_out):
        rest = f" + {len(config.validation)} held out" if config.validation else ""
        raise ValueError(
            f"diagnose needs the data of the run, {len(config.data)} rows{rest}, "
            f"got {len(data)} rows of which {(given - training - held_out).total()} are not among "
            "them: give the Dataset that was given to train, or history.config.data"
        )


def check_model(history: History, model: Any, data: Dataset) -> None:
    """Raise a ValueError unless the model has the size of the run's, takes the rows, and has the
    weights that an epoch of the history ended with.
    """
    config, given = history.config, "give the model that was given to train"
    if not callable(model) or isinstance(model, type):
        raise TypeError(f"diagnose needs the model of the run, got {type_name(model)}: {given}")
    count = len(dict.fromkeys(model.parameters())) if hasattr(model, "parameters") else 0
    if config and count != len(config.initial):
        raise ValueError(
            f"diagnose needs the model of the run, of {len(config.initial)} parameters, "
            f"got one of {count}: {given}"
        )
    try:
        with no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model(data.features[0])
    except ArithmeticError:  # of a run that diverged
        return
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError(
            f"diagnose needs a model that takes rows of {len(data.features[0])} features, as the "
            f"data have, got one that says '{error}': {given}"
        ) from error
    if not config or not isinstance(model, Module):
        return
    lengths = [epoch.weight_norm for epoch in history if isfinite(epoch.weight_norm)]
    if not lengths or history.diverged or history.stopped.startswith("interrupted"):
        return
    length = hypot(*(w.data for w in model.weights()))
    if isfinite(length) and not any(
        isclose(length, known, rel_tol=1e-6, abs_tol=1e-12) for known in lengths
    ):
        raise ValueError(
            "diagnose needs the model as the run left it, got one whose weights no epoch of the "
            f"history ended with: {given}, not one made anew or trained further"
        )
