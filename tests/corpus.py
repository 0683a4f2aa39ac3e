"""Labelled cases for ``check``: what is wrong with each is known. ``python -m tests.corpus`` prints
the confusion.

A case is a check to run and the verdicts that are right for it; ``usable`` says whether the report
may be ok."""

import contextlib
import hashlib
import itertools
import math
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import numpy as np

from autograd import (
    OPS,
    Report,
    Value,
    abs,
    acosh,
    asin,
    atanh,
    cbrt,
    check,
    clip,
    dot,
    exp,
    floor,
    leaky_relu,
    log,
    logsumexp,
    maximum,
    minimum,
    no_grad,
    relu,
    sign,
    sin,
    sqrt,
    square,
    tanh,
    topological,
    total,
    where,
)
from autograd.checking.report import VERDICTS
from autograd.engine.recorder import recorder

__all__ = ["CASES", "Case", "complaint", "confusion", "examined", "forgetful_engine", "mutant"]


def mutant(row: str, *partials: str) -> Callable[..., Any]:
    """A row with other partials, as a function on Values."""
    return recorder(replace(OPS[row], partials=partials))


@dataclass(frozen=True)
class Case:
    """A check, the verdicts that are right for it, whether its derivative may be used, what its
    culprit is called.
    """

    name: str
    verdicts: tuple[str, ...]
    run: Callable[[], Report]
    usable: bool
    operation: str = ""
    hint: str = ""


CASES: list[Case] = []


def case(
    name: str,
    verdict: str,
    f: Any,
    *args: Any,
    usable: bool | None = None,
    operation: str = "",
    hint: str = "",
    **kwargs: Any,
) -> None:
    verdicts = tuple(verdict.split("|"))
    ok = verdict == "OK" if usable is None else usable
    CASES.append(Case(name, verdicts, lambda: check(f, *args, **kwargs), ok, operation, hint))


# Smooth and right: ours

case("a neuron", "OK", lambda w, x, b: tanh(w * x + b), -1.2, 0.5, 0.3)
case("a polynomial", "OK", lambda x: x**3 - 2 * x**2 + 5, 1.7)
case("a quotient", "OK", lambda a, b: a / b, 1.0, -3.0)
case("both vary in a power", "OK", lambda a, b: a**b, 2.0, 0.5)
case("a sequence", "OK", lambda v: total(square(v)), [1.0, -2.0, 3.0])
case(
    "nested arguments",
    "OK",
    lambda p: tanh(dot(p["w"], [0.5, 2.0], p["b"])),
    {"w": [0.1, -0.7], "b": 0.2},
)
case(
    "an object array",
    "OK",
    lambda w: (w @ np.array([1.0, 2.0])).sum(),
    np.array([[1.0, -1.0], [0.5, 3.0]]),
)
case("a diamond", "OK", lambda x: sin(x) * exp(x) + x * sin(x), 0.8)
case("a constant function", "OK", lambda x: 3.0, 1.0)
case("x - x", "OK", lambda x: x - x, 2.5)
case("a zero slope", "OK", lambda x: x**2, 0.0)
case("a flat fourth power", "OK", lambda x: x**4, 0.0)
case("x near 1e10", "OK", lambda x: (x - 1e10) ** 2, 1e10 + 1)
case("x near 1e10, added first", "OK", lambda x: (x + 1e10) - 1e10, 1.0)
case("sin(1e6 x)", "OK", lambda x: sin(1e6 * x), 1.0)
case("sin(1e12 x)", "OK", lambda x: sin(1e12 * x), 1.0, usable=True)
case("abs(1e-7)", "OK", abs, 1e-7)
case("abs(-1e-12)", "OK", abs, -1e-12)
case("relu off its kink", "OK", relu, 0.5)
case("relu, dead", "OK", relu, -0.5)
case("floor off its steps", "OK", floor, 2.5)
case("abs squared at 0", "OK", lambda x: abs(x) ** 2, 0.0)
case("maximum(x, x)", "OK", lambda x: maximum(x, x), 1.5)
case("a kink that is multiplied by 0", "OK", lambda x: relu(x) * 0.0 + x, 0.0)
case("tanh, saturated", "OK", tanh, 9.0)
case("exp near overflow", "OK", exp, 709.0)
case("exp near underflow", "OK", exp, -700.0)
case("tiny numbers", "OK", lambda x: x**2 * 1e-150, 1e-80)
case(
    "a long chain",
    "OK",
    lambda x: next(itertools.islice(_iterated(lambda v: sin(v) + 0.5, x), 300, None)),
    0.3,
)
case("a branch in Python", "OK", lambda x: x**2 if x > 1 else 2 * x - 1, 1.7)
case("a branch that joins smoothly", "OK", lambda x: x**2 if x > 1 else 2 * x - 1, 1.0)
case("where, on the safe side", "OK", lambda x: where(x > 0, x**2, -x), 0.7)
case("a corner rounded at 1e-6", "OK", lambda x: sqrt(x * x + 1e-12), 1e-7)
case("softmax cross-entropy", "OK", lambda v: logsumexp(v) - v[1], [1.0, -2.0, 0.5])
case(
    "150 inputs",
    "OK",
    lambda v: tanh(dot(v, [math.sin(i) for i in range(150)])),
    [0.01 * i for i in range(150)],
)
case("second order", "OK", lambda v: v[0] ** 3 * sin(v[1]), [1.2, 0.4], order=2)


