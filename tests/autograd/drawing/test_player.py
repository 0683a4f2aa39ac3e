"""The player in a real browser: its grads are the ledger's, it asks for nothing, and it can be
driven.
"""

import itertools
import json
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import (
    OPS,
    DomainWarning,
    Value,
    dot,
    draw,
    hypot,
    log,
    operation,
    relu,
    tanh,
    topological,
    total,
    walk,
    where,
)
from autograd.debugging.names import Names
from autograd.drawing.labels import plain
from autograd.drawing.modules import title
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT
from autograd.exercises.questions import Question, steps_of
from autograd.exercises.slips import slips
from tests.autograd.drawing.test_draw import HOSTILE
from tests.autograd.drawing.test_page import anything, network, neuron
from tests.browser import chromium, opened, requests

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("player") / "y.html"
    draw(*neuron()).save(path)
    return path


@pytest.fixture
def browser(driver: Any, page: Path) -> Iterator[Any]:
    """The browser; whatever a test does in it, the page complains about nothing and asks for
    nothing.
    """
    opened(driver, page)
    yield driver
    assert [entry["message"] for entry in driver.get_log("browser")] == []
    assert [url for url in requests(driver) if not url.startswith(("file:", "data:"))] == []


def show(browser: Any, path: Path, y: Value, model: Any = None, **options: Any) -> None:
    draw(y, model, **options).save(path / "y.html")
    opened(browser, path / "y.html")


def press(browser: Any, *keys: str) -> None:
    for key in keys:
        browser.execute_script(
            "document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', {key: arguments[0], bubbles: true}))",
            key,
        )


def text(browser: Any, id: str) -> str:
    return str(
        browser.execute_script(
            "return document.getElementById(arguments[0]).textContent.trim()", id
        )
    )


def grads(browser: Any) -> dict[str, str]:
    """What the picture shows as the grad of each node."""
    script = """
        const grad = n => n.querySelector('.grad')?.textContent ?? null;
        return [...document.querySelectorAll('.node')].map(n => [n.id, grad(n)]);
    """
    return {key: shown for key, shown in browser.execute_script(script) if shown is not None}


def scrub(browser: Any, place: int) -> None:
    script = """
        const slider = document.getElementById("slider"), [place, done] = arguments;
        slider.value = place;
        slider.dispatchEvent(new Event("input"));
        requestAnimationFrame(() => requestAnimationFrame(done));
    """
    browser.execute_async_script(script, place)


@pytest.mark.parametrize("seed", range(2))
def test_at_each_place_of_the_slider_the_grads_shown_are_those_of_the_ledger(
    seed: int, browser: Any, tmp_path
) -> None:
    y = anything(seed)
    y.label = "y"
    show(browser, tmp_path, y)
    picture = draw(y)
    order, steps = [v for v in topological(y) if v.operands], walk(y).finish().ledger()
    end = len(order) + 1 + len(steps)
    assert browser.execute_script("return +document.getElementById('slider').max") == end
    for place in [*range(end + 1), *random.Random(seed).sample(range(end + 1), 15)]:
        scrub(browser, place)
        taken = place - len(order) - 1
        now = dict.fromkeys(topological(y), 0.0) | {y: 1.0}
        now |= {step.operand: step.grad for step in steps[: max(taken, 0)]}
        for key, shown in grads(browser).items():
            (node,) = [n for n in picture.nodes if n.key == key]
            assert shown == (f"grad {short(now[node.value])}" if taken >= 0 else ""), (
                place,
                node.value,
            )
        if taken > 0:
            assert text(browser, "formula") == repr(steps[taken - 1])


