"""The engine in NumPy: a module that is printed, and runs."""

import re
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

import numpy as np

from autograd.recording.arrays import WORDS, definitions_in, foreign, is_word, literals, made
from autograd.recording.batch import Array
from autograd.recording.codegen import Code
from autograd.recording.schedule import Layout, Row
from autograd.recording.wish import Wish


class Printed:
    """A function of the values, and those of their grads too.

    They take the arguments as arrays of shape (numbers, samples) or if all samples share them
    (numbers, 1), as p of the parameters if there are any; those of grads the seed of the reverse
    pass too."""

    def __init__(self, name: str, layout: Layout) -> None:
        self.name, self.layout, self.form = name, layout, layout.form
        self.foreign = foreign(group.op for group in layout.groups if isinstance(group, Row))
        self.words = WORDS | self.foreign
        # Numbers and indices, which become arrays.
        self.tables: dict[str, list[Any]] = {"c": [[x] for x in self.form.numbers.values()]}
        # By what is wanted: a text, the function, and which of its grads are wide.
        self.functions: dict[Wish, tuple[str, Callable[..., Any], list[bool]]] = {}
        self.given: list[tuple[bool, slice]] = []  # of each argument: if it is wide, and its rows
        ends = {True: 0, False: len(layout.parameters)}
        for argument, nodes in layout.arguments.items():
            wide = layout.wide[argument]
            self.given.append((wide, slice(ends[wide], ends[wide] + len(nodes))))
            ends[wide] += len(nodes)

    def function(self, wish: Wish) -> tuple[str, Callable[..., Any], list[bool]]:
        """That for a wish."""
        if wish not in self.functions:
            name = self.name + wish.suffix
            name += "_" * (is_word(name) or name in self.foreign)
            text = Code(self.layout, wish, self.tables).function(name)
            for word in self.tables.keys() - self.words.keys():
                self.words[word] = np.array(self.tables[word])
            wide = [self.layout.wide[array] for array in self.layout.wanted(wish)]
            self.functions[wish] = text, made(name, text, self.words), wide
        return self.functions[wish]

    def run(self, x: Array, p: Array, wish: Wish, seed: float) -> tuple[bool, Array, Array, Array]:
        """Whether all numbers are finite; the values, a row for each output; the grads wanted."""
        column, count = p[:, None], len(self.layout.parameters)
        given = [(x if wide else column)[rows] for wide, rows in self.given]
        given += [column[:count]] * bool(count)
        _, function, are_wide = self.function(wish)
        values, *grads = function(*given, seed) if wish else (function(*given),)
        if values.shape[1] != x.shape[1]:
            values = np.repeat(values, x.shape[1], axis=1)
        kinds: dict[bool, list[Array]] = {True: [], False: []}
        for grad, wide in zip(grads, are_wide, strict=True):
            kinds[wide].append(grad)
        dx, dp = (
            some[0] if len(some) == 1 else np.concatenate([none[:0], *some])
            for some, none in ((kinds[True], x), (kinds[False], column))
        )
        # A sum that overflows although its terms do not only makes for a second look.
        return isfinite(np.add.reduce(values, axis=None)), values, dx, dp[:, 0]

    def source(self, wishes: Iterable[Wish]) -> str:
        """The functions for these wishes, as a module."""
        texts = [self.function(wish)[0] for wish in wishes]
        definitions = definitions_in("".join(texts))
        blocks = [text for word, text in definitions.items() if word not in self.foreign] + texts
        words = set(re.findall(r"\w+", "".join(blocks)))
        head = "import math\n" * ("math" in words) + "import numpy as np\n\n"
        if self.foreign:
            names = ", ".join(sorted(self.foreign))
            head += f"# Your own functions, on arrays, are left out: {names}.\n\n"
        tables = (
            f"{word} = np.array({literals(self.tables[word])})\n"
            for word in self.tables
            if word in words
        )
        return "\n\n".join([head + "".join(tables), *blocks])
