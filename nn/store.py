"""Models in files: JSON that a person can read, exact to the last bit, and safe to open, whoever wrote it.

A file holds one object: ``format`` ("glassgrad model"), ``version`` (1), ``model`` (the name of its class),
``settings`` (of an MLP: what it is made with) and ``parameters``: a number for each name that the model's
``named_parameters`` gives. Numbers are written as Python's repr, the shortest text that gives the same float. Nothing
in a file is ever executed.
"""

import json
import os
import secrets
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from nn.layers import ACTIVATIONS, MLP
from nn.module import Module

__all__ = [
    "LIMIT",
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

LIMIT = 100_000_000  # bytes of a file that is read at all
VERSION = 1

M = TypeVar("M", bound=Module)
PathLike = str | os.PathLike[str]


class StoreError(ValueError):
    """A file that cannot be written, or read as what it should be: the sentence says what was needed and what came.

    >>> raise StoreError("moons.json: needs JSON, got a damaged file; save it again")
    Traceback (most recent call last):
    nn.store.StoreError: moons.json: needs JSON, got a damaged file; save it again
    """


def save(model: Module, path: PathLike) -> None:
    """Write the model's parameters, and for an MLP all that it takes to build it again, beside and then into place.

    Raises StoreError, and leaves what was there, if a parameter is not finite or the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> model = MLP(2, [3, 1], activation="tanh", seed=0)
    >>> with TemporaryDirectory() as folder:
    ...     save(model, Path(folder, "model.json"))
    ...     again = load(Path(folder, "model.json"))
    >>> again, again([1.0, 2.0]).data == model([1.0, 2.0]).data
    (MLP(2, [3, 1], activation='tanh', output='linear'): 13 parameters, True)
    """
    write_document(path, "model", contents(model), indent=1)


def load(path: PathLike, model: Module | None = None) -> Any:
    """The MLP in a file that ``save`` wrote; or a model of any class, filled with the parameters in the file.

    A file that is damaged, foreign, too large or of another shape raises StoreError, and the model stays as it was.

    >>> load("no such file")
    Traceback (most recent call last):
    nn.store.StoreError: no such file: needs an existing file, got none; check the path
    """
    return filled(read_document(path, "model"), os.fspath(path), model)


def contents(model: Module) -> dict[str, Any]:
    """What a file says of a model: its class, its settings if it is an MLP, and its parameters by name.

    >>> contents(MLP(1, [1], init="zeros"))["parameters"]
    {'layers.0.neurons.0.w.0': 0.0, 'layers.0.neurons.0.b': 0.0}
    """
    parameters = {name: p.data for name, p in model.named_parameters()}
    for name, x in parameters.items():
        if not isfinite(x):
            raise StoreError(
                f"save needs finite parameters, got {x} for {name}: train the model again with a smaller learning rate"
            )
    settings = _settings(model)
    kind = {"model": type(model).__name__, "settings": settings} if settings else {"model": type(model).__name__}
    return {**kind, "parameters": parameters}


def filled(content: Mapping[str, Any], name: str, model: Module | None = None) -> Any:
    """The MLP that ``contents`` told of, or a model of any class with those parameters; name is the file's.

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
        raise TypeError(f"load needs a Module to fill, got a {type(model).__name__}: leave it out for an MLP")
    parameters = dict(model.named_parameters())
    if data.keys() != parameters.keys():
        strange = [n for n in data if n not in parameters] or [n for n in parameters if n not in data]
        raise StoreError(
            f"{name}: needs the parameters of {model!r}, got {len(data)}, and only one of both has "
            f"{_short(strange[0])}; pass a model of the shape that was saved"
        )
    for parameter, x in data.items():
        parameters[parameter].data = x
    return model


def write_document(path: PathLike, kind: str, content: Mapping[str, Any], *, indent: int | None = None) -> None:
    """Write an object as JSON, headed by its format and version: first into a new file beside, then into place.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_document(Path(folder, "it.json"), "example", {"numbers": [0.1]})
    ...     read_document(Path(folder, "it.json"), "example")
    {'format': 'glassgrad example', 'version': 1, 'numbers': [0.1]}
    """
    text = json.dumps({"format": f"glassgrad {kind}", "version": VERSION, **content}, allow_nan=False, indent=indent)
    write_text(path, text + "\n")


def write_text(path: PathLike, text: str) -> None:
    """Write a text as UTF-8, first into a new file beside, then into place; what was there stays until then.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_text(Path(folder, "it.txt"), "a, b\\n")
    ...     os.listdir(folder)
    ['it.txt']
    """
    name = os.fspath(path)
    place = Path(os.path.realpath(name))  # of a link, the file that it stands for
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, place)
    except OSError as error:
        raise StoreError(
            f"{name}: needs a place that can be written, got '{error.strerror}'; check the folder and its permissions"
        ) from None
    finally:
        beside.unlink(missing_ok=True)


def read_document(path: PathLike, kind: str) -> dict[str, Any]:
    """The object that ``write_document`` wrote; anything else raises StoreError.

    >>> read_document(os.curdir, "model")
    Traceback (most recent call last):
    nn.store.StoreError: .: needs a file, got a folder; name a file in it
    """
    name = os.fspath(path)
    if not os.path.exists(name):
        raise StoreError(f"{name}: needs an existing file, got none; check the path")
    if not os.path.isfile(name):
        kind_of_place = "a folder; name a file in it" if os.path.isdir(name) else "a device or pipe; copy it into one"
        raise StoreError(f"{name}: needs a file, got {kind_of_place}")
    try:
        with open(name, "rb") as file:
            text = file.read(LIMIT + 1)
    except OSError as error:
        raise StoreError(
            f"{name}: needs a file that can be read, got '{error.strerror}'; check its permissions"
        ) from None
    if len(text) > LIMIT:
        raise StoreError(f"{name}: needs a file of at most {LIMIT} bytes, got more; is it the right one?")
    try:
        content = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise damaged(name, str(error) or type(error).__name__) from None
    came = content.get("format") if isinstance(content, dict) else None
    if came != f"glassgrad {kind}":
        what = f'"{_short(came)}"' if isinstance(came, str) else "JSON of another kind"
        raise StoreError(f'{name}: needs the format "glassgrad {kind}", got {what}; check the path')
    if content.get("version") != VERSION:
        raise StoreError(
            f"{name}: needs version {VERSION} of the format, got {_short(content.get('version'))}; "
            "read it with the glassgrad that wrote it, or a newer one"
        )
    return content  # type: ignore[no-any-return]


def damaged(name: str, what: str) -> StoreError:
    """The StoreError for a file that is not as it was written.

    >>> print(damaged("moons.json", "no parameters"))
    moons.json: needs a whole file as it was written, got a damaged one (no parameters); save it again
    """
    return StoreError(
        f"{name}: needs a whole file as it was written, got a damaged one ({_short(what, 100)}); save it again"
    )


def _short(x: Any, length: int = 40) -> str:
    """One line of it, whatever a file holds."""
    return " ".join(str(x).split())[:length]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


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
    if not {first.activation, last.activation} <= ACTIVATIONS.keys():  # functions have no name that load could trust
        return None
    if kinds != [{first.activation}] * (len(sizes) - 1) + [{last.activation}]:
        return None
    settings = {"nin": len(first.w), "nouts": sizes, "activation": first.activation, "output": last.activation}
    return settings | {"dropout": model.dropout.rate if model.dropout else 0.0}


def _built(name: str, content: Mapping[str, Any], count: int) -> MLP:
    """The MLP of the settings, once it is certain that it is as large as its parameters are many."""
    settings = content.get("settings")
    if settings is None:
        kind = _short(content.get("model"))
        raise StoreError(
            f"{name}: needs a model to fill, got none, and it holds a {kind}; write load(path, {kind}(...))"
        )
    try:
        nin, nouts, dropout = settings["nin"], settings["nouts"], settings["dropout"]
        whole = all(type(n) is int and n > 0 for n in [nin, *nouts])
        known = {settings["activation"], settings["output"]} <= ACTIVATIONS.keys()
        right = whole and known and type(dropout) in (int, float) and 0 <= dropout < 1
        if not right or sum((n + 1) * m for n, m in zip([nin, *nouts], nouts, strict=False)) != count:
            raise ValueError
        return MLP(nin, list(nouts), settings["activation"], settings["output"], init="zeros", dropout=dropout)
    except (KeyError, TypeError, ValueError):
        raise damaged(name, "settings that are not those of its parameters") from None
