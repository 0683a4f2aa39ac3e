"""Identity: what makes it this run and no other, in words that are the same in every process."""

from functools import partial
from hashlib import sha256
from typing import Any

from nn.data.dataset import Dataset
from nn.optim import Optimizer

__all__ = ["described", "fingerprint", "identity"]

PLAIN = (bool, int, float, complex, str, bytes, type(None))


def identity(run: Any) -> dict[str, str]:
    """How a Trainer was made, without its first parameters and its engine.

    >>> from nn import MLP, Training, moons
    >>> identity(Training(MLP(2, [4, 2]), moons(40), batch_size=8))["batch size"]
    '8'
    """
    return {
        "model": described(run.model),
        "training part": fingerprint(run.data),
        "validation part": fingerprint(run.validation),
        "batch size": str(run.batch_size),
        "seed": str(run.seed),
        **{name: described(getattr(run, name)) for name in ("loss", "optimizer", "penalty")},
    }


def described(x: Any) -> str:
    """A model or an option in words: a function by its name, an object by its repr, or else by its
    class and the numbers and texts that it holds.

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
    if f"0x{id(x):x}" not in (text := repr(x)):
        return text
    plain = {name: y for name, y in getattr(x, "__dict__", {}).items() if isinstance(y, PLAIN)}
    return _call(type(x).__qualname__, (), plain)  # an address is another one in each process


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
    words = [f"{option}={described(x)}" for option, x in named.items()]
    return f"{name}({', '.join([*map(described, positional), *words])})"
