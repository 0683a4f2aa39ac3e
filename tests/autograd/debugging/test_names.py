"""Names: labels, then the variables of whoever asks, then the operations that made the values."""

import io
import pdb
import sys
from dataclasses import dataclass
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd import (
    DomainWarning,
    Value,
    bundle,
    check,
    draw,
    log,
    sqrt,
    tanh,
    trace_nonfinite,
    walk,
    why,
)
from autograd.debugging.names import Names, Variables

EVERYWHERE = Value(7.0)


def test_values_are_shown_under_the_names_of_variables() -> None:
    a, b = Value(2.0), Value(-3.0)
    f = a / b
    g = f + 1
    assert repr(why(f, a)) == "df/da = -0.3333, along the one path from a to f:\n  a -> f: -0.3333"
    assert (
        repr(walk(f).finish().ledger(a))
        == "1  a.grad += 1 / b * f.grad = -0.3333 * 1 = -0.3333, now -0.3333"
    )
    assert repr(why(g * 2, b)).startswith("d(mul)/db = -0.4444, along the one path from b to mul:")
    assert repr(draw(f)).startswith("Drawing of f = a / b = ")
    assert {entry.name for entry in check(f).entries} == {"a", "b"}
    assert check(f).subject == "f"
    assert (f.label, a.label) == ("", "")


def test_a_picture_shows_them_in_boxes_tooltips_and_player() -> None:
    a, weights = Value(2.0), [Value(3.0)]
    f = tanh(a * weights[0])
    drawing = draw(f)
    assert "<B>a</B>" in drawing.dot and "<B>weights[0]</B>" in drawing.dot
    del f, a
    assert "leaf: a = 2" in drawing.svg and "Graph of f = tanh(6) = 1" in drawing.svg
    assert '"weights[0]"' in drawing.html


def test_a_label_wins_and_of_two_names_the_first() -> None:
    a = again = Value(2.0)
    b = Value(3.0, "the bias")
    product = a * b
    assert Names(product)[a] == "a" and again is a
    assert Names(product)[b] == "the bias"
    assert list(Variables()) != [] and b not in Variables()


def test_locals_come_before_globals_and_variables_before_what_is_in_them() -> None:
    assert Variables()[EVERYWHERE] == "EVERYWHERE"
    pair = [EVERYWHERE, Value(1.0)]
    assert Variables()[EVERYWHERE] == "EVERYWHERE"
    here = EVERYWHERE
    assert Variables([*pair, here]) == {EVERYWHERE: "here", pair[1]: "pair[1]"}


def test_what_is_in_lists_dicts_objects_and_arrays_has_a_name() -> None:
    @dataclass
    class Neuron:
        w: list[Value]
        b: Value

        @property
        def trap(self) -> Value:
            raise AssertionError("nobody's code is called")

        def out(self) -> str:
            return Names(self.w[1] * self.b).derivative(self.b, self.w[1])

    n = Neuron([Value(1.0), Value(2.0)], Value(3.0))
    params = {"w": [Value(4.0)], 3: Value(5.0)}
    rows = np.array([[Value(6.0)], [Value(7.0)]], dtype=object)
    many = bundle([Value(8.0)])
    deep = [[[Value(9.0)]]]
    found = Variables()
    assert [found[v] for v in (n.w[1], n.b)] == ["n.w[1]", "n.b"]
    assert [found[v] for v in (params["w"][0], params[3])] == ["params['w'][0]", "params[3]"]  # type: ignore[index]
    assert [found[v] for v in (rows[1, 0], many[0])] == ["rows[1, 0]", "many[0]"]
    assert deep[0][0][0] not in found
    assert n.out() == "d(self.b)/d(self.w[1])"


def test_names_that_begin_with_an_underscore_and_those_of_ipython_do_not_count() -> None:
    _ = _1 = _hidden = Value(1.0)
    Out = {5: _}
    assert _ not in Variables() and Out[5] is _1 is _hidden


