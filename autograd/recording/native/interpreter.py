"""The interpreter in C: the normal form as an array of integers, which it runs through in blocks
of samples."""

from array import array
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from autograd.recording.across import ACROSS, MAX
from autograd.recording.batch import Array, Samples
from autograd.recording.form import NormalForm
from autograd.recording.graph import Loop, Part
from autograd.recording.lists import lists
from autograd.recording.native import KINDS, library
from autograd.recording.reach import graded, graded_parts, steps_back
from autograd.recording.runs import KIND_RUN, LANES, NOTHING, Starts, Words, ordered, runs
from autograd.recording.wish import Wish, leading_in, led_into

__all__ = ["NativeInterpreter"]

# Sums with the same factors are computed together, so many: then what is read serves them all.
TOGETHER, KIND_LOOP = 4, len(KINDS) + 1
WORD = 4  # bytes of a number of the plan
# Ways back through bodies, by the body, what leads into it and which results have grads: where, as
# less than 0, and how.
Ways = dict[tuple[int, bytes, frozenset[int]], tuple[int, list[int]]]
NO_END = 0xFFFFFFFF  # steps of a loop that its condition ends


class Frame:
    """The rows of samples of a form, the program's or that of a loop's body, and where its
    instructions begin, with the nodes of each."""

    def __init__(self, form: NormalForm, around: "Frame | None" = None) -> None:
        self.form, self.graded, none = form, graded(form), array("i", (-1,)) * len(form.rows)
        needed = [node for node in form.used if form.varies[node]] if around else ()
        self.nodes = form.wide if around is None else ordered(form)
        results = [n for n in self.nodes if n not in form.bodies] if form.bodies else self.nodes
        every = [*range(form.inputs), *needed, *results]
        self.own, self.rows, self.slots = len(every), none, none[:]  # of the nodes
        library.placed(self.rows, every)
        if around is not None:
            for node, outer in form.outer.items():
                self.slots[node] = around.slots[outer]
        self.lifted: dict[int, int] = {}  # rows of narrow nodes that are spread over the samples
        self.starts = Starts()
        self.most = 0  # rows of all frames that a step may keep

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.own + len(self.lifted)

    def row(self, node: int) -> int:
        """The row of a node, which a narrow one may get too."""
        if self.rows[node] < 0:
            self.rows[node] = self.lifted[node] = self.height
        return self.rows[node]

    def groups(self, nodes: list[int]) -> list[Any]:
        """The nodes of each instruction: one, but sums of the same wide factors together, where the
        first one is."""
        form = self.form
        sums = [node for node, count in form.mixed.items() if count > 1]
        distinct = {form.operands[node][1] for node in sums}
        if len(sums) - len(distinct) < TOGETHER - 1 and not form.parts:
            return nodes
        alike: dict[Any, list[int]] = {}
        instead: dict[int, list[Any]] = {o: [] for of in form.parts.values() for o in of.values()}
        if sums and nodes is not form.wide:  # in their order
            sums = [*filter({*sums}.__contains__, nodes)]
        for node in sums:
            if form.mixed[node] == len(factors := form.operands[node][1]):
                alike.setdefault((factors, self.graded[node]), []).append(node)
        for same in alike.values():
            if not (whole := len(same) // TOGETHER * TOGETHER):
                continue
            groups = [tuple(same[i : i + TOGETHER]) for i in range(0, whole, TOGETHER)]
            instead |= {node: [] for node in same} | {same[0]: [*groups, *same[whole:]]}
        if not instead:
            return nodes
        return [group for node in nodes for group in instead.get(node, (node,))]


class NativeInterpreter:
    """The instructions, as ``block.h`` reads them.

    That of a row is its kind, its result and its operands (of an n-ary row, their number first);
    that of sums is described at ``DOTS``, and that of loops in ``loops.h``."""

    def __init__(self, form: NormalForm, leaves: Sequence[int], has_lists: bool = False) -> None:
        self.form, self.frame = form, Frame(form)
        narrow = [*form.numbers, *leaves, *form.narrow]
        library.placed(self.frame.slots, narrow)
        self.code = bytearray()
        self.bodies: dict[int, tuple[int, Frame]] = {}  # where each begins, by the id of its form
        self.inner, self.outer, phases = Starts(), self.frame.starts, form.phases()
        # Numbers of the whole batch: whether the largest, of which row, and where they are kept.
        self.gathered: dict[int, list[int]] = {}
        # Of each phase, after which come some of these, how much there is of code, rows and them.
        self.ends: list[tuple[int, int, int]] = []
        found, listed, unread = lists(form) if has_lists else ([], set(), [])
        if listed:
            phases = [(phases[0][0], [node for node in form.wide if node not in listed])]
        for k, (before, wide) in enumerate(phases, 1):
            self._phase(before, wide, phases[k][0] if k < len(phases) else ())
        outputs = [self.frame.row(o) for o in form.outputs]
        inner, outer, gathered = self.inner.at, self.outer.forward, [*self.gathered]
        cuts = self._cuts(inner, outer, self.frame.lifted, gathered)
        lifted = self._lifted(self.frame, self.frame.lifted)
        looked = library.looked(self.code, self.outer.where, self.frame.height, form.inputs)
        read, own = [0, form.inputs], []
        for node in unread:
            looked, read = (_without(spans, range(node, node + 1)) for spans in (looked, read))
        for first, count, products in found:
            own += [first, count, len(products)]
            own += [row for u, x in products for row in (self.frame.row(u), x)]
        counts = [len(inner), len(outer), len(lifted) // 2, len(outputs), len(gathered)]
        counts += len(cuts) // 4, len(looked) // 2, len(read) // 2, len(own)
        self.plan = array("I", counts) + inner + outer
        own = [*self._gathered(gathered), *looked, *read, *own]
        self.plan.extend([*lifted, *outputs, *own, *cuts])
        self.plan.frombytes(self.code)
        self.backs: dict[Wish, memoryview] = {}
        start = array("d", form.numbers.values())
        start.frombytes(bytes(start.itemsize * (len(narrow) - len(start))))
        sizes, loops = (form.inputs, self.frame.height, len(form.numbers)), bool(form.bodies)
        self.runner = library.Runner(self.plan, start, *sizes, form.goes_alone, loops)

    # Forward

    def _lifted(self, frame: Frame, lifted: Iterable[int]) -> list[int]:
        return [o for n in lifted for o in (frame.lifted[n], frame.slots[n])]

    def _gathered(self, nodes: Iterable[int]) -> list[int]:
        return [x for node in nodes for x in self.gathered[node]]

    def _cuts(
        self, inner: Words, outer: Words, lifted: Iterable[int], gathered: Iterable[int]
    ) -> list[int]:
        """How many of these each phase but the last ends after: of places in the code, narrow and
        wide, of nodes that are lifted, and of those numbers."""
        cuts: list[int] = []
        order = [*self.gathered]
        for code, rows, numbers in self.ends[:-1]:
            cuts += sum(map(code.__gt__, inner)), sum(map(code.__gt__, outer))
            cuts.append(sum(self.frame.lifted[node] < rows for node in lifted))
            cuts.append(sum(order.index(node) < numbers for node in gathered))
        return cuts

    def _phase(self, narrow: list[int], wide: list[int], after: Sequence[int]) -> None:
        """Write the instructions of a phase; after it come numbers of the whole batch."""
        form, frame, rows = self.form, self.frame, self.form.rows
        if form.parts or form.crosses:
            narrow = [n for n in narrow if not (isinstance(rows[n], Part) or rows[n] in ACROSS)]
        self._write(frame, narrow, self.inner, frame.slots)
        self._write_wide(frame, wide)
        for node in after:
            if rows[node] in ACROSS:
                of = frame.row(form.operands[node][0])
                self.gathered[node] = [rows[node] is MAX, of, int(frame.slots[node])]
        self.ends.append((len(self.code) // WORD, frame.height, len(self.gathered)))

    def _write_wide(self, frame: Frame, nodes: list[int]) -> None:
        starts, before = frame.starts, len(frame.starts.where) // WORD
        if self._write(frame, frame.groups(nodes), starts, frame.rows) < LANES:
            return
        code: Any = np.array(np.frombuffer(self.code, np.uint32))
        for run in [*runs(code, starts.at[before:], before)]:
            starts.runs[len(self.code) // WORD] = run
            at = starts.at[run.first : run.first + run.count]
            self.code += array("I", [KIND_RUN, run.count, *at]).tobytes()

    def _write(self, frame: Frame, groups: list[Any], starts: Starts, rows: Any) -> int:
        """Write instructions for nodes, whose results and operands have these rows; how many of one
        kind follow one another."""
        if not groups:
            return 0
        form = frame.form
        starts.groups += groups
        lists = form.rows, form.operands, form.constants, form.mixed
        to = self.code, starts.where, frame.lifted, rows, frame.slots, frame.own
        return library.write(groups, partial(self._loop, frame, rows), lists, *to)  # type: ignore[no-any-return]

    def _loop(self, frame: Frame, rows: Any, node: int) -> list[int]:
        """The instruction of a loop; its body is written before the first one."""
        form, loop = frame.form, frame.form.rows[node]
        assert isinstance(loop, Loop)
        body, steps = form.bodies[node], loop.steps
        if id(body) not in self.bodies:
            inside = Frame(body, frame)
            self._write_wide(inside, inside.nodes)
            outputs = [inside.row(o) for o in body.outputs]
            lifted = self._lifted(inside, inside.lifted)
            self.bodies[id(body)] = len(self.code) // WORD, inside
            forward = inside.starts.forward
            looked = library.looked(self.code, inside.starts.where, inside.height, 0)
            head = [inside.height, len(forward), len(lifted) // 2, len(outputs), len(looked) // 2]
            self.code += array("I", [*head, *forward, *lifted, *outputs, *looked]).tobytes()
        start, inside = self.bodies[id(body)]
        (own, needed, _), first = form.operands[node], form.constants[node]
        kept = (steps or 0) * (inside.height + inside.most)
        frame.most += kept
        results = [0] * loop.results
        for index, part in form.parts[node].items():
            results[index] = rows[part] + 1
        counts = loop.states, loop.elements, len(needed), loop.results
        code = [KIND_LOOP, 0, start, NO_END if steps is None else steps, *counts]
        of = frame.row if rows is frame.rows else frame.slots.__getitem__
        code += [min(kept, NO_END), of(first[0]) if first else 0, *results]
        entries = [*map(of, own)]
        return [*code, *entries[: loop.states], *map(of, needed), *entries[loop.states :]]

    # Reverse

    def back(self, wish: Wish) -> memoryview:
        """The instructions that lead to what is wanted, each with what it leaves out."""
        if wish not in self.backs:
            leads, ways, frame = wish.leading(self.form), Ways(), self.frame
            led = leads, frame.graded
            _, inner = self._active(frame, self.inner, *led, ways)
            skips, outer = self._active(frame, self.outer, *led, ways)
            nodes, numbers = _led(frame.lifted, *led), _led(self.gathered, *led)
            cuts = self._cuts(inner[::2], outer[::2], nodes, numbers)
            lifted, gathered = self._lifted(frame, nodes), self._gathered(numbers)
            narrow = [*map(frame.slots.__getitem__, wish.narrow)]
            rows = [*wish.inputs, frame.row(self.form.outputs[0]), *gathered[1::3]]
            cleared = self._cleared(frame, self.outer.where, skips, rows)
            sizes = [len(inner) // 2, len(outer) // 2, len(lifted) // 2, len(wish.inputs)]
            sizes += len(gathered) // 3, len(narrow), len(cleared) // 2
            back = array("i", sizes) + inner + outer
            back.extend([*lifted, *narrow, *gathered, *cleared, *cuts])
            if ways:
                code = chain(back, *(own for _, own in ways.values()))
                back = array("i", [x if x >= 0 else len(back) - 1 - x for x in code])
            self.backs[wish] = memoryview(back)
        return self.backs[wish]

    def _cleared(self, frame: Frame, at: bytearray, skips: Words, rows: list[int]) -> list[int]:
        """Spans of the rows that grads are added to, these among them."""
        rows += frame.lifted.values()
        return [*library.cleared(self.code, at, skips, frame.height, rows)]

    def _active(
        self, frame: Frame, starts: Starts, leads: bytearray, reached: bytearray, ways: Ways
    ) -> tuple[Words, Words]:
        """Of each instruction that leads to what is wanted a bit for each operand that does not (of
        a loop where the way through its body is told), else NOTHING; then where these begin."""
        if not starts.groups:
            return array("q"), array("i")
        form, way = frame.form, partial(self._way, frame.form, leads, reached, ways)
        lists = form.rows, form.operands, form.constants, form.mixed
        skips = array("q", [NOTHING]) * (len(starts.where) // WORD)
        facts, pairs = (reached, leads, skips, starts.where), bytearray()
        library.active(starts.groups, way, lists, *facts, pairs)
        return skips, starts.reverse(skips) if starts.runs else array("i", pairs)

    def _way(
        self, form: NormalForm, leads: bytearray, reached: bytearray, ways: Ways, node: int
    ) -> int:
        """Where the ways through a loop's steps are, of the last one first."""
        body, loop, parts = form.bodies[node], form.rows[node], graded_parts(form, node, reached)
        assert isinstance(loop, Loop)
        key = id(body), led_into(body, loop, form.operands[node], leads), parts
        if key not in ways:
            inside, (steps, again) = leading_in(body, loop, key[1]), steps_back(body, loop, parts)
            each = [self._through(body, loop, inside, step, ways) for step in steps]
            if all(map(each[0].__eq__, each)):
                del each[1:]
            # How far before the last one begins the one that comes then, and 1.
            each[-1][3] = 1 + sum(map(len, each[again:-1]))
            place, before = next(reversed(ways.values()), (-1, []))
            ways[key] = place - len(before), [*chain(*each)]
        return ways[key][0]

    def _through(
        self, body: NormalForm, loop: Loop, leads: bytearray, reached: bytearray, ways: Ways
    ) -> list[int]:
        """The way back through a step, see ``loop_back``."""
        _, inside = self.bodies[id(body)]
        skips, pairs = self._active(inside, inside.starts, leads, reached, ways)
        lifted = self._lifted(inside, _led(inside.lifted, leads, reached))
        given = loop.states + loop.elements + sum(body.varies[node] for node in body.used)
        rows = [*range(given), *map(inside.row, body.outputs)]
        kept = range(loop.states + loop.elements, given)
        cleared = _without(self._cleared(inside, inside.starts.where, skips, rows), kept)
        counts = len(pairs) // 2, len(lifted) // 2, len(cleared) // 2
        return [*counts, 0, *pairs, *lifted, *cleared]

    def run(
        self, samples: Samples, p: Array, wish: Wish, seed: float, in_rows: bool
    ) -> tuple[bool, Array, dict[int, Any], Array]:
        """Whether all numbers are finite, the values of the outputs, and the grads: of each piece
        that is wanted, and of narrow leaves. in_rows: values of a sample lie side by side."""
        given, facts = samples.in_c(wish.arguments, in_rows)
        none = (None,) * len(given)
        call = library.prepared(self.runner, facts, self.back(wish), none, none, ())
        finite, values, grads, dp = call(given, p, seed)
        dx = dict(zip(samples.places(wish.arguments), grads, strict=True))
        return finite, values.T if in_rows else values, dx, dp


def _led(nodes: Iterable[int], leads: bytearray, reached: bytearray) -> list[int]:
    return [node for node in nodes if leads[node] and reached[node]]


def _without(spans: list[int], kept: range) -> list[int]:
    """Spans, each a first row and how many, without these rows."""
    left = []
    for first, count in zip(spans[::2], spans[1::2], strict=True):
        end = first + count
        for part in range(first, min(end, kept.start)), range(max(first, kept.stop), end):
            left += [part.start, len(part)] if part else []
    return left
