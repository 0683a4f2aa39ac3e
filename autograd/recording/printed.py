"""The engine in NumPy: a module that is printed, and runs."""

import re
from collections.abc import Callable
from itertools import accumulate, pairwise
from math import isfinite
from typing import Any

import numpy as np

from autograd.recording.arrays import WORDS, definitions_in, foreign, is_word, made
from autograd.recording.batch import Array
from autograd.recording.codegen import Code
from autograd.recording.schedule import Layout, Row

__all__ = ["Printed"]

SUFFIXES = {"": "", "arguments": "_and_grad", "parameters": "_and_parameter_grad"}


class Printed:
    """A function of the values, and those of their grads by the arguments and by the parameters.

    They take the arguments as arrays of shape (numbers, samples), and p of shape (parameters, 1) if
    there are any; those of grads the seed of the reverse pass too."""

    def __init__(self, name: str, layout: Layout) -> None:
        self.name, self.layout, self.form = name, layout, layout.form
        self.foreign = foreign(group.op for group in layout.groups if isinstance(group, Row))
        self.words = WORDS | self.foreign
        # Numbers and indices, which become arrays.
        self.tables: dict[str, list[Any]] = {"c": [[x] for x in self.form.numbers.values()]}
        self.functions: dict[str, tuple[str, Callable[..., Any]]] = {}
        ends = pairwise([0, *accumulate(layout.arguments.values())])
        self.rows_of = [slice(*end) for end in ends]  # of each argument

    def function(self, wrt: str) -> tuple[str, Callable[..., Any]]:
        """The text of the one for "", "arguments" or "parameters", and itself."""
        if wrt not in self.functions:
            name = self.name + SUFFIXES[wrt]
            name += "_" * (is_word(name) or name in self.foreign)
            text = Code(self.layout, wrt, self.tables).function(name)
            for word in self.tables.keys() - self.words.keys():
                self.words[word] = np.array(self.tables[word])
            self.functions[wrt] = text, made(name, text, self.words)
        return self.functions[wrt]

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        """Whether all numbers are finite; the values, a row for each output; the grads wanted."""
        given = [x[rows] for rows in self.rows_of]
        if len(p):
            given.append(p[:, None])
        _, function = self.function(wrt)
        values, *grads = function(*given, seed) if wrt else (function(*given),)
        if values.shape[1] != x.shape[1]:
            values = np.repeat(values, x.shape[1], axis=1)
        if wrt == "arguments":
            answer: Any = np.concatenate(grads) if len(grads) > 1 else grads[0] if grads else x
        else:
            answer = grads[0][:, 0] if wrt and len(p) else p
        # A sum that overflows although its terms do not only makes for a second look.
        return isfinite(np.add.reduce(values, axis=None)), values, answer

    @property
    def source(self) -> str:
        """All functions, as a module."""
        wanted = [""]
        if len(self.form.outputs) == 1:
            wanted += ["arguments"] * bool(self.form.inputs)
            wanted += ["parameters"] * bool(self.layout.parameters)
        texts = [self.function(wrt)[0] for wrt in wanted]
        definitions = definitions_in("".join(texts))
        blocks = [text for word, text in definitions.items() if word not in self.foreign] + texts
        words = set(re.findall(r"\w+", "".join(blocks)))
        head = "import math\n" * ("math" in words) + "import numpy as np\n\n"
        if self.foreign:
            names = ", ".join(sorted(self.foreign))
            head += f"# Your own functions, on arrays, are left out: {names}.\n\n"
        tables = (
            f"{word} = np.array({self.tables[word]})\n" for word in self.tables if word in words
        )
        return "\n\n".join([head + "".join(tables), *blocks])
