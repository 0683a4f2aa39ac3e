"""What the options choose for the rows at hand: model, loss, optimiser, penalty."""

import argparse
from functools import partial
from itertools import pairwise
from typing import Any

from nn.cli.options import CLASS_LOSSES, NUMBER_LOSSES, OPTIMIZERS, Refused
from nn.data.dataset import Dataset
from nn.layers import MLP
from nn.losses import LOSSES, loss_kind
from nn.optim import Optimizer
from nn.penalties import L1, L2, ElasticNet
from nn.training.callbacks import EarlyStopping
from nn.training.history import History, Rule
from nn.training.trainer import Penalty

__all__ = ["Choices"]

LIMIT = 150_000  # parameters, each a Value, whose file predict opens (it is below 10 MB)


class Choices:
    """What the options choose for rows of this kind; what does not go together raises Refused.

    >>> from nn import iris
    >>> from nn.cli.options import train_parser
    >>> options = train_parser().parse_args(["iris.csv", "--optimizer", "momentum"])
    >>> choices = Choices(options, iris(), "species")
    >>> choices.optimizer(), choices.penalty, choices.outputs
    (SGD(learning_rate=0.05, momentum=0.9), L2(strength=0.005), 'logits')
    """

    def __init__(self, options: argparse.Namespace, data: Dataset, target: str) -> None:
        self.options = options
        classes, features = len(data.class_names), len(data.feature_names)
        fitting = CLASS_LOSSES if classes else NUMBER_LOSSES
        what, other = ("classes", "regression") if classes else ("numbers", "classification")
        self.loss_name: str = options.loss or fitting[0]
        kind, loss = loss_kind(LOSSES[self.loss_name]), f"--loss {self.loss_name}"
        single = self.loss_name in ("binary_cross_entropy", "hinge")
        self.outputs = "number" if kind == "value" else kind
        self.sizes = [features, *options.hidden, 1 if single or not classes else classes]
        count = sum((n + 1) * m for n, m in pairwise(self.sizes))
        if options.test + options.validation >= 1:
            parts = f"--test {options.test:g} and --validation {options.validation:g}"
            raise Refused(f"{parts} leave no training rows: make one of them smaller")
        if options.patience and not options.validation:
            raise Refused("--patience needs validation rows: leave --validation 0 out")
        if self.loss_name not in fitting:
            use = f"use {', '.join(fitting)}, or --{other}"
            raise Refused(f"{loss} does not fit {target}, predicted as {what}: {use}")
        if single and classes != 2:
            raise Refused(f"{loss} needs two classes, got {classes}: use cross_entropy")
        if options.class_weights and kind != "logits":
            raise Refused(f"--class-weights needs a cross-entropy, got {loss}: leave one out")
        if count > LIMIT:
            need = f"at most {LIMIT} parameters"
            raise Refused(f"--hidden needs a model of {need}, got {count}: make it smaller")

    def model(self) -> MLP:
        """A new model, with the initial weights of the seed."""
        names = ("activation", "init", "dropout", "seed")
        settings: dict[str, Any] = {name: getattr(self.options, name) for name in names}
        return MLP(self.sizes[0], self.sizes[1:], **settings)

    def loss(self, training: Dataset) -> Any:
        """The loss, weighted by the classes of the training rows, if they are to be balanced."""
        loss: Any = LOSSES[self.loss_name]
        weighted = self.options.class_weights
        return partial(loss, class_weights=training.class_weights()) if weighted else loss

    @property
    def rate(self) -> float:
        """The learning rate, or where a search for one begins."""
        given = self.options.rate
        return given if isinstance(given, float) else OPTIMIZERS[self.options.optimizer][0]

    def optimizer(self) -> Optimizer:
        """A new optimiser."""
        return OPTIMIZERS[self.options.optimizer][1](self.rate)

    @property
    def until(self) -> Rule:
        """When to stop: a rule even if never, so that the run goes back to its best epoch."""
        return EarlyStopping(self.options.patience) if self.options.patience else to_the_end

    @property
    def penalty(self) -> Penalty | None:
        """The penalty on the weights, of whichever strengths are not 0."""
        l1, l2 = self.options.l1, self.options.l2
        if l2 is None:  # AdamW has a weight decay of its own
            l2 = 0.0 if self.options.optimizer == "adamw" else 0.005
        if l1 and l2:
            return ElasticNet(l1 + l2, ratio=l1 / (l1 + l2))
        return L1(l1) if l1 else L2(l2) if l2 else None


def to_the_end(history: History) -> str:
    """The rule that never stops a run."""
    return ""
