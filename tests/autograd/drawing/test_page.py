"""The player as text: its steps are those of walk, and it refers to nothing outside."""

import base64
import hashlib
import json
import math
import random
import re
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd import DomainWarning, Value, dot, draw, maximum, operation, tanh, topological, total
from nn import MLP

HTML = "{http://www.w3.org/1999/xhtml}"


def neuron() -> tuple[Value, dict[str, Value]]:
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    y = tanh(w * x + b) * x
    y.label = "y"
    return y, {"neuron.w": w, "neuron.b": b}


def network(*sizes: int) -> tuple[Value, MLP]:
    model = MLP(2, [*sizes], activation="tanh", seed=1)
    loss = (model([Value(0.5, "x1"), Value(-1.0, "x2")]) - 1.0) ** 2
    loss.label = "loss"
    return loss, model


def anything(seed: int, operations: int = 25, pool: Iterable[Value] = ()) -> Value:
    """A graph with values that are used often, ties, products and sums."""
    rng = random.Random(seed)
    pool = [*pool] or [Value(rng.uniform(-2, 2), name) for name in "abc"]
    for _ in range(operations):
        a, b = rng.choice(pool), rng.choice(pool[-4:])
        pool.append(
            rng.choice((a * b, a + b, tanh(a), maximum(a, b), dot([a, b], [b, 2.0], a), a - 0.5))
        )
    return total(pool[-3:])


def data_of(html: str) -> Any:
    root = ElementTree.fromstring(html)
    return json.loads(next(s.text for s in root.iter(f"{HTML}script") if s.get("id") == "data"))


def test_the_page_is_strict_xml_and_refers_to_nothing_outside() -> None:
    html = draw(*neuron()).html
    root = ElementTree.fromstring(html)
    assert root.tag == f"{HTML}html"
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), name
            assert name not in ("src", "srcset", "action") and (name != "href" or value == "data:,")
    assert set(re.findall(r"https?://[\w./]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xhtml",
    }


def test_the_policy_allows_the_one_script_and_the_one_style_sheet_by_their_hashes() -> None:
    html = draw(*neuron()).html
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")


@pytest.mark.parametrize("options", [{"expand": True}, {"fold": True}, {"budget": 6}])
def test_pictures_that_are_expanded_folded_or_cut_have_a_page_too(options: dict[str, Any]) -> None:
    w = [Value(0.5, "w1"), Value(-0.25, "w2")]
    loss = total([(dot(w, [x, 1.0], 0.5) - 1.0) ** 2 for x in (1.0, 2.0, 3.0)])
    data = data_of(draw(loss, {"w.0": w[0], "w.1": w[1]}, **options).html)
    assert data["graph"]["values"] and not data["graph"]["fixed"] and not data["graph"]["stale"]


def test_playing_changes_no_grad_of_the_graph() -> None:
    y, model = neuron()
    y.backward()
    y.backward()
    before = [v.grad for v in topological(y)]
    assert "grad" in draw(y, model).html
    assert [v.grad for v in topological(y)] == before


@pytest.mark.full
def test_a_page_of_three_thousand_values_is_smaller_than_five_megabytes() -> None:
    loss, model = network(50, 50, 1)
    html = draw(loss, model).html
    assert len(topological(loss)) > 2800
    assert len(data_of(html)["nodes"]) == len(topological(loss))
    assert len(html.encode()) < 5_000_000


def test_nan_and_inf_pass_through_the_page() -> None:
    with pytest.warns(DomainWarning, match="multiply gives nan"):
        y = Value(float("inf"), "x") * 0.0
    assert set(data_of(draw(y).html)["graph"]["numbers"]) == {"Infinity", 0.0}


def test_leaves_of_functions_of_python_are_fixed_and_the_page_says_why() -> None:
    half_sine = operation("half_sine", lambda x: math.sin(x) / 2, "cos(x) / 2")
    x, z = Value(1.0, "x"), Value(2.0, "z")
    graph = data_of(draw(half_sine(x * 3.0) + z * z).html)["graph"]
    names = [graph["names"][i] or graph["numbers"][i] for i in graph["frozen"]]
    assert sorted(map(str, names)) == ["3.0", "x"]
    assert graph["why"].startswith("half_sine is computed by a function of Python, half_sine")


def test_a_graph_whose_data_have_changed_keeps_the_numbers_of_its_recording() -> None:
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    graph = data_of(draw(y).html)["graph"]
    assert graph["fixed"] == {"1": [4.0, 2.0, 2.0]} and graph["frozen"] == [0]
    assert graph["why"].startswith("their data have changed")