def _iterated(f: Callable[[Any], Any], x: Any) -> Any:
    while True:
        yield x
        x = f(x)


def _recorded() -> Value:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    return tanh(a * b + 6.5)


case("an output that was recorded", "OK", _recorded())

# Slopes of exactly 0, and their second derivatives

for _name, _f in {
    "x**3 at 0": lambda x: x**3,
    "x - sin x at 0": lambda x: x - sin(x),
    "x**4 at 0": lambda x: x**4,
    "a Taylor series less its function": lambda x: sin(x) - x + x**3 / 6,
    "relu**3 at 0": lambda x: relu(x) ** 3,
    "x**3 + 1e6 at 0": lambda x: x**3 + 1e6,
}.items():
    case(_name, "OK", _f, 0.0)
    case(f"{_name}, second order", "OK", _f, 0.0, order=2)
case("x * abs(x) at 0", "OK", lambda x: x * abs(x), 0.0)
case("abs(x)**1.5 at 0", "OK", lambda x: abs(x) ** 1.5, 0.0)
case("x * relu(x) at 0", "OK", lambda x: x * relu(x), 0.0)
case("x * abs(x) at 0, second order", "KINK", lambda x: x * abs(x), 0.0, order=2, usable=True)
case("x**3 at 1e-28", "OK", lambda x: x**3, 1e-28)
case("(x - 3)**3 at 3", "OK", lambda x: (x - 3) ** 3, 3.0)
case("60 cubes at 0", "OK", lambda v: total([x**3 for x in v]), [0.0] * 60)
case("hand: x**3 at 0", "OK", lambda x: math.pow(x, 3), 0.0, gradient=lambda x: 3 * x**2)
case("hand: x - sin x at 0", "OK", lambda x: x - math.sin(x), 0.0, gradient=0.0)
case("hand: a Hessian of x**3 + 1 at 0", "OK", lambda x: math.pow(x, 3) + 1, 0.0, hessian=0.0)
case("hand: x * |x| at 0", "OK", lambda x: x * math.fabs(x), 0.0, gradient=0.0)
case("hand: 3 for x**3 at 0", "BUG", lambda x: math.pow(x, 3), 0.0, gradient=3.0)
case("hand: 1e-6 for x**3 at 0", "BUG", lambda x: x**3, 0.0, gradient=1e-6)

# Smooth and right: derived by hand

