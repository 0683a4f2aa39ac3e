"""The layers of a model: their weights, and what their units answer to rows of data."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain, islice
from math import inf, nan
from statistics import fmean
from typing import Any

from autograd import no_grad
from nn.activations import ACTIVATIONS, BOUNDED, steep_outputs
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.layers import Layer, Neuron
from nn.module import Module, check_in_features
from nn.training.evaluation import batch_outputs, unchanged

FLAT = 0.1  # of its steepest slope: a unit that stays below it learns at a tenth of the speed
STEEP = {name: steep_outputs(ACTIVATIONS[name], FLAT) for name in BOUNDED}
STEEP["relu"] = 5e-324, inf  # that is, above 0
MOSTLY = 0.9  # of the rows


@dataclass(frozen=True)
class Activity:
    """The outputs of a layer's units: ``outputs[r][u]`` is that of unit u for row r.

    An output is flat where the slope of the activation is below 10 % of its steepest: of relu the
    zeros, of tanh, sigmoid and softsign both ends. Fractions are nan for those nowhere flat."""

    activation: str
    outputs: list[list[float]]

    @property
    def flat(self) -> float:
        """The fraction of outputs at which the activation is flat."""
        return fmean(self.flat_rows()) if self.flat_rows() else nan

    @property
    def dead(self) -> float:
        """The fraction of units of relu that are flat on every row."""
        return fmean(x == 1 for x in self.flat_rows()) if self.activation == "relu" else nan

    @property
    def saturated(self) -> float:
        """The fraction of units of another activation that are flat on 9 rows of 10."""
        known = self.flat_rows() if self.activation != "relu" else []
        return fmean(x >= MOSTLY for x in known) if known else nan

    def flat_rows(self) -> list[float]:
        """For each unit, the fraction of rows for which its output is flat."""
        if self.activation not in STEEP:
            return []
        low, high = STEEP[self.activation]
        units = zip(*self.outputs, strict=True)
        return [fmean(y < low or y > high for y in unit) for unit in units]


def layers(model: Module) -> dict[str, Module]:
    """The layers of a model by name: its ``Layer``s, or the innermost modules with parameters."""
    if not isinstance(model, Module):
        need = "the layers of a model need an nn.Module"
        raise TypeError(f"{need}, got {type_name(model)}: derive it from that")
    found, covered = list[Module](), set[int]()
    for module in model.modules():
        inner = [m for m in module.modules() if m is not module and m.parameters()]
        whole = isinstance(module, Layer) or all(isinstance(m, Neuron) for m in inner)
        if id(module) not in covered and whole and module.parameters():
            found.append(module)
            covered |= {id(m) for m in module.modules()}
    return {f"layer {k}: {_described(module)}": module for k, module in enumerate(found, 1)}


def _described(module: Module) -> str:
    if isinstance(module, Layer):
        return f"{len(module.neurons)} {_activation(module)}"
    return type(module).__name__


def _activation(module: Module) -> str:
    """The name of the activation of a layer's neurons, if they have the same one."""
    used = {m.activation for m in module.modules() if isinstance(m, Neuron)}
    names = {x if isinstance(x, str) else getattr(x, "__name__", "") for x in used}
    return names.pop() if len(names) == 1 else ""


def layer_weights(model: Module) -> dict[str, list[float]]:
    """The weights, without the biases, of each layer that has some."""
    found = {name: [w.data for w in layer.weights()] for name, layer in layers(model).items()}
    if not any(found.values()):
        raise ValueError(f"a histogram of weights needs a model with some, got {model!r}")
    return {name: weights for name, weights in found.items() if weights}


def activity(model: Module, rows: Sequence[Sequence[float]]) -> dict[str, Activity]:
    """The outputs of each layer for rows, in the order in which rows meet them, without dropout."""
    names = layers(model)
    check_in_features(model, len(rows[0]))
    # a copy with the same parameters, and with layers that note what they return
    copy: Any = deepcopy(model, {id(p): p for p in model.parameters()})
    noted: list[tuple[str, list[Any]]] = []
    for name, layer in layers(copy).items():
        layer.__class__ = _noting(type(layer), name, noted)

    def outputs(row: Any) -> list[Any]:
        noted.clear()
        copy(row)
        return [x for _, output in noted for x in output]

    with no_grad():
        outputs(rows[0])
    met = [(name, len(output)) for name, output in noted]
    if sorted(name for name, _ in met) != sorted(names):
        need = f"activations need a model that calls each of its {len(names)} layers once"
        raise ValueError(f"{need}, got {len(met)} outputs")
    columns = iter(zip(*batch_outputs(outputs, rows), strict=True))
    found = {}
    for name, width in met:
        part = [list(map(float, row)) for row in zip(*islice(columns, width), strict=True)]
        found[name] = Activity(_activation(names[name]), part)
    return found


def _noting(kind: type, name: str, noted: list[tuple[str, list[Any]]]) -> type:
    class Noting(kind):  # type: ignore[misc]
        def __call__(self, *args: Any, **named: Any) -> Any:
            output = super().__call__(*args, **named)
            noted.append((name, list(output) if isinstance(output, (list, tuple)) else [output]))
            return output

    return Noting


def bias_gradients(model: Any, data: Dataset, loss: Any) -> dict[str, list[list[float]]]:
    """For each ``Layer``, row by row, the gradient of that row's loss by the units' biases."""
    named = {name: part for name, part in layers(model).items() if isinstance(part, Layer)}
    biases = {name: [neuron.b for neuron in layer.neurons] for name, layer in named.items()}
    found: dict[str, list[list[float]]] = {name: [] for name in named}
    with unchanged(model):
        for row, target in data:
            for b in chain(*biases.values()):
                b.zero_grad()
            loss([model(row)], [target]).backward()
            for name, of in biases.items():
                found[name].append([b.grad for b in of])
    return found
