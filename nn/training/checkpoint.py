"""Checkpoints: all that a run needs to go on, in another process, as if it had never stopped."""

import os
import re
import time
from dataclasses import astuple, replace
from hashlib import sha256
from math import inf, isfinite
from random import Random
from typing import Any

from nn.checks import file_name, type_name, warn
from nn.data.dataset import Dataset
from nn.data.stream import Stream
from nn.io.json_file import LIMIT, PathLike, StoreError, read_json, write_json, write_text
from nn.module import generators
from nn.optim import Optimizer, by_parameter
from nn.training.callbacks import Callback
from nn.training.history import Epoch

__all__ = ["Checkpoint", "Unsaved"]


class Unsaved(RuntimeWarning):
    """A checkpoint could not be written; the run goes on without it."""


class Checkpoint(Callback):
    """Goes on from a file, if it is there, and writes it each epoch: ``train(checkpoint=path)``.

    every: at most once in so many seconds, and at the end. Kept are the parameters, the optimiser's
    state, the model's own ``random.Random`` attributes, the history and the best epoch. A file of a
    run with other data, options or first parameters raises a StoreError."""

    def __init__(self, path: PathLike, every: float = 0.0) -> None:
        self.path: PathLike = file_name(path)
        self.every = every
        self.identity: dict[str, str] = {}
        self.due, self.unwritten = -inf, dict[str, Any]()

    def on_train_begin(self, trainer: Any) -> None:
        if self.identity:  # the run goes on, or was resumed already
            return
        if not isinstance(trainer.optimizer, Optimizer):
            need = "a checkpoint needs an optimiser made from nn.Optimizer, which keeps its state"
            raise TypeError(f"{need}, got {type_name(trainer.optimizer)}")
        if isinstance(trainer.data, Stream) and trainer.data.is_once:
            need = "a checkpoint needs batches that can be repeated in each epoch"
            cure = "pass a function that returns an iterator"
            raise TypeError(f"{need}, got an iterator, which gives them once: {cure}")
        write_text(self.path, "", dry_run=True)
        self.resume(trainer)

    def on_epoch_end(self, trainer: Any, epoch: Epoch) -> None:
        self.unwritten = self._content(trainer)
        if time.monotonic() >= self.due:
            self.on_train_end(trainer)

    def on_train_end(self, trainer: Any) -> None:
        content, self.unwritten, began = self.unwritten, {}, time.monotonic()
        try:
            if content:
                write_json(self.path, "checkpoint", _as_json(content))
                now = time.monotonic()
                # a tenth of the time at most, where it need not be after each epoch
                self.due = now + max(self.every, 9 * (now - began)) if self.every else now
        except (StoreError, TypeError) as error:  # a full disk is no reason to lose the run
            warn(f"training continues without a checkpoint: {error}", Unsaved)

    def resume(self, trainer: Any) -> None:
        """Bring a run that has not begun to where the file was written, if there is one."""
        trainer.prepare()
        mine = identity(trainer)  # before anything has changed
        if os.path.exists(self.path):
            _read(trainer, os.fspath(self.path), mine)
        self.identity = mine

    def _content(self, trainer: Any) -> dict[str, Any]:
        """A run as it is between two epochs."""
        parameters, optimizer = trainer.parameters, trainer.optimizer
        of, columns = optimizer.columns or (None, ())  # arrays, which no step changes
        states = [] if of is parameters else [optimizer.state.get(p, ()) for p in parameters]
        return {
            "identity": self.identity | {"engine": _engine(trainer)},
            "parameters": [p.data for p in parameters],
            "initial": trainer.config.initial,
            "best": trainer.best,
            "steps": optimizer.steps,
            "state": (states, columns),
            "generators": [rng.getstate() for rng in [trainer.rng, *generators(trainer.model)]],
            "history": [*trainer.history],
        }


def _as_json(content: dict[str, Any]) -> dict[str, Any]:
    """A run's content as it is written."""
    (states, columns), best = content["state"], content["best"]
    kept = zip(content["parameters"], states or by_parameter(columns), strict=False)
    history = [list(map(_written, astuple(epoch))) for epoch in content["history"]]
    state = [list(map(_written, numbers)) for _, numbers in kept]
    best = best if best is None else list(map(float, best))  # of an array, too
    return content | {"state": state, "history": history, "best": best}


