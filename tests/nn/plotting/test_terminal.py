"""Pictures for the terminal: what is drawn is what the data say, within 80 columns, and in ASCII
where it must be.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import exp, inf, nan, sin
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, Dataset, binary_cross_entropy, find_rate, plot, predicted_class, sketch, train
from nn.analysis.lr_finder import RateSearch
from nn.data.toy import circles, iris, moons, spirals, xor
from nn.optim import SGD, Adam
from nn.plotting.decision_grid import decision_grid
from nn.plotting.terminal.canvas import Canvas
from nn.plotting.ticks import short, ticks
from nn.training.history import Epoch, History
from tests.cases import each

CLONE = Path(__file__).parents[3]


def history(*losses: float, validation: Sequence[float] = (), diverged: bool = False) -> History:
    known = validation or [nan] * len(losses)
    made = History(
        Epoch(k, loss, validation_loss=v)
        for k, (loss, v) in enumerate(zip(losses, known, strict=True), 1)
    )
    made.diverged = diverged
    return made


def body(text: str) -> list[str]:
    """The rows inside of the frame, without the numbers beside it."""
    rows = [line for line in text.splitlines() if "│" in line or "┤" in line]
    return [line[max(line.find("│"), line.find("┤")) + 1 :] for line in rows]


def places(text: str, letter: str) -> list[tuple[int, int]]:
    """The (column, row) of each letter inside of the frame."""
    return [
        (i, j) for j, row in enumerate(body(text)) for i, found in enumerate(row) if found == letter
    ]


# Losses


def test_the_best_epoch_is_marked_where_it_is_and_named() -> None:
    text = sketch.losses(
        history(0.9, 0.7, 0.5, 0.4, 0.3, validation=[0.9, 0.6, 0.5, 0.7, 0.8]), height=12
    )
    assert "★ best epoch 3: validation loss 0.5" in text
    ((column, row),) = places(text, "★")
    width = max(map(len, body(text)))
    assert column == pytest.approx(width / 2, abs=1)  # the third of five epochs
    assert row == pytest.approx(12 * (0.9 - 0.5) / (0.9 - 0.3), abs=1)
    assert "● training   ○ validation" in text


def test_a_falling_loss_is_drawn_from_above_on_the_left_to_below_on_the_right() -> None:
    rows = body(sketch.losses(history(*(1.0 - 0.05 * k for k in range(20))), height=10))
    starts = [len(row) - len(row.lstrip()) for row in rows]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert len(rows) == 10


def test_without_validation_there_is_one_curve_and_no_best_epoch() -> None:
    text = sketch.losses(history(0.9, 0.5))
    assert "validation" not in text
    assert "★" not in text
    assert "● training" in text


def test_a_wide_range_of_losses_is_drawn_on_a_logarithmic_scale_and_says_so() -> None:
    text = sketch.losses(history(*(10.0**-k for k in range(6))))
    assert text.startswith("loss (log scale)")
    labels = [line.split("┤")[0].strip() for line in text.splitlines() if "┤" in line]
    assert labels == ["1", "0.01", "0.0001"]
    rows = [row for _, row in places(text, "●")]
    steps = {b - a for a, b in pairwise(rows)}
    assert max(steps) - min(steps) <= 1, "equal factors are equal steps"


def test_a_loss_that_falls_at_once_and_then_slowly_is_no_flat_bar() -> None:
    """As that of a regression, whose loss has no usual size: here within one decade and a half."""
    losses = [0.013 + 0.012 * exp(-k / 60) + 0.2 * exp(-k / 4) for k in range(200)]
    assert max(losses) / min(losses) < 10**1.5
    text = sketch.losses(history(*losses), height=16)
    assert text.startswith("loss (log scale)")
    below = [row for column, row in places(text, "●")]
    assert len(set(below)) >= 4, "its later course is seen"
    assert not sketch.losses(history(*(1 - k / 220 for k in range(200)))).startswith(
        "loss (log scale)"
    ), "a steady fall"
    assert not sketch.losses(history(*(0.6 + 0.4 * exp(-k / 4) for k in range(200)))).startswith(
        "loss (log"
    )


def test_a_run_that_diverged_is_seen_as_such_and_does_not_flatten_the_others() -> None:
    good, bad = history(0.9, 0.5, 0.3), history(2.0, 1e30, diverged=True)
    text = sketch.losses({"slow": good, "wild": bad})
    assert "✗ diverged: wild" in text
    ((_, row),) = places(text, "✗")
    assert row == 0
    labels = [float(line.split("┤")[0]) for line in text.splitlines() if "┤" in line]
    assert max(labels) <= 2.0
    assert max(row for _, row in places(text, "●")) > 10


def test_a_run_that_diverged_in_its_first_epoch_is_in_the_picture_too() -> None:
    text = sketch.losses({"0.1": history(0.9, 0.5), "100": history(diverged=True)})
    assert "✗ diverged: 100" in text
    assert len(places(text, "✗")) == 1


def test_several_runs_have_marks_of_their_own_and_are_named() -> None:
    text = sketch.losses(
        {f"rate {k}": history(*(0.9 / (k + i) for i in range(9))) for k in range(1, 6)}
    )
    for mark, name in zip("●○◆◇▲", range(1, 6), strict=True):
        assert f"{mark} rate {name}" in text
        assert places(text, mark)


@pytest.mark.parametrize("wrong", [[0.9, 0.5], 3.0, {"a": "history"}])
def test_what_is_no_history_is_refused(wrong: Any) -> None:
    with pytest.raises(
        TypeError, match="losses needs the History that train returns, or several by name, got "
    ):
        sketch.losses(wrong)


def test_a_history_without_epochs_is_refused() -> None:
    with pytest.raises(
        ValueError, match="losses needs a history with at least one epoch, got none"
    ):
        sketch.losses(History())


# The plane


@pytest.mark.parametrize(
    ("data", "outputs"),
    [(moons(60, seed=1), 2), (xor(40, seed=2), 1), (spirals(90, classes=3), 3), (circles(50), 2)],
    ids=["moons", "one logit", "three classes", "circles"],
)
def test_each_shade_is_the_class_that_the_model_predicts_there(data: Dataset, outputs: int) -> None:
    model = MLP(2, [8, outputs], activation="tanh", seed=3)
    text = sketch.boundary(model, data, width=60, height=15)
    rows, shades, marks = body(text), " ░▒▓", "●○◆◇"
    columns = sum(letter in "─┬" for line in text.splitlines() if "└" in line for letter in line)
    found = decision_grid(model, data, columns, 15)
    checked = 0
    for j, y in enumerate(reversed(found.ys)):
        for i, x in enumerate(found.xs):
            letter = rows[j].ljust(columns)[i]
            if letter not in marks:
                assert letter == shades[predicted_class(model([x, y]))]
                checked += 1
    assert checked >= columns * 15 - len(data)


def test_rows_are_marked_by_their_class_over_the_shades() -> None:
    data = Dataset(
        [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]], [0, 1, 1], ["width", "height"], ["frog", "newt"]
    )
    text = sketch.boundary(lambda row: row[0] - 0.5, data, width=40, height=10)
    assert len(places(text, "●")) == 1
    assert len(places(text, "○")) == 2
    (column, row) = places(text, "●")[0]
    assert column < 8
    assert row > 7  # below on the left
    assert text.splitlines()[0] == "height"
    assert text.splitlines()[-2].endswith("width")
    assert "● frog ( )   ○ newt (░)" in text


def test_many_classes_are_letters() -> None:
    data = spirals(120, classes=7)
    text = sketch.boundary(lambda row: [row[0] * k - k * k for k in range(7)], data)
    assert "A arm 1 (a)" in text
    assert "G arm 7 (g)" in text
    assert places(text, "G")
    assert places(text, "a")


def test_a_regression_on_one_feature_is_a_curve_through_its_rows() -> None:
    data = Dataset([[k / 10] for k in range(21)], [k / 10 for k in range(21)])
    text = sketch.boundary(lambda row: row[0], data, width=48, height=10)
    assert "○ a row" in text
    columns = [column for column, _ in sorted(places(text, "○"))]
    assert len(columns) == 21
    rows = [row for _, row in sorted(places(text, "○"))]
    assert rows == sorted(rows, reverse=True)


def test_a_regression_on_two_features_is_shaded_by_the_prediction() -> None:
    data = Dataset([[0.0, 0.0], [1.0, 1.0]], [0.0, 1.0])
    rows = body(sketch.boundary(lambda row: row[0], data, width=48, height=6))
    for row in rows:
        levels = [" ░▒▓█".index(letter) for letter in row if letter in " ░▒▓█"]
        assert levels == sorted(levels)
        assert levels[-1] == 4


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            iris(),
            "data of 2 features .or a regression on 1., got 4 and classes: make a Dataset of two "
            "of its columns",
        ),
        (Dataset([[0.0], [1.0]], [0, 1], class_names=["a", "b"]), "got 1 and classes"),
        (Dataset([[0.0, 1.0, 2.0]], [0.5]), "got 3 and a regression"),
        (Dataset([], [], ["x", "y"]), "at least one row, got an empty dataset"),
    ],
)
def test_data_that_are_not_in_the_plane_are_refused(data: Dataset, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"boundary needs .*{sentence}"):
        sketch.boundary(lambda row: row[0], data)


def test_a_model_that_answers_nan_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"boundary needs a model whose outputs are finite, got \[nan, -?0.0\] at"
    ):
        sketch.boundary(lambda row: [row[0] * nan, 0.0 * row[1]], moons(10))


# Numbers


def test_the_counts_of_a_histogram_are_those_of_its_ranges() -> None:
    numbers = [0.0, 0.1, 0.2, 0.3, 0.6, 1.0]
    lines = sketch.histogram(numbers, bins=4).splitlines()
    assert [line.split("│")[0].split() for line in lines] == [
        ["0", "to", "0.25"],
        ["0.25", "to", "0.5"],
        ["0.5", "to", "0.75"],
        ["0.75", "to", "1"],
    ]
    assert [int(line.split()[-1]) for line in lines] == [3, 1, 1, 1]
    lengths = [line.count("█") for line in lines]
    assert lengths[0] == pytest.approx(3 * lengths[1], abs=3)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=50), st.integers(1, 15))
def test_a_histogram_loses_no_number(numbers: list[float], bins: int) -> None:
    lines = sketch.histogram(numbers, bins=bins).splitlines()
    assert sum(int(line.split()[-1]) for line in lines) == len(numbers)
    assert max(map(len, lines)) <= 80


def test_numbers_that_are_not_finite_are_counted_and_not_lost() -> None:
    assert (
        sketch.histogram([1.0, nan, inf, 2.0]).splitlines()[-1] == "and 2 that are nan or infinite"
    )
    with pytest.raises(ValueError, match="histogram needs at least one finite number, got none"):
        sketch.histogram([nan])


def test_bars_are_as_long_as_their_numbers_and_negative_ones_go_left() -> None:
    text = sketch.bars({"half": 0.5, "one": 1.0, "minus": -0.5, "nothing": 0.0, "unknown": nan})
    half, one, minus, nothing, unknown = (line.split("│", 1)[1] for line in text.splitlines())
    assert one.count("█") == pytest.approx(2 * half.count("█"), abs=1)
    assert half.index("█") == len(minus.rstrip("-. 0123456789"))
    assert minus.endswith("-0.5")
    assert "█" not in nothing + unknown
    assert unknown.endswith("nan")


def test_lines_are_named_and_their_axes_numbered() -> None:
    text = sketch.lines(
        {"up": [(1.0, 0.0), (100.0, 5.0)], "down": [(1.0, 5.0), (100.0, 0.0)]},
        x="rate", y="loss", title="two", log_x=True,
    )  # fmt: skip
    assert text.splitlines()[:2] == ["two", "loss"]
    assert text.splitlines()[-1] == "● up   ○ down"
    assert text.splitlines()[-2].split() == ["1", "3", "10", "30", "100", "rate"]
    with pytest.raises(ValueError, match="lines needs x above 0 for a logarithmic scale, got 0"):
        sketch.lines({"a": [(0.0, 1.0), (1.0, 2.0)]}, log_x=True)
    with pytest.raises(
        ValueError, match="lines needs at least one point whose numbers are finite, got none"
    ):
        sketch.lines({"a": [(0.0, nan)]})


def test_the_sweep_over_rates_is_drawn_with_its_suggestion() -> None:
    search = find_rate(MLP(2, [8, 2], seed=1), moons(60, seed=1))
    text = sketch.rates(search)
    assert f"★ steepest fall: suggestion {search.suggestion:.2g}" in text
    ((column, row),) = places(text, "★")
    columns = sum(letter in "─┬" for line in text.splitlines() if "└" in line for letter in line)
    assert column == pytest.approx(
        columns * search.rates.index(search.suggestion) / len(search.rates), abs=1.5
    )
    low, high = search.shown
    at = search.smoothed[search.rates.index(search.suggestion)]
    assert row == pytest.approx(12 * (high - at) / (high - low), abs=1)
    never = RateSearch([0.1, 0.2, 0.3], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], nan)
    assert sketch.rates(never).endswith("no rate lowered the loss")


# The canvas


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_line_has_dots_at_its_ends_and_none_outside(
    a: float, b: float, c: float, d: float
) -> None:
    canvas = Canvas((-1e3, 1e3), (-1e3, 1e3), 30, 8, ascii=False)
    canvas.line([(a, b), (c, d)])
    cells = [(i, j) for j in range(8) for i in range(canvas.columns) if canvas.dots[j][i]]
    for x, y in ((a, b), (c, d)):
        column, row = canvas.place(x, y)
        assert any(abs(i + 0.5 - column) <= 0.51 and abs(j + 0.5 - row) <= 0.51 for i, j in cells)
    left, right = sorted(canvas.place(x, 0.0)[0] for x in (a, c))
    top, bottom = sorted(canvas.place(0.0, y)[1] for y in (b, d))
    assert all(
        left - 1.01 <= i <= right + 0.01 and top - 1.01 <= j <= bottom + 0.01 for i, j in cells
    )


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 9))
def test_ticks_are_round_numbers_inside_and_not_too_many(
    low: float, width: float, count: int
) -> None:
    found = ticks(low, low + width, count)
    assert len(found) <= count
    slack = 1e-6 * (abs(low) + width)
    assert all(low - slack <= x <= low + width + slack for x in found)
    steps = {round((b - a) / width, 3) for a, b in pairwise(found)}
    assert len(steps) <= 2  # of a rounding


@given(st.floats(1e-9, 1e9), st.floats(1.5, 1e9))
def test_logarithmic_ticks_are_inside_and_not_too_many(low: float, factor: float) -> None:
    found = ticks(low, low * factor, 6, log=True)
    assert len(found) <= 6
    assert all(low * 0.999999 <= x <= low * factor * 1.000001 for x in found)


@each(
    ("number", "text"),
    [(0.1, "0.1"), (123456.0, "1.235e5"), (1e-7, "1e-7"), (0.0, "0"), (nan, "nan"), (-2.5, "-2.5")],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert short(number) == text


# Where it can go


def every_picture(**options: Any) -> list[str]:
    line = Dataset([[k / 10] for k in range(20)], [sin(k) for k in range(20)])
    long = {
        f"a name that is longer than any line of a terminal should be, number {k} " * 2: 0.5 * k
        for k in range(3)
    }
    return [
        sketch.losses(history(0.9, 0.5, 0.4, validation=[0.9, 0.6, 0.7]), **options),
        sketch.losses(
            {name: history(0.9, 0.5, diverged=k > 0.5) for name, k in long.items()}, **options
        ),
        sketch.boundary(MLP(2, [4, 2], seed=0), moons(30), **options),
        sketch.boundary(MLP(2, [4, 6], seed=0), spirals(30, classes=6), **options),
        sketch.boundary(MLP(1, [4, 1], seed=0), line, **options),
        sketch.boundary(
            lambda row: row[0], Dataset([[0.0, 1.0], [1.0, 2.0]], [1.0, 2.0]), **options
        ),
        sketch.bars(long, **options),
        sketch.histogram([1e-300, 2e200, -3.0], **options),
        sketch.lines({name: [(0.0, k), (1.0, 1e9)] for name, k in long.items()}, **options),
        sketch.rates(
            RateSearch([1e-5, 1e-4, 1e-3], [0.5, 0.4, 1e9], [0.5, 0.4, 1e9], 1e-4), **options
        ),
    ]


@each("ascii", [True, False])
@each("width", [40, 72, 80])
def test_every_picture_keeps_to_its_width(ascii: bool, width: int) -> None:
    for text in every_picture(ascii=ascii, width=width):
        assert max(map(len, text.splitlines())) <= width, text
        assert all(line == line.rstrip() for line in text.splitlines())
        assert text.isascii() or not ascii


def test_without_an_option_every_picture_is_at_most_80_wide() -> None:
    assert all(len(line) <= 80 for text in every_picture() for line in text.splitlines())


@pytest.mark.parametrize(
    ("encoding", "plain"), [("ascii", True), ("cp1252", True), ("utf-8", False)]
)
def test_a_terminal_that_cannot_carry_braille_gets_ascii(encoding: str, plain: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from nn import sketch\nprint(sketch.bars({'a': 1.0, 'b': 2.0}))"],
        cwd=CLONE,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode(encoding).isascii() is plain


@each("draw", [sketch.losses, sketch.boundary, sketch.bars, sketch.histogram, sketch.lines])
def test_a_picture_that_is_too_small_is_refused(draw: Callable[..., str]) -> None:
    arguments: dict[Any, tuple[Any, ...]] = {
        sketch.losses: (history(0.9),),
        sketch.boundary: (lambda row: row[0], moons(10)),
        sketch.bars: ({"a": 1.0},),
        sketch.histogram: ([1.0],),
        sketch.lines: ({"a": [(0.0, 1.0)]},),
    }
    with pytest.raises(
        ValueError, match="a sketch needs a whole number of at least 30 as width, got 10"
    ):
        draw(*arguments[draw], width=10)


def test_sketches_need_the_standard_library_alone() -> None:
    code = (
        "from nn import MLP, find_rate, moons, sketch, train\n"
        "model, data = MLP(2, [4, 2], seed=1), moons(30)\n"
        "print(sketch.losses(train(model, data, epochs=3)), sketch.boundary(model, data))\n"
        "print(find_rate(model, data, steps=10))"
    )
    environment = os.environ | {"PYTHONPATH": str(CLONE), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-S", "-s", "-c", code]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    assert "best epoch 3" in done.stdout
    assert "● upper ( )   ○ lower (░)" in done.stdout


# On a real run


def test_the_picture_of_a_real_run_shows_its_numbers() -> None:
    data = moons(120, noise=0.15, seed=1)
    model = MLP(2, [8, 1], activation="tanh", seed=1)
    run = train(model, data, binary_cross_entropy, Adam(0.05), epochs=15, seed=1)
    assert run.best is not None
    text = sketch.losses(run)
    assert (
        f"best epoch {run.best.number}: validation loss {short(run.best.validation_loss)}" in text
    )
    fast = train(MLP(2, [8, 1], seed=1), data, binary_cross_entropy, SGD(0.5), epochs=15, seed=1)
    assert "● adam" in sketch.losses({"adam": run, "sgd": fast})


def test_lines_that_agree_are_all_seen_and_so_are_dots_that_no_line_goes_through() -> None:
    along = [k / 10 for k in range(41)]
    text = sketch.lines(
        {f"line {k}": [(x, x) for x in along] for k in range(5)}, dots={"a row": [(1.0, 3.0)]}
    )
    drawing, names = text.split("└")[0], text.splitlines()[-2:]
    assert all(mark in drawing for mark in "●○◆◇▲") and drawing.count("×") == 1
    assert names[-1].endswith("× a row")
    plain = sketch.lines({"a": [(0.0, 0.0), (1.0, 1.0)]}, dots={"b": [(0.5, 2.0)]}, ascii=True)
    assert plain.isascii() and plain.splitlines()[-1] == "* a   x b"


def test_a_few_numbers_that_were_measured_are_those_along_a_logarithmic_axis() -> None:
    text = sketch.lines(
        {"loss": [(float(n), 1.0 / n) for n in (1, 2, 3, 4, 8, 16, 32)]}, log_x=True
    )
    assert text.splitlines()[-2].split() == ["1", "2", "3", "4", "8", "16", "32"]


def test_a_run_that_begins_high_is_seen_from_its_beginning_where_the_scale_is_logarithmic() -> None:
    falls = {
        name: History([Epoch(k, high * 0.9**k) for k in range(1, 60)])
        for name, high in (("a", 1), ("b", 40))
    }
    falls["c"] = falls["a"]
    text = sketch.losses(falls)
    assert "log scale" in text and "○" in text.splitlines()[1] + text.splitlines()[2]


@pytest.mark.parametrize("draw", [plot, sketch], ids=["plot", "sketch"])
@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        (
            "boundary",
            (None, moons(9)),
            "needs a model, which can be called with a row, got NoneTyp",
        ),
        ("boundary", (MLP, moons(9)), "needs a model, .* got the class MLP"),
        ("boundary", ([MLP(2, [2])], moons(9)), "needs a model, .* got list"),
        ("boundary", (lambda row: "frog", moons(9)), "boundary needs numbers, got 'frog' from the"),
        ("boundary", (moons(9), MLP(2, [2])), "boundary needs a Dataset, got MLP"),
        ("lines", ([0, 1],), "lines needs points by name, such as .* got list"),
        ("lines", ({"a": [("x", 1)]},), "lines needs numbers, got 'x' in 'a'"),
        ("lines", ({"a": [(0, 1j)]},), "lines needs numbers, got 1j in 'a'"),
        ("lines", ({"a": [(0, 10**400)]},), "lines needs numbers, got 1000"),
        ("lines", ({"a": [(0, 1, 2)]},), r"needs points \(x, y\), got \(0, 1, 2\) in 'a'"),
        ("bars", ({"a": "x"},), "bars needs numbers, got 'x' of 'a'"),
        ("bars", ({"a": None},), "bars needs numbers, got None of 'a'"),
        ("rates", ([0.1],), "rates needs the RateSearch that find_rate returns, got list"),
        ("losses", (None,), "losses needs the History that train returns, .* got NoneType"),
    ],
)
def test_what_cannot_be_drawn_gets_one_sentence(
    draw: Any, name: str, arguments: tuple[Any, ...], sentence: str
) -> None:
    if draw is plot:
        pytest.importorskip("matplotlib")
    with pytest.raises((TypeError, ValueError), match=sentence):
        getattr(draw, name)(*arguments)


def test_arrays_values_and_iterators_are_numbers_too() -> None:
    numpy = pytest.importorskip("numpy")
    points = [(0.0, 1.0), (1.0, 2.0)]
    wanted = sketch.lines({"a": points})
    assert sketch.lines({"a": numpy.array(points)}) == wanted
    assert sketch.lines({"a": [(x, Value(y)) for x, y in points]}) == wanted
    assert sketch.lines({"a": zip([0, 1], [1, 2], strict=True)}) == wanted
    assert sketch.histogram(x for x in [1.0, 2.0]) == sketch.histogram([1.0, 2.0])
    for wrong, sentence in ((None, "got NoneType"), (["a"], "got 'a'"), ("abc", "got 'a'")):
        with pytest.raises(TypeError, match=f"histogram needs numbers, {sentence}"):
            sketch.histogram(wrong)  # type: ignore[arg-type]
    for size in ("72", 72.5, None):
        with pytest.raises(ValueError, match="a sketch needs a whole number of at least 30 as wid"):
            sketch.bars({"a": 1.0}, width=size)  # type: ignore[arg-type]


def test_control_characters_in_names_are_shown_and_not_sent() -> None:
    name = "red\x1b[31m\x00\nfrog"
    data = Dataset([[0.0, 1.0], [1.0, 2.0]], [0, 1], [name, "y"], [name, "newt"])
    run = history(0.9, 0.5)
    for text in (
        sketch.bars({name: 1.0, "b": 2.0}, title=name),
        sketch.lines({name: [(0.0, 1.0), (1.0, 2.0)]}, x=name, y=name, title=name),
        sketch.boundary(lambda row: row[0] - 0.5, data),
        sketch.losses({name: run, "b": run}),
        sketch.histogram([1.0, 2.0], title=name),
    ):
        assert all(line.isprintable() for line in text.splitlines())
        assert "red\\x1b[31m\\x00 frog"[:20] in text
        assert max(map(len, text.splitlines())) <= 80
