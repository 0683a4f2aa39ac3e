"""Where mathematics or floating point is delicate: every row of conventions.csv, forward, reverse
and nested.
"""

import csv
import math
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import Value, grad
from tests.cases import each

# Every warning of a domain that these rows are about; test_ops.py reads the sentences.
pytestmark = pytest.mark.filterwarnings("ignore::autograd.DomainWarning")

with Path(__file__).with_name("conventions.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))


def named(row: dict[str, str]) -> str:
    return " ".join(filter(None, [row["expression"], row["operands"], row["constants"]]))


every_row = each("row", ROWS, ids=named)


def numbers(text: str) -> dict[str, float]:
    return {
        name: float(number) for name, _, number in (pair.partition("=") for pair in text.split())
    }


def computed(row: dict[str, str], **names: Any) -> Any:
    words = {name: getattr(autograd, name) for name in dir(autograd)}
    return eval(
        compile(row["expression"], "conventions.csv", "eval"),
        words,
        names | numbers(row["constants"]),
    )


def same(got: list[float], row: dict[str, str], *columns: str) -> bool:
    want = [float(number) for column in columns for number in row[column].split()]
    pairs = zip(got, want, strict=True)
    return all((a != a and b != b) or a == b or abs(a - b) <= 4 * math.ulp(b) for a, b in pairs)


def test_there_are_as_many_rows_as_were_decided() -> None:
    assert len(ROWS) == 83


@every_row
def test_the_convention_holds(row: dict[str, str]) -> None:
    operands = {name: Value(number, name) for name, number in numbers(row["operands"]).items()}
    y = computed(row, **operands)
    y.backward()
    assert same([y.data, *(v.grad for v in operands.values())], row, "result", "gradient")


# Python's own operators raise on floats; these are the functions that answer.
FUNCTIONS = {"**": "power", "/": "divide", "*": "multiply", "-": "subtract", "+": "add"}


@each("row", [row for row in ROWS if len(row["expression"].split()) <= 3], ids=named)
def test_the_convention_holds_on_floats(row: dict[str, str]) -> None:
    expression = row["expression"]
    if "(" not in expression:
        a, sign, b = expression.split()
        expression = f"{FUNCTIONS[sign]}({a}, {b})"
    y = computed(row | {"expression": expression}, **numbers(row["operands"]))
    assert same([float(y)], row, "result")


@every_row
def test_the_convention_holds_for_derivatives_that_are_values_themselves(
    row: dict[str, str],
) -> None:
    names = list(numbers(row["operands"]))
    given = [Value(number) for number in numbers(row["operands"]).values()]
    slopes = grad(
        lambda *x: computed(row, **dict(zip(names, x, strict=True))), tuple(range(len(names)))
    )(*given)
    assert all(isinstance(slope, Value) for slope in slopes)
    assert same([slope.data for slope in slopes], row, "gradient")
