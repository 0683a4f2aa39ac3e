"""Checkpoints: all that a run of training needs to go on, in another process, as if nothing had happened."""

import os
from collections.abc import Sequence
from dataclasses import astuple, replace
from functools import partial
from hashlib import sha256
from math import isfinite
from random import Random
from typing import Any, Protocol

from autograd import Value
from nn.dataset import Dataset
from nn.history import Epoch, History
from nn.module import Module
from nn.optim import Optimizer
from nn.regularize import Dropout
from nn.store import StoreError, read_document, write_document

__all__ = ["described", "fingerprint", "read_checkpoint", "write_checkpoint"]


class Run(Protocol):
    """What a checkpoint keeps of a run, and by what it knows one."""

    model: Any
    optimizer: Any
    parameters: list[Value]
    history: History
    rng: Random
    best: list[float] | None

    def identity(self) -> dict[str, str]: ...


def write_checkpoint(run: Run, path: str | os.PathLike[str]) -> None:
    """Keep a run as it is between two epochs: parameters, the optimiser's state, generators, history, and the best."""
    if not isinstance(run.optimizer, Optimizer):
        kind = type(run.optimizer).__name__
        raise TypeError(f"a checkpoint needs an optimiser made from nn.Optimizer, which keeps its state, got a {kind}")
    write_document(
        path,
        "checkpoint",
        {
            "identity": run.identity(),
            "parameters": [p.data for p in run.parameters],
            "initial": list(run.history.recipe.initial) if run.history.recipe else None,
            "best": run.best,
            "steps": run.optimizer.steps,
            "state": [list(run.optimizer.state.get(p, ())) for p in run.parameters],
            "generators": [rng.getstate() for rng in _generators(run)],
            "history": [[x if isfinite(x) else str(x) for x in astuple(epoch)] for epoch in run.history],
        },
    )


def read_checkpoint(run: Run, path: str | os.PathLike[str]) -> None:
    """Bring a run that was just set up to where the checkpoint was written.

    A file that is damaged, or of a run with other data or settings, raises StoreError, and nothing changes.
    """
    name, content = os.fspath(path), read_document(path, "checkpoint")
    mine, theirs = run.identity(), content.get("identity")
    for what, wanted in mine.items():
        came = theirs.get(what) if isinstance(theirs, dict) else None
        if came != wanted:
            raise StoreError(
                f"{name}: needs a checkpoint of this run, whose {what} is {wanted}, got one with {str(came)[:100]}; "
                "give it another path, or remove the file to begin anew"
            )
    generators = _generators(run)
    try:
        data, best = _floats(content["parameters"]), content["best"] and _floats(content["best"])
        initial = _floats(content.get("initial") or [p.data for p in run.parameters])
        steps, state = content["steps"], [_floats(kept, whole=True) for kept in content["state"]]
        restored = [Random() for _ in generators]
        for rng, (version, numbers, gauss) in zip(restored, content["generators"], strict=True):
            rng.setstate((version, tuple(numbers), gauss))
        history = [Epoch(int(number), *map(float, figures)) for number, *figures in content["history"]]
        if {len(data), len(state), len(best or data), len(initial)} != {len(run.parameters)} or type(steps) is not int:
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise StoreError(
            f"{name}: needs a whole checkpoint, got a damaged one; remove the file to begin anew"
        ) from None
    for p, x, kept in zip(run.parameters, data, state, strict=True):
        p.data = x
        run.optimizer.state.pop(p, None)
        if kept:
            run.optimizer.state[p] = kept
    run.optimizer.steps = steps
    for rng, now in zip(generators, restored, strict=True):
        rng.setstate(now.getstate())
    run.history[:] = history
    if run.history.recipe:
        run.history.recipe = replace(run.history.recipe, initial=tuple(initial))
    run.best = best or None


def described(x: Any) -> str:
    """An option of a run in words that are the same in every process.

    >>> from nn import SGD, cross_entropy
    >>> described(partial(cross_entropy, label_smoothing=0.1)), described(SGD(0.1))
    ('cross_entropy(label_smoothing=0.1)', 'SGD(learning_rate=0.1, momentum=0.0)')
    """
    if isinstance(x, partial):
        return _call(described(x.func), x.args, x.keywords)
    if isinstance(x, Optimizer):
        return _call(type(x).__name__, (), x.settings())
    if hasattr(x, "__qualname__"):
        return str(x.__qualname__)
    text = repr(x)
    return type(x).__qualname__ if f"0x{id(x):x}" in text else text  # an address is another one in each process


def fingerprint(data: Dataset | None) -> str:
    """A few letters that change with any number in the rows.

    >>> fingerprint(Dataset([[1.0]], [2.0])) == fingerprint(Dataset([[1.0]], [2.5]))
    False
    """
    if data is None:
        return "none"
    digest = sha256()
    for row, target in data:
        digest.update(repr((row, target)).encode())
    return f"{len(data)} rows with the fingerprint {digest.hexdigest()[:16]}"


def _call(name: str, positional: tuple[Any, ...], named: dict[str, Any]) -> str:
    options = [*map(described, positional), *(f"{option}={described(x)}" for option, x in named.items())]
    return f"{name}({', '.join(options)})"


def _generators(run: Run) -> list[Random]:
    modules = run.model.modules() if isinstance(run.model, Module) else ()
    return [run.rng, *(module.rng for module in modules if isinstance(module, Dropout))]


def _floats(numbers: Sequence[Any], whole: bool = False) -> list[float]:
    kinds = (int, float) if whole else (float,)
    if not all(type(x) in kinds and isfinite(x) for x in numbers):
        raise ValueError
    return list(numbers)
