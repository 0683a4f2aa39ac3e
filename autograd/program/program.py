"""Program: a recorded function, replayed over batches of samples."""

import math
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from autograd.program.arguments import Argument, Array, Batch, batch_of, built, summed_to
from autograd.program.fold import fold
from autograd.program.numpy_source import layout_of, printed
from autograd.program.steps import Steps
from autograd.value import RECORD, Value

__all__ = ["Program"]

_number_of = attrgetter("data")


class Program:
    """A recorded function: call it with numbers or arrays of samples, or ask for values and grads together."""

    def __init__(
        self, f: Callable[..., Any], arguments: list[Argument], steps: Steps, result: Any, engine: str = "auto"
    ) -> None:
        self.name = "f" if getattr(f, "__name__", "<lambda>") == "<lambda>" else f.__name__
        self.arguments, self.steps, self.result = arguments, steps, result
        self.folded = fold(steps)
        self.layout = layout_of(self.folded, {argument.name: argument.size for argument in arguments})
        self._functions: dict[str, Any] = {}

    def function(self, wrt: str) -> tuple[str, Any]:
        if wrt not in self._functions:
            self._functions[wrt] = printed(self.layout, self.name, wrt)
        return self._functions[wrt]
