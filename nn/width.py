"""Width: how many features a model takes, before it meets rows that have more or fewer."""

from typing import Any

from nn.layers import MLP, Layer, Neuron

__all__ = ["check_width", "width"]


def width(model: Any) -> int | None:
    """How many features a row needs for the model; None for one that does not tell before it is
    asked.

    >>> from nn import MLP
    >>> width(MLP(2, [8, 3])), width(sum)
    (2, None)
    """
    first = model.layers[0] if isinstance(model, MLP) else model
    first = first.neurons[0] if isinstance(first, Layer) else first
    return len(first.w) if isinstance(first, Neuron) else None


def check_width(model: Any, features: int) -> None:
    """Raise a ValueError if the model takes rows of another number of features than the data have.

    >>> from nn import MLP
    >>> check_width(MLP(2, [8, 3]), 4)
    Traceback (most recent call last):
    ValueError: the model takes 2 features, the data have 4: write MLP(4, ...)
    """
    takes = width(model)
    if takes not in (None, features):
        kind = type(model).__name__
        raise ValueError(
            f"the model takes {takes} feature{'s' if takes != 1 else ''}, the data have {features}: "
            f"write {kind}({features}, ...)"
        )
