"""Checkpoints: all that a run of training needs to go on, in another process, as if nothing had
happened.
"""

import os
from collections.abc import Sequence
from dataclasses import astuple, fields, replace
from math import isfinite
from numbers import Integral, Real
from random import Random
from typing import Any, Protocol

from autograd import Value
from nn.checks import type_name
from nn.io.json_file import StoreError, check_place, read_document, verified, write_document
from nn.module import generators
from nn.optim import Optimizer
from nn.training.fingerprint import described, fingerprint
from nn.training.history import Epoch, History

__all__ = ["Unsaved", "described", "fingerprint", "read_checkpoint", "ready", "write_checkpoint"]


class Unsaved(RuntimeWarning):
    """A checkpoint could not be written; the run goes on without it."""


class Run(Protocol):
    """What a checkpoint keeps of a run, and by what it knows one."""

    model: Any
    optimizer: Any
    parameters: list[Value]
    history: History
    rng: Random
    best: list[float] | None
    epochs: int

    def identity(self) -> dict[str, str]: ...
    def follow(self, engine: str) -> None: ...


def ready(run: Run, path: str | os.PathLike[str]) -> None:
    """Raise a TypeError or a StoreError if checkpoints of the run cannot be written there, before
    it has begun.
    """
    if not isinstance(run.optimizer, Optimizer):
        came = type_name(run.optimizer)
        raise TypeError(
            f"a checkpoint needs an optimiser made from nn.Optimizer, which keeps its state, got {came}"
        )
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f'a checkpoint needs the path of a file, got {path!r}: write checkpoint="run.json", say'
        )
    check_place(path)


def write_checkpoint(run: Run, path: str | os.PathLike[str]) -> None:
    """Keep a run as it is between two epochs: parameters, the optimiser's state, generators,
    history, and the best.
    """
    write_document(
        path,
        "checkpoint",
        {
            "identity": run.identity(),
            "parameters": [p.data for p in run.parameters],
            "initial": list(run.history.recipe.initial) if run.history.recipe else None,
            "best": run.best,
            "steps": run.optimizer.steps,
            "state": [list(map(_written, run.optimizer.state.get(p, ()))) for p in run.parameters],
            "generators": [rng.getstate() for rng in _generators(run)],
            "history": [list(map(_written, astuple(epoch))) for epoch in run.history],
        },
    )


def read_checkpoint(run: Run, path: str | os.PathLike[str]) -> None:
    """Bring a run that was just set up to where the checkpoint was written.

    A file that is damaged, or of a run with other data or settings, raises StoreError, and nothing
    changes."""
    name, content = os.fspath(path), read_document(path, "checkpoint")
    theirs = content.get("identity")
    if isinstance(theirs, dict):
        run.follow(str(theirs.get("engine")))
    mine = run.identity()
    for what, wanted in mine.items():
        came = theirs.get(what) if isinstance(theirs, dict) else None
        if came != wanted:
            raise StoreError(
                f"{name}: needs a checkpoint of this run, whose {what} is {wanted}, got one with {str(came)[:100]}; "
                "give it another path, or remove the file to begin anew"
            )
    mine_now = _generators(run)
    try:
        data, best = _floats(content["parameters"]), content["best"] and _floats(content["best"])
        initial = _floats(content["initial"])
        steps, state = content["steps"], [list(map(_read, kept)) for kept in content["state"]]
        restored = [Random() for _ in mine_now]
        for rng, (version, numbers, gauss) in zip(restored, content["generators"], strict=True):
            rng.setstate((version, tuple(numbers), gauss))
        history = [
            Epoch(int(number), *map(float, figures)) for number, *figures in content["history"]
        ]
        whole = all(len(figures) == len(fields(Epoch)) for figures in content["history"])
        if {len(data), len(state), len(best or data), len(initial)} != {
            len(run.parameters)
        } or not whole:
            raise ValueError
        if (
            type(steps) is not int
            or steps < 0
            or [epoch.number for epoch in history] != [*range(1, len(history) + 1)]
        ):
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise StoreError(
            f"{name}: needs a whole checkpoint, got a damaged one; remove the file to begin anew"
        ) from None
    now = [p.data for p in run.parameters]
    if now not in (initial, data, best):  # as it began, as it was left, or with the best of it
        raise StoreError(
            f"{name}: needs a checkpoint of this run, whose model begins with {_some(now)}, got one with "
            f"{_some(initial)}; give the model the same seed, or another path, or remove the file to begin anew"
        )
    verified(name, content)
    if len(history) > run.epochs:
        raise StoreError(
            f"{name}: needs a checkpoint of at most {run.epochs} epochs, as many as were asked for, got one of "
            f"{len(history)}; ask for as many, or give it another path"
        )
    for p, x, kept in zip(run.parameters, data, state, strict=True):
        p.data = x
        run.optimizer.state.pop(p, None)
        if kept:
            run.optimizer.state[p] = kept
    run.optimizer.steps = steps
    for rng, then in zip(mine_now, restored, strict=True):
        rng.setstate(then.getstate())
    run.history[:] = history
    if run.history.recipe:
        run.history.recipe = replace(run.history.recipe, initial=tuple(initial))
    run.best = best or None


def _generators(run: Run) -> list[Random]:
    return [run.rng, *generators(run.model)]


def _written(x: Any) -> Any:
    """A number as JSON has it: as it is, and as a word if it is nan or infinite."""
    if isinstance(x, bool) or not isinstance(x, Real):
        if isinstance(x, bool):
            return x
        raise TypeError(
            f"a checkpoint needs an optimiser that keeps numbers, got {x!r}: return floats from its move"
        )
    if isinstance(x, Integral):
        return int(x)
    return float(x) if isfinite(x) else str(float(x))


def _read(x: Any) -> Any:
    """What ``_written`` wrote."""
    if isinstance(x, str):
        if x not in ("nan", "inf", "-inf"):
            raise ValueError
        return float(x)
    if not isinstance(x, (bool, int, float)):
        raise ValueError
    return x


def _some(numbers: Sequence[float]) -> str:
    """The first few of a model's parameters, to tell it by."""
    return ", ".join(f"{x:.4g}" for x in numbers[:3]) + (", ..." if len(numbers) > 3 else "")


def _floats(numbers: Sequence[Any]) -> list[float]:
    if not all(type(x) is float and isfinite(x) for x in numbers):
        raise ValueError
    return list(numbers)
