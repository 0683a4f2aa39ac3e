"""Belonging: whether rows and a model are those of a run, so that what is found in them is found in
the run.
"""

import warnings
from collections import Counter
from math import hypot, isclose, isfinite
from typing import Any

from autograd import no_grad
from nn.data.dataset import Dataset
from nn.module import Module
from nn.training.config import Recipe
from nn.training.history import History

__all__ = ["require_its_data", "require_its_model"]


def require_its_data(recipe: Recipe, data: Dataset) -> None:
    """Raise a ValueError unless the rows are those given to ``train``, with or without those that
    it held out.
    """
    training, held_out = _counted(recipe.data), recipe.validation
    given = _counted(data)
    if given in (training, training + _counted(held_out) if held_out else training):
        return
    foreign = sum((given - training - (_counted(held_out) if held_out else Counter())).values())
    rest = f" + {len(held_out)} held out" if held_out else ""
    raise ValueError(
        f"diagnose needs the data of the run, {len(recipe.data)} rows{rest}, got {len(data)} rows of which {foreign} "
        "are not among them: give the Dataset that was given to train, or history.recipe.data"
    )


def _counted(data: Dataset) -> Counter[tuple[tuple[float, ...], float]]:
    return Counter((tuple(row), target) for row, target in data)


def require_its_model(history: History, model: Any, data: Dataset) -> None:
    """Raise a ValueError unless the model is as large as that of the run, answers its rows, and was
    moved by it.
    """
    recipe = history.recipe
    count = len(dict.fromkeys(model.parameters())) if hasattr(model, "parameters") else 0
    if recipe and count != len(recipe.initial):
        raise ValueError(
            f"diagnose needs the model of the run, of {len(recipe.initial)} parameters, got one of {count}: give the "
            "model that was given to train"
        )
    try:
        with no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model(data.features[0])
    except ArithmeticError:  # of a run that diverged
        return
    except (LookupError, TypeError, ValueError) as error:
        width = len(data.features[0])
        raise ValueError(
            f"diagnose needs a model that answers rows of {width} features, as the data have, got one that says "
            f"'{error}': give the model that was given to train"
        ) from error
    if recipe and isinstance(model, Module) and not _moved(history, model, recipe):
        raise ValueError(
            "diagnose needs the model as the run left it, got one whose weights no epoch of the history ended with: "
            "give the model that was given to train, not one made anew or trained further"
        )


def _moved(history: History, model: Module, recipe: Recipe) -> bool:
    """Whether its weights are as long as those at the end of an epoch; true if that is not known."""
    lengths = [epoch.weight_norm for epoch in history if isfinite(epoch.weight_norm)]
    if not lengths or history.diverged or history.stopped.startswith("interrupted"):
        return True
    length = hypot(*(w.data for w in model.weights()))
    return not isfinite(length) or any(
        isclose(length, known, rel_tol=1e-6, abs_tol=1e-12) for known in lengths
    )
