"""What ``check`` was given: a function, a derivative by hand, a recorded output, a row."""

import math
import random
import warnings
from dataclasses import replace
from difflib import get_close_matches
from inspect import signature
from typing import Any

from autograd.calculus import grad
from autograd.calculus import hessian as second
from autograd.checking.claimed import Claimed, Hessian
from autograd.checking.foreign import foreign
from autograd.checking.graph import Graph
from autograd.checking.inputs import Arguments, reals
from autograd.checking.partials import Partial
from autograd.checking.probe import Outside, Probe
from autograd.checking.recorded import Recorded
from autograd.checking.report import Entry, Finding, Report
from autograd.debugging.names import Variables
from autograd.engine.changes import changed
from autograd.engine.modes import quiet, recording, watching
from autograd.engine.notation import called, described, short
from autograd.engine.table import Op
from autograd.engine.value import Value, constant
from autograd.export.micrograd import is_micrograd
from autograd.tree import Tree, numbers


def check(
    f: Any,
    *args: Any,
    gradient: Any = None,
    hessian: Any = None,
    order: int = 1,
    seed: int = 0,
    wrt: Any = None,
    **kwargs: Any,
) -> Report:
    """Check derivatives at a point: ours, or with gradient= or hessian= those that you derived, of
    any function.

    f: a function of numbers (alone, in sequences, dicts, arrays; tensors, if the derivative is
    given), or an output that was recorded already (by micrograd or an engine like it too: then its
    grads are checked), or a row of the table (an Op). args: the point;
    by keyword, if there are no positional ones. gradient: the derivative, or a function that gives
    it, in the shape of the arguments (a tuple for several); for an f with many outputs, its
    Jacobian. hessian: likewise. order: 2 checks our second derivatives too. seed: of the random
    directions that are asked when there are more than 40 inputs. wrt: the arguments to
    differentiate by (a name or a place, or several), if not all. About 5 evaluations for each input
    where all is well, 60 to 90 more where it is not.

    Raises TypeError or ValueError, in one sentence, for what cannot be checked.

    >>> from autograd import relu
    >>> check(relu, 0.0).verdict, check(relu, 0.0).ok
    ('KINK', True)
    >>> check(lambda x: x**3, 2.0, gradient=lambda x: x**2).finding.hint
    'forgotten exponent, of x**3'
    """
    _refuse_misspelt(f, kwargs)
    return checked(f, args, kwargs, gradient, hessian, order, seed, wrt)


def _refuse_misspelt(f: Any, kwargs: Any) -> None:
    """Refuse a keyword that f does not take, and that looks like one of ``check``."""
    for name in kwargs:
        for meant in get_close_matches(name, ("gradient", "hessian", "order", "seed", "wrt"), 1):
            try:
                signature(f).bind_partial(**{name: None})
            except ValueError:  # of a function that does not say what it takes
                continue
            except TypeError:
                raise TypeError(f"check has no option {name}: did you mean {meant}?") from None


def assert_gradients(f: Any, *args: Any, **kwargs: Any) -> None:
    """Raise GradientError, with the report, unless ``check`` finds every derivative usable.

    >>> assert_gradients(lambda x: x**2, 3.0)
    >>> assert_gradients(lambda x: x**2, 3.0, gradient=lambda x: -2 * x)
    Traceback (most recent call last):
        ...
    autograd.GradientError: BUG: yours is -6, the derivative 6, ratio -1 (sign)
      x  yours -6  true 6  BUG
    """
    check(f, *args, **kwargs).raise_if_wrong()


def checked(
    f: Any, args: Any, kwargs: Any, gradient: Any, hessian: Any, order: int, seed: int, wrt: Any
) -> Report:
    """The report on what was given to ``check``."""
    if order not in (1, 2):
        raise ValueError(f"check needs order 1 or 2, got {described(order)}")
    with warnings.catch_warnings(), quiet(), recording(), watching(None):
        warnings.simplefilter("ignore")
        if isinstance(f, Value):
            if args or kwargs or not gradient is hessian is wrt is None:
                remedy = "for other numbers or derivatives give the function"
                raise TypeError(f"a recorded output is checked as it is, check(y): {remedy}")
            return _recorded(f, seed)
        if is_micrograd(f):
            return foreign(f, seed)
        op = f if isinstance(f, Op) else getattr(f, "op", None)
        if isinstance(op, Op) and not args and not kwargs:
            return _row(op, seed)
        if not callable(f):
            needed = "check needs a function, a recorded output or a row of the table"
            raise TypeError(f"{needed}, got {described(f)}")
        arguments = Arguments(f, args, kwargs, wrt)
        points = zip(arguments.names, arguments.numbers, strict=True)
        if beyond := [name for name, x in points if not math.isfinite(x)]:
            evidence = f"{beyond[0]} is no finite number"
            return Report(called(f), (), (Finding("DOMAIN", evidence, "check at a finite point"),))
        if gradient is not None or hessian is not None:
            return Claimed(arguments, gradient).report(seed, hessian)
        report = _ours(arguments, seed)
        return report if order == 1 or not report.ok else _second(arguments, report, seed)