case("hand: sin", "OK", math.sin, 1.0, gradient=math.cos)
case("hand: a polynomial", "OK", lambda x: x**3, 2.0, gradient=lambda x: 3 * x**2)
case("hand: a number for a gradient", "OK", lambda x: x**3, 2.0, gradient=12.0)
case("hand: two arguments", "OK", math.hypot, 3.0, 4.0, gradient=lambda a, b: (a / 5, b / 5))
case("hand: NumPy", "OK", lambda x: float(np.sum(np.sin(x))), np.array([0.1, 2.0]), gradient=np.cos)
case(
    "hand: NumPy, elementwise",
    "OK",
    np.tanh,
    np.array([0.3, -1.0, 2.0]),
    gradient=lambda x: 1 - np.tanh(x) ** 2,
)
case(
    "hand: float32",
    "OK",
    lambda x: np.sum(x**2),
    np.array([1, 2, 3], np.float32),
    gradient=lambda x: 2 * x,
)
case(
    "hand: a Jacobian",
    "OK",
    lambda v: [v[0] * v[1], v[0]],
    [2.0, 3.0],
    gradient=lambda v: [[v[1], v[0]], [1, 0]],
)
case(
    "hand: a Hessian",
    "OK",
    lambda v: v[0] ** 2 * v[1],
    [2.0, 3.0],
    hessian=lambda v: [[2 * v[1], 4.0], [4.0, 0.0]],
)
case(
    "hand: sin(1e6 x)",
    "OK",
    lambda x: math.sin(1e6 * x),
    1.0,
    gradient=lambda x: 1e6 * math.cos(1e6 * x),
)
case("hand: x near 1e10", "OK", math.log, 1e10, gradient=lambda x: 1 / x)
case("hand: abs(1e-7)", "OK", math.fabs, 1e-7, gradient=lambda x: 1.0)
case(
    "hand: a narrow bump",
    "OK",
    lambda x: math.exp(-((1e5 * x) ** 2)),
    1e-5,
    gradient=lambda x: -2e5 * math.exp(-1),
)
case(
    "hand: 1,000 inputs",
    "OK",
    lambda v: float(np.sum(np.cos(v))),
    np.linspace(0, 5, 1000),
    gradient=lambda v: -np.sin(v),
)

# Bugs: a row that is wrong

case(
    "row: 1.01 times",
    "BUG",
    lambda x: mutant("tanh", "1.01 * sech(x)**2")(x),
    0.6,
    operation="tanh",
)
case(
    "row: sign", "BUG", lambda x: mutant("cos", "sin(x)")(x * 2), 0.6, operation="cos", hint="sign"
)
case(
    "row: factor 2",
    "BUG",
    lambda x: mutant("sqrt", "1 / y")(x),
    0.6,
    operation="sqrt",
    hint="factor 2",
)
case(
    "row: swapped",
    "BUG",
    lambda a, b: mutant("divide", "-y / b", "1 / b")(a, b),
    2.0,
    3.0,
    operation="divide",
    hint="operands swapped",
)
case("row: a constant", "BUG", lambda x: mutant("exp", "1")(x) + x, 0.6, operation="exp")
case("row: zero", "BUG", lambda x: mutant("sin", "0")(x), 0.6, operation="sin")
case(
    "row: wrong beneath a kink",
    "BUG",
    lambda x: relu(mutant("sin", "-cos(x)")(x)),
    0.6,
    operation="sin",
)
case(
    "row: wrong, but it hardly matters",
    "BUG",
    lambda x: x + 1e-9 * mutant("sin", "2 * cos(x)")(x),
    0.6,
    operation="sin",
)
case(
    "row: wrong beside its kink",
    "BUG",
    lambda x: mutant("relu", "where(x <= 0, -1, 1)")(x),
    0.0,
    operation="relu",
)
case(
    "row: one of 300",
    "BUG",
    lambda x: sum((sin(x * i) for i in range(300)), mutant("cos", "sin(x)")(x)),
    0.6,
    operation="cos",
)
case(
    "the row itself",
    "BUG",
    replace(OPS["log"], partials=("2 / x",)),
    operation="log",
    hint="factor 2",
)
case("row: recorded", "BUG", mutant("tanh", "sech(x)")(Value(0.6, "n")), operation="tanh")
case(
    "row: forgotten inner derivative",
    "BUG",
    lambda x: recorder(
        replace(OPS["sin"], name="chirp", result="sin(x**2)", partials=("cos(x**2)",))
    )(x),
    0.7,
    operation="chirp",
    hint="forgotten inner derivative, of x * x",
)

