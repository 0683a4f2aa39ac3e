"""Models in files: JSON that a person can read, exact to the last bit, and safe to open.

A file holds one object: ``format`` ("glassgrad model"), ``version`` (1), ``digest`` (the SHA-256 of
the rest), ``model`` (the name of its class), ``settings`` (of an MLP: what it is made with) and
``parameters``: a number for each name that the model's ``named_parameters`` gives. Numbers are
written as Python's repr, the shortest text that gives the same float."""

import warnings
from collections import Counter
from collections.abc import Mapping
from math import isfinite
from sys import float_info
from typing import Any

from nn.checks import file_name, printable, type_name
from nn.io.json_file import LIMIT, PathLike, StoreError, damaged, read_json, write_json
from nn.layers import ACTIVATIONS, MLP
from nn.module import Module

__all__ = ["StoreError", "load", "save"]


def save(model: Module, path: PathLike) -> None:
    """Write the model's parameters, and for an MLP all that it takes to build it again.

    Raises StoreError, and leaves what was there, if a parameter is not finite or the file cannot be
    written; of an MLP with an activation of your own a warning says how to load it."""
    write_json(path, "model", contents(model), indent=1)
    if type(model) is MLP and not _settings(model):
        need = "an MLP as it was made, its activations by name, to keep all of it"
        then = "its parameters are saved, and load(path, model) fills one made in the same way"
        warnings.warn(f"save needs {need}, got {model!r}: {then}", stacklevel=2)


def load(path: PathLike, model: Module | None = None, *, limit: int = LIMIT) -> Any:
    """The MLP in a file that ``save`` wrote; or a model, filled with the parameters in the file.

    A file that is damaged, foreign, larger than ``limit`` bytes or of another shape raises
    StoreError, and the model stays as it was.

    >>> load("moon")
    Traceback (most recent call last):
    nn.io.models.StoreError: moon: needs a file that can be read, got 'No such file or directory';
        check the path and its permissions
    """
    return filled(read_json(path, "model", limit), file_name(path), model)


def contents(model: Module) -> dict[str, Any]:
    """What a file holds of a model: its class, an MLP's settings, and its parameters by name."""
    if not isinstance(model, Module):
        do = "derive the model from nn.Module"
        raise TypeError(f"save needs a Module, got {type_name(model)}: {do}")
    named = list(model.named_parameters())
    ((twice, count),) = Counter(name for name, _ in named).most_common(1) or [("", 0)]
    if count > 1:
        came = f"{twice} for two of them"
        raise StoreError.of("save", "a name for each parameter", came, "rename an attribute")
    for name, p in named:
        if not isfinite(p.data):
            remedy = "train the model again with a smaller learning rate"
            raise StoreError.of("save", "finite parameters", f"{p.data} for {name}", remedy)
    settings = _settings(model)
    head = {"model": type(model).__name__} | ({"settings": settings} if settings else {})
    return head | {"parameters": {name: p.data for name, p in named}}


def filled(content: Mapping[str, Any], name: str, model: Module | None = None) -> Any:
    """The MLP of such contents, or a model with those parameters; name is that of the file."""
    found = content.get("parameters")
    if not isinstance(found, dict):
        raise damaged(name, "no parameters")
    for parameter, x in found.items():
        if type(x) not in (int, float) or not abs(x) <= float_info.max:
            raise damaged(name, f"{str(x)[:20]} as the number of {parameter}")
    if model is None:
        model = _built(name, content, len(found))
    elif not isinstance(model, Module):
        came = type_name(model)
        raise TypeError(f"load needs a Module to fill, got {came}: leave it out for an MLP")
    parameters = dict(model.named_parameters())
    if unlike := found.keys() ^ parameters.keys():
        first = next(n for n in [*found, *parameters] if n in unlike)
        came = f"{len(found)}, and only one of both has {printable(first, 40)}"
        remedy = "pass a model of the shape that was saved"
        raise StoreError.at(name, f"the parameters of {model!r}", came, remedy)
    mine, theirs = _settings(model), content.get("settings")
    pairs = {"class": (type(model).__name__, content.get("model"))}
    if mine and isinstance(theirs, dict):  # else one was changed by hand, and nothing is known
        pairs |= {what: (mine[what], theirs.get(what)) for what in ("output", "activation")}
    for what, (its, saved) in pairs.items():
        if its != saved:
            came, remedy = f"one of {printable(saved, 40)}", "make the model as it was when saved"
            raise StoreError.at(name, f"a model of the {what} {its}", came, remedy)
    for parameter, x in found.items():
        parameters[parameter].data = float(x)
    return model


def _settings(model: Module) -> dict[str, Any] | None:
    """What builds this very MLP; None for other models, and for one that was changed by hand."""
    if type(model) is not MLP:
        return None
    last = {neuron.activation for neuron in model.layers[-1].neurons}
    hidden = {n.activation for layer in model.layers[:-1] for n in layer.neurons} or last
    # functions have no name that load could trust
    if len(hidden) > 1 or len(last) > 1 or not hidden | last <= ACTIVATIONS.keys():
        return None
    return {
        "nin": model.in_features,
        "nouts": [len(layer.neurons) for layer in model.layers],
        "activation": next(iter(hidden)),
        "output": next(iter(last)),
        "dropout": model.dropout.rate if model.dropout else 0.0,
    }


def _built(name: str, content: Mapping[str, Any], count: int) -> MLP:
    """The MLP of the settings, once it is certain that it has as many parameters as the file."""
    settings = content.get("settings")
    if settings is None:
        kind = printable(content.get("model"), 40)
        came, remedy = f"none, and it holds a {kind}", f"write load(path, {kind}(...))"
        raise StoreError.at(name, "a model to fill", came, remedy)
    try:
        nin, nouts, dropout = settings["nin"], settings["nouts"], settings["dropout"]
        names = settings["activation"], settings["output"]
        whole = all(type(n) is int and n > 0 for n in [nin, *nouts])
        known = set(names) <= ACTIVATIONS.keys() and type(dropout) in (int, float)
        sizes = zip([nin, *nouts], nouts, strict=False)
        if not whole or not known or sum((n + 1) * m for n, m in sizes) != count:
            raise ValueError
        return MLP(nin, list(nouts), *names, init="zeros", dropout=dropout)
    except (KeyError, TypeError, ValueError):
        raise damaged(name, "settings that are not those of its parameters") from None
