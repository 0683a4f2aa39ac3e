"""Calls: what is passed is read where it is, and comes back as what it was; one sample of plain
numbers takes a short way, which nobody must notice.
"""

import gc
import inspect
import math
import sys
import threading
import warnings
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import (
    DomainError,
    DomainWarning,
    Value,
    dot,
    exp,
    grad,
    log,
    record,
    strict,
    tanh,
    total,
    while_loop,
)
from autograd.recording.program import Program
from autograd.tree import Tree, numbers
from tests.autograd.recording import ENGINES, NATIVE
from tests.cases import each

w = Value(-1.25, "w")


def three(x: Any, y: Any) -> Any:
    return w * x + tanh(w * y) * 0.5 + exp(x * y)


LAYOUTS = {
    "as it is": lambda x: x,
    "every second row of a larger one": lambda x: np.repeat(x, 2, axis=0)[::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "columns": np.asfortranarray,
    "big-endian": lambda x: x.astype(">f8"),
    "not aligned": lambda x: np.frombuffer(b"-" + x.tobytes(), offset=1).reshape(x.shape),
    "read-only": lambda x: np.broadcast_to(x, x.shape),
    "a column of a wider one": lambda x: np.stack([x, x], axis=-1)[..., 0],
}


@pytest.mark.parametrize("engine", ENGINES)
@each("layout", LAYOUTS)
@each("shape", [(1,), (7,), (257,), (3, 5), (2, 3, 4)])
def test_however_an_array_lies_in_memory_it_holds_the_same_samples(
    shape: tuple[int, ...], layout: str, engine: str
) -> None:
    program = record(lambda v, y: dot(v, [w, 2.0]) * y, [0.0, 0.0], 1.0, engine=engine)
    rng = np.random.default_rng(0)
    v, y = rng.normal(size=(*shape, 2)), rng.normal(size=shape)
    expected, slopes = program.value_and_grad(v, y)
    found, (dv, dy) = program.value_and_grad(LAYOUTS[layout](v), LAYOUTS[layout](y))
    assert found.tobytes() == expected.tobytes()
    assert (dv.tobytes(), dy.tobytes()) == (slopes[0].tobytes(), slopes[1].tobytes())
    assert (dv.shape, dy.shape) == (v.shape, y.shape)
    assert program(LAYOUTS[layout](v), y).tobytes() == expected.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_plain_numbers_give_the_floats_that_arrays_of_one_sample_give(engine: str) -> None:
    program = record(three, 0.0, 0.0, engine=engine)
    for x, y in ((0.5, -2.0), (3, 0.25), (-0.0, 0), (10**15 + 1, 1e-300), (True, 0.5)):
        expected, slopes = program.value_and_grad(np.array([float(x)]), np.array([float(y)]))
        found, grads = program.value_and_grad(x, y)
        assert (type(found), type(grads), *map(type, grads)) == (float, tuple, float, float)
        assert (found.hex(), [g.hex() for g in grads]) == (
            expected[0].hex(),
            [g[0].hex() for g in slopes],
        )
        assert program(x, y).hex() == program(y=y, x=x).hex() == found.hex()


@pytest.mark.parametrize("engine", ENGINES)
@each(
    ("f", "example", "args"),
    [
        (lambda x: (x, x * w), (0.0,), (2.0,)),
        (lambda x: [x * w], (0.0,), (2,)),
        (lambda x: (x * w,), (0.0,), (2.0,)),
        (lambda x: ((x, 1.0), w * x), (0.0,), (2.0,)),
        (lambda x: {"a": x, "b": np.array([x, w * x])}, (0.0,), (2.0,)),
        (lambda v, x: total(v) * x, ([0.0, 0.0], 0.0), ([1.0, 2], 3)),
        (lambda v, x: total(list(v)) * x, (np.zeros(2), 0.0), ((1.0, 2.0), 3.0)),
        (lambda d: d["a"] * d["b"], ({"a": 0.0, "b": 0.0},), ({"b": 2.0, "a": 3.0},)),
    ],
)
def test_results_of_plain_numbers_are_what_the_function_returns(
    f: Any, example: Any, args: Any, engine: str
) -> None:
    def plain(x: Any) -> Any:
        if isinstance(x, dict):
            return {key: plain(item) for key, item in x.items()}
        if isinstance(x, np.ndarray):
            return ["array", *map(plain, x)]
        return (
            type(x)(map(plain, x))
            if isinstance(x, (list, tuple))
            else x.data
            if isinstance(x, Value)
            else x
        )

    found, expected = record(f, *example, engine=engine)(*args), f(*args)
    assert (plain(found), type(found)) == (
        plain(expected),
        float if isinstance(expected, Value) else type(expected),
    )


class Pair(NamedTuple):
    first: Any
    second: Any


@pytest.mark.parametrize("engine", ENGINES)
@each(
    ("example", "given", "expected"),
    [
        ([0.0, 0.0], [2.0, 3], [3.0, 2.0]),
        ([0.0, 0.0], (2.0, 3.0), [3.0, 2.0]),
        ((0.0, 0.0), [2, 3], (3.0, 2.0)),
        (Pair(0.0, 0.0), (2.0, 3.0), Pair(3.0, 2.0)),
        (np.zeros(2), [2.0, 3.0], np.array([3.0, 2.0])),
        ([0.0, 0.0], np.array([2.0, 3.0]), np.array([3.0, 2.0])),
        ([[0.0], (0.0,)], [[2.0], [3.0]], [[3.0], (2.0,)]),
        ((np.zeros(1), [0.0]), ([2.0], np.array([3.0])), (np.array([3.0]), np.array([2.0]))),
        (Pair([0.0], np.zeros(1)), [[2.0], [3.0]], Pair([3.0], np.array([2.0]))),
    ],
)
def test_grads_by_a_list_come_as_the_structure_that_was_recorded_and_by_an_array_as_one(
    example: Any, given: Any, expected: Any, engine: str
) -> None:
    def product(v: Any) -> Any:
        return total(v[0]) * total(v[1]) if hasattr(example[0], "__len__") else v[0] * v[1]

    for shared in ((), "v"):
        program = record(product, example, engine=engine, shared=shared)
        values, (grads,) = program.value_and_grad(given)
        assert values == 6.0 and repr(grads) == repr(expected)
        assert repr(program.value_and_grad(v=given, argnums=0)[1]) == repr(expected)


LAID = {
    "an array": np.asarray,
    "transposed": lambda theta: np.asfortranarray(theta),
    "every other one": lambda theta: np.repeat(theta, 2, axis=1)[:, ::2],
    "of other numbers": lambda theta: theta.astype(">f8"),
}


@pytest.mark.parametrize("engine", ENGINES)
@each("lies", LAID)
@each("samples", [1, 7, 300])
def test_what_all_samples_have_alike_has_the_sum_of_their_grads_however_it_lies(
    samples: int, lies: str, engine: str
) -> None:
    def f(theta: Any, x: Any, s: Any) -> Any:
        return tanh(total([t * v for t, v in zip(theta.ravel(), x, strict=True)])) * s * w

    program = record(f, np.zeros((2, 3)), np.zeros(6), 0.0, engine=engine)
    rng = np.random.default_rng(0)
    theta, x = rng.normal(size=(2, 3)), rng.normal(size=(samples, 6))
    values, grads = program.value_and_grad(np.stack([theta] * samples), x, np.full(samples, 0.5))
    found, (by_theta, by_x, by_s) = program.value_and_grad(LAID[lies](theta), x, 0.5)
    assert found.tobytes() == values.tobytes() and by_x.tobytes() == grads[1].tobytes()
    assert by_theta == pytest.approx(grads[0].sum(axis=0), rel=1e-12) and by_theta.shape == (2, 3)
    assert type(by_s) is float and by_s == pytest.approx(grads[2].sum(), rel=1e-12)
    assert program.value_and_grad(theta, x, [0.5] * samples)[1][2].tobytes() == grads[2].tobytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_dicts_are_read_by_their_keys_and_have_grads_in_the_order_that_was_recorded(
    engine: str,
) -> None:
    program = record(
        lambda d, x: total(d["w"]) * x * d["b"], {"w": np.zeros(2), "b": 0.0}, 0.0, engine=engine
    )
    one, x = {"b": 2, "w": [1.0, 3.0]}, np.array([1.0, 10.0])
    assert program(one, 0.5) == 4.0
    assert repr(program.value_and_grad(one, 0.5, argnums=0)[1]) == repr(
        {"w": np.array([1.0, 1.0]), "b": 2.0}
    )
    assert repr(program.value_and_grad({**one, "b": [1.0, 2.0]}, x)[1]) == repr(
        ({"w": np.array([21.0, 21.0]), "b": np.array([4.0, 40.0])}, np.array([4.0, 8.0]))
    )
    with pytest.raises(TypeError, match=r"d needs 2 entries with the keys 'w', 'b'.* got"):
        program.value_and_grad({"w": [1.0, 3.0], "c": 2.0}, 0.5)


COMMON = {
    "float32": np.array([1.5, -2.0, 0.25], dtype=np.float32),
    "integers": np.arange(3),
    "truths": np.array([True, False, True]),
    "two axes": np.linspace(-1.0, 1.0, 6).reshape(2, 3),
    "three axes": np.linspace(-1.0, 1.0, 6).reshape(1, 2, 3),
    "of no axes": np.array(0.5, dtype=np.float32),
    "a number of an array": np.float64(0.5),
}


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "python"])
@each("given", COMMON)
def test_what_is_common_takes_the_short_way_and_comes_back_as_by_the_long_one(
    given: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(x: Any, p: Any) -> Any:
        layers, scale = p
        return tanh(layers[0]["w"] @ [x, 1.0] + layers[1]["b"]) * scale * w

    x, zeros = COMMON[given], ([{"w": np.zeros(2)}, {"b": 0.0}], 0.0)
    p = ([{"w": np.array([2.0, 0.5])}, {"b": -0.5}], 3.0)
    short, long = (record(f, 0.0, zeros, engine=name) for name in (engine, "python"))
    if engine == "native":
        monkeypatch.setattr(short, "_run", None)  # of the long way

    def found(program: Program) -> Any:
        values = program(x, p), program.value_and_grad(x, p), program.parameter_grad(x, p)
        return numbers(values), repr(Tree.of(values)), type(values[0])

    ours, theirs = found(short), found(long)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-12) and ours[1:] == theirs[1:]


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_that_are_no_leaves_hand_their_share_on_between_those_that_are(
    engine: str,
) -> None:
    a, b = Value(2.0), Value(3.0)
    made = a * b
    program = record(lambda x: a * made * b * x, 0.0, engine=engine)
    for count in (1, 2):
        assert program.backward(0.5) == 18.0
        assert (a.grad, b.grad) == (18.0 * count, 12.0 * count)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_plain_is_said_as_ever(engine: str) -> None:
    program = record(lambda x: log(x) * w, 1.0, engine=engine)
    with pytest.warns(DomainWarning, match=r"log needs x > 0, got x = -1 \(test_calls.py, line"):
        assert math.isnan(program(-1.0))
    with pytest.warns(DomainWarning, match="x is nan in sample 0"):
        assert math.isnan(program(math.nan))
    with strict(), pytest.raises(DomainError, match="log needs x > 0, got x = 0"):
        program(0)
    with pytest.raises(ValueError, match="x needs numbers within"):
        program(10**400)
    with pytest.raises(TypeError, match="x needs numbers"):
        program("1")
    two = record(lambda v, x: total(v) * x, [0.0, 0.0], 0.0, engine=engine)
    with pytest.raises(TypeError, match="v needs 2 entries"):
        two([1.0], [2.0, 3.0])
    for _ in range(2):
        with pytest.raises(TypeError, match="missing a required argument"):
            two([1.0, 2.0])
        assert two([1.0, 2.0], 3.0) == 9.0
    assert program.value_and_grad(1.0, argnums=0) == (0.0, w.data)
    for wrong in (True, 1, -2, 0.0, "x"):
        with pytest.raises(TypeError, match=r"argnums|no argument"):
            program.value_and_grad(1.0, argnums=wrong)
    with pytest.raises(TypeError, match="argnums"):
        program.parameter_grad(1.0, argnums=0)


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_are_read_at_each_call_and_followed_by_derivatives(engine: str) -> None:
    class Named(Value):
        pass

    a, b = Named(2.0), Value(3.0)
    program = record(lambda x: a * x + b, 0.0, engine=engine)
    assert program(1.0) == 5.0
    a.data, b.data = 4.0, -1.0
    assert (program(1.0), program(np.ones(2)).tolist()) == (3.0, [3.0, 3.0])
    assert program(Value(1.0)).data == 3.0
    assert grad(lambda x: program(x) * program(2.0))(1.0) == 4.0 * 7.0
    assert record(lambda x: program(1.0) * x, 0.0)(2.0) == 6.0