# Bugs: a function whose graph is not the function

case("detached", "BUG", lambda x: x * x.detach(), 3.0, hint="not recorded")
case("math.sin of a Value", "BUG", lambda x: math.sin(x) + x, 3.0, hint="not recorded")
case(".data", "BUG", lambda x: Value(x.data) * 2, 3.0, hint="not recorded")
case("a special case at the point", "BUG", lambda x: sin(x) / x if float(x) else 1.0 + 3 * x, 0.0)


def _paused(x: Any) -> Any:
    with no_grad():
        y = x * x
    return y * x


case("no_grad inside", "BUG", _paused, 3.0, hint="not recorded")

# Bugs: derived by hand

case("hand: sign", "BUG", math.cos, 1.0, gradient=math.sin, hint="sign")
case("hand: factor 2", "BUG", lambda x: x**2 / 2, 3.0, gradient=lambda x: 2 * x, hint="factor 2")
case("hand: factor 1.01", "BUG", math.exp, 1.0, gradient=lambda x: 1.01 * math.exp(x))
case("hand: factor 1.0001", "BUG", math.exp, 1.0, gradient=lambda x: 1.0001 * math.exp(x))
case(
    "hand: swapped",
    "BUG",
    lambda a, b: a**2 * b,
    2.0,
    5.0,
    gradient=lambda a, b: (a**2, 2 * a * b),
    hint="operands swapped",
)
case(
    "hand: forgotten inner",
    "BUG",
    lambda x: math.sin(x * x),
    2.0,
    gradient=lambda x: math.cos(x * x),
    hint="forgotten inner derivative",
)
case("hand: zero", "BUG", math.exp, 1.0, gradient=lambda x: 0.0)
case("hand: nan", "BUG", math.exp, 1.0, gradient=lambda x: math.nan)
case("hand: relu's slope when dead", "BUG", lambda x: max(x, 0.0), -0.5, gradient=lambda x: 1.0)
case(
    "hand: transposed",
    "BUG",
    lambda v: [v[0] * v[1], 3 * v[0]],
    [2.0, 5.0],
    gradient=lambda v: [[v[1], 3.0], [v[0], 0.0]],
    hint="transposed",
)
case(
    "hand: one wrong element",
    "BUG",
    np.tanh,
    np.array([0.3, -1.0, 2.0]),
    gradient=lambda x: 1 - np.tanh(x) ** 2 + [0, 0.1, 0],
)
case(
    "hand: one of 1,000 inputs",
    "BUG",
    lambda v: float(np.sum(v**2)),
    np.linspace(1, 2, 1000),
    gradient=lambda v: 2 * v * np.where(np.arange(1000) == 717, 1.05, 1),
)
case(
    "hand: a wrong Hessian",
    "BUG",
    lambda v: v[0] ** 2 * v[1],
    [2.0, 3.0],
    hessian=lambda v: [[2 * v[1], 2.0], [4.0, 0.0]],
)
case(
    "hand: degrees",
    "BUG",
    math.sin,
    1.0,
    gradient=lambda x: math.cos(x) * math.pi / 180,
    hint="factor pi/180",
)
case(
    "hand: zero beneath a narrow bump",
    "BUG",
    lambda x: x * math.exp(-((1e6 * x) ** 2)),
    0.0,
    gradient=lambda x: 0.0,
)
case("hand: a lying zero at 1e10", "BUG", math.sin, 1e10, gradient=lambda x: 0.0)
case(
    "hand: float32, wrong",
    "BUG",
    lambda x: np.sum(x**2),
    np.array([1, 2, 3], np.float32),
    gradient=lambda x: 2.1 * x,
)

# Causes: named only if no other explains the same number

