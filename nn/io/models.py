"""Models in files: JSON that a person can read, exact to the last bit, and safe to open, whoever
wrote it.

A file holds one object: ``format`` ("glassgrad model"), ``version`` (1), ``digest`` (the SHA-256 of
the rest; who changes a file by hand leaves it out), ``model`` (the name of its class), ``settings``
(of an MLP: what it is made with) and ``parameters``: a number for each name that the model's
``named_parameters`` gives. Numbers are written as Python's repr, the shortest text that gives the
same float. Nothing in a file is ever executed."""

import os
import warnings
from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeVar

from nn.checks import type_name
from nn.io.json_file import (
    PathLike,
    StoreError,
    damaged,
    read_document,
    short,
    verified,
    write_document,
    write_text,
)
from nn.layers import ACTIVATIONS, MLP
from nn.module import Module

__all__ = [
    "PathLike",
    "StoreError",
    "contents",
    "damaged",
    "filled",
    "load",
    "read_document",
    "save",
    "write_document",
    "write_text",
]

M = TypeVar("M", bound=Module)


def save(model: Module, path: PathLike) -> None:
    """Write the model's parameters, and for an MLP all that it takes to build it again, beside and
    then into place.

    Raises StoreError, and leaves what was there, if a parameter is not finite or the file cannot be
    written. A file cannot hold a function: of an MLP with an activation of your own a warning says
    how to load it.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> model = MLP(2, [3, 1], activation="tanh", seed=0)
    >>> with TemporaryDirectory() as folder:
    ...     save(model, Path(folder, "model.json"))
    ...     again = load(Path(folder, "model.json"))
    >>> again, again([1.0, 2.0]).data == model([1.0, 2.0]).data
    (MLP(2, [3, 1], activation='tanh', output='linear'): 13 parameters, True)
    """
    write_document(path, "model", contents(model), indent=1)
    if type(model) is MLP and not _settings(model):
        warnings.warn(
            f"save needs an MLP as it was made, its activations by name, to keep all of it, got {model!r}: its "
            "parameters are saved, and load(path, model) fills one that you make in the same way",
            stacklevel=2,
        )


def load(path: PathLike, model: Module | None = None) -> Any:
    """The MLP in a file that ``save`` wrote; or a model of any class, filled with the parameters in
    the file.

    A file that is damaged, foreign, too large or of another shape raises StoreError, and the model
    stays as it was.

    >>> load("no such file")
    Traceback (most recent call last):
    nn.io.models.StoreError: no such file: needs an existing file, got none; check the path
    """
    return filled(read_document(path, "model"), os.fspath(path), model)


