"""Calls: the levels of a program with rows of the table, loops and called programs as functions,
as JAX and PyTorch have them."""

import re
from collections.abc import Sequence
from typing import Any

from autograd.engine.table import OPS
from autograd.recording.across import ACROSS
from autograd.recording.codegen import Code
from autograd.recording.schedule import Group, Layout, Repeat, Row
from autograd.recording.wish import Wish

WHERE = OPS["where"]


class Calls(Code):
    """The levels of the NumPy engine, with rows of the table and loops as calls."""

    def __init__(self, layout: Layout, tables: Any, around: "Calls | None" = None) -> None:
        """around: that of the program, or of the body, in which this is the body of a loop."""
        super().__init__(layout, Wish(), tables)
        self.around = around
        self.steps: list[str] = around.steps if around else []  # the bodies, inner ones first
        self.known: dict[int, str] = {}  # the names of those of this one's loops
        # Whether it is in a while_loop, through which slopes go, and no grads.
        self.pushes: bool = layout.form.is_optional or bool(around and around.pushes)

    def answer(self) -> str:
        outputs = self.form.outputs
        if self.around is None or any(map(self.form.varies.__getitem__, outputs)):
            return super().answer()
        return self.spread(super().answer(), len(outputs))

    def _forward(self, v: str, group: Group) -> None:
        if isinstance(group, Repeat):
            self._loop(v, group)
        elif not isinstance(group, Row) or group.op in ACROSS:
            super()._forward(v, group)
        else:
            names = self.names(group)
            given = ", ".join(names[name] for name in group.op.names)
            call = f"{group.op.name}_({given})"
            if group.op is WHERE:  # which may choose among what has one column
                call = self.spread(call, len(group.nodes)) if group.wide else call
            self.lines.append(f"{v} = {call}")

    def _loop(self, v: str, group: Repeat) -> None:
        """The results of a loop that somebody uses."""
        layout, loop, wide, count = group.layout(), group.loop, group.wide, group.loop.results
        step, entries, given = self._step(group, layout), group.entries(), group.closed(layout)
        closed = [self.columns(nodes, wide and name == "k") for name, nodes in given.items()]
        start = self.columns(group.own[: loop.states], wide) if loop.states else ""
        if loop.steps == 0:
            call = start
        elif not loop.states:  # a call
            x = [self.columns(group.own, wide)] if group.own else []
            call = f"{step}({', '.join([*x, *closed])})"
            if wide and not (entries or "k" in layout.arguments):
                call = self.spread(call, count)
        elif loop.steps is None:
            name = "while_along" if self.pushes else "while_loop"
            first = self.columns(group.first, wide)
            call = f"{name}({', '.join([step, start, first, *closed])})"
        else:
            every, over = [node for entry in entries for node in entry], "None"
            if every:
                rows = self.columns(every, False)
                over = f"{rows}.reshape({loop.steps}, {loop.elements}, -1)"
            call = f"scan({', '.join([step, start, over, str(loop.steps), *closed])})"
        part = "" if group.which == [*range(count)] else f"[{self.table(group.which)}]"
        self.lines.append(f"{v} = {call}{part}")

    def columns(self, nodes: Sequence[int], wide: bool) -> str:
        """Rows of nodes, with a column a sample if the whole is wide."""
        own, rows = {*nodes}, self.rows(nodes, each=True)
        if len(own) == 1 and nodes[0] in self.form.numbers:
            return f"np.full(({len(nodes)}, {'n' if wide else 1}), {rows})"
        if wide and not any(map(self.form.varies.__getitem__, nodes)):
            return self.spread(rows, len(nodes))
        return rows

    def _step(self, group: Repeat, layout: Layout) -> str:
        """The name of a body, which is printed once."""
        if id(group.body) not in self.known:
            head, _, lines = Calls(layout, self.tables, self).function("").partition("\n")
            which, numbers = len(self.steps) + 1, group.body.numbers.values()
            about = f"A step of {group.loop.name}." if group.loop.states else f"{group.loop.name}."
            if re.search(r"\bc\b", lines):
                self.tables[f"c{which}"] = [[x] for x in numbers]
                lines = f"    c = c{which}\n{lines}"
            self.known[id(group.body)] = name = f"step{which}"
            self.steps.append(f'def {name}{head[4:]}\n    """{about}"""\n{lines}')
        return self.known[id(group.body)]
