"""Curvature: the largest eigenvalue of the loss' Hessian, which bounds the learning rate."""

from collections.abc import Callable
from copy import deepcopy
from math import hypot, isfinite, nan
from random import Random
from typing import Any

from autograd import GraphError, Value, hvp, jvp
from nn.data.dataset import Dataset
from nn.losses import Loss
from nn.training.backends import CannotReplay, recorded
from nn.training.checks import check_evaluation, check_penalty
from nn.training.evaluation import default_loss, outputs_and_loss
from nn.training.trainer import Penalty

__all__ = ["curvature"]

MOST_ROWS = 1000  # the mean over so many rows at random is near that of all
MOST_ROWS_EAGER = 50  # row by row each product takes milliseconds a row

Product = Callable[[list[float]], list[float]]


def curvature(
    model: Any,
    data: Dataset,
    loss: Loss | None = None,
    penalty: Penalty | None = None,
    *,
    iterations: int = 200,
    tolerance: float = 1e-4,
    rows: int = MOST_ROWS,
    seed: int = 0,
) -> float:
    """The largest eigenvalue of the Hessian of the loss on these rows (and of the penalty on the
    weights, if there is one) by the model's parameters, as they are now.

    Gradient descent on a bowl of this curvature λ comes to rest if its learning rate is below 2/λ,
    and swings ever wider above. By power iteration on Hessian-vector products, until the eigenvalue
    moves by less than the tolerance, as a share of it. More rows than ``rows`` are sampled, by the
    seed; dropout is off. nan if the loss or its derivatives are not finite. Source: Pearlmutter,
    Fast exact multiplication by the Hessian (1994); LeCun et al., Efficient BackProp (1998).

    >>> from nn import MLP, mean_squared_error
    >>> line = Dataset([[1.0], [-2.0], [3.0]], [2.0, -4.0, 6.0])
    >>> round(curvature(MLP(1, [1], seed=0), line, mean_squared_error), 3)  # of 2/N Σ (x, 1)(x, 1)ᵀ
    9.568
    """
    check_evaluation("curvature", model, data, loss)
    parameters: list[Value] = model.parameters()
    if not parameters:
        raise ValueError(f"curvature needs a model with parameters, got {model!r}")
    loss, rng = loss or default_loss(data), Random(seed)
    start = [rng.gauss(0, 1) for _ in parameters]
    try:
        product = _recorded(model, parameters, at_most(rows, data, seed), loss)
    except (CannotReplay, GraphError):
        product = _eager(model, parameters, at_most(min(rows, MOST_ROWS_EAGER), data, seed), loss)
    if penalty:
        product = _penalized(product, penalty, parameters, check_penalty(model))
    largest, size, settled = _power_iteration(product, start, iterations, tolerance)
    if not isfinite(largest) or (settled and largest >= 0):
        return largest

    # By size the most negative one comes first, or keeps its opposite in balance: shifted up by
    # that size the spectrum begins at 0, and the largest comes last.
    def shifted(v: list[float]) -> list[float]:
        return [h + size * x for h, x in zip(product(v), v, strict=True)]

    return _power_iteration(shifted, start, iterations, tolerance)[0] - size


def _recorded(model: Any, parameters: list[Value], data: Dataset, loss: Loss) -> Product:
    """By the program of the slope along a direction, whose numbers are parameters too."""
    replay = recorded(model, loss, data[:16], data.y)
    import numpy as np  # now, as ``recorded`` has found it

    from autograd import record

    direction = [Value(0.0) for _ in parameters]

    def slope(row: list[Any], target: Any) -> Any:
        def loss(moved: Any) -> Any:
            return replay.of_row(_copied(model, parameters, moved)(row), target)

        return jvp(loss, parameters, direction)[1]

    columns = replay.columns(data)
    program = record(slope, data[0][0], columns[1][0].tolist())
    place = {id(p): k for k, p in enumerate(program.parameters)}
    along = {place[id(p)]: i for i, p in enumerate(direction) if id(p) in place}
    mine = [place.get(id(p)) for p in parameters]
    at = np.array([p.data for p in program.parameters])

    def product(vector: list[float]) -> list[float]:
        for k, i in along.items():
            at[k] = vector[i]
        _, grads = program.parameter_grad(*columns, reduce=replay.reduce, at=at)
        return [0.0 if k is None else float(grads[k]) for k in mine]

    return product


def _eager(model: Any, parameters: list[Value], data: Dataset, loss: Loss) -> Product:
    def whole(moved: Any) -> Any:
        return outputs_and_loss(_copied(model, parameters, moved), loss, data)[1]

    return lambda vector: list(map(float, hvp(whole, [p.data for p in parameters], vector)))


def _penalized(
    product: Product, penalty: Penalty, parameters: list[Value], weights: list[Value]
) -> Product:
    """Hessian times vector of the loss and the penalty together."""
    place = {id(p): i for i, p in enumerate(parameters)}
    places, numbers = [place[id(w)] for w in weights], [w.data for w in weights]

    def both(vector: list[float]) -> list[float]:
        image = product(vector)
        for i, h in zip(places, hvp(penalty, numbers, [vector[i] for i in places]), strict=True):
            image[i] += float(h)
        return image

    return both


def _power_iteration(
    product: Product, vector: list[float], iterations: int, tolerance: float
) -> tuple[float, float, bool]:
    """The eigenvalue of the largest size, that size, and whether it came to rest."""
    found = size = nan
    for _ in range(iterations):
        length = hypot(*vector)
        if not length:
            return 0.0, 0.0, True  # no curvature in any direction
        vector = [x / length for x in vector]
        image = product(vector)
        before, size = found, hypot(*image)
        found = sum(x * h for x, h in zip(vector, image, strict=True))
        if not isfinite(found):
            return nan, nan, True
        # The residual bounds the distance to an eigenvalue, where two steps that are alike might
        # both be far.
        if abs(found - before) <= tolerance * abs(found) / 10:
            residual = hypot(*(h - found * x for x, h in zip(vector, image, strict=True)))
            if residual <= tolerance**0.5 * abs(found):
                return found, size, True
        vector = image
    return found, size, False


def _copied(model: Any, parameters: list[Value], moved: Any) -> Any:
    """The model with other Values in the place of its parameters."""
    return deepcopy(model, {id(p): q for p, q in zip(parameters, moved, strict=True)})


def at_most(rows: int, data: Dataset, seed: int = 0) -> Dataset:
    """The rows, or so many of them at random."""
    return data if len(data) <= rows else data.shuffled(seed)[:rows]
