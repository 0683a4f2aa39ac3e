"""Drawings: what is a box of its own, what is gathered, and that labels with anything in them do no
harm.
"""

import base64
import os
import re
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Drawing,
    LayoutError,
    Value,
    dot,
    draw,
    logsumexp,
    no_grad,
    tanh,
    topological,
    total,
)
from autograd.drawing import render as layout_room
from autograd.drawing.dot import frames
from autograd.drawing.labels import plain
from autograd.drawing.modules import Scopes, title
from autograd.drawing.palette import COLOURS, LEVELS, level
from autograd.drawing.render import engines
from autograd.drawing.scene import Picture
from nn import MLP
from tests.cases import LETTERS, each

SVG = "{http://www.w3.org/2000/svg}"
SVG_PARTS = {"svg", "g", "title", "style", "path", "polygon", "polyline", "ellipse", "text"}
SVG_PARTS |= {"tspan", "rect"}

HOSTILE = ['"', "\\", '\\"', "'", "<", ">", "&", "&amp;", "&lt;", "&#60;", "]]>", "<![CDATA["]
HOSTILE += ["-->", "<!--", "|", "{}", "{|}", "<script>alert(1)</script>"]
HOSTILE += ["</script><script>alert(1)//", '"><img src=x onerror=alert(1)>', "javascript:alert(1)"]
HOSTILE += ["<b>bold</b>", "<TABLE><TR><TD>", "</TD></TR></TABLE>>", ">]; evil ["]
HOSTILE += ['"]; evil -> node; [label="', "\\N\\G\\E\\l\\n", "a\nb", "\r\n", "\t", "\x00"]
HOSTILE += ["\x1b[31m", "\x07", "\x7f", "\x85", "\u2028", "\u2029", "\u202eabc", "\ufeff", "\ufffe"]
HOSTILE += [
    "\ud800",
    "²",
    "\udfff",
    "é",
    "数",
    "🦉",
    "👩‍👩‍👧",
    "עברית",
    "a" * 500,
    "%s%d",
    "$heading",
]
HOSTILE += ["${x}", "`", "--", "/*", "*/", "//", "n0", "graph", "node", "subgraph cluster_0 {"]
HOSTILE += ["strict digraph {", "=", ";", " ", "  two  spaces  ", "<?xml?>", "%3Cscript%3E"]
HOSTILE += ["<svg onload=alert(1)>", "<a xlink:href='javascript:alert(1)'>", "&#x0;", "&nbsp;"]
HOSTILE += ["url(#x)", "</style>", "</title>", "</svg>"]
HOSTILE += [
    f"{first}{second}{i}"
    for i, (first, second) in enumerate(zip(HOSTILE, reversed(HOSTILE), strict=True))
]
HOSTILE += [f"{label}<{i}>" for i, label in enumerate(HOSTILE)][: 200 - len(HOSTILE)]


def neuron() -> tuple[Value, dict[str, Value]]:
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    y = tanh(w * x + b)
    y.label = "y"
    return y, {"neuron.w": w, "neuron.b": b}


