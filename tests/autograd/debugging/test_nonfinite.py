"""Where a nan comes from."""

import inspect
import math
import random
import warnings
from collections.abc import Iterator

import pytest

from autograd import (
    DomainError,
    DomainWarning,
    Value,
    exp,
    log,
    logsumexp,
    sin,
    sqrt,
    strict,
    tanh,
    total,
    trace_nonfinite,
    where,
)
from autograd.debugging.nonfinite import Trace
from tests.cases import each


@pytest.fixture(autouse=True)
def _told() -> Iterator[None]:
    """The trace warns when its block ends; these tests read it instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DomainWarning)
        yield


def line_of(text: str) -> int:
    source, first = inspect.getsourcelines(inspect.getmodule(line_of))  # type: ignore[arg-type]
    return next(first + i for i, line in enumerate(source) if text in line) + (first == 0)


def test_the_first_operation_is_named_with_operands_label_file_and_line() -> None:
    with trace_nonfinite() as trace:
        x = Value(1.0, "x")
        inner = x - 2
        inner.label = "inner"
        y = sqrt(sqrt(inner)) + 1  # the line in question
        y.backward()
    origin = trace.forward
    assert origin is not None
    assert (origin.operation, origin.operands, origin.labels) == ("sqrt", (-1.0,), ("inner",))
    assert origin.sentence == "sqrt needs x >= 0, got x = -1 in sqrt(inner)"
    assert origin.file == __file__
    assert origin.line == line_of("# the line in question")
    assert trace.backward is not None
    assert (trace.backward.operation, trace.backward.operands) == ("sqrt", (-1.0,))
    assert trace.backward.line == origin.line


def test_a_nan_of_the_reverse_pass_alone_is_found() -> None:
    with trace_nonfinite() as trace:
        x = Value(0.0, "x")
        y = where(x > 0, sqrt(x), x)  # the root of the evil
        y.backward()
    assert trace.forward is None
    origin = trace.backward
    assert origin is not None
    assert (origin.operation, origin.labels) == ("sqrt", ("x",))
    assert (
        origin.sentence
        == "sqrt(x) has the partial inf at x = 0; times its own grad, 0, that is nan"
    )
    assert origin.line == line_of("# the root of the evil")


def test_an_overflow_of_the_reverse_pass_is_found() -> None:
    with trace_nonfinite() as trace:
        x = Value(1e-200, "x")
        y = (1 / x) * 1e150
        y.backward()
    assert trace.backward is not None
    assert trace.backward.operation == "divide"
    assert math.isinf(trace.backward.result)


def test_operations_on_bundles_and_on_floats_are_traced_too() -> None:
    with trace_nonfinite() as trace:
        total([Value(1e308, "a"), Value(1e308)])
    assert trace.forward is not None
    assert (trace.forward.operation, trace.forward.labels) == ("total", ("a", ""))
    with trace_nonfinite() as trace:
        exp(1000.0)
    assert trace.forward is not None
    assert trace.forward.sentence == "exp overflows to inf at x = 1000"


def test_what_only_passes_through_is_nobodys_origin() -> None:
    with trace_nonfinite() as trace:
        y = tanh(Value(math.nan)) * Value(math.inf) + logsumexp([Value(math.nan), Value(0.0)])
        y.backward()
    assert not trace
    assert f"{trace!r}" == "every number was finite"


def test_nothing_is_found_where_all_is_finite() -> None:
    with trace_nonfinite() as trace:
        sin(Value(1.0)).backward()
    assert not trace


@each("seed", range(30))
def test_a_nan_planted_anywhere_in_a_random_graph_is_the_one_that_is_found(seed: int) -> None:
    rng = random.Random(seed)
    values = [Value(rng.uniform(0.5, 2)) for _ in range(4)]
    planted = rng.randrange(4, 40)
    with trace_nonfinite() as trace:
        for i in range(4, 40):
            a, b = rng.choice(values[-6:]), rng.choice(values[-6:])
            if i == planted:
                a = Value(-1.0, "culprit")
                values.append(log(a))
            else:
                values.append(
                    rng.choice(
                        [lambda a, b: a * b, lambda a, b: tanh(a) + b, lambda a, b: sin(a - b)]
                    )(a, b)
                )
        total(values).backward()
    assert trace.forward is not None
    assert (trace.forward.operation, trace.forward.labels) == ("log", ("culprit",))


def test_the_end_of_the_block_warns_once_at_the_users_line() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with trace_nonfinite():
            log(Value(-1.0, "x"))
    assert len(told) == 1
    assert told[0].category is DomainWarning
    assert str(told[0].message).startswith("forward: log needs x > 0, got x = -1")
    assert told[0].filename == __file__


def test_strict_still_raises_inside() -> None:
    with pytest.raises(DomainError, match="log needs x > 0"), strict(), trace_nonfinite():
        log(Value(-1.0))


def test_a_trace_ends_with_its_block() -> None:
    with trace_nonfinite() as trace:
        pass
    with pytest.warns(DomainWarning):
        log(Value(-2.0))
    assert not trace
    assert isinstance(trace, Trace)
