"""The field's own problems: what GradBench (github.com/gradbench/gradbench) asks of tools that
differentiate, defined anew in autograd's functions: ``python -m tests.benchmarks.field``.

Each module is a problem: its definition; ``SIZES``, growing; ``data(**size)``, arrays drawn from a
seed; ``ours(data)``, which records and gives a function that computes the derivative asked for;
and, for most, ``by_hand(data)``, the same derivative as one would write it in NumPy."""

from importlib import import_module
from typing import Any

PROBLEMS = [
    "ba",
    "det",
    "gmm",
    "hello",
    "ht",
    "kmeans",
    "llsq",
    "lse",
    "lstm",
    "ode",
    "particle",
    "saddle",
]


def problem(name: str) -> Any:
    """The module of a problem."""
    return import_module(f"tests.benchmarks.field.{name}")