def identity(run: Any) -> dict[str, str]:
    """How a Trainer was made, without its first parameters and its engine."""
    names = ("model", "loss", "optimizer", "penalty")
    return {name: _described(getattr(run, name)) for name in names} | {
        "training part": fingerprint(run.data),
        "validation part": fingerprint(run.validation),
        "batch size": str(run.batch_size),
        "seed": str(run.seed),
    }


def fingerprint(data: Dataset | Stream | None) -> str:
    """A few letters that change with any number in the rows; of a stream in its first batch."""
    if data is None:
        return "none"
    if isinstance(data, Stream):
        return f"a stream of {data.title or 'batches'} that begins with {fingerprint(data.first)}"
    digest = sha256()
    for row in data:
        digest.update(repr(row).encode())
    return f"{len(data)} rows with the fingerprint {digest.hexdigest()[:16]}"


def _described(x: Any) -> str:
    """Its repr without addresses; of an optimiser with all digits of its settings."""
    text = f"{type(x).__name__}: {x.settings()!r}" if isinstance(x, Optimizer) else repr(x)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _read(trainer: Any, name: str, mine: dict[str, str]) -> None:
    """Bring a run to where the checkpoint was written; everything is checked first."""
    own, count = [trainer.rng, *generators(trainer.model)], len(trainer.parameters)
    # what was kept of a parameter takes about 200 bytes, and an epoch as many
    content = read_json(name, "checkpoint", LIMIT + 400 * (count + trainer.epochs))
    theirs = content["identity"] if isinstance(content.get("identity"), dict) else {}
    for what, wanted in mine.items():
        if theirs.get(what) != wanted:
            raise _of_another_run(name, f"{what} is", wanted, theirs.get(what))
    try:
        parts = [content[part] or () for part in ("parameters", "initial", "best")]
        data, initial, best = (list(map(_number, part)) for part in parts)
        steps, draws = int(content["steps"]), [Random() for _ in own]
        numbers = [list(map(_number, state)) for state in content["state"]]
        states = dict(zip(trainer.parameters, numbers, strict=True))
        for rng, (version, state, gauss) in zip(draws, content["generators"], strict=True):
            rng.setstate((version, tuple(state), gauss))
        history = [Epoch(k, *map(float, figures)) for k, *figures in content["history"]]
        if steps < 0 or {len(data), len(initial), len(best or data)} != {count}:
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        need = f"{name}: needs a whole checkpoint"
        raise StoreError(f"{need}, got a damaged one; remove the file to start again") from None
    now = [p.data for p in trainer.parameters]
    if now not in (initial, data, best):  # as it began, as it was left, or with the best of it
        shown = (", ".join(f"{x:.4g}" for x in numbers[:3]) for numbers in (now, initial))
        raise _of_another_run(name, "first parameters are", *shown)
    if (came := len(history)) > trainer.epochs:
        need = f"{name}: needs a checkpoint of at most {trainer.epochs} epochs, as asked for"
        raise StoreError(f"{need}, got one of {came}; ask for as many, or give it another path")
    engine = str(theirs.get("engine"))
    if trainer.engine == "auto":
        trainer.history.engine = trainer.backend.follow(engine)
    if (runs := _engine(trainer)) != engine:
        warn(f"{name}: what {engine} began, {runs} resumes: the numbers agree up to rounding")
    optimizer = trainer.optimizer
    for (p, kept), x in zip(states.items(), data, strict=True):
        p.data = x
        optimizer.state.pop(p, None)
        if kept:
            optimizer.state[p] = kept
    optimizer.steps = steps
    for rng, then in zip(own, draws, strict=True):
        rng.setstate(then.getstate())
    trainer.history[:] = history
    trainer.history.config = trainer.config = replace(trainer.config, initial=tuple(initial))
    trainer.best = best or None


def _of_another_run(name: str, what: str, wanted: str, came: Any) -> StoreError:
    need, remedy = f"a checkpoint of this run, whose {what} {wanted}", "or remove the file"
    came = f"one with {str(came)[:100]}"
    return StoreError.at(name, need, came, f"give it another path, {remedy} to start again")


def _engine(trainer: Any) -> str:
    return str(trainer.history.engine.partition(", because")[0])


def _written(x: Any) -> Any:
    """A number as JSON has it: as it is, and as a word if it is nan or infinite."""
    return str(x) if isinstance(x, float) and not isfinite(x) else x


def _number(x: Any) -> Any:
    """What ``_written`` wrote."""
    if x in ("nan", "inf", "-inf"):
        return float(x)
    if not isinstance(x, (bool, int, float)):
        raise ValueError
    return x
