"""Chart: what is known of a run, each fact worked out when somebody asks for it, and once."""

import warnings
from functools import cached_property
from itertools import pairwise
from math import hypot, inf, isfinite, isnan, nan, sqrt
from statistics import fmean
from typing import Any

import nn.doctor.thresholds as thresholds
from nn.analysis.hessian import curvature
from nn.data.dataset import Dataset
from nn.doctor.data_stats import answered, neighbours
from nn.doctor.units import Watched, watched
from nn.losses import loss_kind, loss_name
from nn.metrics import r_squared, scores
from nn.module import Module
from nn.optim import SGD, Optimizer
from nn.training.config import Recipe
from nn.training.evaluation import estimated, evaluate, predict, usual_loss
from nn.training.history import History

__all__ = ["Chart", "is_known", "shown"]


class Chart:
    """A history, the model as it is now, the rows; with a recipe also the model as it was, and the
    validation part.
    """

    def __init__(self, history: History, model: Any, data: Dataset) -> None:
        self.history, self.model = history, model
        self.recipe: Recipe | None = history.recipe
        self.training = self.recipe.data if self.recipe else data
        self.validation = (
            _some(self.recipe.validation) if self.recipe and self.recipe.validation else None
        )
        self.judged = _some(self.training)
        self.loss = self.recipe.loss if self.recipe else usual_loss(data)
        self.loss_name, self.loss_kind = loss_name(self.loss), loss_kind(self.loss)
        self.optimizer = self.recipe.optimizer if self.recipe else None
        self.classes = self.training.classification or self.loss_kind in ("logits", "margin")

    # The model before and after

    @cached_property
    def start(self) -> Any:
        """The model before the first step; None without a recipe."""
        return self.recipe.fresh() if self.recipe else None

    @cached_property
    def sample(self) -> Dataset:
        """Some of the training rows, at random."""
        return self.training.shuffled(0)[: thresholds.ROWS]

    @cached_property
    def before(self) -> list[Watched]:
        """The layers at the start."""
        return self._watched(self.start) if self.start else []

    @cached_property
    def after(self) -> list[Watched]:
        """The layers now."""
        return self._watched(self.model)

    def _watched(self, model: Any, back: int = thresholds.ROWS_BACK) -> list[Watched]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return watched(model, self.sample, self.loss, back)

    @cached_property
    def first_weights(self) -> float:
        """The root mean square of the weights at the start; nan without a recipe, or if all are 0."""
        if not self.start:
            return nan
        weights = (
            self.start.weights() if isinstance(self.start, Module) else self.start.parameters()
        )
        return hypot(*(w.data for w in weights)) / sqrt(len(weights) or 1) or nan

    # How it went

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [epoch.loss for epoch in self.history]

    @cached_property
    def steps(self) -> int:
        """How many steps there were."""
        size = self.recipe.batch_size if self.recipe else 16
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
        """The rises of the training loss over the second half, in shares of its mean there."""
        losses = self.losses[len(self.losses) // 2 :]
        rises = sum(max(b - a, 0.0) for a, b in pairwise(losses))
        return (
            rises / max(1, len(losses) - 1) / fmean(losses) if losses and fmean(losses) > 0 else 0.0
        )

    @cached_property
    def jump(self) -> float:
        """The training loss of the first epoch over that before the first step; nan without a
        recipe.
        """
        if not self.start or not self.losses:
            return nan
        first = self._loss_on(self.sample, self.start)
        return self.losses[0] / first if 0 < first < inf else nan

    @cached_property
    def falling(self) -> float:
        """How much the training loss fell from the third quarter to the last, in shares of what it
        was.
        """
        quarter = len(self.losses) // 4
        if not quarter:
            return 0.0
        third, last = fmean(self.losses[-2 * quarter : -quarter]), fmean(self.losses[-quarter:])
        return (third - last) / third if third > 0 else 0.0

    # Curvature

    @cached_property
    def curvature(self) -> float:
        """The largest eigenvalue of the Hessian at the start (without a recipe: now); nan if it is
        not to be had.
        """
        return self._curvature(self.start or self.model)

    def _curvature(self, model: Any) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = curvature(model, self.sample, self.loss, iterations=60, tolerance=1e-3)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                return nan
        return found if found > 0 else nan

    @property
    def bound(self) -> float:
        """The rate beyond which SGD swings ever wider along the sharpest direction: 2/λ, with
        momentum β 2(1 + β)/λ.
        """
        if not isinstance(self.optimizer, SGD):
            return nan
        b = self.momentum
        return 2 * (1 + b) / (1 + 2 * b if self.optimizer.nesterov else 1) / self.curvature

    # How good it is

    @cached_property
    def outputs(self) -> list[Any]:
        """The outputs for the training rows, or many of them."""
        return self._outputs(self.judged)

    @cached_property
    def validation_outputs(self) -> list[Any]:
        """The outputs for the validation rows."""
        return self._outputs(self.validation) if self.validation else []

    def _outputs(self, data: Dataset) -> list[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return predict(self.model, data)

    def score(self, part: str = "training") -> float:
        """Accuracy or R² on a part, with the parameters as they are now; nan if there is none."""
        data, outputs = self._part(part)
        if not data or (isinstance(outputs[0], list) and not self.classes):
            return nan
        right, fit = scores(outputs, data.targets, self.classes, self._estimates(outputs))
        return right if self.classes else fit

    def _part(self, part: str) -> tuple[Dataset | None, list[Any]]:
        return (
            (self.judged, self.outputs)
            if part == "training"
            else (self.validation, self.validation_outputs)
        )

    @cached_property
    def reachable(self) -> float:
        """The score of the nearest neighbours on the training part, of each row among the others."""
        data = self.training.shuffled(0)[: thresholds.ROWS_NEAR]
        if len(data) <= thresholds.NEIGHBOURS:
            return nan
        nearest = neighbours(data, None, thresholds.NEIGHBOURS)
        answers = [answered(targets, self.classes) for targets in nearest]
        if self.classes:
            return fmean(
                answer == target for answer, target in zip(answers, data.targets, strict=True)
            )
        return r_squared(answers, data.targets)

    @property
    def behind(self) -> float:
        """How far the training score is behind the neighbours', in shares of what counts; nan if
        not known.
        """
        least = thresholds.BEHIND_ACCURACY if self.classes else thresholds.BEHIND_R2
        return (self.reachable - max(self.score(), -1e9)) / least

    @cached_property
    def validation_loss(self) -> float:
        """The validation loss of the parameters as they are now; nan if there is no validation
        part.
        """
        if not self.validation:
            return self.history[-1].validation_loss if self.history else nan
        return self._loss_on(self.validation, self.model)

    @cached_property
    def first_validation_loss(self) -> float:
        """The validation loss before the first step; without a recipe that of the first epoch."""
        if not self.validation or not self.start:
            return self.history[0].validation_loss if self.history else nan
        return self._loss_on(self.validation, self.start)

    def _loss_on(self, data: Dataset, model: Any) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return evaluate(model, data, self.loss)[0]
            except OverflowError:
                return inf

    def _estimates(self, outputs: list[Any]) -> int:
        """See ``estimated``."""
        return estimated(
            outputs[0], self.loss, (len(self.training.class_names) or 2) if self.classes else 0
        )

    def recalls(self, part: str) -> dict[int, float]:
        """Of each class of a part the share that is found."""
        data, outputs = self._part(part)
        found: dict[int, list[bool]] = {}
        for output, target in zip(outputs, data.targets if data else (), strict=True):
            right, _ = scores([output], [target], True, self._estimates(outputs))
            found.setdefault(int(target), []).append(right == 1)
        return {k: fmean(hits) for k, hits in found.items()}


def _some(data: Dataset) -> Dataset:
    """The rows, or so many at random that an answer to each takes no more than seconds."""
    return (
        data if len(data) <= thresholds.ROWS_JUDGED else data.shuffled(0)[: thresholds.ROWS_JUDGED]
    )


def is_known(*numbers: float) -> bool:
    """Whether none is nan."""
    return not any(map(isnan, numbers))


def shown(x: float) -> str:
    """A number as on a blackboard."""
    return f"{x:.3g}"
