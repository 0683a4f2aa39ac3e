"""What the options choose, and the other way round: the options that do what a remedy does."""

import argparse
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from math import exp, isfinite
from typing import Any

from nn.cli.options import CLASS_LOSSES, NUMBER_LOSSES, OPTIMIZERS, Refused
from nn.cli.parts import Parts
from nn.data.dataset import Dataset
from nn.doctor import Remedy
from nn.doctor.remedies import usual_init
from nn.layers import MLP
from nn.losses import LOSSES, loss_kind
from nn.penalties import L1, L2, ElasticNet
from nn.training.callbacks import EarlyStopping
from nn.training.config import TrainConfig
from nn.training.trainer import Penalty

PATIENCE = 20  # epochs without improvement, unless --patience says otherwise
LIMIT = 150_000  # parameters, each a Value, whose file predict opens (it is below 10 MB)


class Choices:
    """What the options choose for rows of this kind; what does not go together raises Refused."""

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
        if options.group is not None and options.time is not None:
            raise Refused("--group and --time exclude each other: leave one of them out")
        test = 0.0 if options.test_file else options.test
        if test + options.validation >= 1:
            parts = f"--test {options.test:g} and --validation {options.validation:g}"
            raise Refused(f"{parts} leave no training rows: make one of them smaller")
        self.patience: int = PATIENCE if options.validation else 0
        if options.patience is not None:
            self.patience = options.patience
        if self.patience and not options.validation:
            raise Refused("--patience needs validation rows: leave --validation 0 out")
        if self.loss_name not in fitting:
            use = f"use {', '.join(fitting)}, or --{other}"
            raise Refused(f"{loss} does not fit {target}, predicted as {what}: {use}")
        if single and classes != 2:
            raise Refused(f"{loss} needs two classes, got {classes}: use cross_entropy")
        if options.class_weights and kind != "logits":
            raise Refused(f"--class-weights needs a cross-entropy, got {loss}: leave one out")
        if options.engine == "jax" and options.dropout:
            need = "--engine jax needs a network that does not draw anew for every row"
            raise Refused(f"{need}, got --dropout {options.dropout:g}: leave one of them out")
        if options.threshold != 0.5 and (classes != 2 or kind != "logits"):
            need = "--threshold needs two classes and a cross-entropy"
            raise Refused(f"{need}, got {classes or 'no'} classes and {loss}: leave it out")
        if count > LIMIT:
            need = f"at most {LIMIT} parameters"
            raise Refused(f"--hidden needs a model of {need}, got {count}: make it smaller")

    def config(self, parts: Parts) -> TrainConfig:
        """All that decides a run on these parts."""
        options, loss = self.options, LOSSES[self.loss_name]
        names = ("activation", "init", "dropout", "seed")
        settings: dict[str, Any] = {name: getattr(options, name) for name in names}
        model = MLP(self.sizes[0], self.sizes[1:], **settings)
        if options.class_weights:
            loss = partial(loss, class_weights=parts.training.class_weights())
        rate, optimizer = OPTIMIZERS[options.optimizer]  # a search for a rate begins at this one
        rate = options.rate if isinstance(options.rate, float) else rate
        l1, l2 = options.l1, options.l2
        if l2 is None:  # AdamW has a weight decay of its own; many rows need less
            l2 = min(0.005, float(f"{50 / len(parts.training):.1g}"))
            l2 = 0.0 if options.optimizer == "adamw" else l2
        penalty: Penalty | None = L1(l1) if l1 else L2(l2) if l2 else None
        if l1 and l2:
            penalty = ElasticNet(l1 + l2, ratio=l1 / (l1 + l2))
        # a rule even if never, so that the run goes back to its best epoch
        until = EarlyStopping(self.patience) if self.patience else lambda history: ""
        rules: dict[str, Any] = {"penalty": penalty, "until": until}
        names = ("epochs", "batch_size", "seed", "engine")
        rules |= {name: getattr(options, name) for name in names}
        rules["validation"] = parts.validation and parts.scaled(parts.validation)
        return TrainConfig(model, parts.scaled(parts.training), loss, optimizer(rate), **rules)


def best_threshold(outputs: Sequence[Any], targets: Sequence[float]) -> float:
    """The probability of the second class above which to predict it, for the largest balanced
    accuracy on these rows; of several the one nearest to 0.5.

    >>> round(best_threshold([-3.0, -2.0, -1.0, 0.5], [0, 0, 1, 1]), 3)
    0.182
    """
    margins = [x[1] - x[0] if isinstance(x, list) else x for x in outputs]
    rows = sorted(zip(margins, targets, strict=True))
    positive = sum(target == 1 for _, target in rows)
    negative = len(rows) - positive
    if not positive or not negative:
        return 0.5
    below = Counter[float]()
    found = []
    for (x, target), (above, _) in pairwise(rows):
        below[target] += 1
        if x < above:
            balance = below[0] / negative + 1 - below[1] / positive
            found.append((balance, -abs((x + above) / 2), (x + above) / 2))
    cut = max(found)[2] if found else 0.0
    return 1 / (1 + exp(-cut)) if abs(cut) < 30 else 0.5


def suggestion(before: TrainConfig | None, remedy: Remedy) -> str:
    """The options that do to a run what the remedy does; "" if there are none for it."""
    if before is None or remedy.change is None:
        return ""
    try:
        after = remedy.apply(before)
    except ValueError:  # it cannot be done to these rows, as weights of classes that have none
        return ""
    old, new = _options_of(before), _options_of(after)
    words = [f"--{name} {new[name]}" for name in new if new[name] != old[name] and new[name]]
    same = [old[name] == new[name] for name in ("hidden", "activation")]
    if same == [True, False] or (all(same) and before.initial != after.initial):
        words.append(f"--init {usual_init(after.model.layers[0])}")
    return " ".join(words)


def _options_of(run: TrainConfig) -> dict[str, str]:
    """The value of each option in a run; "" where no option says it."""
    rate, penalty = getattr(run.optimizer, "learning_rate", None), run.penalty
    strength = getattr(penalty, "strength", 0.0)
    l1 = strength * (getattr(penalty, "ratio", 0.0) if not isinstance(penalty, L1) else 1.0)
    weighted = isinstance(run.loss, partial) and "class_weights" in run.loss.keywords
    layers = run.model.layers if isinstance(run.model, MLP) else []
    hidden = ",".join(str(len(layer.neurons)) for layer in layers[:-1])
    return {
        "rate": f"{rate:.2g}" if isinstance(rate, float) and isfinite(rate) else "",
        "epochs": str(run.epochs),
        "batch-size": str(run.batch_size),
        "l1": f"{l1:g} --l2 {strength - l1:g}",
        "patience": str(run.until.patience) if isinstance(run.until, EarlyStopping) else "",
        "class-weights": "balanced" if weighted else "",
        "hidden": hidden or ("none" if layers else ""),
        "activation": str(layers[0].neurons[0].activation) if hidden else "",
    }