def network(*sizes: int) -> tuple[Value, MLP]:
    model = MLP(2, [*sizes], activation="tanh", seed=1)
    loss = (model([Value(0.5, "x1"), Value(-1.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    return loss, model


def texts(svg: str) -> list[str]:
    """What is written in each box, line by line."""
    lines = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.get("class", "").startswith("node"):
            lines += ["".join(text.itertext()) for text in group.findall(f"{SVG}text")]
    return lines


@pytest.fixture(params=["dot", "graphviz-pure"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each layout engine alone; Graphviz may be missing, what pip installs with us may not."""
    found = {program.rpartition("/")[2]: program for program in engines()}
    if request.param == "dot" and "dot" not in found:
        missing = "Graphviz's dot is not on this machine: apt-get install graphviz"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    monkeypatch.setattr(layout_room, "engines", lambda: [found[request.param]])
    return str(request.param)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_room, "engines", lambda: [])


# What is drawn


def test_boxes_show_label_number_and_operation(engine: str) -> None:
    y, model = neuron()
    written = texts(draw(y, model).svg)
    assert {"w = -1.2", "x = 0.5", "b = 0.3", "×", "+", "tanh", "y = -0.2913"} <= set(written)


def test_grads_are_drawn_once_a_pass_has_run_and_not_as_zeros_before() -> None:
    y, model = neuron()
    before = draw(y, model)
    assert not any("grad" in text for text in texts(before.svg))
    assert "no reverse pass yet" in before.dot
    y.backward()
    after = draw(y, model)
    assert {"grad 0.4576", "grad 1"} <= set(texts(after.svg))
    assert "no reverse pass yet" not in after.dot


def test_data_that_have_changed_since_the_recording_are_noted() -> None:
    y, model = neuron()
    y.backward()
    assert "changed" not in draw(y, model, expand=True).dot
    model["neuron.w"].data = 3.0
    assert (
        "the data have changed: partials and grads are those of the recording" in draw(y, model).dot
    )


def test_a_grad_of_zero_is_drawn_when_a_pass_has_brought_it() -> None:
    x = Value(2.0, "x")
    (x * 0.0).backward()
    assert "grad 0" in texts(draw(x * 0.0).svg)


def test_each_edge_carries_its_partial() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    picture = draw(a * b)
    assert [(e.source.value.label, e.partial) for e in picture.edges.values()] == [
        ("a", -3.0),
        ("b", 2.0),
    ]
    product = a * b
    assert arrow_texts(draw(product)) == []
    product.backward()
    assert arrow_texts(draw(product)) == ["-3", "2"]


def arrow_texts(drawing: Drawing) -> list[str]:
    edges = ElementTree.fromstring(drawing.svg).iterfind(f".//{SVG}g[@class]")
    marked = [g for g in edges if g.get("class", "").startswith("edge")]
    return sorted(text.text or "" for g in marked for text in g.iter(f"{SVG}text"))


def test_partials_are_drawn_where_a_reverse_pass_has_been_and_nowhere_else() -> None:
    x = Value(2.0, "x")
    inner = x * 3
    outer = tanh(inner)
    inner.backward()
    drawing = draw(outer)
    assert arrow_texts(drawing) == ["2", "3"]
    assert "no reverse pass yet" in drawing.svg  # in the tooltip of the last arrow


def test_a_value_used_twice_by_one_operation_has_two_edges() -> None:
    a = Value(3.0, "a")
    assert len(draw(a * a).edges) == 2


def test_parameters_inputs_constants_operations_and_output_are_told_apart() -> None:
    y, model = neuron()
    picture = draw(2.0 - y, model)
    kinds = {node.value.label or node.value.op.name: node.kind for node in picture.nodes}
    assert kinds == {
        **{"w": "parameter", "b": "parameter", "x": "input", "constant": "constant"},
        **{"add": "operation", "y": "operation", "multiply": "operation", "subtract": "output"},
    }
    assert len({COLOURS[kind][0] for kind in ("parameter", "input", *OTHERS)}) == 5
    assert {node.kind for node in draw(y).nodes} == {"leaf", "operation", "output"}


def test_the_legend_names_what_is_in_the_picture_and_nothing_else() -> None:
    y, model = neuron()
    assert "constant" not in draw(y, model).dot.partition(">>")[0]
    y.backward()
    legend = draw(y, model).dot
    assert (
        "parameter" in legend and "outline: grad; arrow: contribution" in legend and "+1" in legend
    )


def test_colour_and_width_grow_with_the_gradient_and_nan_stands_out() -> None:
    assert [level(x, 1.0) for x in (-1.0, -0.2, -0.02, -0.001, 0.0, 0.001, 0.02, 0.2, 1.0)] == list(
        LEVELS
    )
    assert level(float("nan"), 1.0) == level(float("inf"), 1.0) == "bad"
    assert level(None, 1.0) == "none"
    assert level(5.0, 0.0) == "zero"


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


OTHERS = "constant", "operation", "output"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_is_legible_on_every_box_in_light_and_dark(theme: int) -> None:
    for ink in ("ink", "data", "symbol", "grad", "partial"):
        for box in ("paper", "frame", "module", "parameter", "input", *OTHERS):
            assert _contrast(COLOURS[ink][theme], COLOURS[box][theme]) > 4.2, (ink, box)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_larger_gradients_stand_out_more_from_the_background(theme: int) -> None:
    for sign in "pn":
        contrasts = [
            _contrast(COLOURS[f"{sign}{i}"][theme], COLOURS["paper"][theme]) for i in (1, 2, 3, 4)
        ]
        assert contrasts == sorted(contrasts)


def test_light_colours_are_all_different_because_the_svg_knows_roles_by_them() -> None:
    assert len({light for light, _ in COLOURS.values()}) == len(COLOURS)


# Modules


def test_modules_are_nested_frames() -> None:
    loss, model = network(2, 1)
    picture = draw(loss, model)
    assert list(frames(picture)) == [
        ("layers.0",),
        ("layers.0", "neurons.0"),
        ("layers.0", "neurons.1"),
        ("layers.1",),
        ("layers.1", "neurons.0"),
    ]
    for node in picture.nodes:
        if node.kind == "parameter":
            path = picture.scopes.paths[node.value]
            assert path.startswith(".".join(node.scope))


def test_a_neuron_holds_its_sum_and_its_activation_and_not_the_loss() -> None:
    loss, model = network(3, 1)
    picture = draw(loss, model)
    for node in picture.nodes:
        if node.value.op and node.value.op.name in ("dot", "tanh"):
            assert len(node.scope) == 2
        if node.value.op and node.value.op.name in ("subtract", "power"):
            assert node.scope == ()


def test_a_neuron_written_out_by_hand_holds_its_products_and_its_sum() -> None:
    w, x, b = [Value(0.5), Value(-1.0)], [Value(2.0), Value(3.0)], Value(0.1)
    act = sum((wi * xi for wi, xi in zip(w, x, strict=True)), b)
    y = tanh(act)
    loss = (y - 1.0) ** 2
    scopes = Scopes(topological(loss), {"n.w.0": w[0], "n.w.1": w[1], "n.b": b})
    inside = [v for v in topological(loss) if scopes.get(v)]
    assert set(inside) == {*w, b, act, y, *act.operands, *act.operands[0].operands} - set(x)


@pytest.mark.parametrize(("depth", "boxes"), [(0, 6), (1, 8), (2, 3 + 33 + 2)])
def test_depth_collapses_modules_to_one_box_each(depth: int, boxes: int) -> None:
    loss, model = network(16, 16, 1)
    picture = draw(loss, model, depth=depth)
    assert len(picture.nodes) == boxes
    assert sum(len(node.values) for node in picture.nodes) == len(topological(loss))
    assert max(edge.count for edge in picture.edges.values()) == {0: 16, 1: 256, 2: 1}[depth]


def test_left_alone_a_network_is_collapsed_until_it_fits_and_says_so() -> None:
    loss, model = network(16, 16, 1)
    drawing = draw(loss, model)
    assert {len(node.module) for node in drawing.nodes if node.module} == {2}
    assert "407 values in 38 boxes: modules collapsed" in drawing.dot
    assert "neuron 15" in drawing.dot and "largest grad" in drawing.dot


def test_a_model_may_be_a_dict_of_names_and_its_frames_have_their_names() -> None:
    y, model = neuron()
    assert "neuron" in texts_of_frames(draw(y, model).svg)


def texts_of_frames(svg: str) -> list[str]:
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return ["".join(g.itertext()) for g in groups if g.get("class", "").startswith("cluster")]


@each(
    ("part", "name"),
    [
        ("layers.0", "layer 0"),
        ("class.1", "class 1"),
        ("head", "head"),
        ("w.1.2", "w 1, 2"),
        ("neurons.*", "neuron"),
    ],
)
def test_a_frame_is_called_what_its_path_says(part: str, name: str) -> None:
    assert title(part) == name


# Folding, expanding, the budget


def test_expand_draws_an_inner_product_as_products_and_a_sum() -> None:
    w, x = [Value(2.0, "w1"), Value(3.0, "w2")], [Value(5.0, "x1"), Value(7.0, "x2")]
    y = dot(w, x, Value(1.0, "b"))
    y.backward()
    picture = draw(y, expand=True)
    products = [
        node for node in picture.nodes if node.value.op and node.value.op.name == "multiply"
    ]
    assert [node.value.data for node in products] == [10.0, 21.0]
    assert [node.grad for node in products] == [1.0, 1.0]
    partials = {
        (e.source.value.label, e.partial) for e in picture.edges.values() if e.source.value.label
    }
    assert partials == {("w1", 5.0), ("w2", 7.0), ("x1", 2.0), ("x2", 3.0), ("b", 1.0)}
    assert "Σ" in texts(draw(y, expand=True).svg)


def test_values_that_play_the_same_part_fold_into_one_box() -> None:
    w = Value(0.5, "w")
    loss = total([(w * x - 1.0) ** 2 for x in (1.0, 2.0, 3.0)])
    loss.backward()
    picture = draw(loss, {"w": w}, fold=True)
    assert [len(node.values) for node in picture.nodes if node.kind == "operation"] == [3, 3, 3]
    assert {edge.count for edge in picture.edges.values()} == {3}
    assert len(draw(loss, {"w": w}).nodes) == 17


def test_sister_modules_fold_into_one_frame_and_layers_do_not() -> None:
    loss, model = network(4, 4, 1)
    picture = draw(loss, model, fold=True)
    assert set(frames(picture)) == {
        *[("layers.0",), ("layers.0", "neurons.*"), ("layers.1",), ("layers.1", "neurons.*")],
        *[("layers.2",), ("layers.2", "neurons.0")],
    }
    assert sum(len(node.values) for node in picture.nodes) == len(topological(loss))


def test_beyond_the_budget_the_picture_counts_what_it_leaves_out() -> None:
    v = Value(1.0, "x")
    for i in range(50):
        v = v * 1.0 if i % 2 else tanh(v)
    drawing = draw(v, budget=10, fold=False)
    assert len(drawing.nodes) == 10
    assert drawing.hidden == len(topological(v)) - 9
    assert f"{drawing.hidden} more not shown" in " ".join(texts(drawing.svg))
    assert f"{drawing.hidden} of {len(topological(v))} values not shown" in drawing.dot


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 30)),
        min_size=1,
        max_size=40,
    ),
    st.integers(2, 30),
    st.booleans(),
    st.sampled_from([None, True, False]),
)
def test_every_value_stands_behind_one_box_and_every_use_behind_one_edge(
    recipe: list[tuple[int, int, int]], budget: int, expand: bool, fold: bool | None
) -> None:
    pool = [Value(0.5, "a"), Value(-1.5, "b")]
    for kind, i, j in recipe:
        a, b = pool[i % len(pool)], pool[j % len(pool)]
        pool.append((a * b, a + b, tanh(a), dot([a, b], [b, 0.5], a))[kind])
    y = pool[-1]
    y.backward()
    picture = Picture(y, {"m.a": pool[0]}, expand=expand, fold=fold, budget=budget)
    assert len(picture.nodes) <= budget
    assert sorted(map(id, picture.order)) == sorted(
        id(v) for node in picture.nodes for v in node.values
    )
    uses = sum(len(picture.recorded(v).operands) for v in picture.order)
    inside = sum(
        picture.node_of[operand] is picture.node_of[v]
        for v in picture.order
        for operand in picture.recorded(v).operands
    )
    assert sum(edge.count for edge in picture.edges.values()) == uses - inside
    assert picture.hidden == sum(len(node.values) for node in picture.nodes if node.kind == "more")


def test_a_deep_graph_is_drawn_without_recursion() -> None:
    v = Value(0.5, "x")
    for _ in range(3_000):
        v = v * 1.0
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        picture = Picture(v)
    finally:
        sys.setrecursionlimit(limit)
    assert len(picture.nodes) <= 400


def test_deeply_nested_names_are_framed_without_recursion() -> None:
    w = Value(1.0, "w")
    path = ".".join(f"m{i}" for i in range(300))
    assert draw(w * 2.0, {f"{path}.w": w}, depth=10).dot.count("subgraph") == 9


# Hostile labels


def test_two_hundred_hostile_labels_are_there() -> None:
    assert len(HOSTILE) == 200


def test_hostile_labels_do_no_harm_and_are_shown_as_typed(engine: str) -> None:
    for start in range(0, 200, 50):
        values = [Value(float(i), label) for i, label in enumerate(HOSTILE[start : start + 50])]
        y = total(values)
        svg = draw(y).svg
        root = ElementTree.fromstring(svg)  # a strict parser
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= SVG_PARTS
        for element in root.iter():
            assert not any(
                name.lower().startswith("on") or "href" in name for name in element.attrib
            )
        shown = {" ".join(line.split()) for line in texts(svg)}
        for i, value in enumerate(values):
            label = " ".join(plain(value.label).split())
            assert {f"{label} = {i}".strip(), label} & shown, repr(value.label)


def test_hostile_names_of_modules_do_no_harm(engine: str) -> None:
    parameters = {
        f"{label.replace('.', '')}.w": Value(float(i), "w") for i, label in enumerate(HOSTILE[:60])
    }
    root = ElementTree.fromstring(draw(total(parameters.values()), parameters).svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= SVG_PARTS


@pytest.mark.full
@given(st.text(LETTERS, max_size=60))
def test_any_label_at_all_gives_well_formed_svg(label: str) -> None:
    x = Value(1.0, label)
    ElementTree.fromstring(draw(x * 2.0, {label: x}).svg)


@given(st.text(LETTERS))
def test_plain_text_can_stand_in_xml_and_keeps_printable_characters(label: str) -> None:
    text = plain(label, 1000)
    ElementTree.fromstring(f"<a>{text.replace('&', '&amp;').replace('<', '&lt;')}</a>".encode())
    if label.isprintable() and len(label) <= 1000:
        assert text == label


# Layout engines


def test_the_systems_dot_comes_first_and_the_port_is_found_off_the_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert [program.rpartition("/")[2] for program in engines()] == ["graphviz-pure"]
    y, model = neuron()
    assert draw(y, model).svg.startswith("<svg")


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_one_sentence_says_what_to_install_and_the_dot_is_kept(tmp_path) -> None:
    y, _ = neuron()
    drawing = draw(y)
    with pytest.raises(
        LayoutError,
        match=r"a picture needs a layout engine, and there is none: pip install graphviz-pure",
    ):
        drawing.save(tmp_path / "y.svg")
    assert (tmp_path / "y.dot").read_text().startswith("digraph")
    assert not (tmp_path / "y.svg").exists()
    assert list(drawing._repr_mimebundle_()) == ["text/plain"]


def test_an_engine_that_fails_follows_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    broken = tmp_path / "dot"
    broken.write_text("#!/bin/sh\necho out of luck >&2\nexit 1\n")
    broken.chmod(0o755)
    port = list(engines())[-1]
    monkeypatch.setattr(layout_room, "engines", lambda: [str(broken), port])
    y, _ = neuron()
    assert draw(y).svg
    monkeypatch.setattr(layout_room, "engines", lambda: [str(broken)])
    with pytest.raises(LayoutError, match="no picture: dot failed: out of luck"):
        _ = draw(y).svg


def test_without_the_graphviz_package_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    y, _ = neuron()
    with pytest.raises(
        ImportError, match="drawing needs the graphviz package: pip install graphviz graphviz-pure"
    ):
        _ = draw(y).dot
    assert list(draw(y)._repr_mimebundle_()) == ["text/plain"]


# Files


BEGINS = {"y.svg": b"<?xml", "y.png": b"\x89PNG", "y.dot": b"digraph", "y.html": b"<!DOCTYPE html>"}


@pytest.mark.parametrize(("name", "begins"), BEGINS.items())
def test_a_drawing_is_saved_as_what_the_name_ends_with(
    name: str, begins: bytes, tmp_path, engine: str
) -> None:
    y, model = neuron()
    path = tmp_path / name
    draw(y, model).save(path)
    assert path.read_bytes().startswith(begins)
    assert [p.name for p in tmp_path.iterdir()] == [name]  # nothing is left beside it


def test_saved_svg_is_strict_xml_without_outside_references(tmp_path) -> None:
    y, model = neuron()
    draw(y, model).save(tmp_path / "y.svg")
    text = (tmp_path / "y.svg").read_text()
    ElementTree.fromstring(text)
    assert not re.search(r"(href|src|url\()", text)
    assert [u for u in re.findall(r"https?://[^\"]+", text) if "w3.org" not in u] == []


def test_dot_accepts_the_dot(tmp_path) -> None:
    y, model = neuron()
    for program in engines():
        done = subprocess.run(
            [program, "-Tsvg"], input=draw(y, model).dot.encode(), capture_output=True, check=True
        )
        assert b"Error" not in done.stderr


def test_a_path_that_cannot_be_written_is_named(tmp_path) -> None:
    path = tmp_path / "nowhere" / "y.dot"
    with pytest.raises(
        FileNotFoundError,
        match=r"No such file or directory: name a place that can be written: .*nowhere",
    ):
        draw(neuron()[0]).save(path)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "y.svg"
    path.write_text("old")
    monkeypatch.setattr(
        "os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match=r"No space left on device: make room there: .*y\.svg"):
        draw(neuron()[0]).save(path)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


# Bad input


y = Value(1.0) * 2.0
WHOLE = "to be a whole number from"
MODEL = "draw needs a model with named_parameters(), or a dict of names to Values, got"
REFUSED: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: draw([y, y]),
        TypeError,
        "the Value at the end of a graph, got a list of 2: draw(loss)",
    ),
    (lambda: draw(y, budget=1), ValueError, f"draw needs budget {WHOLE} 2 up, got 1"),
    (lambda: draw(y, depth=-1), ValueError, f"draw needs depth {WHOLE} 0 up, got -1"),
    (lambda: draw(y, budget=None), ValueError, f"draw needs budget {WHOLE} 2 up, got None"),
    (lambda: draw(y, fold="yes"), ValueError, "fold to be True, False or None, got 'yes'"),
    (lambda: draw(y, {3: y}), TypeError, f"{MODEL} the int 3"),
    (lambda: draw(y, 3.5), TypeError, f"{MODEL} the float 3.5"),
    (lambda: draw(y).save("y.pdf"), ValueError, "as .svg, .png, .dot or .html, got 'y.pdf'"),
]


@each(("call", "error", "said"), REFUSED)
def test_what_cannot_be_drawn_is_refused_with_a_remedy(
    call: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=re.escape(said)):
        call()


def test_names_as_long_as_the_system_takes_are_written(tmp_path) -> None:
    path = tmp_path / f"{'y' * 250}.dot"
    draw(Value(1.0) * 2.0).save(os.fsencode(path))
    assert path.exists()


# The rest


def test_a_leaf_alone_and_a_result_of_no_grad_are_drawn() -> None:
    assert len(draw(Value(2.0, "x")).nodes) == 1
    with no_grad():
        y = tanh(Value(1.0))
    assert "y = 0.7616" in texts(draw(y).svg)


def test_nan_and_inf_are_drawn_and_stand_out() -> None:
    x = Value(float("nan"), "x")
    y = logsumexp([x, Value(float("inf"), "i")])
    y.backward()
    svg = draw(y).svg
    assert {"x = nan", "i = inf"} <= set(texts(svg))
    assert COLOURS["bad"][0] in svg


def test_the_repr_says_how_much_there_is_and_jupyter_gets_a_page_and_pictures() -> None:
    y, model = neuron()
    drawing = draw(y, model)
    assert isinstance(drawing, Drawing)
    assert repr(drawing) == "Drawing of y = tanh(-0.3) = -0.2913: 6 values in 6 boxes"
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/svg+xml", "image/png"}
    assert bundle["text/plain"] == repr(drawing)
    root = ElementTree.fromstring(bundle["image/svg+xml"])
    assert (root.get("width"), root.get("height")) == ("100%", None) and root.get("viewBox")
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")


def test_boxes_and_arrows_have_tooltips() -> None:
    y, model = neuron()
    y.backward()
    root = ElementTree.fromstring(draw(y, model).svg)
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert "parameter neuron.w: w = -1.2 | grad 0.4576" in titles
    assert "partial 0.5, contribution 0.4576" in titles


def test_drawing_twice_gives_the_same_text() -> None:
    loss, model = network(3, 1)
    assert draw(loss, model).svg == draw(loss, model).svg


def test_importing_autograd_loads_neither_graphviz_nor_xml() -> None:
    heavy = ("graphviz", "xml", "numpy", "tempfile", "json")
    code = f"import sys, autograd; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd="."
    )
    assert done.stdout.strip() == "[]"


def test_layers_that_are_wholly_connected_have_no_counts_between_them() -> None:
    # They would push the layers apart.
    rows = [[0.1 * k, 0.2 - 0.1 * k] for k in range(6)]
    for sizes, counted in (([2, 2, 1], True), ([8, 4, 1], False)):
        model = MLP(2, sizes, activation="tanh", seed=1)
        loss = total([model(row) for row in rows])
        loss.backward()
        assert bool(re.search('label="?×', draw(loss, model, depth=2, budget=40).dot)) is counted
