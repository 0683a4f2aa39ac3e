"""Identity: what makes it this run and no other, in words that are the same in every process."""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from types import CodeType
from typing import Any

from nn.data.dataset import Dataset
from nn.module import Module, modules_in
from nn.optim import Optimizer

__all__ = ["described", "fingerprint", "identity"]

OURS = ("autograd", "nn")  # whose functions are known by their names
PLAIN = (bool, int, float, complex, str, bytes, type(None))


def identity(run: Any) -> dict[str, str]:
    """How a Training was made, without its first parameters and its engine.

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
    """An option of a run in words; of a function that is not ours they change with its code, and
    with the numbers and words that it closes over: lists and dicts do not count, since they may
    grow as a run goes.

    >>> from nn import SGD, cross_entropy
    >>> described(partial(cross_entropy, label_smoothing=0.1)), described(SGD(0.1))
    ('cross_entropy(label_smoothing=0.1)', 'SGD(learning_rate=0.1, momentum=0.0)')
    """
    if isinstance(x, partial):
        return _call(described(x.func), x.args, x.keywords)
    if isinstance(x, Optimizer):
        return _call(type(x).__name__, (), x.settings())
    if hasattr(x, "__qualname__"):
        name = str(x.__qualname__)
        return f"{name} of the code {_digest(*_code(x))}" if _foreign(x) else name
    text = repr(x)
    if f"0x{id(x):x}" in text:  # an address is another one in each process
        text = type(x).__qualname__
        attributes = _plain_items(vars(x).items()) if hasattr(x, "__dict__") else []
        text += f"({', '.join(attributes)})" if attributes else ""
    return f"{text} with the functions {_digest(*inner)}" if (inner := list(_inner(x))) else text


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


def _inner(model: Any) -> Iterator[str]:
    """What the modules of a model hold, beside parameters, that its repr does not tell:
    activations, and constants.
    """
    if not isinstance(model, Module):
        return
    seen: set[str] = set()
    for module in modules_in(model):
        items = vars(module).items()
        words = [described(f) for _, f in items if _foreign(f)]
        if module is not model and type(module).__module__.partition(".")[0] not in OURS:
            words += _plain_items(items)
        for word in words:
            if word not in seen:
                seen.add(word)
                yield word


def _foreign(f: Any) -> bool:
    """Whether it is a function of the user's."""
    return (
        hasattr(f, "__code__") and str(getattr(f, "__module__", "")).partition(".")[0] not in OURS
    )


def _code(f: Any) -> Iterator[str]:
    """What a function does: its code, and the numbers and words among its defaults, its closure and
    its globals.
    """
    yield from _instructions(f.__code__)
    yield from _plain_items(enumerate(f.__defaults__ or ()))
    yield from _plain_items((f.__kwdefaults__ or {}).items())
    used = [(name, f.__globals__[name]) for name in f.__code__.co_names if name in f.__globals__]
    cells = zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
    used += [(name, cell.cell_contents) for name, cell in cells if cell != type(cell)()]
    yield from _plain_items(used)
    for name, g in used:  # one level deep: functions may call each other in a ring
        if _foreign(g):
            yield f"{name}={' '.join(_instructions(g.__code__))}"


def _instructions(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield " ".join(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)
        else:
            yield repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)


def _plain_items(items: Any) -> list[str]:
    return [f"{name}={x!r}" for name, x in items if isinstance(x, PLAIN)]


def _digest(*words: str) -> str:
    return sha256("\n".join(words).encode()).hexdigest()[:12]


def _call(name: str, positional: tuple[Any, ...], named: dict[str, Any]) -> str:
    options = [
        *map(described, positional),
        *(f"{option}={described(x)}" for option, x in named.items()),
    ]
    return f"{name}({', '.join(options)})"
