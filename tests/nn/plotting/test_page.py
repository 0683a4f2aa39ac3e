"""A training as a page: what it refuses, and what it shows in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd import Value, draw
from autograd.engine.notation import short
from demos import drawing, training_player
from nn import Frame, play_training
from tests.browser import chromium, opened, requests


def frames(count: int = 4) -> list[Frame]:
    made = []
    for epoch in range(count):
        w, x = Value(1.0 - 0.25 * epoch, "w"), Value(2.0, "x")
        loss = (w * x) ** 2
        loss.label = "loss"
        loss.backward()
        made.append(
            Frame(epoch, loss.data, [[-1.0, float(epoch)], [0.5, 1.0]], draw(loss, {"line.w": w}))
        )
    return made


def test_a_training_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="play_training needs at least one frame, got none"):
        play_training([], tmp_path / "t.html")


def test_frames_of_different_graphs_are_refused(tmp_path: Path) -> None:
    x = Value(1.0)
    other = Frame(7, 1.0, [[0.0]], draw(x * x * x))
    with pytest.raises(
        ValueError,
        match="needs the same graph in every frame, got another one in epoch 7: draw the loss",
    ):
        play_training([*frames(1), other], tmp_path / "t.html")


def test_a_ragged_grid_is_refused(tmp_path: Path) -> None:
    (frame,) = frames(1)
    with pytest.raises(
        ValueError, match="needs a grid of equal rows, the same size in every frame: epoch 0"
    ):
        play_training([Frame(0, 1.0, [[0.0], [0.0, 1.0]], frame.drawing)], tmp_path / "t.html")


def test_the_page_is_strict_xml_and_its_heading_is_text(tmp_path: Path) -> None:
    play_training(frames(), tmp_path / "t.html", heading="<script>alert(1)</script> & 'more'")
    root = ElementTree.parse(tmp_path / "t.html").getroot()
    assert (
        root.findtext(".//{http://www.w3.org/1999/xhtml}h1") == "<script>alert(1)</script> & 'more'"
    )


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.mark.full
def test_each_epoch_shows_its_loss_its_gradients_and_its_boundary(
    driver: Any, tmp_path: Path
) -> None:
    made = frames()
    play_training(made, tmp_path / "t.html", [(0.5, 0.5, 1), (-0.5, -0.5, -1)])
    opened(driver, tmp_path / "t.html")
    planes = set()
    for frame in made:
        shown, grads, plane = driver.execute_script("""
            return [document.getElementById("loss").textContent,
                    [...document.querySelectorAll(".node .grad")].map(e => e.textContent),
                    document.getElementById("boundary").toDataURL()];
        """)
        assert shown == f"Epoch {frame.epoch}: loss {short(frame.loss)}"
        expected = [f"grad {short(n.grad)}" for n in frame.drawing.nodes if n.grad is not None]
        assert sorted(grads) == sorted(expected)
        planes.add(plane)
        driver.find_element("tag name", "body").send_keys("\ue014")  # the right arrow
    assert len(planes) == len(made)
    assert driver.get_log("browser") == []
    assert [url for url in requests(driver) if not url.startswith(("file:", "data:"))] == []


# The demos


def test_the_drawing_demo_writes_a_picture_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [path.name for path in drawing.main(str(tmp_path))] == ["y.svg", "y.html"]
    assert all(str(path) in capsys.readouterr().out or path.exists() for path in tmp_path.iterdir())


@pytest.mark.full
def test_the_training_demo_learns_and_writes_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = training_player.main(str(tmp_path), epochs=12)
    losses = [
        float(line.rpartition(" ")[2])
        for line in capsys.readouterr().out.splitlines()
        if "loss" in line
    ]
    assert path is not None and path.stat().st_size < 2_000_000
    assert losses[-1] < 0.2 * losses[0]


@pytest.mark.full
def test_without_an_engine_the_demos_say_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd.drawing.render.engines", lambda: iter(()))
    assert drawing.main(str(tmp_path)) == []
    assert training_player.main(str(tmp_path), epochs=1) is None
    out = capsys.readouterr().out
    assert out.count("pip install graphviz-pure") == 2
