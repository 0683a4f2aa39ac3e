"""Listings: a recording as the scalar code that it is, with its reverse pass."""

import re
from collections import Counter

from autograd.engine.notation import exact
from autograd.engine.table import Op
from autograd.recording.arguments import Argument
from autograd.recording.arrays import is_word
from autograd.recording.graph import Steps
from autograd.recording.trace import TRUTHS

__all__ = ["listing"]

# A listing of more steps than this shows its beginning and its end.
MOST = 40


def listing(name: str, arguments: list[Argument], steps: Steps) -> str:
    """The steps as assignments, and below them how the grads come about."""
    names = _names(arguments, steps)
    results = [node for node, row in enumerate(steps.rows) if row is not None]
    forward = [f"{names[node]} = {_expression(steps, node, names)}" for node in _some(results)]
    forward = _elided(forward, len(results))
    answer = ", ".join(names[o] for o in steps.outputs)
    head = f"def {name}({', '.join(_signature(arguments))}):"
    lines = [head, *(f"    {line}" for line in forward), f"    return {answer}"]
    if len(steps.outputs) == 1:
        lines += ["# the reverse pass", *(f"    {line}" for line in _reverse(steps, names))]
    return "\n".join(lines)


def _names(arguments: list[Argument], steps: Steps) -> list[str]:
    """A name for each node: that of the argument, the parameter's label if it is one of its own, or
    a number.

    No two are alike, with the d of a grad before them neither.
    """
    signature = _signature(arguments)
    names = [
        name + label
        for name, argument in zip(signature, arguments, strict=True)
        for label in argument.places
    ]
    names += [""] * (len(steps.rows) - len(names))
    labels = Counter(parameter.label for parameter in steps.parameters.values())
    taken = set(signature)
    taken |= {f"d{name}" for name in taken}

    def free(name: str) -> bool:
        return not (
            {name, f"d{name}"} & taken or is_word(name) or (name[1:] in taken and name[0] == "d")
        )

    def give(node: int, name: str) -> None:
        while not free(name):
            name += "_"
        names[node] = name
        taken.update((name, f"d{name}"))

    for i, (node, parameter) in enumerate(steps.parameters.items()):
        label = parameter.label
        give(node, label if label.isidentifier() and labels[label] == 1 else f"p{i}")
    for node, number in steps.numbers.items():
        names[node] = exact(number)
    for i, node in enumerate((node for node, row in enumerate(steps.rows) if row is not None), 1):
        give(node, f"v{i}")
    return names


def _signature(arguments: list[Argument]) -> list[str]:
    """The arguments' names, none of which is the grad of another."""
    names = [argument.name for argument in arguments]
    return [f"{name}_" if name[0] == "d" and name[1:] in names else name for name in names]


def _some(results: list[int]) -> list[int]:
    return results if len(results) <= MOST else results[: MOST // 2] + results[-MOST // 2 :]


def _elided(lines: list[str], count: int) -> list[str]:
    if count <= MOST:
        return lines
    return [*lines[: MOST // 2], f"# ... {count - MOST} more operations ...", *lines[MOST // 2 :]]


def _reverse(steps: Steps, names: list[str]) -> list[str]:
    """How the grad of each node is made of its contributions, results before operands."""
    active = [node < steps.inputs or node in steps.parameters for node in range(len(steps.rows))]
    contributions: dict[int, list[str]] = {}
    for node, row in enumerate(steps.rows):
        if row is not None:
            active[node] = any(active[o] for many in steps.operands[node] for o in _many(many))
    for node in range(len(steps.rows) - 1, -1, -1):
        row = steps.rows[node]
        if row is None or not active[node]:
            continue
        if node in contributions or node in steps.outputs:
            for many, text, operand in zip(
                steps.operands[node], row.partials, row.operands, strict=True
            ):
                for place, o in enumerate(_many(many)):
                    if active[o]:
                        partial = _partial(steps, node, row, text, operand, place, names)
                        contributions.setdefault(o, []).append(_product(f"d{names[node]}", partial))
    order = [
        node
        for node in range(len(steps.rows) - 1, -1, -1)
        if node in contributions and node not in steps.outputs
    ]
    results = [node for node in order if steps.rows[node] is not None]
    leaves = sorted(node for node in order if steps.rows[node] is None)
    wanted = [*results, *leaves]
    lines = [f"d{names[node]} = {' + '.join(_few(contributions[node]))}" for node in _some(wanted)]
    if not active[steps.outputs[0]]:
        return ["# nothing: it does not depend on anything"]
    return [f"d{names[steps.outputs[0]]} = 1", *_elided(lines, len(wanted))]


def _few(terms: list[str]) -> list[str]:
    return terms if len(terms) <= 6 else [*terms[:3], f"... {len(terms) - 4} more", terms[-1]]


def _many(operand: int | tuple[int, ...]) -> tuple[int, ...]:
    return operand if isinstance(operand, tuple) else (operand,)


def _product(grad: str, partial: str) -> str:
    if partial == "1":
        return grad
    if partial == "-1":
        return f"-{grad}"
    simple = re.fullmatch(r"[\w.\[\]]+", partial)
    return f"{grad} * {partial}" if simple else f"{grad} * ({partial})"


def _partial(
    steps: Steps, node: int, row: Op, text: str, operand: str, place: int, names: list[str]
) -> str:
    """A partial with names for its operands; in n-ary rows those at the place of the operand."""
    given = {"y": names[node]}
    for name, many in zip(row.operands, steps.operands[node], strict=True):
        if name.startswith("*"):
            given[name[1:]] = names[many[place if place < len(many) else 0]]
            given["count"] = str(len(many))
        else:
            given[name] = (
                names[many] if not isinstance(many, tuple) else names[many[0]] if many else "0"
            )
    given |= {
        name: names[c] for (name, _), c in zip(row.constants, steps.constants[node], strict=True)
    }
    return _named(text, given)


def _named(text: str, given: dict[str, str]) -> str:
    def safe(match: re.Match[str]) -> str:
        name = given.get(match[0], match[0])
        alone = match[0] == text or re.fullmatch(r"[\w.\[\]']+", name)
        return name if alone else f"({name})"

    return re.sub(r"[A-Za-z_]\w*", safe, text)


def _expression(steps: Steps, node: int, names: list[str]) -> str:
    """The result of a row with names for its operands."""
    row = steps.rows[node]
    assert row is not None
    operands = steps.operands[node]
    if row.nary:
        lists = [", ".join(_few([names[o] for o in many])) for many in operands if many]
        starred = [f"[{text}]" for text in lists] if len(lists) > 1 else lists
        return f"{row.name}({', '.join(starred)})"
    given = dict(zip(row.operands, (names[o] for o in operands), strict=True))
    given |= {
        name: names[c] for (name, _), c in zip(row.constants, steps.constants[node], strict=True)
    }
    if row.symbol == row.name and not row.result.startswith(
        f"{row.name}("
    ):  # as where(condition, a, b)
        return f"{row.name}({', '.join(given.values())})"
    if row in TRUTHS:
        return f"{given['a']} {row.symbol} {given['b']}"
    return _named(row.result, given)
