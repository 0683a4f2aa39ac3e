"""Advice: a remedy of the doctor's in the words of the command line."""

from functools import partial
from math import isfinite
from typing import Any

from nn.doctor import Remedy
from nn.layers import MLP
from nn.penalties import L1, ElasticNet
from nn.training.callbacks import EarlyStopping
from nn.training.config import TrainConfig

__all__ = ["advice"]


def advice(before: TrainConfig | None, remedy: Remedy) -> str:
    """The options that do to a config what the remedy does; "" if there are none for it.

    >>> from dataclasses import replace
    >>> from nn import L2, MLP, SGD, moons, train
    >>> config = train(MLP(2, [8, 2], seed=0), moons(50), optimizer=SGD(0.001), epochs=1).config
    >>> advice(config, Remedy("more", lambda config: replace(config, optimizer=SGD(0.5), penalty=L2(0.01))))
    '--rate 0.5 --l1 0 --l2 0.01'
    """
    if before is None or remedy.change is None:
        return ""
    try:
        after = remedy.apply(before)
    except ValueError:  # it cannot be done to these rows, as weights of classes that have none
        return ""
    words: list[str] = []
    rates = [getattr(config.optimizer, "learning_rate", None) for config in (before, after)]
    if rates[0] != rates[1] and isinstance(rates[1], float) and isfinite(rates[1]):
        words.append(f"--rate {rates[1]:.2g}")
    if before.epochs != after.epochs:
        words.append(f"--epochs {after.epochs}")
    if before.batch_size != after.batch_size:
        words.append(f"--batch-size {after.batch_size}")
    if _strengths(before.penalty) != _strengths(after.penalty):
        l1, l2 = _strengths(after.penalty)
        words.append(f"--l1 {l1:g} --l2 {l2:g}")
    if isinstance(after.until, EarlyStopping) and after.until != before.until:
        words.append(f"--patience {after.until.patience}")
    if _weighted(after.loss) and not _weighted(before.loss):
        words.append("--class-weights balanced")
    return " ".join([*words, *_of_model(before, after)])


def _of_model(before: TrainConfig, after: TrainConfig) -> list[str]:
    """What makes the one model the other: its sizes, activation or initial weights."""
    one, other = before.model, after.model
    if one is other or not isinstance(one, MLP) or not isinstance(other, MLP):
        return []
    words = []
    if _hidden(one) != _hidden(other):
        words.append(f"--hidden {','.join(map(str, _hidden(other))) or 'none'}")
    activations = [model.layers[0].neurons[0].activation for model in (one, other)]
    if activations[0] != activations[1] and _hidden(other):
        words.append(f"--activation {activations[1]}")
    if (not words and before.initial != after.initial) or (
        words and _hidden(one) == _hidden(other)
    ):
        rectified = activations[1] not in ("tanh", "sigmoid", "softsign", "linear")
        words.append(f"--init {'he' if rectified else 'xavier'}")
    return words


def _hidden(model: MLP) -> list[int]:
    return [len(layer.neurons) for layer in model.layers[:-1]]


def _strengths(penalty: Any) -> tuple[float, float]:
    """Those of L1 and of L2."""
    if isinstance(penalty, ElasticNet):
        return penalty.strength * penalty.ratio, penalty.strength * (1 - penalty.ratio)
    return (
        (penalty.strength, 0.0)
        if isinstance(penalty, L1)
        else (0.0, getattr(penalty, "strength", 0.0))
    )


def _weighted(loss: Any) -> bool:
    return isinstance(loss, partial) and "class_weights" in loss.keywords