def _ours(arguments: Arguments, seed: int) -> Report:
    """Our own gradient of a function: run it on Values, then question it."""
    probe = Probe(arguments, on_values=True)
    try:
        result = probe.result(arguments.numbers)
    except Outside as outside:
        return probe.undefined(outside)
    needed, tree = "check needs f to return one number", Tree.of(result)
    if tree.kind or tree.size != 1:
        remedy = "check(lambda x: f(x)[0], x), or all of them with gradient=jacobian(f)"
        raise TypeError(f"{needed}, got {described(result)}: {remedy}")
    (one,) = numbers(result)
    y = one if isinstance(one, Value) else constant(*reals(one, needed))
    probe.centre, variables = [y.data], probe.passed
    return probe.questioned(lambda: Recorded(y, variables, probe).report(seed))


def _second(arguments: Arguments, first: Report, seed: int) -> Report:
    """Our second derivatives, against differences of our first, which have just been checked."""

    def flat(at: list[Any]) -> Any:
        return arguments.pass_to(arguments.f, arguments.build(at))

    given = Arguments(flat, (list(arguments.numbers),), {})
    given.names = arguments.names
    return first + Hessian(given, grad(flat), second(flat)(given.numbers), "ours").report(seed)


def _recorded(y: Value, seed: int) -> Report:
    """An output that was recorded: its graph is the function."""
    if y.op is not None and not y.operands and y.label == "":
        remedy = "compute it from Values, outside no_grad"
        raise TypeError(f"check needs a graph, and this output recorded none: {remedy}")
    graph = Graph(y, [])
    inputs = [v for v in graph.order if v.op is None and not v.operands]
    names = Variables({*graph.order})
    subject = names.label(y) or "the recorded output"
    if not inputs:
        needed = "check needs an output that was made from Values"
        raise TypeError(f"{needed}, got {y!r}: nothing is beneath it")
    if stale := changed(v for v in graph.order if v.operands):
        (then, _), row = stale, stale[0].op.name
        evidence = f"{row} was recorded as {short(then.data)}, "
        evidence += "but its operands have other numbers now"
        remedy = "compute the output again from the present numbers"
        finding = Finding("UNDECIDED", evidence, remedy, row, label=names.label(then))
        return Report(subject, (), (finding,))

    def f(*numbers: float) -> Any:
        return graph.at(dict(zip(inputs, numbers, strict=True)))

    arguments = Arguments(f, tuple(v.data for v in inputs), {})
    arguments.names = [names.label(v) or f"leaf {i + 1}" for i, v in enumerate(inputs)]
    probe = Probe(arguments)
    probe.subject, probe.centre = subject, [y.data]
    return replace(Recorded(y, inputs, probe, names).report(seed), calls=probe.calls)


def _row(op: Op, seed: int, points: int = 12) -> Report:
    """A row by itself: each partial against the slope of the result, at points of its span."""
    rng = random.Random(seed)
    entries: dict[str, Entry] = {}
    spans = op.span or ((0.1, 2.0),) * len(op.operands)
    for point in range(points):
        # Every other time one constant is 0: a condition that does not hold, a bound, a slope.
        zero = (point // 2) % max(1, len(op.constants)) if point % 2 else None
        constants = [0.0 if k == zero else default for k, (_, default) in enumerate(op.constants)]
        operands = [
            [rng.uniform(*span) for _ in range(3 if name.startswith("*") else 1)]
            for name, span in zip(op.operands, spans, strict=True)
        ]
        for b, name in enumerate(op.operands):
            p = Partial(op, operands, tuple(constants), (b, 0))
            label, true = name.lstrip("*"), float(p.slope.value)
            known = entries.get(label)
            if known is None or (known.ok and p.word == "wrong"):
                found = p.finding if p.word == "wrong" else None
                error = 1e-16 * abs(true)
                entries[label] = Entry(f"by {label}", p.ours, true, error, found or Finding("OK"))
    wrong = [entry.finding for entry in entries.values() if not entry.ok]
    return Report(op.name, tuple(entries.values()), tuple(wrong[:1]))