@pytest.mark.parametrize("engine", ENGINES)
def test_methods_show_their_signatures_and_are_called_on_any_program(engine: str) -> None:
    program = record(lambda x, y: w * x * y, 0.0, 0.0, engine=engine)
    by = inspect.signature(Program.value_and_grad).parameters["argnums"]
    assert (by.kind, by.default) == (inspect.Parameter.KEYWORD_ONLY, None)
    assert inspect.getdoc(program.parameter_grad).startswith("The mean (or")
    assert str(inspect.signature(program)) == "(x, y)"
    for _ in range(3):
        assert Program.__call__(program, 2.0, 3.0) == program(y=3.0, x=2.0) == -7.5
        assert program.value_and_grad(2.0, 3.0, argnums=-1) == (-7.5, -2.5)
        assert Program.value_and_grad(program, 2.0, y=3.0) == (-7.5, (-3.75, -2.5))


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "numpy"])
def test_grads_of_a_while_loop_come_in_the_containers_of_its_arguments(engine: str) -> None:
    def f(d: Any, n: Any) -> Any:
        return while_loop(
            lambda s: s[1] > 0, lambda s: [s[0] * d["a"] + d["b"][0], s[1] - 1], [d["a"], n]
        )[0]

    program = record(f, {"a": 0.0, "b": np.zeros(2)}, 0.0, engine=engine)
    for _ in range(2):
        value, grads = program.value_and_grad({"a": 2.0, "b": np.ones(2)}, 1.0, argnums=0)
        assert (value, grads["a"], grads["b"].tolist()) == (5.0, 4.0, [1.0, 0.0])


