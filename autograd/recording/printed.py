"""The engine in NumPy: a module that is printed, and runs."""

from itertools import accumulate, pairwise
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from autograd.recording.arrays import is_word, made
from autograd.recording.batch import Array
from autograd.recording.codegen import Code
from autograd.recording.schedule import Layout, Row

__all__ = ["Printed"]

SUFFIXES = {"": "", "arguments": "_and_grad", "parameters": "_and_parameter_grad"}


class Function(NamedTuple):
    """A function as text, what the text needs (definitions by name), and the function."""

    text: str
    definitions: dict[str, str]
    run: Any


class Printed:
    """A function of the values, and those of their grads by the arguments and by the parameters.

    They take the arguments as arrays of shape (numbers, samples), and p of shape (parameters, 1) if
    there are any; those of grads the seed of the reverse pass too."""

    def __init__(self, name: str, layout: Layout) -> None:
        self.name, self.layout, self.form = name, layout, layout.form
        self.rows = [group.op for group in layout.groups if isinstance(group, Row)]
        self.foreign = {word for row in self.rows for word in row.vocabulary}
        self.functions: dict[str, Function] = {}
        ends = pairwise([0, *accumulate(layout.arguments.values())])
        self.rows_of = [slice(*end) for end in ends]  # of each argument

    def function(self, wrt: str) -> Function:
        """The one for "", "arguments" or "parameters", printed when it is first asked for."""
        if wrt not in self.functions:
            name = self.name + SUFFIXES[wrt]
            name += "_" * (is_word(name) or name in self.foreign)
            code = Code(self.layout, wrt)
            head, body = code.function(name)
            # Arrays of indices and numbers are called alike in other functions of the program.
            tables = {word: np.array(table) for word, table in code.tables.items()}
            run, definitions = made(name, head + body, self.rows, tables)
            lines = [f"    {word} = np.array({table})\n" for word, table in code.tables.items()]
            self.functions[wrt] = Function("".join([head, *lines, body]), definitions, run)
        return self.functions[wrt]

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        """Whether all numbers are finite; the values, a row for each output; the grads wanted."""
        given = [x[rows] for rows in self.rows_of]
        if len(p):
            given.append(p[:, None])
        function = self.function(wrt).run
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
        parts = list(map(self.function, wanted))
        definitions = {name: text for part in parts for name, text in part.definitions.items()}
        blocks = [text for name, text in definitions.items() if name not in self.foreign]
        head = "import math\n" * any("math." in text for text in blocks) + "import numpy as np\n\n"
        if self.foreign:
            names = ", ".join(sorted(self.foreign))
            head += f"# Your own functions, on arrays, are left out: {names}.\n\n\n"
        return head + "\n\n".join([*blocks, *(part.text for part in parts)])