case(
    "hand: the exponent forgotten, or the 2 inside",
    "BUG",
    lambda a: (a * 2) ** 2,
    1.7,
    gradient=lambda a: 4 * a,
    hint="factor 1/2",
)
case(
    "hand: the exponent forgotten",
    "BUG",
    lambda x: (x + 1) ** 2,
    1.7,
    gradient=lambda x: x + 1,
    hint="forgotten exponent",
)
case(
    "hand: a factor forgotten, or a path",
    "BUG",
    lambda x: x + x,
    1.7,
    gradient=1.0,
    hint="factor 1/2",
)
case(
    "hand: the inner derivative forgotten, of a sum",
    "BUG",
    lambda x: tanh(3 * x + 1),
    0.5,
    gradient=lambda x: 1 - tanh(3 * x + 1) ** 2,
    hint="forgotten inner derivative, of 3 * x",
)

# Accumulation: every partial is right, their sum is not


def _forgetful(output: Any, seed: float = 1.0) -> None:
    """A reverse pass that sets where it should add."""
    WHOLE(output, seed)
    for result in reversed(topological(output)):
        for operand, partial in zip(result.operands, result.partials, strict=True):
            operand.grad = partial * result.grad


WHOLE = Value.backward


def forgetful_engine() -> contextlib.AbstractContextManager[Any]:
    """An engine that has = where += belongs."""
    return mock.patch.object(Value, "backward", _forgetful)


def _broken(f: Any, *args: Any) -> Callable[[], Report]:
    return forgetful_engine()(lambda: check(f, *args))


CASES.append(
    Case("= in place of +=", ("ACCUMULATION",), _broken(lambda x: x * exp(x) + sin(x), 0.7), False)
)
CASES.append(
    Case("= in place of +=, a + a", ("ACCUMULATION",), _broken(lambda a: a + a, 3.0), False)
)
CASES.append(
    Case(
        "= in place of +=, inside",
        ("ACCUMULATION",),
        _broken(lambda x: (lambda h: h * sin(h))(exp(x)), 0.3),
        False,
    )
)
CASES.append(
    Case("= in place of +=, no diamond", ("OK",), _broken(lambda x: sin(exp(x)), 0.3), True)
)
case(
    "hand: = in place of +=",
    "ACCUMULATION",
    lambda x: x * x * x + 5 * x,
    1.3,
    gradient=lambda x: x * x,
)

# Kinks

case("abs at 0", "KINK", abs, 0.0, usable=True, operation="abs")
case("relu at 0", "KINK", relu, 0.0, usable=True, operation="relu")
case("leaky relu at 0", "KINK", leaky_relu, 0.0, usable=True, operation="leaky_relu")
case("a tie of two", "KINK", maximum, 1.0, 1.0, usable=True, operation="maximum")
case(
    "a minimum at its tie", "KINK", lambda x: minimum(x, 2.0), 2.0, usable=True, operation="minimum"
)
case("clip at its bound", "KINK", lambda x: clip(x, 0.0, 1.0), 1.0, usable=True, operation="clip")
case(
    "relu of a neuron at 0",
    "KINK",
    lambda w, x: relu(w * x),
    0.0,
    2.0,
    usable=True,
    operation="relu",
)
case("where at its switch", "KINK", lambda x: where(x > 0, x, 0.0), 0.0, usable=True)
case(
    "a branch in Python at its switch", "KINK", lambda x: x if x > 0 else 0.01 * x, 0.0, usable=True
)
case("kinks that cancel", "KINK", lambda x: relu(x) - relu(-x), 0.0, usable=False)
case(
    "abs with a wrong subgradient",
    "KINK|BUG",
    lambda x: mutant("abs", "where(x == 0, 2, sign(x))")(x),
    0.0,
    usable=False,
)
case(
    "hand: abs at 0, valid",
    "KINK",
    lambda x: math.fabs(x),
    0.0,
    gradient=lambda x: 0.3,
    usable=True,
)
case(
    "hand: abs at 0, invalid",
    "KINK",
    lambda x: math.fabs(x),
    0.0,
    gradient=lambda x: 2.0,
    usable=False,
)
case(
    "hand: relu at 0, invalid",
    "KINK",
    lambda x: max(x, 0.0),
    0.0,
    gradient=lambda x: -1.0,
    usable=False,
)
case(
    "hand: NumPy's maximum at 0",
    "KINK",
    lambda x: np.maximum(x, 0).sum(),
    np.array([0.0, 1.0]),
    gradient=lambda x: (x > 0) * 1.0,
    usable=True,
)

