"""Whether a page trains what the run trains: its formulas on the rows, beside loss and model."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from math import fsum, isclose, isfinite, nan
from random import Random
from typing import Any
from warnings import catch_warnings

from autograd import Value, assign, no_grad, recompute, topological
from nn.checks import type_name
from nn.losses import loss_name
from nn.module import numbers
from nn.training.config import TrainConfig
from nn.training.evaluation import UNFIT, is_sum, outputs_and_loss, unchanged

ROWS = 500  # at most, on which a loss is compared,
FEW = 20  # and outputs, which only activations of one's own can change
LOSS = "a live page needs a loss that is the mean or the sum of one formula over the rows"
CURE = "train without a page"


class Formula:
    """A graph as a page has it: its leaves by their labels, all else as it was recorded."""

    def __init__(self, output: Value) -> None:
        self.output = output
        self.leaves = {v: v.data for v in topological(output) if not v.operands}

    def __call__(self, numbers: Mapping[str, float]) -> float:
        leaves = {v: numbers.get(v.label, x) for v, x in self.leaves.items()}
        try:
            return recompute(self.output, leaves)
        except (ArithmeticError, ValueError):
            return nan


def loss_of_row(loss: Any, output: Any, target: Any) -> Value:
    """The loss of one row as a graph; a ValueError where it has none."""
    try:
        with catch_warnings(action="ignore"):  # of numbers that are no row's
            found = loss([output], [target])
        why = f"gives {type_name(found)} of one row"
    except UNFIT as error:
        found, why = None, f"cannot be computed of one row ({error})"
    if not isinstance(found, Value):
        raise ValueError(f"{LOSS}, got {loss_name(loss)}, which {why}: {CURE}")
    return found


def check_loss(config: TrainConfig, graphs: Mapping[str, Value], output: Any) -> bool:
    """Whether the loss of rows is the sum of the graphs; a ValueError if it is no mean either."""
    formulas = {name: Formula(graph) for name, graph in graphs.items()}
    rows, classes = _some(config.data, ROWS), config.data.classification
    with catch_warnings(action="ignore"):
        summed = is_sum(config.loss, [output, output], config.data.targets[:2])
    for start in _starts(config):
        ours = nan
        with _at(config.model, start), suppress(*UNFIT):
            outputs, found = outputs_and_loss(config.model, config.loss, rows)
            ours = float(found)
        if not isfinite(ours):
            continue  # of such a loss training says more
        losses = list[float]()
        with catch_warnings(action="ignore"):
            for row, target in zip(outputs, rows.targets, strict=True):
                formula = formulas[f"loss {int(target)}" if classes else "loss"]
                losses.append(formula({"target": target} | _outputs(row)))
        count = 1 if summed else len(losses)
        theirs = fsum(losses) / count if all(map(isfinite, losses)) else nan
        if not abs(ours - theirs) <= max(1e-9 * sum(map(abs, losses)) / count, 1e-9 * abs(ours)):
            came = f"{loss_name(config.loss)}, which mixes rows or branches on numbers"
            raise ValueError(f"{LOSS}, got {came} ({ours:.6g}, by row {theirs:.6g}): {CURE}")
    return summed


def check_network(config: TrainConfig, hidden: Value, last: Value) -> None:
    """Raise a ValueError for a network that does more than these activations of its sums."""
    layers, first, end = config.model.layers, Formula(hidden), Formula(last)
    for start in _starts(config):
        with _at(config.model, start):
            for row in _some(config.data, FEW).features:
                ours: Any = {}
                with suppress(*UNFIT):
                    ours = _outputs(config.model(row))
                x = row
                for layer in layers:
                    activation = end if layer is layers[-1] else first
                    pairs = ((zip(n.w, x, strict=True), n.b.data) for n in layer.neurons)
                    sums = [fsum([*(w.data * a for w, a in many), b]) for many, b in pairs]
                    x = [activation({"x": z}) for z in sums]
                both = [(y, z) for y, z in zip(ours.values(), x, strict=False) if isfinite(y)]
                if not all(isclose(*pair, rel_tol=1e-9, abs_tol=1e-9) for pair in both):
                    need = "a live page needs an activation that is one formula for all numbers"
                    what = "the same in all hidden layers"
                    raise ValueError(f"{need}, {what}, got one that branches or differs: {CURE}")


def _some(data: Any, most: int) -> Any:
    """At most so many of the rows, from all over the data."""
    return data[:: -(-len(data) // most)]


def _outputs(output: Any) -> dict[str, float]:
    """The numbers of an output by their labels."""
    found = numbers(output)
    return {f"o{k}": x for k, x in enumerate(found if isinstance(found, list) else [found])}


def _starts(config: TrainConfig) -> Iterator[list[float]]:
    """The parameters of the run's beginning, and others."""
    rng = Random(0)
    yield list(config.initial)
    yield [x + rng.uniform(-1, 1) for x in config.initial]


@contextmanager
def _at(model: Any, start: Sequence[float]) -> Iterator[None]:
    """Inside, the model has these parameters, and nothing is recorded or warned of."""
    with unchanged(model), no_grad(), catch_warnings(action="ignore"):
        assign(dict.fromkeys(model.parameters()), start)
        yield
