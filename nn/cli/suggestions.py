"""A remedy of the doctor's in the options of the command line."""

from functools import partial
from math import isfinite
from typing import Any

from nn.doctor import Remedy
from nn.layers import MLP
from nn.penalties import L1
from nn.training.callbacks import EarlyStopping
from nn.training.config import TrainConfig

__all__ = ["suggestion"]


def suggestion(before: TrainConfig | None, remedy: Remedy) -> str:
    """The options that do to a run what the remedy does; "" if there are none for it.

    >>> from dataclasses import replace
    >>> from nn import L2, MLP, SGD, moons, train
    >>> run = train(MLP(2, [8, 2], seed=0), moons(50), optimizer=SGD(0.001), epochs=1).config
    >>> faster = Remedy("more", lambda run: replace(run, optimizer=SGD(0.5), penalty=L2(0.01)))
    >>> suggestion(run, faster)
    '--rate 0.5 --l1 0 --l2 0.01'
    """
    if before is None or remedy.change is None:
        return ""
    try:
        after = remedy.apply(before)
    except ValueError:  # it cannot be done to these rows, as weights of classes that have none
        return ""
    old, new = _options(before), _options(after)
    words = [f"--{name} {new[name]}" for name in new if new[name] != old.get(name) and new[name]]
    return " ".join(words + _of_model(before, after))


def _options(run: TrainConfig) -> dict[str, str]:
    """What a run says of the options that do not make its model."""
    rate, penalty = getattr(run.optimizer, "learning_rate", None), run.penalty
    strength = getattr(penalty, "strength", 0.0)
    l1 = strength * (getattr(penalty, "ratio", 0.0) if not isinstance(penalty, L1) else 1.0)
    weighted = isinstance(run.loss, partial) and "class_weights" in run.loss.keywords
    return {
        "rate": f"{rate:.2g}" if isinstance(rate, float) and isfinite(rate) else "",
        "epochs": str(run.epochs),
        "batch-size": str(run.batch_size),
        "l1": f"{l1:g} --l2 {strength - l1:g}",
        "patience": str(run.until.patience) if isinstance(run.until, EarlyStopping) else "",
        "class-weights": "balanced" if weighted else "",
    }


def _of_model(before: TrainConfig, after: TrainConfig) -> list[str]:
    """What makes the one model the other: its sizes, activation or initial weights."""
    one, other = before.model, after.model
    if one is other or not isinstance(one, MLP) or not isinstance(other, MLP):
        return []
    hidden = [[len(layer.neurons) for layer in model.layers[:-1]] for model in (one, other)]
    activations: list[Any] = [model.layers[0].neurons[0].activation for model in (one, other)]
    words = []
    if hidden[0] != hidden[1]:
        words.append(f"--hidden {','.join(map(str, hidden[1])) or 'none'}")
    if activations[0] != activations[1] and hidden[1]:
        words.append(f"--activation {activations[1]}")
    if before.initial != after.initial if not words else hidden[0] == hidden[1]:
        rectified = activations[1] not in ("tanh", "sigmoid", "softsign", "linear")
        words.append(f"--init {'he' if rectified else 'xavier'}")
    return words
