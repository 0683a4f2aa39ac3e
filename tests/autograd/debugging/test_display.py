"""What a notebook shows of results, and what ``.show()`` opens."""

import base64
import html
import json
import re
import webbrowser
import zlib
from pathlib import Path
from typing import Any

import pytest

from autograd import Code, Table, Value, Viewable, check, draw, record, tanh, walk, why
from tests.cases import each


def neuron() -> Value:
    w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
    return tanh(w * x + b)


def words(markup: str) -> str:
    """The text of some HTML."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", markup)).split())


def begins_at(bundle: dict[str, str]) -> list[Any]:
    """Where the player in a cell begins: the pass, and how far in it; None is its end."""
    packed = re.search(r"&quot;(eN[^&]*)&quot;", bundle["text/html"])
    page = zlib.decompress(base64.b64decode(packed[1])).decode()  # type: ignore[index]
    return json.loads(re.search(r'id="data">(.*?)</script>', page)[1])["begin"]  # type: ignore[index]


@each(
    "shown",
    [
        lambda: why(neuron(), neuron()),
        lambda: why(y := neuron(), y.operands[0]),
        lambda: check(lambda w, x: tanh(w * x), -1.2, 0.5),
        lambda: check(lambda x: 3 * x, 0.5, gradient=lambda x: 2.0),
        lambda: record(lambda x: x * x, 0.5),
    ],
)
def test_what_the_repr_says_is_in_the_html(shown: Any) -> None:
    result = shown()
    told = words(result._repr_html_())
    for word in re.findall(r"[\w.]+", repr(result).partition("engine")[0]):
        assert word in told, (word, told)


def test_labels_are_text_whatever_is_in_them() -> None:
    x = Value(2.0, "<img src=x onerror=alert(1)>\x1b[2J")
    for shown in (why(x * x, x), check(lambda v: v["<b>"] * 2, {"<b>": 1.0})):
        markup = shown._repr_html_()
        assert "<img" not in markup and '<b>"' not in markup and "\x1b" not in markup
    assert "<script" not in Code("'</pre><script>alert(1)</script>'  # <b>").html


def test_numbers_stand_right_and_are_shaded_by_sign() -> None:
    markup = Table(("name", "x"), [("a", 1.5), ("b", "-2e-05")], {(0, 1): 0.5, (1, 1): -2.0}).html
    sides = re.findall(r"<(t[hd]) style=\"[^\"]*text-align:(\w+)", markup)
    assert sides == [("th", "left"), ("th", "right")] + [("td", "left"), ("td", "right")] * 2
    assert "rgba(47,127,193,0.50)" in markup and "rgba(217,102,15,1.00)" in markup


def test_a_drawing_in_a_cell_begins_with_all_that_is_known() -> None:
    y = neuron()
    assert begins_at(draw(y)._repr_mimebundle_()) == ["forward", None]
    y.backward()
    assert begins_at(draw(y)._repr_mimebundle_()) == ["reverse", None]


def test_a_walk_in_a_cell_is_the_player_at_its_place() -> None:
    t = walk(neuron())
    assert begins_at(t._repr_mimebundle_()) == ["reverse", 0, 5]
    bundle = t.step(2)._repr_mimebundle_()
    assert begins_at(bundle) == ["reverse", 2, 5]
    assert bundle["text/plain"] == repr(t)
    assert "<p" not in bundle["text/html"].partition("<iframe")[0]
    assert "watching w.grad = 0 so far" in words(t.watch("w")._repr_mimebundle_()["text/html"])
    t = walk(neuron(), forward=True).step()
    assert begins_at(t._repr_mimebundle_()) == ["forward", draw(t).node_of[t.value].key]


def test_a_walk_after_a_backward_pass_says_that_the_player_begins_at_0() -> None:
    y = neuron()
    y.backward()
    t = walk(y).step(3)
    markup = t._repr_mimebundle_()["text/html"].partition("<iframe")[0]
    assert "step 3 of 5" in words(markup)
    assert "The player begins with the seed 1 and all other grads 0." in words(markup)


# .show()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The addresses that were opened in the browser."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: addresses.append(url) or True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    return addresses


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (lambda: draw(neuron()), "Backprop through tanh"),
        (lambda: walk(neuron()).step(), "Backprop through tanh"),
        (lambda: check(tanh, 0.5), "OK: 1 derivative of tanh"),
    ],
)
def test_show_opens_a_page_in_the_browser(
    shown: Any, says: str, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    result: Viewable = shown()
    result.show()
    (url,) = opened
    page = Path(url.removeprefix("file://")).read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and says in page
    assert capsys.readouterr().out == ""


def test_show_says_which_file_it_wrote_where_there_is_no_display(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    check(tanh, 0.5).show()
    said = re.fullmatch(
        r"there is no display to show it on: wrote (.*report\.html)\n", capsys.readouterr().out
    )
    assert said and "OK: 1 derivative" in Path(said[1]).read_text() and opened == []
