"""Planted mistakes: every wrong partial of every row must be caught by the comparison that
test_ops.py relies on.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from autograd import OPS, Op, Value
from autograd.engine.recorder import recorder
from autograd.engine.value import RECORD
from tests.autograd.engine.test_table import CONSTANTS
from tests.cases import each
from tests.oracle import arities, defaults, first_disagreement, holds

POINTS = 12


def swapped(text: str) -> str:
    """The formula with its operands a and b exchanged."""
    return re.sub(r"\b[ab]\b", lambda name: {"a": "b", "b": "a"}[name[0]], text)


def mutants() -> Iterator[tuple[str, str, Op]]:
    """The name of each row, what was done to it, and the row with one partial wrong."""
    for name, op in OPS.items():
        for i, right in enumerate(op.partials):
            if right == "0":
                planted = {"1": "1"}
            else:
                planted = {
                    "sign": f"-({right})",
                    "1.01": f"1.01 * ({right})",
                    "double": f"2 * ({right})",
                }
            planted["swapped operands"] = swapped(right)
            planted["swapped partials"] = op.partials[1 - i] if i < 2 <= len(op.partials) else right
            for what, wrong in planted.items():
                if wrong != right:
                    partials = (*op.partials[:i], wrong, *op.partials[i + 1 :])
                    # A vocabulary of its own, and a name, keep the mutant out of the engine's
                    # words.
                    mutant = replace(
                        op, name=f"{name}_mutant", partials=partials, vocabulary={"mutant": None}
                    )
                    yield name, f"{op.operands[i]}: {what}", mutant


MUTANTS = list(mutants())


def caught(name: str, op: Op, record: Callable[..., Value]) -> str:
    """What the oracle disagrees with, at points from the span, with each set of constants."""
    rng = random.Random(name)
    for constants in [defaults(op), *CONSTANTS.get(name, [])]:
        for _ in range(POINTS):
            spans = zip(op.span, arities(op), strict=True)
            flat = tuple(rng.uniform(*span) for span, count in spans for _ in range(count))
            if all(holds(op, need, flat, constants) for need in op.needs):
                said = first_disagreement(name, op, record, flat, constants, order=1)
                if said:
                    return said
    return ""


@each("name", OPS)
def test_the_rows_themselves_are_not_accused(name: str) -> None:
    assert not caught(name, OPS[name], RECORD[name])


@each(("name", "mutant"), [(n, m) for n, _, m in MUTANTS], ids=[f"{n} {w}" for n, w, _ in MUTANTS])
def test_no_wrong_partial_survives(name: str, mutant: Op) -> None:
    assert "derivative" in caught(name, mutant, recorder(mutant))


def test_every_partial_of_every_row_has_mutants() -> None:
    mutated = {(name, what.partition(":")[0]) for name, what, _ in MUTANTS}
    assert mutated == {(op.name, operand) for op in OPS.values() for operand in op.operands}
