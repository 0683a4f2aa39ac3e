"""What plots are made of: ticks, ranges, grids, curves, and the frame of a sketch."""

from nn import Dataset, Epoch, History, moons, xor
from nn.plotting.decision_grid import decision_grid, prediction_line, ranges
from nn.plotting.terminal.canvas import Canvas, clipped, legend, needs_ascii
from nn.plotting.ticks import data_ticks, short, ticks
from nn.training.loss_curves import loss_curves


def test_ticks_are_round_numbers() -> None:
    assert ticks(0.0, 1.0, 6) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.02, 4.0, 5, log=True) == [0.03, 0.1, 0.3, 1.0, 3.0]
    assert ticks(2.0, 3.0, 3, log=True) == [2.0, 2.5, 3.0]
    assert ticks(2.0, 2.0, 3) == [2.0]


def test_a_few_numbers_are_ticks_themselves_and_all_are_short() -> None:
    assert data_ticks([4, 1, 16, 2, 4]) == [1, 2, 4, 16]
    assert data_ticks(range(1, 100)) == data_ticks([1, 100]) == []
    numbers = [0.25, 1500.0, 2e6, 1e-05, -0.0]
    assert list(map(short, numbers)) == ["0.25", "1500", "2e6", "1e-5", "0"]


def test_a_model_is_asked_over_the_ranges_of_its_features_with_a_margin() -> None:
    assert ranges(xor(4, noise=0)) == [(-0.08, 1.08), (-0.08, 1.08)]
    assert ranges(Dataset([[3.0]], [0.0])) == [(2.0, 4.0)]
    grid = decision_grid(lambda row: row[1] - 0.25, moons(), columns=3, rows=2)
    assert grid.classes == [[0, 0, 0], [1, 1, 1]]
    assert grid.class_names == ["upper", "lower"]
    line = Dataset([[0.0], [1.0]], [0.1, 1.9])
    assert prediction_line(lambda row: 2 * row[0], line, count=2) == [(-0.08, -0.16), (1.08, 2.16)]


def test_the_range_of_losses_leaves_out_a_run_that_diverged() -> None:
    fast = History([Epoch(1, 1.0), Epoch(2, 7e9)])
    found = loss_curves({"slow": History([Epoch(1, 0.9), Epoch(2, 0.8)]), "fast": fast})
    assert ([run.diverged for run in found.runs], found.high) == ([None, 2], 1.0)


def test_a_canvas_is_framed_with_its_numbers() -> None:
    canvas = Canvas((0.0, 1.0), (0.0, 1.0), 30, 4, "x", ascii=False)
    canvas.line([(0.0, 0.0), (1.0, 1.0)])
    canvas.mark(1.0, 1.0, "★")
    assert canvas.framed().splitlines() == [
        "1 ┤                  ⣀⡠⠤⠒⠊★",
        "  │            ⣀⡠⠤⠒⠊⠉",
        "  │      ⣀⡠⠤⠒⠊⠉",
        "0 ┤⣀⡠⠤⠒⠊⠉",
        "  └┬──────────────────────┬",
        "   0                      1  x",
    ]
    assert clipped("petal length (cm)", 8) == "petal l~"
    assert legend(["● a training", "○ validation", "★ best: epoch 7"], 30).splitlines() == [
        "● a training   ○ validation",
        "★ best: epoch 7",
    ]
    assert (needs_ascii(True), needs_ascii(False)) == (True, False)
