"""Identity: what makes it this run and no other, in words that are the same in every process."""

import re
from hashlib import sha256
from typing import Any

from nn.data.dataset import Dataset
from nn.optim import Optimizer

__all__ = ["fingerprint", "identity"]


def identity(run: Any) -> dict[str, str]:
    """How a Trainer was made, without its first parameters and its engine."""
    options = {name: getattr(run, name) for name in ("model", "loss", "optimizer", "penalty")}
    return {
        **{name: _described(x) for name, x in options.items()},
        "training part": fingerprint(run.data),
        "validation part": fingerprint(run.validation),
        "batch size": str(run.batch_size),
        "seed": str(run.seed),
    }


def fingerprint(data: Dataset | None) -> str:
    """A few letters that change with any number in the rows."""
    if data is None:
        return "none"
    digest = sha256()
    for row, target in data:
        digest.update(repr((row, target)).encode())
    return f"{len(data)} rows with the fingerprint {digest.hexdigest()[:16]}"


def _described(x: Any) -> str:
    """Its repr without addresses; of an optimiser with all digits of its settings."""
    text = f"{type(x).__name__}: {x.settings()!r}" if isinstance(x, Optimizer) else repr(x)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)