def test_names_of_our_own_frames_do_not_count() -> None:
    t = walk(Value(1.0) * Value(2.0))
    assert sorted(t.names.values()) == ["leaf#1", "leaf#2", "mul"]
    assert sorted(walk(t.output).names.values()) == ["leaf#1", "leaf#2", "mul"]


def test_comprehensions_and_lambdas_see_the_variables_around_them() -> None:
    a, b = Value(2.0), Value(3.0)
    f = a * b
    assert [repr(why(f, x)).partition(" ")[0] for x in (a, b)] == ["df/da", "df/db"]
    assert (lambda x: Names(f)[x])(b) == "b"


def test_values_that_share_a_name_are_numbered() -> None:
    x, other = Value(2.0), Value(3.0, "x")
    f = x * other
    assert list(Names(f).values()) == ["x#1", "x#2", "f"]
    assert Names(f).derivative(f, x) == "df/dx#1"


def test_names_are_those_of_the_moment_when_the_view_was_made() -> None:
    a = Value(2.0)
    t, drawing = walk(a * a), draw(a * a)
    a, b = Value(9.0), a
    assert "a.grad += a * " in repr(t.step())
    assert "<B>a</B>" in drawing.dot
    assert "b.grad += b * " in repr(walk(b * b).step()) and a.data == 9


def test_steps_can_be_asked_for_by_the_names_of_variables() -> None:
    a, tan = Value(2.0), Value(3.0)
    f = tanh(a * tan)
    assert walk(f).until("tan").ledger("tan")[0].value is tan
    assert "stopped at tan: tan.grad" in repr(walk(f).breakpoint("tan").cont())
    with pytest.raises(ValueError, match="no value here is called 'tane': did you mean tan"):
        walk(f).watch("tane")


def test_the_place_where_a_nan_was_made_is_told_with_the_names_of_variables() -> None:
    with pytest.warns(DomainWarning), trace_nonfinite() as trace:
        a, zero = Value(-4.0), Value(0.0)
        log(a + 1)
        (sqrt(zero) * 0.0).backward()
    assert trace.forward is not None and trace.backward is not None
    assert trace.forward.sentence == "log needs x > 0, got x = -3 in log(a + 1)"
    assert trace.backward.labels == ("zero",)
    assert trace.backward.sentence.startswith("sqrt(zero) has the partial inf at zero = 0; ")


def test_a_debugger_shows_the_variables_of_the_frame_that_it_stands_in() -> None:
    typed, out = io.StringIO("p why(f, w)\nc\n"), io.StringIO()

    def model(w: Value) -> Value:
        f = w * 3
        debugger = pdb.Pdb(stdin=typed, stdout=out, nosigint=True, readrc=False)
        debugger.use_rawinput = False
        debugger.set_trace(sys._getframe())
        return f

    traced = sys.gettrace()
    try:
        model(Value(2.0))
    finally:
        sys.settrace(traced)
    assert "df/dw = 3, along the one path from w to f:" in out.getvalue()


@pytest.mark.full
def test_a_notebook_shows_the_variables_of_its_cells() -> None:
    shell = pytest.importorskip("IPython").core.interactiveshell.InteractiveShell()
    kept: dict[str, Any] = shell.user_ns
    shell.run_cell("from autograd import Value, why\na, _b = Value(2.0), Value(3.0)\nkept = []")
    shell.run_cell("a * 2", store_history=True)
    shell.run_cell("f = a * _b\nkept = [repr(why(f, a)), repr(why(f, _b)), repr(why(Out[1], a))]")
    starts = [text.partition(" ")[0] for text in kept["kept"]]
    assert starts == ["df/da", "df/d(leaf)", "d(mul)/da"]


def test_looking_for_names_is_quick_however_large_graphs_and_data_are() -> None:
    data = SimpleNamespace(rows=[[0.5] * 10] * 10_000, table=dict.fromkeys(range(100_000), 1.0))
    values = [Value(float(i)) for i in range(30_000)]
    last = values[-1]
    start = perf_counter()
    found = Variables({*values})
    assert perf_counter() - start < 0.5
    assert found[values[0]] == "values[0]" and found[last] == "last"
    assert len(data.rows) == 10_000