# Steps

case("sign at 0", "DISCONTINUOUS", sign, 0.0, operation="sign")
case("floor at 2", "DISCONTINUOUS", floor, 2.0, operation="floor")
case("a step by where", "DISCONTINUOUS", lambda x: where(x > 0, 1.0, 0.0) + x, 0.0)
case("x % 2 at 2", "DISCONTINUOUS", lambda x: x % 2.0, 2.0, operation="mod")
case("hand: a step", "DISCONTINUOUS", lambda x: float(x > 0), 0.0, gradient=lambda x: 0.0)
case("hand: a hole", "DISCONTINUOUS", lambda x: float(x == 0), 0.0, gradient=lambda x: 0.0)

# Domains and infinite slopes

case("acosh(0.5)", "DOMAIN", acosh, 0.5, operation="acosh")
case("log(-1)", "DOMAIN", log, -1.0, operation="log")
case("log(0)", "DOMAIN", log, 0.0, operation="log")
case("asin(2)", "DOMAIN", lambda x: asin(x) + x, 2.0, operation="asin")
case("1 / 0", "DOMAIN", lambda x: 1 / x, 0.0)
case("atanh(1)", "DOMAIN", atanh, 1.0, operation="atanh")
case("exp(1000)", "DOMAIN", exp, 1000.0, operation="exp")
case("x**1.5 at 0", "DOMAIN", lambda x: x**1.5, 0.0)
case("the where-trap", "DOMAIN", lambda x: where(x > 0, sqrt(x), 0.0), -1.0, operation="sqrt")
case("hand: math.acosh(0.5)", "DOMAIN", math.acosh, 0.5, gradient=lambda x: 0.0)
case(
    "hand: a negative number to the power 0.5",
    "DOMAIN",
    lambda x: x**0.5,
    -1.0,
    gradient=lambda x: 0.0,
)
case(
    "hand: NumPy's log(-1)",
    "DOMAIN",
    lambda x: np.log(x).sum(),
    np.array([-1.0, 1.0]),
    gradient=lambda x: 1 / x,
)
case("sqrt(0)", "SINGULAR", sqrt, 0.0, operation="sqrt")
case("cbrt(0)", "SINGULAR", cbrt, 0.0, operation="cbrt")
case("asin(1)", "SINGULAR", asin, 1.0, operation="asin")
case("acosh(1)", "SINGULAR", acosh, 1.0, operation="acosh")
case("sqrt(x * x) at 0", "SINGULAR", lambda x: sqrt(x * x), 0.0, operation="sqrt")
case("sqrt(x) * 0", "SINGULAR", lambda x: sqrt(x) * 0.0, 0.0, operation="sqrt")
case(
    "hand: sqrt(|x|) at 0",
    "SINGULAR",
    lambda x: math.sqrt(math.fabs(x)),
    0.0,
    gradient=lambda x: 0.0,
)

# What no numbers can tell

case(
    "hand: x near 1e16, added first",
    "ROUND-OFF|UNDECIDED|OK",
    lambda x: math.fsum([x + 1e16, -1e16]),
    1.5,
    gradient=lambda x: 1.0,
    usable=False,
)
case(
    "hand: 1e16 + sin(x)",
    "ROUND-OFF|UNDECIDED",
    lambda x: 1e16 + math.fsum([math.sin(x)]),
    1.0,
    gradient=math.cos,
)
case(
    "hand: sin(1e15 x)",
    "ROUND-OFF|TRUNCATION",
    lambda x: math.sin(1e15 * x),
    1.0,
    gradient=lambda x: 1e15 * math.cos(1e15 * x),
)
case("ours: digits lost on the way", "ROUND-OFF", lambda x: sin(x * x), 12345678901.3)