def test_the_numbers_of_the_forward_pass_appear_one_by_one(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    script = """
        const numbers = [...document.querySelectorAll('.node .data')];
        return numbers.filter(e => e.textContent === '…').length;
    """
    left = []
    for place in range(5):
        scrub(browser, place)
        left.append(browser.execute_script(script))
    assert left == [4, 3, 2, 1, 0]
    assert text(browser, "formula").startswith("y = tanh * x = ")


def test_the_keyboard_steps_plays_and_jumps(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    press(browser, "ArrowRight", "ArrowRight", "ArrowLeft")
    assert text(browser, "place") == "forward pass, 1 of 4"
    press(browser, "b")
    assert text(browser, "formula") == "y.grad = 1, the seed"
    press(browser, "End")
    assert text(browser, "place") == "reverse pass, 7 of 7"
    press(browser, "Home")
    assert text(browser, "place") == "forward pass, 0 of 4"
    press(browser, " ")
    assert text(browser, "play") == "❚❚ Pause"
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    assert text(browser, "place") == "forward pass, 1 of 4"
    press(browser, " ")
    assert text(browser, "play") == "▶ Play"


def test_a_value_can_be_chosen_by_key_or_click_and_shows_its_ledger(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    press(browser, "End")
    node = next(n.key for n in draw(y, model).nodes if n.value.label == "x")
    browser.find_element("id", node).click()
    ledger = text(browser, "ledger")
    assert ledger.startswith("x = 0.5") and "complete" in ledger
    steps = [step for step in walk(y).finish().ledger() if step.operand.label == "x"]
    for step in steps:
        assert short(step.contribution) in ledger
    press(browser, "ArrowLeft", "ArrowLeft", "ArrowLeft", "j")
    assert not text(browser, "ledger").startswith("x = 0.5")


def test_a_screen_reader_hears_the_step_and_finds_names(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    script = """
        const unnamed = [...document.querySelectorAll("button, input, select")].filter(e =>
            !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length));
        return [unnamed.length, document.getElementById("formula").getAttribute("aria-live"),
                document.querySelector("#stage svg").getAttribute("aria-label"),
                document.documentElement.lang];
    """
    unnamed, live, label, language = browser.execute_script(script)
    assert (unnamed, live, language) == (0, "polite", "en")
    assert label == "Graph of y = (-0.2913) * x = -0.1457: 7 values, 4 made by operations"


def test_a_module_collapses_to_one_box_in_less_space_and_opens_again(
    browser: Any, tmp_path
) -> None:
    loss, model = network(4, 3, 1)
    show(browser, tmp_path, loss, model, depth=1)
    script = """
        const seen = s => [...document.querySelectorAll(s)].filter(e => !e.closest(".away")).length;
        const svg = document.querySelector("#stage svg");
        return [seen(".node"), seen(".cover"), svg.viewBox.baseVal.height];
    """
    closed = browser.execute_script(script)
    assert closed[:2] == [5, 3]  # two inputs, the constant, the difference, the loss; three layers
    press(browser, "End")
    covers = browser.execute_script(
        "return [...document.querySelectorAll('.cover')].map(c => c.textContent)"
    )
    loss.backward()
    layers = [node for node in draw(loss, model, depth=1).nodes if node.kind == "module"]
    assert set(covers) == {
        f"{title(layer.module[-1])}largest grad {short(layer.grad or 0.0)}" for layer in layers
    }
    browser.find_element("css selector", ".cover[data-frame='m0']").click()
    one_open = browser.execute_script(script)
    assert one_open[1] == 2 + 4  # its neurons are collapsed still
    browser.find_element("css selector", ".cover[data-frame='m1']").click()
    assert browser.execute_script(script)[0] == 5 + 5  # w1, w2, b, dot, tanh
    browser.find_element("id", "modules").click()
    everything = browser.execute_script(script)
    assert everything[:2] == [len(topological(loss)), 0]
    assert everything[2] > 2 * closed[2]
    browser.find_element("id", "modules").click()
    assert browser.execute_script(script) == closed


SEEN = """
    const stage = document.getElementById("stage"), svg = stage.querySelector("svg");
    const zoom = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const sizes = [...svg.querySelectorAll("text")].filter(e => e.getBoundingClientRect().width)
        .map(e => parseFloat(getComputedStyle(e).fontSize) * zoom);
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = stage;
    const whole = scrollWidth <= clientWidth && scrollHeight <= clientHeight;
    return [whole, Math.min(...sizes), document.getElementById("map").hasAttribute("hidden")];
"""


def test_words_can_be_read_and_a_map_shows_what_is_beyond_the_window(
    browser: Any, tmp_path
) -> None:
    def seen() -> tuple[bool, float, bool]:
        whole, least, without_map = browser.execute_script(SEEN)
        assert whole == without_map
        return whole, least, without_map

    for sizes in ((8, 1), (16, 16, 1)):
        show(browser, tmp_path, *network(*sizes))
        whole, least, _ = seen()  # collapsed to layers, since not all of it can be read
        assert whole and least >= 9.9
        browser.find_element("id", "modules").click()
        whole, least, _ = seen()
        assert not whole and least >= 11.9
        browser.execute_script("document.getElementById('stage').scrollTo(0, 0)")
        where = "const { scrollLeft, scrollTop } = document.getElementById('stage');"
        where += "return [scrollLeft > 0, scrollTop > 0]"
        script = "const { right, bottom } = document.getElementById('map').getBoundingClientRect();"
        script += "document.getElementById('map').dispatchEvent(new PointerEvent('pointerdown',"
        script += "{ buttons: 1, clientX: right, clientY: bottom }));"
        browser.execute_script(script)
        assert browser.execute_script(where) == [True, True]
        browser.find_element("id", "modules").click()
        assert seen()[0]
    x = Value(0.3, "x")
    for _ in range(25):
        x = tanh(x * 1.1 + 0.1)
    show(browser, tmp_path, x)
    whole, least, _ = seen()
    assert not whole and least >= 11.9


def test_a_narrow_window_has_the_text_below_the_picture(browser: Any, tmp_path) -> None:
    size = browser.get_window_size()
    browser.set_window_size(430, 800)
    show(browser, tmp_path, *network(8, 1))
    script = "return ['stage', 'formula', 'play'].map(id => document.getElementById(id)"
    ends = browser.execute_script(f"{script}.getBoundingClientRect().bottom).concat(innerHeight)")
    assert ends == sorted(ends)
    browser.set_window_size(size["width"], size["height"])


def test_a_step_inside_a_collapsed_module_is_marked_on_its_cover(browser: Any, tmp_path) -> None:
    show(browser, tmp_path, *network(4, 1), depth=1)
    press(browser, "ArrowRight")
    covered = "return document.querySelector('.now').dataset.frame"
    assert browser.execute_script(covered) == "m0"


def test_the_tab_key_reaches_leaves_whose_numbers_keys_change(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    told = "const e = document.activeElement; return ['role', 'aria-label', 'aria-valuetext']"
    told += ".map(name => e.getAttribute(name));"
    browser.find_element("id", "stage").send_keys("\ue004")
    assert browser.execute_script(told) == ["spinbutton", "x", "0.5"]
    browser.switch_to.active_element.send_keys("\ue013")
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert browser.execute_script(told) == ["spinbutton", "x", "0.51"]
    browser.switch_to.active_element.send_keys("25\n")
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert text(browser, "ledger").startswith("x = 25")
    assert browser.execute_script(told) == ["spinbutton", "x", "25"]


def test_enter_collapses_the_module_of_the_chosen_value(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    node = next(n.key for n in draw(y, model).nodes if n.value.label == "w")
    browser.find_element("id", node).click()
    press(browser, "Enter")
    assert text(browser, "formula") == "neuron collapsed"
    press(browser, "Enter")
    assert text(browser, "formula") == "neuron expanded"


def test_both_themes_can_be_had(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    colours = """
        const text = document.querySelector(".node .data");
        return [getComputedStyle(document.body).backgroundColor, getComputedStyle(text).fill];
    """
    first = browser.execute_script(colours)
    press(browser, "t")
    second = browser.execute_script(colours)
    assert first[0] != second[0] and first[1] != second[1]
    press(browser, "t")
    assert browser.execute_script(colours) == first


def test_pictures_that_are_folded_expanded_or_cut_play_to_the_right_grads(
    browser: Any, tmp_path
) -> None:
    w = [Value(0.5, "w1"), Value(-0.25, "w2")]
    loss = total([(dot(w, [x, 1.0], 0.5) - 1.0) ** 2 for x in (1.0, 2.0, 3.0)])
    loss.backward()
    for options in ({"fold": True}, {"expand": True}, {"budget": 8, "fold": False}):
        show(browser, tmp_path, loss, {"w.0": w[0], "w.1": w[1]}, **options)
        press(browser, "End")
        shown = grads(browser)
        for node in draw(loss, {"w.0": w[0], "w.1": w[1]}, **options).nodes:
            if node.key in shown and node.kind == "parameter" and len(node.values) == 1:
                assert shown[node.key] == f"grad {short(node.value.grad)}"


# What if: leaves have other numbers


def every_row(values: Sequence[Value]) -> Value:
    """A graph with each row of the table, at operands that a few leaves decide."""
    leaves, results = iter(itertools.cycle(values)), []
    for op in OPS.values():
        given = []
        for low, high in op.span:
            middle, half = (low + high) / 2, (high - low) / 2
            given.append(middle + half * tanh(next(leaves)) * 0.99)
        if op.name == "dot":
            results.append(dot(given, [*given[1:], 2.0], given[0]))
        elif op.nary:
            results.append(getattr(autograd, op.name)([*given, given[0] * 2.0, 1.5]))
        elif op.name == "where":
            results.append(where(True, *given))
        else:
            constants = [x for _, x in op.constants]
            results.append(getattr(given[0], op.method)(*given[1:], *constants))
    return total(results)


def with_formulas_as_labels(values: Sequence[Value]) -> Value:
    a, b, c, d = values
    ab = a * b
    ab.label = "a*b"
    n = ab + c
    n.label = "a*b + c"
    return tanh(n) * ab / hypot(n, d)


GRAPHS: list[Callable[[Sequence[Value]], Value]] = [every_row, with_formulas_as_labels]
GRAPHS += [partial(lambda seed, values: anything(seed, pool=values), seed) for seed in range(4)]

# As the page has it, with all digits: numbers, grads and steps after each change of leaves.
FOLLOWED = """
    const box = key => data.nodes.find(n => n.key === key);
    const edges = data.edges.map(([key, a, b, count]) =>
        ({ key, count, operand: box(a), result: box(b) }));
    const graph = Graph(data.graph, data.nodes, edges);
    return arguments[0].map(changes => {
        for (const [name, x] of changes) graph.x[data.graph.names.indexOf(name)] = x;
        graph.update();
        const said = [...graph.x.keys()].filter(i => !graph.isLeaf(i)).map(graph.computation);
        const steps = graph.steps.map(graph.text);
        return JSON.stringify([[...graph.x], [...graph.grads], steps, said]);
    });
"""


def in_words(y: Value) -> tuple[list[str], list[str]]:
    """The steps of the reverse pass, and of the forward pass."""
    forward = walk(y, forward=True).finish().ledger()
    return [*map(repr, walk(y).finish().ledger())], [*map(repr, forward)]


def leaves(numbers: Iterable[float]) -> list[Value]:
    return [Value(x, name) for name, x in zip("abcd", numbers, strict=False)]


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_value_grad_and_step_follows_a_leaf_as_python_has_it(
    graph: Callable[[Sequence[Value]], Value], browser: Any, tmp_path
) -> None:
    rng = random.Random(0)
    show(browser, tmp_path, graph(leaves([0.3, -0.7, 1.1, 0.2])))
    points = [[rng.uniform(-1.5, 1.5) for _ in range(4)] for _ in range(10)]
    found = browser.execute_script(FOLLOWED, [list(zip("abcd", p, strict=True)) for p in points])
    for point, answer in zip(points, found, strict=True):
        y = graph(leaves(point))
        y.backward()
        wanted = [[v.data for v in topological(y)], [v.grad for v in topological(y)]]
        steps, forward = in_words(graph(leaves(point)))
        *numbers, said, computed = json.loads(answer)
        assert numbers == [pytest.approx(many, rel=1e-12, abs=1e-14) for many in wanted]
        assert (said, sorted(computed)) == (steps, sorted(forward))


def type_in(browser: Any, y: Value, label: str, text_: str) -> None:
    """Choose a leaf by a click, and type its number."""
    key = next(n.key for n in draw(y).nodes if n.value.label == label)
    field = browser.find_element("id", "typed")
    if field.get_attribute("aria-label") != f"Number of {label}":  # else it lies over the leaf
        browser.find_element("id", key).click()
    press(browser, "e")
    field.send_keys(text_)
    browser.execute_async_script("setTimeout(arguments[0], 50)")


def test_a_typed_number_changes_boxes_arrows_ledger_and_text_until_it_is_reset(
    browser: Any, tmp_path
) -> None:
    def graph(p: float, q: float) -> Value:
        p_, q_ = Value(p, "p"), Value(q, "q")
        y = log(p_ - q_) / q_ + relu(p_ * 3.0 - 7)
        y.label = "y"
        return y

    def shown() -> list[str]:
        words = ".node .data, .node .grad, .edge text"
        return browser.execute_script(
            f"return [...document.querySelectorAll('{words}')].map(e => e.textContent)"
        )

    first, then = graph(2.0, 1.0), graph(5.25, -0.5)
    show(browser, tmp_path, then)
    press(browser, "End")
    wanted = [shown(), text(browser, "formula")]
    show(browser, tmp_path, first)
    press(browser, "End")
    before = [shown(), text(browser, "formula")]
    type_in(browser, first, "p", "5.25\n")
    type_in(browser, first, "q", "-0.5\n")
    assert [shown(), text(browser, "formula")] == wanted != before
    assert text(browser, "formula") == repr(walk(then).finish().ledger()[-1])
    assert text(browser, "ledger").startswith("q = -0.5")
    assert not browser.find_element("id", "trouble").is_displayed()
    type_in(browser, first, "q", "6\n")
    with pytest.warns(DomainWarning) as caught:
        graph(5.25, 6.0)
    assert text(browser, "trouble") in str(caught[0].message)
    assert text(browser, "trouble") == "log needs x > 0, got x = -0.75 in log(p - q)"
    press(browser, "r")
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert [shown(), text(browser, "formula")] == before
    assert browser.find_element("id", "reset").get_attribute("disabled")


def test_what_is_typed_counts_as_a_whole_or_not_at_all(browser: Any, tmp_path) -> None:
    x = Value(3.0, "x")
    show(browser, tmp_path, x * 2.0)
    field, trouble = browser.find_element("id", "typed"), browser.find_element("id", "trouble")
    for given, number in [("1/2", "0.5"), ("7+3", "10"), ("-2e1", "-20"), ("1e400", None)]:
        type_in(browser, x * 2.0, "x", f"{given}\n")
        if number:
            assert text(browser, "ledger").startswith(f"x = {number}leaf"), given
    for given in ("5%", "1/0", "1.000,5", "1,5", "1_000", "3 4", "abc", ""):
        field.send_keys(f"\ue003{given}\n")  # what was refused is selected
        browser.execute_async_script("setTimeout(arguments[0], 50)")
        assert text(browser, "ledger").startswith("x = -20leaf"), given
        said = f"x needs a number, such as -0.42 or 1/2, got {given or 'nothing'}"
        assert trouble.is_displayed() and trouble.text == said
        assert browser.switch_to.active_element == field
        assert field.get_attribute("value") == given
    field.send_keys("4\n")
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert text(browser, "ledger").startswith("x = 4leaf") and not trouble.is_displayed()


def test_folded_expanded_cut_and_collapsed_pictures_follow_too(browser: Any, tmp_path) -> None:
    def graph(b: float) -> tuple[Value, dict[str, Value]]:
        w, v = [Value(0.5, "w1"), Value(-0.25, "w2")], Value(b, "b")
        rows = [(dot(w, [x, 1.0], v) - 1.0) ** 2 for x in (1.0, 2.0, 3.0)]
        loss = total(rows)
        loss.label = "loss"
        return loss, {"layer.w.0": w[0], "layer.w.1": w[1], "b": v}

    texts = """
        const seen = [...document.querySelectorAll(".node, .edge, .cover")];
        return [document.getElementById("formula").textContent, ...seen.map(e =>
            [e.textContent.trim(), e.dataset.level, e.classList.contains("away")].join(" | "))];
    """
    for options in ({"fold": True}, {"expand": True}, {"budget": 9, "fold": False}, {"depth": 1}):
        show(browser, tmp_path, *graph(-2.0), **options)
        press(browser, "End")
        wanted = browser.execute_script(texts)
        show(browser, tmp_path, *graph(0.5), **options)
        press(browser, "End")
        assert browser.execute_script(texts) != wanted
        browser.find_element("tag name", "h1").click()  # the window has the focus
        press(browser, "j")
        while not text(browser, "ledger").startswith("b = "):
            press(browser, "j")
        press(browser, "e")
        browser.find_element("id", "typed").send_keys("-2\n")
        browser.execute_async_script("setTimeout(arguments[0], 50)")
        assert browser.execute_script(texts) == wanted, options


def test_a_leaf_is_dragged_by_pointer_or_slider_or_arrow_keys(browser: Any, tmp_path) -> None:
    from selenium.webdriver import ActionChains

    y, model = neuron()
    show(browser, tmp_path, y, model)
    key = next(n.key for n in draw(y, model).nodes if n.value.label == "w")
    box = browser.find_element("id", key)
    ActionChains(browser).move_to_element(box).click_and_hold().move_by_offset(30, 0).perform()
    ActionChains(browser).release().perform()
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert text(browser, "ledger").startswith("w = -0.9")
    assert text(browser, "place") == "reverse pass, 7 of 7"  # where all of it is seen
    field = browser.find_element("id", "typed")
    assert field.get_attribute("aria-label") == "Number of w"
    press(browser, "e", "ArrowUp", "ArrowUp")
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert text(browser, "ledger").startswith("w = -0.88")
    field.clear()
    field.send_keys("-")
    assert field.get_attribute("aria-invalid") == "true"
    browser.find_element("id", "dragged").send_keys("\ue014")  # right
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert text(browser, "ledger").startswith("w = -0.87")


def test_a_question_follows_a_leaf_and_judges_by_its_new_number(browser: Any, tmp_path) -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    y = a * b
    show(browser, tmp_path, y)
    press(browser, "p", "End")
    type_in(browser, y, "b", "4\n")
    assert "a.grad is 0 so far" in text(browser, "asked")
    ask(browser, "4")
    assert text(browser, "formula").startswith("Right. a.grad += b * y.grad = 4 * 1 = 4")


def test_numbers_that_functions_of_python_depend_on_are_fixed_in_the_page(
    browser: Any, tmp_path
) -> None:
    half_sine = operation("half_sine", lambda x: math.sin(x) / 2, "cos(x) / 2")
    x, z = Value(1.0, "x"), Value(2.0, "z")
    y = half_sine(x) + z
    show(browser, tmp_path, y)
    assert text(browser, "whatif").startswith("Some numbers are fixed: half_sine is computed by")
    press(browser, "End")
    y.backward()
    assert sorted(grads(browser).values()) == sorted(
        f"grad {short(v.grad)}" for v in (x, y.operands[0], z, y)
    )
    assert browser.execute_script("return document.querySelectorAll('.live').length") == 1


# Predict first


def ask(browser: Any, guess: str) -> str:
    box = browser.find_element("id", "guess")
    box.clear()
    box.send_keys(f"{guess}\n")
    return text(browser, "verdict")


def test_predict_first_hides_a_grad_until_the_guess_is_right(browser: Any, tmp_path) -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    y = a * b + a * 4.0
    y.label = "y"
    show(browser, tmp_path, y)
    press(browser, "p", "End")
    asked = []
    for step in walk(y).finish().ledger():
        place = text(browser, "place")
        assert (
            text(browser, "formula")
            == f"{step.names[step.result]} passes its grad on to {step.names[step.operand]}."
        )
        hidden = [shown for shown in grads(browser).values() if shown.endswith("→ ?")]
        assert len(hidden) == (step.operand.op is not CONSTANT)  # a constant shows no grad at all
        press(browser, "ArrowRight", "End")
        assert text(browser, "place") == place  # nothing gets past the question
        asked.append(ask(browser, short(step.grad)))
        assert text(browser, "formula") == f"Right. {step!r}"
        press(browser, "ArrowRight")
    assert asked
    assert text(browser, "place") == "reverse pass, 6 of 6"
    assert not browser.find_element("id", "question").is_displayed()


def test_the_answer_can_be_shown(browser: Any, tmp_path) -> None:
    y, model = neuron()
    show(browser, tmp_path, y, model)
    press(browser, "p", "End")
    browser.find_element("id", "show").click()
    assert text(browser, "formula") == repr(walk(y).step().where())


# Of each step that asks: what the page says to the numbers of its slips, as sets of sentences.
JUDGED = """
    const box = key => data.nodes.find(n => n.key === key);
    const edges = data.edges.map(([key, a, b, count]) =>
        ({ key, count, operand: box(a), result: box(b) }));
    const graph = Graph(data.graph, data.nodes, edges);
    return JSON.stringify(graph.steps.filter(s => s.partial !== null).map(step => {
        const slips = graph.slips(step), right = step.grad;
        const said = x => judged({ right, size: 0, slips }, { x, half: 0 });
        return [right, said(right).mark, slips.map(([x]) => [x, said(x).text])];
    }));
"""


def test_the_slips_of_a_page_are_those_of_a_quiz(browser: Any, tmp_path) -> None:
    named = 0
    for seed in range(6):
        y = anything(seed, 8)
        show(browser, tmp_path, y)
        names = Names(y)
        judged = json.loads(browser.execute_script(JUDGED))
        steps = [s for s in steps_of(y, names) if s.operand.op is not CONSTANT]
        asked = walk(y).finish().ledger()
        assert len(judged) == len(asked)
        for step, (right, mark, said) in zip(asked, judged, strict=True):
            assert right == pytest.approx(step.grad, rel=1e-12) and mark == "right"
            uses = [s for s in steps if s.operand is step.operand and s.number <= step.number]
            if not uses:
                continue
            question = Question("grad", "", "", step.grad, step.operand, tuple(uses), names)
            known = {f"{slip.number:.6g}" for slip in slips(question, y) if slip.kind != "order"}
            for number, text in said:
                assert text.startswith(("not yet: ", "right")), text
                special = any(
                    some in text for some in ("grad so far", "forgot to add", "do not multiply")
                )
                named += not special
                assert special or f"{number:.6g}" in known | {f"{right:.6g}"}, (step, number, text)
    assert named > 300


# Hostile labels


def test_hostile_labels_are_text_in_the_browser_and_nothing_runs(browser: Any, tmp_path) -> None:
    values = [Value(float(i), label) for i, label in enumerate(HOSTILE)]
    y = total(values)
    y.label = "</script><script>alert(1)</script>"
    show(
        browser,
        tmp_path,
        y,
        {f"{HOSTILE[i].replace('.', '')}.w": v for i, v in enumerate(values[:40])},
    )
    press(browser, "End")
    lines = "return [...document.querySelectorAll('.node text')].map(t => t.textContent)"
    shown = {" ".join(line.split()) for line in browser.execute_script(lines)}
    for i, value in enumerate(values):
        label = " ".join(plain(value.label).split())
        assert {f"{label} = {i}".strip(), label} & shown, repr(value.label)
    scripts, pictures = browser.execute_script(
        "return [document.scripts.length, "
        "document.querySelectorAll('img, iframe, a, object, embed').length]"
    )
    assert (scripts, pictures) == (2, 0)
    for node in browser.execute_script(
        "return [...document.querySelectorAll('.node')].slice(0, 40).map(n => n.id)"
    ):
        browser.execute_script(
            "document.getElementById(arguments[0]).dispatchEvent("
            "new PointerEvent('pointerover', {bubbles: true}))",
            node,
        )
    assert browser.execute_script("return document.scripts.length") == 2