@pytest.mark.full
@NATIVE
def test_a_call_within_a_call_computes_in_memory_of_its_own() -> None:
    def f(x: Any) -> Any:
        for _ in range(300):
            x = tanh(x) * 0.9 + 0.1
        return x

    program = record(f, 0.5, engine="native")
    x = np.linspace(-1.0, 1.0, 50_000)
    expected, one = program(x), program(0.25)
    inner: list[float] = []
    is_over = threading.Event()

    def others() -> None:
        while not is_over.is_set():
            inner.append(program(0.25))

    other = threading.Thread(target=others)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    other.start()
    try:
        found = [program(x) for _ in range(3)]
    finally:
        is_over.set()
        other.join()
        sys.setswitchinterval(before)
    assert all((y == expected).all() for y in found)
    assert inner and set(inner) == {one}


@pytest.mark.parametrize("engine", ENGINES)
def test_after_a_batch_of_any_size_the_next_call_is_right(engine: str) -> None:
    program = record(three, 0.0, 0.0, engine=engine)
    expected = three(0.5, 0.25).data
    for n in (1, 1000, 3, 121, 1, 40_000, 2):
        x = np.full(n, 0.5)
        assert np.allclose(program(x, 0.25), expected, rtol=1e-15, atol=0.0)
        assert program(0.5, 0.25) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_argument_without_numbers_is_one_too(engine: str) -> None:
    empty = record(lambda v, x: total([*v, x]), np.zeros(0), 0.0, engine=engine)
    with warnings.catch_warnings(action="error"):
        assert empty(np.zeros(0), 2.0) == 2.0
        assert empty(np.zeros((3, 0)), np.ones(3)).tolist() == [1.0, 1.0, 1.0]
        values, (none, slopes) = empty.value_and_grad(np.zeros((3, 0)), np.ones(3))
    assert (none.shape, slopes.tolist(), values.shape) == ((3, 0), [1.0, 1.0, 1.0], (3,))


