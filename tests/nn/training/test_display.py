"""What a notebook shows of a training run and of its scores."""

import re
import sys
from math import nan
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from nn import MLP, SGD, Adam, Dataset, confusion_matrix, diagnose, evaluate, iris, moons, train
from nn.training.curves import Curves
from nn.training.history import Epoch, History

SVG = "{http://www.w3.org/2000/svg}"


def cells(markup: str) -> list[list[str]]:
    """The table in some HTML."""
    rows = ElementTree.fromstring(re.search("<table.*</table>", markup)[0])  # type: ignore[index]
    return [["\n".join(cell.itertext()) for cell in row] for row in rows]


def test_a_history_is_a_table_of_its_first_and_last_epochs_and_of_the_figures_that_apply() -> None:
    history = History(Epoch(k, 1 / k, validation_loss=2 / k) for k in range(1, 11))
    history.stopped = "stopped after 10 of 20 epochs"
    markup = history._repr_html_()
    head, *rows = cells(markup)
    assert head == ["epoch", "loss", "validation loss"]
    assert [row[0] for row in rows] == ["1", "2", "3", "", "8", "9", "10"]
    assert rows[1] == ["2", "0.5", "1"] and history.stopped in markup
    assert "0 epochs" in History()._repr_html_()


def test_evaluate_is_a_pair_that_shows_its_confusion_matrix_with_the_names_of_the_classes() -> None:
    rest, test = iris().split(0.2, seed=1)
    model = MLP(4, [8, 3], seed=1)
    train(model, rest, optimizer=Adam(0.05), epochs=20, seed=1)
    evaluation = evaluate(model, test)
    loss, accuracy = evaluation
    assert repr(evaluation) == f"({loss}, {accuracy})"
    head, *rows = cells(evaluation._repr_html_())
    assert head == ["", "setosa", "versicolor", "virginica", "rows"]
    assert [row[0] for row in rows] == head[1:4]
    counts = [list(map(int, row[1:])) for row in rows]
    assert all(sum(row[:3]) == row[3] == 10 for row in counts)
    assert accuracy == pytest.approx(sum(counts[k][k] for k in range(3)) / 30)
    regression = evaluate(lambda row: row[0], Dataset([[1.0], [2.0]], [1.0, 3.0]))
    assert "loss 0.5" in regression._repr_html_() and regression.confusion is None


def test_outputs_of_nan_have_no_confusion_matrix_and_still_a_loss() -> None:
    assert evaluate(lambda row: [nan, 0.0], moons(4)).confusion is None


def test_right_cells_of_a_confusion_matrix_are_blue_and_wrong_ones_orange() -> None:
    matrix = confusion_matrix([0.3, -0.2, 1.5, 0.1], [1, 0, 1, 0], classes=2)
    assert matrix == [[1, 1], [0, 2]] and repr(matrix) == "[[1, 1], [0, 2]]"
    shades = re.findall(r"rgba\((\d+),\d+,\d+,([\d.]+)\)", matrix._repr_html_())
    assert shades == [("47", "0.30"), ("217", "0.45"), ("47", "0.60")]


def test_a_diagnosis_is_a_row_with_its_evidence_and_what_to_try() -> None:
    data, model = moons(100, noise=0.2, seed=1), MLP(2, [8, 2], activation="tanh", seed=1)
    report = diagnose(train(model, data, optimizer=SGD(0.001), epochs=20), model, data)
    head, *rows = cells(report._repr_html_())
    assert head == ["problem", "evidence", "try"]
    assert [row[0] for row in rows] == [diagnosis.name for diagnosis in report]
    assert all(line in rows[0][1] for line in (report[0].sentence, *report[0].evidence))


def test_curves_span_the_picture_and_end_a_run_that_diverges_at_its_edge() -> None:
    steady = History(Epoch(k, 1 / k, validation_loss=1.5 / k) for k in range(1, 21))
    wild = History([*steady[:5], Epoch(6, 1e30)])
    for history in (steady, wild, steady[:1], History([Epoch(1, 0.0), Epoch(2, 0.0)])):
        root = ElementTree.fromstring(Curves(history).svg)
        lines = [line.get("points", "").split() for line in root.iter(f"{SVG}polyline")]
        points = [list(map(float, point.split(","))) for line in lines for point in line]
        assert len(lines[0]) == len(history)
        assert all(70 <= x <= 630 and 29.9 <= y <= 196.1 for x, y in points)
    assert "no losses" in Curves(History([Epoch(1, nan)])).svg
    assert Curves(steady)._repr_html_().startswith('<img src="data:image/svg+xml;base64,')


# While training, in a notebook


class Place:
    """Where something is shown in a cell, and what was shown there."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def display(self, what: Any, display_id: bool = False) -> "Place":
        self.shown.append(what)
        return self

    update = display


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Place:
    """The cell, where train takes this for a notebook."""
    place, shell = Place(), SimpleNamespace(kernel=None)
    python = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", python)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=place.display))
    return place


def test_train_shows_a_bar_of_widgets_and_then_the_losses_in_its_place(
    cell: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[Any] = []

    def bar(**options: Any) -> Any:
        said: list[str] = []
        bars.append(
            SimpleNamespace(
                container="a bar", said=said, close=lambda: said.append("closed"),
                set_postfix_str=lambda text, refresh: said.append(text), update=lambda: None,
            )
        )  # fmt: skip
        return bars[-1]

    monkeypatch.setattr("tqdm.notebook.IProgress", object)
    monkeypatch.setattr("tqdm.notebook.tqdm", bar)
    model, data = MLP(2, [4, 2], seed=0), moons(20)
    train(model, data, epochs=3, progress=False)
    assert cell.shown == []
    history = train(model, data, epochs=3)
    shown, curves = cell.shown
    assert shown == "a bar" and curves.history is history
    assert [text.partition(" ")[0] for text in bars[0].said] == ["loss"] * 3 + ["closed"]


def test_without_widgets_the_bar_is_text_and_the_losses_are_shown_all_the_same(
    cell: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tqdm.notebook.IProgress", None)
    history = train(MLP(2, [4, 2], seed=0), moons(20), epochs=3)
    assert [curves.history for curves in cell.shown] == [history]
