"""Loops and calls of recordings in C and in JavaScript: a function for each body, and another for
the way back through it.

A body has an array u of its own: its state, the entry of the step, what it closes over, and its
results; y is what a step gives. The reverse pass keeps the states s, and does each step again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograd.recording.schedule import Repeat

if TYPE_CHECKING:
    from autograd.recording.export.loops import Loops, Matrix

Row = Sequence[int]


class Steps:
    """The lines of one loop, in the graph that it is in."""

    def __init__(self, code: "Loops", group: Repeat) -> None:
        self.code, self.group, self.loop, self.language = code, group, group.loop, code.language
        self.states, layout = [*range(group.loop.states)], group.layout()
        closed = [node for nodes in group.closed(layout).values() for node in nodes]
        # What it is given, a row for each step, and from where on the body has it.
        self.start = [[*group.own[: len(self.states)]]], 0
        self.entries = group.entries(), len(self.states)
        self.closed = [closed], len(self.states) + self.loop.elements
        if id(group.body) not in code.bodies:
            body = code.inside(layout)
            name, about = f"step{len(code.functions) + 1}", "a step of " * bool(self.states)
            code.bodies[id(group.body)] = name, body
            lines = [*body.forward, *self.moved("y", range(len(body.outputs)), "v", body.outputs)]
            code.functions[name] = self.language.function(name, "vy", lines, about + self.loop.name)
        self.name, self.body = code.bodies[id(group.body)]
        self.step = [*self.given(*self.entries), f"{self.name}(u, y);"]
        last = f"{len(self.states)} * i + k" if self.states[1:] else "i"
        self.kept = f"s[{last}]"

    def forward(self) -> list[str]:
        """The values of the results."""
        slots = [self.code.slots[node] for node in self.group.nodes]
        results = self.moved("v", slots, "u" if self.states else "y", self.group.which)
        return _block("{", [*self.begun(), *self.steps(), *results])

    def reverse(self) -> list[str]:
        """What the grads of the results add to those of what the loop is given."""
        code, body, language, states = self.code, self.body, self.language, self.states
        results, back = range(self.loop.results), f"{self.name}_back"
        if back not in code.functions:
            lines = [*self.moved("g", body.outputs[: len(results)], "e", results, "+=")]
            code.functions[back] = language.function(back, "veg", [*lines, *body.reverse])
        kept, _, freed = language.kept if states else ([], [], [])
        lines = [*self.begun(), *kept, *(self.steps(keeps=True) if states else [])]
        lines += [language.array("d", body.size), language.array("e", len(results))]
        lines += code.looped(len(results), [f"{code.entry('e', [results])} = 0;"], "k")
        slots = [code.slots[node] for node in self.group.nodes]
        lines += self.moved("e", self.group.which, "g", slots)
        step = code.looped(len(states), [f"{code.entry('u', [states])} = {self.kept};"], "k")
        step += [*self.step, *code.looped(body.size, ["d[k] = 0;"], "k"), f"{back}(u, e, d);"]
        step += self.moved("e", states, "d", states)
        step += self.given(*self.entries, "d", back=True) + self.given(*self.closed, "d", back=True)
        if self.loop.steps is None:
            step = _block("while (i-- > 0) {", step)
        elif states:
            step = _block(f"for ({language.counter} i = {self.loop.steps}; i-- > 0;) {{", step)
        lines += [*step, *self.given(*self.start, "e", back=True)]
        return _block("{", [*lines, *freed])

    def begun(self) -> list[str]:
        """The array of the body, with what no step changes in it, and the first state."""
        code, body, language = self.code, self.body, self.language
        lines = [language.array("u", body.size), language.array("y", len(body.outputs))]
        lines += [*self.given(*self.start), *self.given(*self.closed)]
        if body.has_numbers:
            numbers = code.constants[f"{self.name}_numbers"] = [*body.form.numbers.values()]
            places = range(body.bases["c"], body.bases["c"] + len(numbers))
            lines += self.moved("u", places, f"{self.name}_numbers", range(len(numbers)))
        return lines

    def steps(self, keeps: bool = False) -> list[str]:
        """All of them, after which u has the last state; those before are kept for the way back."""
        code, states, counter = self.code, self.states, self.language.counter
        if not states:
            return self.step
        lines = [*self.step, *self.moved("u", states, "y", states)]
        if keeps:
            u = f"{self.kept} = {code.entry('u', [states])};"
            room = [line.format(k=len(states)) for line in self.language.kept[1]]
            lines = [*room, *code.looped(len(states), [u], "k"), *lines]
        if self.loop.steps is not None:
            return _block(f"for ({counter} i = 0; i < {self.loop.steps}; i++) {{", lines)
        goes_on, first = f"y[{len(states)}]", code.at([[*self.group.first]])
        before = [f"{goes_on} = {first};", *[f"{counter} i = 0;"] * keeps]
        return [*before, *_block(f"while ({goes_on} != 0) {{", [*lines, *["i++;"] * keeps])]

    # Between arrays

    def moved(self, to: str, there: Row, of: str, here: Row, sign: str = "=") -> list[str]:
        """Entries of one array set to those of another."""
        own, other = self.code.entry(to, [there]), self.code.entry(of, [here])
        return self.code.looped(len(there), [f"{own} {sign} {other};"], "k")

    def given(self, nodes: "Matrix", first: int, to: str = "u", *, back: bool = False) -> list[str]:
        """What the loop is given, in its body's array; or back, what its grads add to theirs."""
        if not nodes or (back and not self.code.move(nodes)):
            return []
        count, code = len(nodes[0]), self.code
        own = code.entry(to, [range(first, first + count)])
        line = f"{code.at(nodes, 'g')} += {own};" if back else f"{own} = {code.at(nodes)};"
        return code.looped(count, [line], "k")


def _block(head: str, lines: list[str]) -> list[str]:
    return [head, *(f"    {line}" for line in lines), "}"]