@pytest.mark.parametrize("engine", ENGINES)
@each("samples", [1, 7, 257])
def test_arrays_of_arrays_are_those_of_their_numbers(samples: int, engine: str) -> None:
    def f(m: Any, y: Any) -> Any:
        return [m[i, j] * y + w for i in range(2) for j in range(3)]

    rng = np.random.default_rng(0)
    m, y = rng.normal(size=(samples, 2, 3)), rng.normal(size=samples)
    rows = record(f, m[0], 0.0, engine=engine)
    whole = record(lambda m, y: np.array(f(m, y)).reshape(3, 2), m[0], 0.0, engine=engine)
    expected = np.array(rows(m, y)).T.reshape(samples, 3, 2)
    for given in (m, np.asfortranarray(m), m[:, ::-1].copy()[:, ::-1]):
        found = whole(given, y)
        assert (found.shape, found.tobytes()) == (expected.shape, expected.tobytes())
        assert np.array(rows(given, y)).T.tobytes() == expected.tobytes()
    assert whole(m[0], y[0]).tobytes() == expected[0].tobytes()
    assert whole(m[:, None], y[:2]).shape == (samples, len(y[:2]), 3, 2)


@pytest.mark.parametrize("engine", ENGINES)
@each("argnums", [None, 0, 1, 3, (3, 0), (1, 2), ()])
@each("samples", [0, 1, 7, 257])
def test_grads_by_shared_and_by_some_arguments_are_the_same_whatever_way_they_take(
    samples: int, argnums: Any, engine: str
) -> None:
    def f(v: Any, k: Any, x: Any, m: Any) -> Any:
        return dot(v, [x, w]) * k + m[0, 1] * m[1, 0] * x

    example = [0.0, 0.0], 0.0, 0.0, np.zeros((2, 2))
    program = record(f, *example, shared=("v", "k"), engine=engine)
    rng = np.random.default_rng(0)
    batch = (samples,) if samples else ()
    x = rng.normal(size=batch) if samples else 0.75
    args = rng.normal(size=2), 1.5, x, rng.normal(size=(*batch, 2, 2))

    def long_way(x: Any) -> Any:
        return x.astype(">f8") if isinstance(x, np.ndarray) else np.float64(x)

    def flat(x: Any) -> list[Any]:
        if isinstance(x, tuple):
            return [tuple, *(bits for item in x for bits in flat(item))]
        return [type(x), np.shape(x), np.asarray(x).tobytes()]

    expected = program.value_and_grad(*map(long_way, args), argnums=argnums)
    assert flat(program.value_and_grad(*args, argnums=argnums)) == flat(expected)
    assert flat(program.parameter_grad(*args)) == flat(program.parameter_grad(*map(long_way, args)))
    assert flat(program(*args)) == flat(expected[0])
    listed = args[0].tolist(), *args[1:]
    assert flat(program(*listed)) == flat(expected[0])
    by_list = program.value_and_grad(*listed, argnums=0)[1]
    assert by_list == program.value_and_grad(*args, argnums=0)[1].tolist()


