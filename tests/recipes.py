"""Random graphs over every row of the table, as recipes that any arithmetic can follow."""

from dataclasses import dataclass
from random import Random
from typing import Any

from autograd import OPS, Value, where
from autograd.engine.operators import RECORD
from autograd.engine.value import Bundle, constant

INPUTS, PARAMETERS = 3, 4
CONSTANTS = {"n": (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 2.5)}


@dataclass(frozen=True)
class Recipe:
    """Rows applied to nodes: first the inputs, then the parameters, then numbers, then each step's
    result.
    """

    numbers: tuple[float, ...]
    steps: tuple[tuple[str, tuple[Any, ...], tuple[float, ...]], ...]

    def __call__(self, inputs: list[Any], parameters: list[Any]) -> Any:
        """The last step's result."""
        nodes = [*inputs, *parameters, *map(constant, self.numbers)]
        for name, operands, constants in self.steps:
            if name == "choose":
                a, b = (nodes[i] for i in operands)
                result = where(a < b, a, b * a)
            elif OPS[name].nary:
                bundles: list[Any] = [Bundle([nodes[i] for i in many]) for many in operands]
                if len(bundles) > 1:
                    bundles[2] = next(iter(bundles[2]), None)
                result = RECORD[name](*bundles)
            else:
                result = RECORD[name](*(nodes[i] for i in operands), *constants)
            nodes.append(result)
        return nodes[-1]


def recipe(seed: int, length: int = 8, tame: bool = True) -> Recipe:
    """A graph whose last step adds up what nothing else uses; if tame, operands are brought into
    their row's span.
    """
    rng = Random(seed)
    numbers = (1.0, 2.0, -0.5, 0.25)
    steps: list[tuple[str, tuple[Any, ...], tuple[float, ...]]] = []
    known = INPUTS + PARAMETERS + len(numbers)
    results: list[int] = []

    def add(name: str, operands: tuple[Any, ...], constants: tuple[float, ...] = ()) -> int:
        steps.append((name, operands, constants))
        results.append(known + len(steps) - 1)
        return results[-1]

    def pick(low: float, high: float) -> int:
        """An operand: often a recent result, sometimes one that was there already, brought between
        low and high.
        """
        recent = results[-4:] or [0]
        node = rng.choice([*recent, rng.randrange(known + len(steps))])
        if not tame or rng.random() < 0.1:
            return node
        if rng.random() < 0.3:
            return add("clip", (node,), (low, high))
        squashed = add("sigmoid", (node,))
        return add("dot", ((known - 4, squashed), (_number(low), _number(high - low)), ()))

    extra: list[float] = []

    def _number(x: float) -> int:
        extra.append(x)
        return -len(extra)  # patched below, when it is known how many numbers there are

    names = [*OPS, "choose"]
    for _ in range(length):
        name = rng.choice(names)
        if name == "choose":
            add(name, (pick(-4, 4), pick(-4, 4)))
            continue
        op = OPS[name]
        if op.nary:
            count = rng.choice((1, 2, 3, 7))
            many = tuple(pick(*op.span[0]) for _ in range(count))
            others = [many]
            if len(op.operands) > 1:
                others += [tuple(pick(-4, 4) for _ in many), (pick(-4, 4),) * rng.randrange(2)]
            add(name, tuple(others))
        else:
            operands = tuple(pick(*span) for span in op.span)
            if len(operands) == 2 and rng.random() < 0.15 and op.span[0] == op.span[1]:
                operands = (operands[0],) * 2
            add(name, operands, tuple(rng.choice(CONSTANTS.get(c, (x,))) for c, x in op.constants))
    add("total", (tuple(results[-3:]),))
    shift = len(extra)
    every = (*numbers, *extra)

    def patched(node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(map(patched, node))
        return known - 1 - node if node < 0 else node + shift * (node >= known)

    return Recipe(
        every, tuple((name, patched(operands), constants) for name, operands, constants in steps)
    )


def parameters(seed: int) -> list[Value]:
    """Fresh parameters."""
    rng = Random(seed)
    return [Value(rng.uniform(-2, 2), f"w{i}") for i in range(PARAMETERS)]
