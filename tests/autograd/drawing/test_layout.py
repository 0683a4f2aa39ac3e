"""Layout: a network is drawn as people draw one, whatever engine turns the picture into SVG."""

import re
from functools import cache
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd import Drawing, Value, draw, tanh
from autograd.drawing import layout
from autograd.drawing import render as layout_room
from autograd.drawing.boxes import Edge, Node
from autograd.drawing.dot import arrow_texts
from autograd.drawing.layout import HEAD, Layout, arranged
from autograd.drawing.modules import natural
from autograd.drawing.numbers import Point
from nn import MLP

SVG = "{http://www.w3.org/2000/svg}"
SIZE = (90.0, 40.0)
SHAPES = [(2, (4, 1), 2), (8, (8, 1), 2), (16, (16, 16, 1), 2), (2, (4, 1), 9), (3, (3, 2, 1), 1)]


@cache
def network(inputs: int, sizes: tuple[int, ...], depth: int) -> Drawing:
    model = MLP(inputs, [*sizes], seed=1)
    xs = [Value(0.1 * i - 0.3, f"x{i + 1}") for i in range(inputs)]
    loss = (model(xs) - 1.0) ** 2
    loss.backward()
    return draw(loss, model, depth=depth)


@cache
def laid_out(drawing: Drawing) -> Layout:
    sizes = {node.key: SIZE for node in drawing.nodes}
    layout = arranged(drawing, lambda: sizes, arrow_texts(drawing))
    assert layout is not None
    return layout


def points_of(curve: list[Point], count: int = 12) -> list[Point]:
    """Points along the pieces of a Bézier curve."""
    found = []
    for i in range(0, len(curve) - 1, 3):
        for j in range(count + 1):
            t, s = j / count, 1 - j / count
            weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
            ends = [*zip(*curve[i : i + 4], strict=True)]
            x, y = (sum(w * c for w, c in zip(weights, axis, strict=True)) for axis in ends)
            found.append((x, y))
    return found


def sides(layout: Layout, node: Node) -> tuple[float, float, float, float]:
    (x, y), (width, height) = layout.boxes[node.key]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


@pytest.fixture(
    scope="module", params=SHAPES, ids=lambda shape: f"{shape[0]}-{shape[1]}-{shape[2]}"
)
def drawn(request: Any) -> tuple[Drawing, Layout]:
    drawing = network(*request.param)
    return drawing, laid_out(drawing)


Drawn = tuple[Drawing, Layout]


def test_inputs_and_modules_stand_in_their_order(drawn: Drawn) -> None:
    drawing, layout = drawn
    inputs = [node for node in drawing.nodes if node.kind == "input"]
    heights = {node.value.label: layout.boxes[node.key][0][1] for node in inputs}
    in_order = sorted(heights, key=lambda label: int(label[1:]))
    assert sorted(in_order, key=lambda label: heights[label]) == in_order and in_order
    modules = {node.module: sides(layout, node) for node in drawing.nodes if node.module}
    modules |= {scope: (*a, *b) for scope, (a, b) in layout.frames.items()}
    for one, other in combinations(sorted(modules, key=natural), 2):
        if one[:-1] == other[:-1]:
            (left, top, _, _), (_, _, right, bottom) = modules[other], modules[one]
            side = "layers" not in one[-1]  # neurons below one another, layers beside one another
            assert (top > bottom) if side else (left > right), (one, other)


def test_each_arrow_goes_from_a_right_side_to_a_left_side(drawn: Drawn) -> None:
    drawing, layout = drawn
    for edge in drawing.edges.values():
        way = points_of(layout.arrows[edge.key])
        (_, top, right, bottom), (left, upper, _, lower) = (
            sides(layout, node) for node in (edge.source, edge.target)
        )
        assert way[0][0] == pytest.approx(right) and top < way[0][1] < bottom
        assert way[-1][0] + HEAD == pytest.approx(left) and upper < way[-1][1] < lower
        assert all(a[0] <= b[0] + 1e-9 for a, b in pairwise(way)), "an arrow turns back"


def test_no_arrow_passes_a_box_or_leaves_the_picture(drawn: Drawn) -> None:
    drawing, layout = drawn
    boxes = {node: sides(layout, node) for node in drawing.nodes}
    for edge in drawing.edges.values():
        others = [box for node, box in boxes.items() if node not in (edge.source, edge.target)]
        for x, y in points_of(layout.arrows[edge.key]):
            assert 0 < x < layout.size[0] and 0 < y < layout.size[1]
            assert not any(a < x < c and b < y < d for a, b, c, d in others)


def test_frames_hold_what_is_in_them_and_nothing_else(drawn: Drawn) -> None:
    drawing, layout = drawn
    for scope, ((left, top), (right, bottom)) in layout.frames.items():
        for node in drawing.nodes:
            a, b, c, d = sides(layout, node)
            inside = left < a and c < right and top < b and d < bottom
            apart = c < left or right < a or d < top or bottom < b
            assert inside if node.scope[: len(scope)] == scope else apart


