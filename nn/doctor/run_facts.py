"""What is known of a run: each fact is computed once, when a check asks for it."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import hypot, inf, isfinite, isnan, nan, sqrt
from statistics import fmean
from typing import Any

import nn.doctor.thresholds as thresholds
from autograd import no_grad
from nn.analysis.hessian import curvature
from nn.analysis.layer_stats import Activity, activity, bias_gradients, layers
from nn.data.dataset import Dataset
from nn.doctor.data_stats import neighbours
from nn.layers import MLP, Layer
from nn.losses import loss_kind, loss_name
from nn.metrics import r_squared, scores
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer, RMSProp
from nn.training.backends import replay_or_eager
from nn.training.config import TrainConfig
from nn.training.evaluation import default_loss, estimated, evaluate, predict, unchanged
from nn.training.fit import rerun
from nn.training.history import Epoch, History

__all__ = ["LayerFacts", "RunFacts", "is_known", "loss_on", "shown"]


@dataclass(frozen=True)
class LayerFacts:
    """A Layer, its units' outputs for some rows, and the errors that reach them: for some of the
    rows, the gradient of the row's loss by each bias.
    """

    layer: Layer
    activity: Activity
    errors: list[list[float]]

    def silent(self) -> int:
        """How many units output 0 for every row."""
        return sum(not any(unit) for unit in zip(*self.activity.outputs, strict=True))

    def error(self) -> float:
        """The root mean square of the errors."""
        flat = [e for row in self.errors for e in row]
        return hypot(*flat) / sqrt(len(flat)) if flat else 0.0

    def copies(self) -> float:
        """The fraction of units with the weights and errors of another; 0 if there is only one."""
        units = [
            (*(w.data for w in neuron.w), neuron.b.data, *errors)
            for neuron, *errors in zip(self.layer.neurons, *self.errors, strict=True)
        ]
        return (len(units) - len(set(units))) / (len(units) - 1) if len(units) > 1 else 0.0


class RunFacts:
    """A history, the model now and before the first step (None without a config), and the rows."""

    def __init__(self, history: History, model: Any, data: Dataset) -> None:
        self.history, self.model = history, model
        self.config: TrainConfig | None = history.config
        self.training = self.config.data if self.config else data
        self.held_out = self.config.validation if self.config else None
        self.judged = _sampled(self.training)
        self.validation = _sampled(self.held_out) if self.held_out else None
        self.loss = self.config.loss if self.config else default_loss(data)
        self.loss_name, self.loss_kind = loss_name(self.loss), loss_kind(self.loss)
        self.class_weights = getattr(self.loss, "keywords", {}).get("class_weights")
        self.optimizer = self.config.optimizer if self.config else None
        self.start = self.config.fresh() if self.config else None
        self.sample = self.training.shuffled(0)[: thresholds.ROWS]
        self.is_mlp = type(model) is MLP  # whose layers can be built anew with other sizes
        self.classes = self.training.classification or self.loss_kind in ("logits", "margin")

    # Units

    @cached_property
    def before(self) -> list[LayerFacts]:
        """The layers at the start, in the order in which rows meet them."""
        return self._layers(self.start) if self.start else []

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
        module = isinstance(self.start, Module)
        weights = self.start.weights() if module else self.start.parameters()
        return hypot(*(w.data for w in weights)) / sqrt(len(weights) or 1) or nan

    def gradient(self, model: Any) -> float:
        """The length of the gradient of the loss on some rows; inf if it overflows."""
        rows = self.sample[: thresholds.ROWS_BACK]
        with unchanged(model):
            try:
                _, loss = replay_or_eager(model, self.loss, rows).gradient(rows)
            except OverflowError:
                return inf
            length = hypot(*(p.grad for p in model.parameters()))
        return length if isfinite(loss) and isfinite(length) else inf

    # How it went

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [epoch.loss for epoch in self.history]

    @cached_property
    def steps(self) -> int:
        """How many steps there were."""
        size = self.config.batch_size if self.config else 16
        return len(self.history) * -(-len(self.training) // size)

    @cached_property
    def rate(self) -> float:
        """The mean learning rate; nan if the history has none."""
        rates = [e.learning_rate for e in self.history if isfinite(e.learning_rate)]
        if rates:
            return fmean(rates)
        return float(self.optimizer.rate) if isinstance(self.optimizer, Optimizer) else nan

    @property
    def momentum(self) -> float:
        """The momentum of SGD, else 0."""
        return self.optimizer.momentum if isinstance(self.optimizer, SGD) else 0.0

    @cached_property
    def roughness(self) -> float:
        """The mean rise of the training loss over the second half, as a fraction of its mean."""
        losses = self.losses[len(self.losses) // 2 :]
        rises = sum(max(b - a, 0.0) for a, b in pairwise(losses)) / max(1, len(losses) - 1)
        return rises / fmean(losses) if losses and fmean(losses) > 0 else 0.0

    @cached_property
    def jump(self) -> float:
        """The training loss of the first epoch over that before the first step, or nan."""
        known = self.start and self.losses
        first = loss_on(self.start, self.sample, self.loss) if known else nan
        return self.losses[0] / first if 0 < first < inf else nan

    @cached_property
    def falling(self) -> float:
        """By which fraction the training loss fell from the third quarter to the last."""
        quarter = len(self.losses) // 4
        if not quarter:
            return 0.0
        third, last = fmean(self.losses[-2 * quarter : -quarter]), fmean(self.losses[-quarter:])
        return (third - last) / third if third > 0 else 0.0

    @cached_property
    def penalty(self) -> float:
        """The penalty of the weights as they are now; 0 without one."""
        if not self.config or not self.config.penalty or not isinstance(self.model, Module):
            return 0.0
        with no_grad():
            return float(self.config.penalty(self.model.weights()))

    @cached_property
    def trial_without_penalty(self) -> list[Epoch]:
        """The last of some more epochs with the penalty, and that of as many without; none if the
        penalty is small beside the loss, or the run cannot go on.
        """
        config, last = self.config, self.history[-1] if self.history else Epoch(0, nan)
        if not config or not isinstance(config.optimizer, Optimizer) or self.history.diverged:
            return []
        large = self.penalty > thresholds.PENALTY * last.loss
        if not self.validation or not last.learning_rate > 0 or not large:
            return []
        config = replace(
            config.with_model(deepcopy(self.model)),
            optimizer=config.optimizer.fresh(learning_rate=last.learning_rate),
            epochs=max(thresholds.TRIAL_EPOCHS, len(self.history) // 10),
            until=None,
        )
        runs = [rerun(replace(config, penalty=x))[1] for x in (config.penalty, None)]
        return [run[-1] for run in runs] if all(runs) else []

    @cached_property
    def curvature(self) -> float:
        """The largest eigenvalue of the Hessian at the start (or if not known, now); nan if it is
        not above 0, or cannot be computed.
        """
        model, penalty = self.start or self.model, self.config.penalty if self.config else None
        how: dict[str, Any] = {"penalty": penalty, "iterations": 60, "tolerance": 1e-3}
        try:
            found = curvature(model, self.sample, self.loss, **how)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return nan
        return found if found > 0 else nan

    @property
    def lines(self) -> thresholds.RateLines:
        """The lines for the rate and the way of the optimiser."""
        sgd = isinstance(self.optimizer, SGD)
        return thresholds.SGD_LINES if sgd else thresholds.ADAPTIVE_LINES

    @property
    def rate_unit(self) -> float:
        """What the rate is measured by: for SGD the bound beyond which it diverges along the
        sharpest direction, 2/λ, with momentum β 2(1 + β)/λ, with Nesterov's 2(1 + β)/((1 + 2β)λ);
        for Adam and RMSProp the size of the initial weights; nan for others.
        """
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

    # How good it is

    @cached_property
    def outputs(self) -> dict[str, list[Any]]:
        """The outputs for the rows of each part, or many of them."""
        return {name: predict(self.model, part) for name, part in self._parts.items()}

    @property
    def _parts(self) -> dict[str, Dataset]:
        known = {"validation": self.validation} if self.validation else {}
        return {"training": self.judged} | known

    def score(self, part: str = "training") -> float:
        """Accuracy or R² on a part, with the parameters as they are now; nan if there is none."""
        outputs = self.outputs.get(part)
        if not outputs or (isinstance(outputs[0], list) and not self.classes):
            return nan
        return self._score(outputs, self._parts[part].targets)

    def _score(self, outputs: list[Any], targets: Any) -> float:
        classes = (len(self.training.class_names) or 2) if self.classes else 0
        estimates = estimated(outputs[0], self.loss, classes)
        return scores(outputs, targets, self.classes, estimates)[0 if self.classes else 1]

    def recalls(self, part: str) -> dict[int, float]:
        """For each class of a part, the fraction of its rows that is found."""
        found: dict[int, list[float]] = {}
        for output, (_, target) in zip(
            self.outputs.get(part, ()), self._parts.get(part, ()), strict=True
        ):
            found.setdefault(int(target), []).append(self._score([output], [target]))
        return {k: fmean(hits) for k, hits in found.items()}

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
        """How far the training score is behind the reachable one, as a multiple of what counts; nan
        if not known.
        """
        least = thresholds.BEHIND_ACCURACY if self.classes else thresholds.BEHIND_R2
        return (self.reachable - max(self.score(), -1e9)) / least

    @cached_property
    def validation_loss(self) -> float:
        """The validation loss now; nan if there is no validation part."""
        if self.validation:
            return loss_on(self.model, self.validation, self.loss)
        return self.history[-1].validation_loss if self.history else nan

    @cached_property
    def first_validation_loss(self) -> float:
        """The validation loss before the first step; if not known, that of the first epoch."""
        if self.validation and self.start:
            return loss_on(self.start, self.validation, self.loss)
        return self.history[0].validation_loss if self.history else nan


def loss_on(model: Any, data: Dataset | None, loss: Any) -> float:
    """The loss on rows; inf if it overflows, nan if there are none or it cannot be had."""
    try:
        return evaluate(model, data, loss)[0] if data else nan
    except OverflowError:
        return inf
    except (TypeError, ValueError):
        return nan


def _sampled(data: Dataset) -> Dataset:
    """The rows, or as many at random as can be predicted within seconds."""
    most = thresholds.ROWS_JUDGED
    return data if len(data) <= most else data.shuffled(0)[:most]


def is_known(*numbers: float) -> bool:
    """Whether none is nan."""
    return not any(map(isnan, numbers))


def shown(x: float) -> str:
    """A number with three digits."""
    return f"{x:.3g}"
