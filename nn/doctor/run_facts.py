"""What is known of a run, as far as several checks ask for it; each fact is computed once."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import hypot, inf, isfinite, nan, sqrt
from statistics import fmean
from typing import Any

import nn.doctor.thresholds as thresholds
from nn.analysis.hessian import at_most, curvature
from nn.analysis.layer_stats import Activity, activity, bias_gradients, layers
from nn.data.dataset import Dataset
from nn.doctor.data_stats import neighbours
from nn.layers import MLP, Layer
from nn.losses import loss_kind, loss_name
from nn.metrics import r_squared, recall
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer, RMSProp
from nn.training.config import TrainConfig
from nn.training.evaluation import default_loss, evaluate, predict
from nn.training.history import History
from nn.training.scores import numbered_classes, scores


@dataclass(frozen=True)
class LayerFacts:
    """A Layer, its outputs for some rows, and its errors: of rows, their loss's slope by biases."""

    layer: Layer
    activity: Activity
    errors: list[list[float]]

    def error(self) -> float:
        """The root mean square of the errors."""
        flat = [e for row in self.errors for e in row]
        return hypot(*flat) / sqrt(len(flat)) if flat else 0.0

    def copies(self) -> float:
        """The fraction of units with the weights and errors of another; 0 if there is only one."""
        errors = zip(self.layer.neurons, *self.errors, strict=True)
        units = [(*(w.data for w in n.w), n.b.data, *of) for n, *of in errors]
        return (len(units) - len(set(units))) / (len(units) - 1) if len(units) > 1 else 0.0