def crosses(drawing: Drawing, layout: Layout, one: Edge, other: Edge) -> bool:
    """Whether one begins above the other and ends below it."""
    a, b, c, d = (
        layout.boxes[node.key][0][1]
        for node in (one.source, other.source, one.target, other.target)
    )
    return (a - b) * (c - d) < 0


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_arrows_cross_only_where_all_are_connected_with_all(shape: Any) -> None:
    drawing = network(*shape)
    layout, (inputs, sizes, _) = laid_out(drawing), shape
    pairs = combinations(drawing.edges.values(), 2)
    beside = [pair for pair in pairs if len({layout.boxes[e.target.key][0][0] for e in pair}) == 1]
    found = sum(crosses(drawing, layout, *pair) for pair in beside)
    needed = [m * (m - 1) * n * (n - 1) // 4 for m, n in pairwise([inputs, *sizes])]
    assert found == sum(needed)


@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[1], SHAPES[3]])
def test_numbers_stand_on_their_arrows_and_hide_none(shape: Any) -> None:
    drawing = network(*shape)
    layout, texts = laid_out(drawing), arrow_texts(drawing)
    assert set(layout.numbers) == set(texts) and len(texts) == len(drawing.edges)
    for key, (x, y) in layout.numbers.items():
        assert min(abs(x - u) + abs(y - v) for u, v in points_of(layout.arrows[key], 80)) < 4
    places = [(x, y, 2.3 * len(texts[key])) for key, (x, y) in layout.numbers.items()]
    hidden = [
        1
        for (x, y, w), (u, v, h) in combinations(places, 2)
        if abs(x - u) < w + h and abs(y - v) < 8
    ]
    assert len(hidden) <= len(texts) // 20


def test_formulas_are_read_from_top_to_bottom() -> None:
    x1, x2, w1, w2, b = (Value(1.0) for _ in range(5))
    drawing = draw(tanh(x1 * w1 + x2 * w2 + b))
    layout = laid_out(drawing)
    heights = {drawing.label(node.value): layout.boxes[node.key][0][1] for node in drawing.nodes}
    assert heights["x1"] < heights["w1"] < heights["x2"] < heights["w2"]
    assert heights["b"] > (heights["w1"] + heights["x2"]) / 2


def test_two_arrows_between_the_same_boxes_are_apart() -> None:
    x = Value(3.0, "x")
    drawing = draw(x * x)
    one, other = (points_of(curve) for curve in laid_out(drawing).arrows.values())
    assert all(abs(a[1] - b[1]) > 5 for a, b in zip(one, other, strict=True))


def test_what_has_no_order_from_left_to_right_is_left_to_graphviz() -> None:
    model = MLP(1, [1, 1], seed=1)
    again = model([model([Value(0.5, "x")])])
    assert arranged(draw(again, model, depth=1), dict, {}) is None
    assert "<svg" in draw(again, model).svg
    x = y = Value(0.5, "x")
    for _ in range(120):
        y = y * x
    assert arranged(draw(y), dict, {}) is None


@pytest.mark.parametrize("engine", layout_room.engines())
def test_both_engines_draw_what_was_laid_out(engine: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(layout_room, "engines", lambda: [engine])
    svg = ElementTree.fromstring(network.__wrapped__(2, (4, 1), 2).svg)
    groups = {g.get("id"): g for g in svg.iter(f"{SVG}g")}
    boxes, titles = {}, {}
    for key, group in groups.items():
        if key and re.fullmatch(r"n\d+", key):
            words = [*group.iter(f"{SVG}polygon"), *group.iter(f"{SVG}path")][0]
            numbers = re.findall(r"-?[\d.]+", words.get("points") or words.get("d") or "")
            boxes[key] = [float(n) for n in numbers]
            titles[key] = "".join(group.itertext())
    inputs = sorted(boxes, key=lambda key: max(boxes[key][::2]))[:2]
    assert ["x1" in titles[key] for key in sorted(inputs, key=lambda k: boxes[k][1])] == [
        True,
        False,
    ]
    arrows = [g.find(f"{SVG}path") for key, g in groups.items() if key and key[0] == "e"]
    starts = {max(boxes[key][::2]) for key in boxes}
    for arrow in arrows:
        assert arrow is not None
        x = float(re.findall(r"-?[\d.]+", arrow.get("d") or "")[0])
        assert min(abs(x - right) for right in starts) < 6


def test_the_rounds_in_which_a_deep_graph_is_laid_out_do_not_grow_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def moved(depth: int) -> int:
        blocks, y = list[int](), Value(0.5)
        monkeypatch.setattr(layout, "_settled", lambda order, *a: blocks.append(len(order) * a[-1]))
        for _ in range(depth):
            y = tanh(y) * 1.5
        laid_out.__wrapped__(draw(y, budget=10_000))
        return max(blocks)

    assert moved(400) < 2 * moved(150)
