"""Choices: the model, loss, optimiser and rules of training that the options stand for, made for
the rows at hand.
"""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from nn.cli.options import OF_CLASSES, OF_NUMBERS, RATES
from nn.cli.parser import Refused
from nn.data.dataset import Dataset
from nn.layers import MLP
from nn.losses import LOSSES, Loss, loss_kind
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSProp
from nn.penalties import L1, L2, ElasticNet
from nn.training.callbacks import EarlyStopping
from nn.training.history import History, Rule
from nn.training.trainer import Penalty

__all__ = ["Choices"]

LIMIT = 1_000_000  # parameters: each is a Value of its own, so that one can step through the model


class Choices:
    """What the options choose for rows of this kind; what does not go together raises Refused.

    >>> from nn import iris
    >>> from nn.cli.options import train_parser
    >>> choices = Choices(train_parser().parse_args(["iris.csv", "--optimizer", "momentum"]), iris(), "species")
    >>> choices.optimizer(), choices.penalty, choices.outputs
    (SGD(learning_rate=0.05, momentum=0.9), L2(strength=0.005), 'logits')
    """

    def __init__(self, options: argparse.Namespace, data: Dataset, target: str) -> None:
        self.options = options
        self.classes = len(data.class_names)
        self.name: str = options.loss or ("cross_entropy" if self.classes else "mean_squared_error")
        if self.name not in (OF_CLASSES if self.classes else OF_NUMBERS):
            what, other = (
                ("classes", "--regression") if self.classes else ("numbers", "--classification")
            )
            fitting = ", ".join(OF_CLASSES if self.classes else OF_NUMBERS)
            raise Refused(
                f"--loss {self.name} does not fit {target}, taken for {what}: use {fitting}, or {other}"
            )
        single = self.name in ("binary_cross_entropy", "hinge")
        if single and self.classes != 2:
            raise Refused(
                f"--loss {self.name} needs two classes, and {target} has {self.classes}: use cross_entropy"
            )
        if options.class_weights and loss_kind(LOSSES[self.name]) != "logits":
            raise Refused(
                f"--class-weights needs a cross-entropy for its loss, got {self.name}: leave one of them out"
            )
        kind = loss_kind(LOSSES[self.name])
        self.outputs = "number" if kind == "value" else kind
        self.sizes = [*options.hidden, 1 if single or not self.classes else self.classes]
        nin = len(data.feature_names)
        count = sum((n + 1) * m for n, m in zip([nin, *self.sizes], self.sizes, strict=False))
        if count > LIMIT:
            raise Refused(
                f"--hidden needs a model of at most {LIMIT} parameters, got {count}: make the layers smaller"
            )
        self.nin = nin

    def model(self) -> MLP:
        """A new model, with the initial weights of the seed."""
        options = self.options
        kinds: dict[str, Any] = {
            "activation": options.activation,
            "init": options.init,
            "dropout": options.dropout,
        }
        return MLP(self.nin, self.sizes, seed=options.seed, **kinds)

    def loss(self, learn: Dataset) -> Loss:
        """The loss, with the weights of the classes among the rows to learn from, if they are to be
        balanced.
        """
        if not self.options.class_weights:
            return LOSSES[self.name]
        return partial(LOSSES[self.name], class_weights=learn.class_weights())

    def optimizer(self, rate: float | None = None) -> Optimizer:
        """A new optimiser, with the rate that was given, or its usual one."""
        name = self.options.optimizer
        rate = rate or self.rate
        if name in ("sgd", "momentum", "nesterov"):
            return SGD(rate, momentum=0.0 if name == "sgd" else 0.9, nesterov=name == "nesterov")
        kinds: dict[str, Callable[[float], Optimizer]] = {
            "rmsprop": RMSProp,
            "adam": Adam,
            "adamw": AdamW,
        }
        return kinds[name](rate)

    @property
    def rate(self) -> float:
        """The learning rate, as far as it is known: of ``--rate find`` the usual one, where the
        search begins.
        """
        rate = self.options.rate
        return rate if isinstance(rate, float) else RATES[self.options.optimizer]

    @property
    def penalty(self) -> Penalty | None:
        """The penalty on the weights, of whichever strengths are not 0."""
        l1, l2 = self.options.l1, self.options.l2
        if l1 and l2:
            return ElasticNet(l1 + l2, ratio=l1 / (l1 + l2))
        return L1(l1) if l1 else L2(l2) if l2 else None

    @property
    def until(self) -> Rule:
        """When to stop; there is always a rule, so that a run with a validation part goes back to
        its best epoch.
        """
        return EarlyStopping(self.options.patience) if self.options.patience else to_the_end

    def options_of_train(self) -> dict[str, Any]:
        """The rest of what a Training is made with."""
        options = self.options
        return {
            "epochs": options.epochs,
            "batch_size": options.batch_size,
            "seed": options.seed,
            "penalty": self.penalty,
        }


def to_the_end(history: History) -> str:
    """The rule that never stops.

    >>> to_the_end(History())
    ''
    """
    return ""