class RunFacts:
    """A history, the model now and before the first step (None without a config), and the rows."""

    def __init__(self, history: History, model: Any, data: Dataset) -> None:
        self.history, self.model, self.config = history, model, history.config
        self.start = history.config.fresh() if history.config else None
        config = history.config or TrainConfig(model, data, default_loss(data), validation=None)
        self.training: Dataset = config.data
        self.sample = self.training.shuffled(0)[: thresholds.ROWS]
        parts = {"training": self.training, "validation": config.validation}
        self.parts = {name: at_most(thresholds.ROWS_JUDGED, x) for name, x in parts.items() if x}
        self.validation = self.parts.get("validation")
        self.loss, self.optimizer = config.loss, config.optimizer
        self.until, self.penalty = config.until, config.penalty
        self.loss_name, self.loss_kind = loss_name(self.loss), loss_kind(self.loss)
        self.class_weights = getattr(self.loss, "keywords", {}).get("class_weights")
        self.is_mlp = type(model) is MLP  # whose layers can be built anew with other sizes
        self.classes = self.training.classification or self.loss_kind in ("logits", "margin")
        sgd = isinstance(self.optimizer, SGD)
        self.lines = thresholds.SGD_LINES if sgd else thresholds.ADAPTIVE_LINES
        self.momentum: float = self.optimizer.momentum if sgd else 0.0
        self.losses = [epoch.loss for epoch in history]
        self.steps = len(history) * -(-len(self.training) // config.batch_size)

    @cached_property
    def before(self) -> list[LayerFacts]:
        """The layers at the start, in the order in which rows meet them."""
        return self._layers(self.start)

    @cached_property
    def after(self) -> list[LayerFacts]:
        """The layers now."""
        return self._layers(self.model)

    @property
    def first_layers(self) -> tuple[list[LayerFacts], str]:
        """The layers before the first step, or if that is not known now, and when that is."""
        return (self.before, "before the first step") if self.before else (self.after, "now")

    def _layers(self, model: Any) -> list[LayerFacts]:
        if not isinstance(model, Module):
            return []
        try:
            found = activity(model, self.sample.features)
        except ValueError:  # a model that asks a layer twice
            return []
        errors = bias_gradients(model, self.sample[: thresholds.ROWS_BACK], self.loss)
        named = {name: layer for name, layer in layers(model).items() if isinstance(layer, Layer)}
        return [LayerFacts(named[x], found[x], errors[x]) for x in found if x in named]

    @cached_property
    def first_weights(self) -> float:
        """The root mean square of the weights at the start; nan if not known, or if all are 0."""
        if not self.start:
            return nan
        weights = getattr(self.start, "weights", self.start.parameters)()
        return hypot(*(w.data for w in weights)) / sqrt(len(weights) or 1) or nan

    @cached_property
    def rate(self) -> float:
        """The mean learning rate; nan if neither the history nor the optimiser has one."""
        if rates := [e.learning_rate for e in self.history if isfinite(e.learning_rate)]:
            return fmean(rates)
        return float(self.optimizer.rate) if isinstance(self.optimizer, Optimizer) else nan

    @cached_property
    def curvature(self) -> float:
        """The curvature at the start, or now; nan if not above 0, or it cannot be computed."""
        model, rows = self.start or self.model, self.sample
        try:
            found = curvature(model, rows, self.loss, self.penalty, iterations=60, tolerance=1e-3)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return nan
        return found if found > 0 else nan

    @property
    def rate_unit(self) -> float:
        """For SGD the bound of the rate, for Adam and RMSProp the size of the first weights."""
        if isinstance(self.optimizer, SGD):
            b = self.momentum
            return 2 * (1 + b) / (1 + 2 * b if self.optimizer.nesterov else 1) / self.curvature
        return self.first_weights if isinstance(self.optimizer, (Adam, RMSProp)) else nan

    @property
    def way(self) -> float:
        """Rate x steps x curvature; for Adam and RMSProp rate x steps over the weights' size."""
        if isinstance(self.optimizer, SGD):
            return self.rate / (1 - self.momentum) * self.steps * self.curvature
        return self.rate * self.steps / self.rate_unit

    @cached_property
    def outputs(self) -> dict[str, list[Any]]:
        """The outputs for the rows of each part, or many of them."""
        return {name: predict(self.model, part) for name, part in self.parts.items()}

    def score(self, part: str = "training") -> float:
        """Accuracy or R² on a part, with the parameters as they are now; nan if there is none."""
        if part not in self.parts:
            return nan
        outputs, targets = self.outputs[part], self.parts[part].targets
        classes = (len(self.training.class_names) or 2) if self.classes else 0
        numbered = numbered_classes(outputs[0], self.loss, classes)
        return scores(outputs, targets, self.classes, numbered)[0 if self.classes else 1]

    def recalls(self, part: str) -> dict[int, float]:
        """For each class of a part, the fraction of its rows that is found."""
        targets = self.parts[part].targets
        return {k: recall(self.outputs[part], targets, k) for k in {*map(int, targets)}}

    @cached_property
    def reachable(self) -> float:
        """The score of each training row's nearest neighbours."""
        data = self.training.shuffled(0)[: thresholds.ROWS_NEAR]
        if len(data) <= thresholds.NEIGHBOURS:
            return nan
        nearest = neighbours(data, thresholds.NEIGHBOURS)
        if not self.classes:
            return r_squared(list(map(fmean, nearest)), data.targets)
        votes = [Counter(targets).most_common(1)[0][0] for targets in nearest]
        return fmean(vote == target for vote, target in zip(votes, data.targets, strict=True))

    @property
    def behind(self) -> float:
        """How far the score is behind the reachable one, over what counts; nan if not known."""
        least = thresholds.BEHIND_ACCURACY if self.classes else thresholds.BEHIND_R2
        return (self.reachable - max(self.score(), -1e9)) / least

    @property
    def scored(self) -> str:
        """The score in words, beside the reachable one if it falls short of that."""
        words, near = f"its R² is {self.score():.3g}", f"an R² of {self.reachable:.2f}"
        if self.classes:
            words, near = f"{self.score():.0%} of the rows are right", f"{self.reachable:.0%}"
        where = f"where the {thresholds.NEIGHBOURS} nearest neighbours of each row alone get {near}"
        return f"{words}, {where}" if self.behind > 1 else words

    @cached_property
    def validation_loss(self) -> float:
        """The validation loss now; nan if there is no validation part."""
        if self.validation:
            return loss_on(self.model, self.validation, self.loss)
        return self.history[-1].validation_loss if self.history else nan


def loss_on(model: Any, data: Dataset | None, loss: Any) -> float:
    """The loss on rows; inf if it overflows, nan if there are none or it cannot be had."""
    try:
        return evaluate(model, data, loss)[0] if data else nan
    except OverflowError:
        return inf
    except (TypeError, ValueError):
        return nan