@pytest.mark.parametrize("engine", ENGINES)
def test_backward_adds_to_grads_and_passes_on_what_parameters_were_made_from(engine: str) -> None:
    class Named(Value):
        pass

    a, b, c = Value(2.0), Named(3.0), Value(5.0)
    program = record(lambda x: a * x + b * x * x, 0.0, engine=engine)
    for count in (1, 2):
        assert program.backward(np.array([1.0, 3.0])) == 19.0
        assert (a.grad, b.grad) == (2.0 * count, 5.0 * count)
    a.zero_grad()
    assert not a.reached
    program.backward(2.0)
    assert (a.grad, b.grad, a.reached) == (2.0, 14.0, True)
    made = c * a
    record(lambda x: made * x + a, 0.0, engine=engine).backward(3.0)
    assert (c.grad, a.grad, made.grad) == (6.0, 2.0 + 15.0 + 1.0, 3.0)


@NATIVE
def test_calls_leave_nothing_behind() -> None:
    x, given, pair = np.ones(3), {"a": 1.0, "b": np.ones(2)}, [(np.ones(2), 1.0), 2.0]
    program = record(
        lambda x, y, d, v: w * x * y + d["a"] * total(list(d["b"])) + total(list(v[0][0])) * v[1],
        *(0.0, 0.0, {"a": 0.0, "b": np.zeros(2)}, [(np.zeros(2), 0.0), 0.0]),
        engine="native",
    )
    one, single = partial(program.value_and_grad, argnums=0), x.astype(np.float32)
    pairs = (x, x), (x, 2.0), (1, 2.0), (single, np.float64(2.0)), (np.ones((2, 3)), 2.0)
    for args in [(*some, given, pair) for some in pairs]:
        for method in (
            program,
            program.value_and_grad,
            one,
            program.parameter_grad,
            program.backward,
        ):
            method(*args)
            blocks = sys.getallocatedblocks()
            for _ in range(200):
                method(*args)
            if sys.getallocatedblocks() - blocks >= 100:
                gc.collect()  # what another thread left in the meantime
            assert sys.getallocatedblocks() - blocks < 100


class Emptying(str):
    """A key that empties what it is in, as another thread may while NumPy converts an array."""

    given: list[Any]

    def __eq__(self, other: object) -> bool:
        self.given.clear()
        return str.__eq__(self, other)

    __hash__ = str.__hash__


@NATIVE  # in Python nothing is read where it was
def test_a_list_that_is_emptied_while_it_is_read_gets_a_sentence() -> None:
    """C went on to where its entries had been: Python died of it."""
    program = record(lambda x: x[0]["a"] * x[1], [{"a": 1.0}, 1.0])
    for more in ([np.ones(2)], [np.ones(2), 1.0]):
        Emptying.given = [{Emptying("a"): np.ones(2)}, *more]
        with pytest.raises(TypeError, match="x needs 2 entries"):
            program(Emptying.given)
