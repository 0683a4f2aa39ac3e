"""Wishes: whose grads a call wants, and which nodes grads pass on the way there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.recording.form import NormalForm
from autograd.recording.graph import Loop, flat
from autograd.recording.reach import made_from


@dataclass(eq=False)
class Wish:
    """The arguments by place, and whether the parameters; as nodes of the normal form the inputs
    among them, and the narrow ones: shared arguments, then parameters.

    An engine answers with a row of samples for each input, and a number for each narrow one."""

    arguments: Sequence[int] = ()
    parameters: bool = False
    inputs: Sequence[int] = ()
    narrow: Sequence[int] = ()

    @property
    def suffix(self) -> str:
        """What the name of a function that computes it ends with."""
        return "_and_parameter_grad" if self.parameters else "_and_grad" if self else ""

    def __bool__(self) -> bool:
        return bool(self.inputs or self.narrow)

    def leading(self, form: NormalForm) -> bytearray:
        """Which nodes are made from what is wanted, but for conditions, or are it."""
        return made_from(form, (*self.inputs, *self.narrow))


def led_into(
    body: NormalForm, loop: Loop, operands: Sequence[Sequence[int]], leads: bytearray
) -> bytes:
    """What is made from what is wanted where a loop's body begins, as leads has it around."""
    (own, *_), k, m = operands, loop.states, loop.elements
    found = bytearray(len(body.rows))
    for node, o in body.outer.items():
        found[node] = leads[o]
    for i in range(k + m):
        places = own[i : i + 1] if i < k else own[i::m][: loop.steps]
        found[i] = any(map(leads.__getitem__, places))
    return bytes(found)


def leading_in(body: NormalForm, loop: Loop, begin: bytes) -> bytearray:
    """Which nodes of a loop's body are made from these, in any step."""
    found, users = bytearray(begin), defaultdict[int, list[int]](list)
    for node, _, operands, _ in body.results(body.wide):
        for o in flat(operands):
            users[o].append(node)
    for i in range(loop.states):
        users[body.outputs[i]].append(i)
    waiting = [node for node, leads in enumerate(found) if leads]
    while waiting:
        for user in users[waiting.pop()]:
            if not found[user]:
                found[user] = 1
                waiting.append(user)
    return found