def contents(model: Module) -> dict[str, Any]:
    """What a file says of a model: its class, its settings if it is an MLP, and its parameters by
    name.

    >>> contents(MLP(1, [1], init="zeros"))["parameters"]
    {'layers.0.neurons.0.w.0': 0.0, 'layers.0.neurons.0.b': 0.0}
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"save needs a Module, got {type_name(model)}: derive the model from nn.Module"
        )
    named = list(model.named_parameters())
    parameters = {name: p.data for name, p in named}
    if len(parameters) < len(named):
        twice = next(
            name for name, count in Counter(name for name, _ in named).items() if count > 1
        )
        raise StoreError(
            f"save needs a name for each parameter, got {twice} for two of them: rename an attribute"
        )
    for name, x in parameters.items():
        if not isfinite(x):
            raise StoreError(
                f"save needs finite parameters, got {x} for {name}: train the model again with a smaller learning rate"
            )
    settings = _settings(model)
    kind = (
        {"model": type(model).__name__, "settings": settings}
        if settings
        else {"model": type(model).__name__}
    )
    return {**kind, "parameters": parameters}


def filled(content: Mapping[str, Any], name: str, model: Module | None = None) -> Any:
    """The MLP that ``contents`` told of, or a model of any class with those parameters; name is the
    file's.

    >>> filled(contents(MLP(2, [3, 1])), "model.json")
    MLP(2, [3, 1], activation='relu', output='linear'): 13 parameters
    """
    found = content.get("parameters")
    if not isinstance(found, dict):
        raise damaged(name, "no parameters")
    data = {parameter: _number(name, parameter, x) for parameter, x in found.items()}
    if model is None:
        model = _built(name, content, len(data))
    elif not isinstance(model, Module):
        raise TypeError(
            f"load needs a Module to fill, got {type_name(model)}: leave it out for an MLP"
        )
    parameters = dict(model.named_parameters())
    if data.keys() != parameters.keys():
        strange = [n for n in data if n not in parameters] or [
            n for n in parameters if n not in data
        ]
        raise StoreError(
            f"{name}: needs the parameters of {model!r}, got {len(data)}, and only one of both has "
            f"{short(strange[0])}; pass a model of the shape that was saved"
        )
    _of_its_kind(name, content, model)
    verified(name, content)
    for parameter, x in data.items():
        parameters[parameter].data = x
    return model


def _of_its_kind(name: str, content: Mapping[str, Any], model: Module) -> None:
    """Raise a StoreError if the file's model computes something else than this one with the same
    parameters.
    """
    mine, theirs = _settings(model), content.get("settings")
    pairs = {"class": (type(model).__name__, content.get("model"))}
    if mine and isinstance(theirs, dict):  # else one was changed by hand, and nothing is known
        pairs |= {what: (mine[what], theirs.get(what)) for what in ("activation", "output")}
    for what, (need, came) in pairs.items():
        if need != came and not (what == "activation" and mine and len(mine["nouts"]) == 1):
            raise StoreError(
                f"{name}: needs a model of the {what} {need}, got one of {short(came)}; "
                "make the model as it was when it was saved"
            )


def _number(name: str, parameter: str, x: Any) -> float:
    try:
        if isinstance(x, (int, float)) and not isinstance(x, bool) and isfinite(number := float(x)):
            return number
    except OverflowError:
        pass
    raise damaged(name, f"{str(x)[:20]} as the number of {parameter}")


def _settings(model: Module) -> dict[str, Any] | None:
    """What builds this very MLP; None for other models, and for one that was changed by hand."""
    if type(model) is not MLP:
        return None
    sizes = [len(layer.neurons) for layer in model.layers]
    first, last = model.layers[0].neurons[0], model.layers[-1].neurons[0]
    kinds = [{neuron.activation for neuron in layer.neurons} for layer in model.layers]
    if (
        not {first.activation, last.activation} <= ACTIVATIONS.keys()
    ):  # functions have no name that load could trust
        return None
    if kinds != [{first.activation}] * (len(sizes) - 1) + [{last.activation}]:
        return None
    settings = {
        "nin": len(first.w),
        "nouts": sizes,
        "activation": first.activation,
        "output": last.activation,
    }
    return settings | {"dropout": model.dropout.rate if model.dropout else 0.0}


def _built(name: str, content: Mapping[str, Any], count: int) -> MLP:
    """The MLP of the settings, once it is certain that it is as large as its parameters are many."""
    settings = content.get("settings")
    if settings is None:
        kind = short(content.get("model"))
        raise StoreError(
            f"{name}: needs a model to fill, got none, and it holds a {kind}; write load(path, {kind}(...))"
        )
    try:
        nin, nouts, dropout = settings["nin"], settings["nouts"], settings["dropout"]
        whole = all(type(n) is int and n > 0 for n in [nin, *nouts])
        known = {settings["activation"], settings["output"]} <= ACTIVATIONS.keys()
        right = whole and known and type(dropout) in (int, float) and 0 <= dropout < 1
        if (
            not right
            or sum((n + 1) * m for n, m in zip([nin, *nouts], nouts, strict=False)) != count
        ):
            raise ValueError
        return MLP(
            nin,
            list(nouts),
            settings["activation"],
            settings["output"],
            init="zeros",
            dropout=dropout,
        )
    except (KeyError, TypeError, ValueError):
        raise damaged(name, "settings that are not those of its parameters") from None