def _rough(x: float) -> float:
    """Noise, but always the same for the same number."""
    return math.sin(x) + int(hashlib.sha256(repr(x).encode()).hexdigest()[:8], 16) / 2**32


case(
    "hand: noise that is always the same",
    "ROUND-OFF|TRUNCATION|UNDECIDED",
    _rough,
    1.0,
    gradient=math.cos,
)

# Functions that do more than compute

_RANDOM = random.Random(7)
_COUNT = itertools.count()
case("random noise", "NONDETERMINISTIC", lambda x: x * (1 + 0.1 * _RANDOM.random()), 1.0)
case(
    "dropout",
    "NONDETERMINISTIC",
    lambda v: total([x * (_RANDOM.random() < 0.5) for x in v]),
    [1.0] * 20,
)
case("a counter", "NONDETERMINISTIC", lambda x: x + next(_COUNT), 1.0)
case(
    "hand: random noise",
    "NONDETERMINISTIC",
    lambda x: x + 1e-9 * _RANDOM.random(),
    1.0,
    gradient=lambda x: 1.0,
)
case(
    "hand: a random gradient",
    "NONDETERMINISTIC",
    math.sin,
    1.0,
    gradient=lambda x: math.cos(x) + 1e-9 * _RANDOM.random(),
)


def _appends(v: list[Any]) -> Any:
    v.append(v[0])
    return v[0] * v[1]


def _scales(v: list[Any]) -> Any:
    v[0] = v[0] * 2
    return v[0] * v[1]


def _writes(x: Value) -> Value:
    x.data += 1.0
    return x * x


def _in_place(x: Any) -> Any:
    x *= 2
    return x.sum()


case("appends to its list", "IMPURE", _appends, [1.0, 2.0])
case("scales its list", "IMPURE", _scales, [1.0, 2.0])
case("writes to .data", "IMPURE", _writes, 1.0)
case(
    "hand: sorts its list", "IMPURE", lambda v: (v.sort(), v[0])[1], [3.0, 1.0], gradient=[0.0, 1.0]
)
case(
    "hand: changes its array",
    "IMPURE",
    _in_place,
    np.array([1.0, 2.0]),
    gradient=np.array([2.0, 2.0]),
)
case(
    "hand: the gradient changes its array",
    "IMPURE",
    lambda x: x.sum() * 1.0,
    np.array([1.0, 2.0]),
    gradient=lambda x: (_in_place(x), np.ones(2))[1],
)


def examined() -> list[tuple[Case, Report]]:
    """Every case with its report."""
    return [(each, each.run()) for each in CASES]


def complaint(case: Case, report: Report) -> str:
    """What is wrong with a report on a case; empty if nothing is."""
    culprit = report.culprit
    named = not case.operation or (culprit is not None and culprit.operation == case.operation)
    if (
        report.verdict in case.verdicts
        and report.ok == case.usable
        and named
        and case.hint in report.finding.hint
    ):
        return ""
    needed = " ".join(filter(None, ("|".join(case.verdicts), case.operation, case.hint)))
    return f"{case.name}: needed {needed}, got\n{report!r}"


def confusion(reports: list[tuple[Case, Report]]) -> Counter[tuple[str, str]]:
    """How often a case of each label (its first verdict, unless it got another of its own) was
    given each verdict.
    """
    return Counter(
        (report.verdict if report.verdict in case.verdicts else case.verdicts[0], report.verdict)
        for case, report in reports
    )


def main() -> None:
    """Print the matrix: a row for each label, a column for each verdict that was given."""
    reports = examined()
    counts = confusion(reports)
    wrong = list(filter(None, (complaint(case, report) for case, report in reports)))
    labels = [word for word in VERDICTS if any(word in pair for pair in counts)]
    print(f"{len(CASES)} cases; rows: what it is, columns: what check said")
    print(" " * 17 + " ".join(f"{word[:8]:>8}" for word in labels))
    for label in labels:
        print(f"{label:<17}" + " ".join(f"{counts[label, word] or '.':>8}" for word in labels))
    print(f"{len(wrong)} wrong" + "".join(f"\n{text}" for text in wrong))


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    main()
