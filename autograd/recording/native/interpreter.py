"""The interpreter in C: the normal form as an array of integers, which it runs through in blocks
of samples."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Any

import numpy as np

from autograd.recording.across import ACROSS, MAX
from autograd.recording.batch import Array, Samples
from autograd.recording.graph import Loop, Part, flat
from autograd.recording.native import KINDS, library
from autograd.recording.runs import KIND_RUN, Starts, kind_of_sum, ordered, runs
from autograd.recording.simplify import DOT, NormalForm, graded
from autograd.recording.wish import Wish, leading_in

__all__ = ["NativeInterpreter"]

# Sums with the same factors are computed together, so many: then what is read serves them all.
TOGETHER, KIND_TOGETHER, KIND_LOOP, KIND_BESIDE = 4, *range(len(KINDS), len(KINDS) + 3)
NO_END = 0xFFFFFFFF  # steps of a loop that its condition ends
# From so many operands on, one sample of them is added up by lanes if they lie side by side.
BESIDE = 1000


class Frame:
    """The rows of samples of a form, the program's or that of a loop's body, and where its
    instructions begin, with the nodes of each."""

    def __init__(self, form: NormalForm) -> None:
        self.form, self.graded = form, graded(form)
        needed = [node for node in form.used if form.varies[node]] if form.around else ()
        self.nodes = form.wide if form.around is None else ordered(form)
        results = (node for node in self.nodes if node not in form.bodies)
        every = [*range(form.inputs), *needed, *results]
        self.wide, self.height = [-1] * len(form.rows), len(every)  # the row of each node, if any
        for row, node in enumerate(every):
            self.wide[node] = row
        self.lifted: dict[int, int] = {}  # rows of narrow nodes that are spread over the samples
        self.starts = Starts()
        self.most = 0  # rows of all frames that a step may keep

    def row(self, node: int) -> int:
        """The row of a node, which a narrow one may get too."""
        row = self.wide[node]
        if row < 0 and (row := self.lifted.get(node, -1)) < 0:
            row = self.lifted[node] = self.height
            self.height += 1
        return row

    def groups(self, nodes: list[int]) -> Iterator[Sequence[int]]:
        """The nodes of each instruction: one, but sums of the same wide factors together, where the
        first one is."""
        form, alike, found = self.form, dict[Any, list[int]](), list[Sequence[int]]()
        of_form, rows, operands = form.mixed.get, form.rows, form.operands
        for node in nodes:
            mixed = of_form(node, 0)
            if mixed > 1 and mixed == len(operands[node][1]):
                many = alike.setdefault((operands[node][1], self.graded[node]), [])
                many.append(node)
                if len(many) == 1:
                    found.append(many)
            elif not isinstance(rows[node], Part):
                found.append((node,))
        for group in found:
            whole = len(group) // TOGETHER * TOGETHER
            for i in range(0, whole, TOGETHER):
                yield group[i : i + TOGETHER]
            for node in group[whole:]:
                yield (node,)


@dataclass
class Phase:
    """What is computed before the next numbers of the whole batch: where the instructions begin,
    narrow and wide, and of which nodes they are; nodes that are lifted; and those numbers, whether
    they are the largest, of which row, and where they are kept."""

    inner: Starts = field(default_factory=Starts)
    outer: Starts = field(default_factory=Starts)
    lifted: list[int] = field(default_factory=list)
    gathered: dict[int, list[int]] = field(default_factory=dict)


def _joined(
    phases: Sequence[tuple[list[int], ...]], sizes: Sequence[int]
) -> tuple[list[list[int]], list[int]]:
    """The lists of all phases, and where each but the last ends in them: after how many entries of
    such sizes."""
    columns = [*zip(*phases, strict=True)]
    pairs = zip(columns, sizes, strict=True)
    ends = [accumulate([len(part) // size for part in parts]) for parts, size in pairs]
    cuts = [*zip(*ends, strict=True)][:-1]
    return [[*chain(*parts)] for parts in columns], [*chain(*cuts)]


class NativeInterpreter:
    """The instructions, as ``block.h`` reads them.

    That of a row is its kind, its result and its operands (of an n-ary row, their number first);
    that of sums is described at ``DOTS``, and that of loops in ``loops.h``."""

    def __init__(self, form: NormalForm, leaves: Sequence[int]) -> None:
        self.form, self.frame = form, Frame(form)
        narrow = [*form.numbers, *leaves, *form.narrow]
        self.narrow = {node: i for i, node in enumerate(narrow)}
        self.code: list[int] = []
        self.bodies: dict[int, tuple[int, Frame]] = {}  # where each begins, by the id of its form
        phases = form.phases()
        after = [*(nodes for nodes, _ in phases[1:]), []]
        self.phases = [self._phase(*p, a) for p, a in zip(phases, after, strict=True)]
        known = len(self.frame.lifted)
        outputs = [self.frame.row(o) for o in form.outputs]
        self.phases[-1].lifted += [*self.frame.lifted][known:]
        (inner, outer, lifted, gathered), cuts = _joined(
            [*map(self._parts, self.phases)], (1, 1, 2, 3)
        )
        counts = len(inner), len(outer), len(lifted) // 2, len(outputs), len(gathered) // 3
        plan = [*counts, len(cuts) // 4, *inner, *outer, *lifted, *outputs, *gathered, *cuts]
        self.plan = np.array([*plan, *self.code], dtype=np.uint32)
        self.backs: dict[Wish, Array] = {}
        start = np.zeros(len(narrow))
        start[: len(form.numbers)] = list(form.numbers.values())
        sizes = form.inputs, self.frame.height, len(form.numbers)
        loops = form.goes_alone, bool(form.bodies)
        self.runner = library.Runner(self.plan, start, *sizes, *loops)

    # Forward

    def _slot(self, form: NormalForm, node: int) -> int:
        """Where a narrow node is, of whatever form."""
        while form.around is not None:
            node, form = form.outer[node], form.around
        return self.narrow[node]

    def _lifted(self, frame: Frame, lifted: Iterable[int]) -> list[int]:
        return [o for n in lifted for o in (frame.lifted[n], self._slot(frame.form, n))]

    def _phase(self, narrow: list[int], wide: list[int], after: Sequence[int]) -> Phase:
        """Write the instructions of a phase; after it come numbers of the whole batch."""
        form, frame, phase, known = self.form, self.frame, Phase(), len(self.frame.lifted)
        rows = form.rows
        single = ((n,) for n in narrow if not (isinstance(rows[n], Part) or rows[n] in ACROSS))
        self._write(single, phase.inner, self.narrow, self.narrow.__getitem__, frame)
        self._write_wide(frame, wide, phase.outer)
        for node in after:
            if rows[node] in ACROSS:
                of = frame.row(form.operands[node][0])
                phase.gathered[node] = [rows[node] is MAX, of, self.narrow[node]]
        phase.lifted += [*frame.lifted][known:]
        return phase

    def _parts(self, phase: Phase) -> tuple[list[int], ...]:
        gathered = chain.from_iterable(phase.gathered.values())
        return (
            phase.inner.at,
            phase.outer.forward,
            self._lifted(self.frame, phase.lifted),
            [*gathered],
        )

    def _write_wide(self, frame: Frame, nodes: list[int], starts: Starts) -> None:
        self._write(frame.groups(nodes), starts, frame.wide, frame.row, frame)
        for run in [*runs(self.code, starts.at)]:
            starts.runs[len(self.code)] = run
            self.code += [KIND_RUN, run.count, *starts.at[run.first : run.first + run.count]]

    def _write(
        self,
        groups: Iterable[Sequence[int]],
        starts: Starts,
        slots: Any,
        row_of: Callable[[int], int],
        frame: Frame,
    ) -> None:
        """Write instructions for nodes, whose results go to slots."""
        form = frame.form
        for group in groups:
            node = group[0]
            row, operands, constants = form.rows[node], form.operands[node], form.constants[node]
            assert row is not None
            if row is DOT:
                code = self._sums(form, group, slots, row_of)
            elif isinstance(row, Loop):
                code = self._loop(frame, node, row, slots, row_of)
            elif row.nary:
                used = [*map(row_of, flat(operands)), *map(row_of, constants)]
                code = [KINDS[row], slots[node], len(used), _beside([used]), *used]
            else:
                code = [KINDS[row], slots[node], *map(row_of, operands), *map(row_of, constants)]
            starts.at.append(len(self.code))
            starts.groups.append(group)
            self.code += code

    def _sums(
        self,
        form: NormalForm,
        group: Sequence[int],
        slots: Any,
        row_of: Callable[[int], int],
    ) -> list[int]:
        node, slot = group[0], self._slot
        us, vs, biases = form.operands[node]
        mixed = form.mixed.get(node, 0)
        if form.around is None and mixed == len(vs) < BESIDE and len(group) == 1:
            at = self.narrow.__getitem__
            kind = kind_of_sum(mixed, 0) if mixed > 1 else KINDS[DOT]  # which may be of a chain
            first = [kind, mixed, 0, slots[node], at(biases[0]) + 1 if biases else 0]
            return [*first, *map(slots.__getitem__, vs), *map(at, us)]
        sums = [form.operands[o] for o in group]
        xs = [slots[v] for v in vs[:mixed]]
        ws = [slot(form, us[k]) for k in range(mixed) for us, _, _ in sums]
        ps, qs = [*map(row_of, us[mixed:])], [*map(row_of, vs[mixed:])]
        kind = kind_of_sum(mixed, len(ps)) if len(group) == 1 else KIND_TOGETHER
        if kind == KINDS[DOT] and not (xs and ps) and _beside([ws or ps, xs or qs]):
            kind = KIND_BESIDE
        code = [kind, mixed, len(ps)]
        code += [slots[o] for o in group]
        code += [slot(form, c[0]) + 1 if c else 0 for _, _, c in sums]
        return [*code, *xs, *ws, *chain.from_iterable(zip(ps, qs, strict=True))]

    def _loop(
        self,
        frame: Frame,
        node: int,
        loop: Loop,
        slots: Any,
        row_of: Callable[[int], int],
    ) -> list[int]:
        form, steps = frame.form, loop.steps
        body = form.bodies[node]
        if id(body) not in self.bodies:
            inside = Frame(body)
            self._write_wide(inside, inside.nodes, inside.starts)
            outputs = [inside.row(o) for o in body.outputs]
            lifted = self._lifted(inside, inside.lifted)
            self.bodies[id(body)] = len(self.code), inside
            forward = inside.starts.forward
            self.code += [inside.height, len(forward), len(lifted) // 2, len(outputs)]
            self.code += [*forward, *lifted, *outputs]
        start, inside = self.bodies[id(body)]
        (own, needed, _), first = form.operands[node], form.constants[node]
        kept = (steps or 0) * (inside.height + inside.most)
        frame.most += kept
        results = [0] * loop.results
        for index, part in form.parts[node].items():
            results[index] = slots[part] + 1
        counts = loop.states, loop.elements, len(needed), loop.results
        code = [KIND_LOOP, 0, start, NO_END if steps is None else steps, *counts]
        code += [min(kept, NO_END), row_of(first[0]) if first else 0, *results]
        rows = [row_of(o) for o in own]
        return [*code, *rows[: loop.states], *map(row_of, needed), *rows[loop.states :]]

    # Reverse

    def back(self, wish: Wish) -> Array:
        """The instructions that lead to what is wanted, each with what it leaves out."""
        if wish not in self.backs:
            leads = wish.leading(self.form)
            ways: list[int] = []  # through bodies; where one is told as less than 0 here
            each = [self._back_of(phase, leads, ways) for phase in self.phases]
            (inner, outer, lifted, gathered), cuts = _joined(each, (2, 2, 2, 3))
            narrow = [self.narrow[o] for o in wish.narrow]
            sizes = [len(part) // 2 for part in (inner, outer, lifted)]
            sizes += [len(wish.inputs), len(gathered) // 3, len(narrow)]
            back = [*sizes, *inner, *outer, *lifted, *narrow, *gathered, *cuts]
            if ways:
                back = [x if x >= 0 else len(back) - 1 - x for x in (*back, *ways)]
            self.backs[wish] = np.array(back, dtype=np.uint32)
        return self.backs[wish]

    def _back_of(self, phase: Phase, leads: bytearray, ways: list[int]) -> tuple[list[int], ...]:
        """Of a phase what leads to what is wanted."""
        inner, outer = (
            self._active(self.frame, s, leads, ways) for s in (phase.inner, phase.outer)
        )
        lifted = self._lifted(self.frame, self._led(self.frame, phase.lifted, leads))
        gathered = map(phase.gathered.__getitem__, self._led(self.frame, phase.gathered, leads))
        return inner, outer, lifted, [*chain.from_iterable(gathered)]

    def _led(self, frame: Frame, nodes: Iterable[int], leads: bytearray) -> list[int]:
        return [node for node in nodes if leads[node] and frame.graded[node]]

    def _active(self, frame: Frame, starts: Starts, leads: bytearray, ways: list[int]) -> list[int]:
        """Where each instruction begins that leads to what is wanted, and a bit for each of its
        operands that does not; of a loop where the way through its body is told."""
        form, reached, lead = frame.form, frame.graded, leads.__getitem__
        found: list[tuple[int, int] | None] = []
        for start, group in zip(starts.at, starts.groups, strict=True):
            found.append(None)
            if not (reached[group[0]] and any(map(lead, group))):  # of a group all or none
                continue
            row, operands, skip = form.rows[group[0]], form.operands[group[0]], 0
            assert row is not None
            if row is DOT:
                mixed, (us, vs, biases) = form.mixed.get(group[0], 0), operands
                narrow = us[:mixed]
                if len(group) > 1:
                    sums = [form.operands[node] for node in group]
                    narrow = [u for us, _, _ in sums for u in us[:mixed]]
                    biases = [c for _, _, biases in sums for c in biases]
                parts = narrow, vs[:mixed], us[mixed:], vs[mixed:], biases
                for place, nodes in enumerate(parts):
                    if not nodes or not any(map(lead, nodes)):
                        skip |= 1 << place
            elif isinstance(row, Loop):
                skip = self._way(form, group[0], row, leads, ways)
            elif not row.nary:
                for place, o in enumerate(operands):
                    skip |= (not leads[o]) << place
            found[-1] = start, skip
        return starts.reverse(found)

    def _way(
        self, form: NormalForm, node: int, loop: Loop, leads: bytearray, ways: list[int]
    ) -> int:
        body = form.bodies[node]
        _, inside = self.bodies[id(body)]
        leads = leading_in(body, loop, form.operands[node], leads)
        pairs = self._active(inside, inside.starts, leads, ways)
        lifted = self._lifted(inside, self._led(inside, inside.lifted, leads))
        ways += [len(pairs) // 2, len(lifted) // 2, *pairs, *lifted]
        return len(pairs) + len(lifted) + 1 - len(ways)  # -1 for the first place

    def run(
        self, samples: Samples, p: Any, wish: Wish, seed: float, in_rows: bool
    ) -> tuple[bool, Array, list[Any], Array]:
        """Whether all numbers are finite, the values of the outputs, and the grads: of each piece
        that is wanted, and a number for each narrow leaf. in_rows: values of a sample lie side by
        side."""
        shape = samples.count, len(self.form.outputs)
        values = np.empty(shape) if in_rows else np.empty(shape[::-1]).T
        dx, dp = samples.empty_parts(wish.arguments), np.empty(len(wish.narrow))
        numbers = samples.count, seed
        finite = self.runner.run(samples.spread(), p, self.back(wish), values, dx, dp, *numbers)
        return finite, values.T, dx, dp


def _beside(factors: Sequence[list[int]]) -> bool:
    """Whether many numbers lie side by side; the first factors of products may be all the same."""
    *first, last = factors
    if len(last) < BESIDE:
        return False
    runs = [list(range(of[0], of[0] + len(of))) == of for of in factors]
    return runs[-1] and (all(runs) or all(len(set(of)) == 1 for of in first))
