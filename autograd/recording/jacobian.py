"""The Jacobian of a program: one more program, made from the rows' partials, of those derivatives
that may differ from zero."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd.recording.blocks as blocks
from autograd.recording.batch import Array, Samples
from autograd.recording.tangents import derivatives
from autograd.tree import Tree

if TYPE_CHECKING:
    from autograd.recording.program import Program

Places = tuple[int, ...]


class Jacobian:
    """That of a program by arguments, which are named by their places."""

    def __init__(self, program: Any) -> None:
        self.program: Program = program
        self.trees = list(program.arguments.values())
        self.derived: dict[Places, tuple[Program, list[tuple[int, int]]]] = {}

    def dense(self, args: Any, places: Places) -> tuple[Any, ...]:
        """Of each argument the derivatives of every output, in the structure of the outputs, by
        every number of it."""
        need_apart(self.program, places)
        at = self.program._signature.samples(args)
        values, entries = self._entries(args, at, places)
        result, name = self.program.result, self.program.name
        shape = result.size, blocks.ends(self.trees, places)[-1]
        if len(entries) == shape[0] * shape[1]:
            rows = values.reshape(*shape, *at.batch)
        else:
            rows = np.zeros((*shape, *at.batch))
            if entries:
                rows[tuple(zip(*entries, strict=True))] = values.reshape(len(values), *at.batch)
        split = zip(places, blocks.split(self.trees, places, rows, axis=1), strict=True)
        return tuple([blocks.nested(result, at, i, own, name) for i, own in split])

    def sparse(self, args: Any, places: Places) -> tuple[Any, ...]:
        """That of one sample by each argument as a sparse matrix: a row for each output."""
        need_apart(self.program, places)
        values, entries = self._entries(args, one_sample(self.program, "jacobian", args), places)
        down, across = zip(*entries, strict=True) if entries else ((), ())
        ends = blocks.ends(self.trees, places)
        shape = self.program.result.size, ends[-1]
        whole = blocks.sparse_matrix(values[:, 0], down, across, shape)
        return tuple([whole[:, a:b] for a, b in pairwise(ends)])

    def _entries(self, args: Any, at: Samples, places: Places) -> tuple[Array, list[Any]]:
        """The numbers of the Jacobian that may differ from zero, a row each, and where they are."""
        if places not in self.derived:
            graph, entries = derivatives(self.program.graph, blocks.inputs(self.trees, places))
            result = Tree.of([0.0] * len(graph.outputs))
            self.derived[places] = self.program._but(False, graph=graph, result=result), entries
        derived, entries = self.derived[places]
        if (found := derived._in_c(args, {}, "values")) is not None:
            return np.reshape(found, (len(derived.graph.outputs), -1))[: len(entries)], entries
        values, *_ = derived._run(at, derived._engines.wanted())
        if derived.spoiled:
            derived.spoiled = False
            self.program._examine(at, self.program.parameters, values[len(entries) :])
        return values[: len(entries)], entries


def one_sample(program: "Program", name: str, args: Any) -> Samples:
    """What is passed, if that is no batch."""
    at = program._signature.samples(args)
    if at.batch:
        needed = f"{name} with sparse=True needs one sample, got a batch of shape {at.batch}"
        raise ValueError(f"{needed}: take its samples one by one")
    return at


def need_apart(program: "Program", places: Places) -> None:
    """Refuse what samples would have to be taken by together."""
    names, shared = list(program.arguments), program._signature.shared
    if program._engines.form.crosses and not all(names[i] in shared for i in places):
        met = f"{program.name} has numbers of the whole batch, so that samples meet"
        raise ValueError(f"{met}: take hvp, or derivatives by shared arguments")
